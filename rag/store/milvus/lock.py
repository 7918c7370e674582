"""One writer at a time, over all machines: a row that says who writes and until when.

Milvus has no lock. Who wants to write first puts a bid, then looks for others: of two that bid at
once each sees the other and both withdraw. A bid is renewed while it holds; that of a process which
died is void at once on the same machine, and after `LEASE` seconds elsewhere. One that was not
renewed in time, because its process stood still, is never renewed again: another may hold by then.
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
from rag.store.milvus.embedded import lives
from rag.store.milvus.engine import Engine, Row
from rag.store.milvus.tables import LOCK, NOTHING

LEASE = 60.0  # seconds; clocks of machines must agree to within a part of it
CONTEST = 1_000  # milliseconds within which two bids are made at once
ATTEMPTS = 4


class Lease:
    """The right to write."""

    def __init__(self, engine: Engine, bid: Row) -> None:
        self._engine = engine
        self._bid = bid
        self._lost = False
        self._ended = threading.Event()
        self._renewal = threading.Thread(target=self._keep, daemon=True)
        self._renewal.start()

    def held(self) -> None:
        """Raises RagError where the lease ran out, so that another may write by now."""
        if self._lost or not self._bid["until"] > _now():
            self._lost = True
            raise RagError(
                f"{self._engine.address}: the right to write was lost, because this process stood "
                "still; what was committed stays, so run the command again"
            )

    def check(self) -> None:
        """As `held`, by what Milvus says too."""
        if self._bid["id"] not in self._engine.known(LOCK, [self._bid["id"]], ["id"]):
            self._lost = True
        self.held()

    def renew(self) -> None:
        """Raises RagError as `held` does; where Milvus does not answer, the next time will do."""
        self.held()
        with suppress(RagError):
            self._bid = _put(self._engine, self._bid["id"], self._bid["since"])

    def end(self) -> None:
        self._ended.set()
        self._renewal.join()
        _withdraw(self._engine, self._bid["id"])

    def _keep(self) -> None:
        with suppress(RagError):  # who writes will be told
            while not self._ended.wait(LEASE / 4):
                self.renew()


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
        bid = _put(engine, uuid.uuid4().hex, _now())
        rows = engine.query(LOCK, "until >= 0", ["id", "holder", "since", "until"])
        others = [row for row in rows if row["id"] != bid["id"]]
        rivals = [row for row in others if _holds(row)]
        if not rivals:
            for row in others:  # of the dead
                _withdraw(engine, row["id"])
            return Lease(engine, bid)
        _withdraw(engine, bid["id"])
        older = [row for row in rivals if row["since"] < bid["since"] - CONTEST]
        if older or attempt + 1 == ATTEMPTS:
            host, process = (older or rivals)[0]["holder"].rsplit(":", 1)
            raise IndexLocked(
                f"{engine.address}: process {process} on {host} is writing to this index; "
                "wait for it to end and run the command again"
            )
        time.sleep(random.uniform(0.05, 0.3))
    raise AssertionError


def _put(engine: Engine, bid: str, since: int) -> Row:
    row = _row(bid, since)
    engine.put(LOCK, [row], dear=False)
    return row


def _row(bid: str, since: int) -> Row:
    holder = f"{socket.gethostname()}:{os.getpid()}"
    until = _now() + int(LEASE * 1000)
    return {"id": bid, "vector": NOTHING, "holder": holder, "since": since, "until": until}


def _withdraw(engine: Engine, bid: str) -> None:
    engine.delete(LOCK, f'id in ["{bid}"]')


def _holds(row: Row) -> bool:
    host, process = row["holder"].rsplit(":", 1)
    if host == socket.gethostname() and not lives(int(process)):
        return False
    return bool(row["until"] > _now())


def _now() -> int:
    return int(time.time() * 1000)
