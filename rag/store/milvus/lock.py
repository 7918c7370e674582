"""One writer at a time, over all machines: a row that says who writes and until when.

Milvus has no lock. Who wants to write first puts a bid, then looks for others: of two that bid at
once each sees the other and both withdraw. A bid is renewed while it holds; that of a process which
died is void at once on the same machine, and after `LEASE` seconds elsewhere.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rag.errors import IndexLocked, RagError
from rag.store.milvus.engine import Engine, Row
from rag.store.milvus.tables import LOCK, NOTHING

LEASE = 60.0  # seconds; clocks of machines must agree to within a part of it
CONTEST = 1_000  # milliseconds within which two bids are made at once
ATTEMPTS = 4


class Lease:
    """The right to write."""

    def __init__(self, engine: Engine, bid: str, since: int) -> None:
        self._engine = engine
        self._bid = bid
        self._since = since
        self._ended = threading.Event()
        self._renewal = threading.Thread(target=self._renew, daemon=True)
        self._renewal.start()

    def check(self) -> None:
        """Raises RagError where the lease ran out, so that another may write by now."""
        if self._bid not in self._engine.get(LOCK, [self._bid], ["id"]):
            raise RagError(
                f"{self._engine.address}: the right to write was lost, because this process stood "
                "still; what was committed stays, so run the command again"
            )

    def end(self) -> None:
        self._ended.set()
        self._renewal.join()
        _withdraw(self._engine, self._bid)

    def _renew(self) -> None:
        while not self._ended.wait(LEASE / 4):
            with suppress(RagError):  # the next time, or `check` says it
                self._engine.put(LOCK, [_row(self._bid, self._since)])


@contextmanager
def write_lock(engine: Engine) -> Iterator[Lease]:
    """Raises IndexLocked, which names the holder, at once."""
    lease = _acquire(engine)
    try:
        yield lease
    finally:
        lease.end()


def _acquire(engine: Engine) -> Lease:
    for attempt in range(ATTEMPTS):
        bid, since = uuid.uuid4().hex, _now()
        engine.put(LOCK, [_row(bid, since)])
        others = [
            row
            for row in engine.query(LOCK, "until >= 0", ["id", "holder", "since", "until"])
            if row["id"] != bid
        ]
        rivals = [row for row in others if _holds(row)]
        if not rivals:
            for row in others:  # of the dead
                _withdraw(engine, row["id"])
            return Lease(engine, bid, since)
        _withdraw(engine, bid)
        older = [row for row in rivals if row["since"] < since - CONTEST]
        if older or attempt + 1 == ATTEMPTS:
            host, process = (older or rivals)[0]["holder"].rsplit(":", 1)
            raise IndexLocked(
                f"{engine.address}: process {process} on {host} is writing to this index; "
                "wait for it to end and run the command again"
            )
        time.sleep(random.uniform(0.05, 0.3))
    raise AssertionError


def _row(bid: str, since: int) -> Row:
    holder = f"{socket.gethostname()}:{os.getpid()}"
    until = _now() + int(LEASE * 1000)
    return {"id": bid, "vector": NOTHING, "holder": holder, "since": since, "until": until}


def _withdraw(engine: Engine, bid: str) -> None:
    engine.delete(LOCK, f'id in ["{bid}"]')


def _holds(row: Row) -> bool:
    host, process = row["holder"].rsplit(":", 1)
    if host == socket.gethostname() and not _lives(int(process)):
        return False
    return bool(row["until"] > _now())


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _now() -> int:
    return int(time.time() * 1000)
