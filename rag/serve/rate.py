"""How many requests a client may send: a bucket for each, which fills up again as time passes."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

ROUNDING = 1e-9
MOST_CLIENTS = 10_000  # remembered; who has not come for longest begins anew
NETWORK = 64  # bits of an IPv6 address: whoever has one has all that begin with them


class Rate:
    """Each client may send a minute's worth at once, and then so many a minute.

    `clock` gives seconds. Not safe to share between threads: an event loop needs no lock.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, when

    def wait(self, client: str) -> int:
        """0 if the client may go on, which is counted; else the seconds until it may."""
        if not self._most:
            return 0
        now = self._clock()
        left, before = self._buckets.pop(client, (float(self._most), now))
        left = min(self._most, left + (now - before) * self._most / 60)
        allowed = left >= 1 - ROUNDING
        self._buckets[client] = (left - allowed, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) * 60 / self._most)


def network(address: str) -> str:
    """The address, or of IPv6 the network that is one client's; what is none stays as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found.packed, NETWORK), strict=False).network_address)
