"""The connection to Milvus: few calls, errors of ours, no noise."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag.errors import RagError
from rag.store.milvus import embedded, undo
from rag.store.milvus.address import Address

os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # read when it is imported; it tells of each fork

if TYPE_CHECKING:
    from pymilvus import MilvusClient

    from rag.types import Vectors

Row = dict[str, Any]
T = TypeVar("T")

CONNECT, TRIES, TIMEOUT = 10.0, 2, 60.0  # seconds for all tries, and for one call
ROWS = 500  # written or read at once by their ids
OUT_OF_SIGHT = 0.2  # seconds
TICK = 0.002  # seconds: the embedded engine shows what was written in the next millisecond
STARTING = "has not been init"  # the embedded engine says soon after its start
PAGE = 2_000  # of a walk
MOST = 16_384  # results of one search, which no Milvus exceeds


class Engine:
    """Reads are strongly consistent: what was written before is seen. For several threads."""

    def __init__(self, address: Address) -> None:
        """Raises RagError where nothing answers, and IndexLocked."""
        self.address = address
        self.path = Path(address.uri).absolute() if address.local else None
        uri, started = address.uri, False
        self._served: embedded.Served | None = None
        self._patience: dict[str, Any] = {"timeout": TIMEOUT}
        if self.path is not None:
            self._served, started = embedded.serve(self.path)
            uri = self._served.address
            self._patience = {"timeout": None, "retry_times": 1}  # it is there, or has ended
        try:
            self._client = _connected(uri, address)
            self._parts = self.path is None and self._versioned()
            if self.path is not None and started:
                self._put_back(self.path)
        except BaseException:
            self._release()
            raise

    def close(self) -> None:
        self._client.close()
        self._release()

    def _release(self) -> None:
        if self.path is not None:
            embedded.release(self.path)

    def _versioned(self) -> bool:
        """Whether rows can be changed in part, as every server can that has a version."""
        from grpc import RpcError, StatusCode

        try:
            with self.told():
                return bool(self._client.get_server_version(timeout=CONNECT))
        except RagError as error:
            cause = error.__cause__
            if isinstance(cause, RpcError) and cause.code() == StatusCode.UNIMPLEMENTED:
                return False
            raise

    @property
    def client(self) -> MilvusClient:
        return self._client

    def name(self, table: str) -> str:
        return f"{self.address.name}_{table}"

    def has(self, table: str) -> bool:
        with self.told():
            return bool(self._client.has_collection(self.name(table), **self._patience))

    def load(self, table: str) -> None:
        """Have a collection in memory. The embedded engine answers before it can do this."""
        deadline = time.monotonic() + CONNECT
        while True:
            try:
                with self.told():
                    self._client.load_collection(self.name(table), **self._patience)
                return
            except RagError as error:
                if STARTING not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def get(self, table: str, ids: Iterable[str], fields: Sequence[str]) -> dict[str, Row]:
        """Rows by their id; those that are not there are left out."""
        found: dict[str, Row] = {}
        for some in slices(ids, ROWS):
            with self._reading():
                rows = self._client.get(self.name(table), some, list(fields), **self._patience)
            found.update((row["id"], row) for row in rows)
        return found

    def known(self, table: str, ids: Collection[str], fields: Sequence[str]) -> dict[str, Row]:
        """As `get`, of rows that should be there.

        Of the embedded engine that serves several processes they may be out of sight for a moment,
        while another replaces them: they are asked for again.
        """
        found = self.get(table, ids, fields)
        deadline = time.monotonic() + OUT_OF_SIGHT
        while not self._parts and not self.path and time.monotonic() < deadline:
            if not (lacking := [name for name in ids if name not in found]):
                break
            time.sleep(TICK)
            found |= self.get(table, lacking, fields)
        return found

    def query(self, table: str, where: str, fields: Sequence[str]) -> list[Row]:
        """All that fulfil a condition; for such as few rows do."""
        with self._reading():
            return list(self._client.query(self.name(table), where, list(fields), **self._patience))

    def walk(self, table: str, where: str, fields: Sequence[str], most: int = -1) -> Iterator[Row]:
        """All that fulfil a condition, by id, page by page."""
        with self._reading():
            pages = self._client.query_iterator(
                self.name(table), min(PAGE, most) if most > 0 else PAGE, most, where, list(fields)
            )
        try:
            while True:
                with self._reading():
                    page = pages.next()
                if not page:
                    return
                yield from page
        finally:
            pages.close()

    def count(self, table: str, where: str) -> int:
        with self._reading():
            (row,) = self._client.query(self.name(table), where, ["count(*)"], **self._patience)
        return int(row["count(*)"])

    def search(
        self,
        table: str,
        field: str,
        query: Vectors | Mapping[int, float],
        where: str,
        n: int,
        *fields: str,
    ) -> list[tuple[str, float, Row]]:
        """Ids of the best `n` with their products and these fields, best first."""
        with self._reading():
            (hits,) = self._client.search(
                self.name(table),
                [query],
                where,
                min(n, MOST),
                ["id", *fields],
                anns_field=field,
                **self._patience,
            )
        return [(hit["id"], float(hit["distance"]), hit["entity"]) for hit in hits]

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """New rows."""
        for some in slices(rows, ROWS):
            with self._writing():
                self._client.insert(self.name(table), some, **self._patience)

    def put(
        self, table: str, rows: Iterable[Row], *, parts: bool = False, dear: bool = True
    ) -> None:
        """Rows in the place of those with their ids; or the `parts` of these that change.

        One that is not `dear` may be lost where the embedded engine is killed meanwhile.
        """
        by_hand = parts and not self._parts
        for given in slices(rows, ROWS):
            before: dict[str, Row] = {}
            if by_hand or (dear and self.path is not None):
                before = self.get(table, [row["id"] for row in given], ["*"])
            there = (before[row["id"]] | row for row in given if row["id"] in before)
            some = list(there) if by_hand else given
            if self.path is None or not before:
                self._upsert(table, some, parts=parts and self._parts)
            else:
                self._replace(self.path, table, some, list(before.values()))

    def _replace(self, folder: Path, table: str, rows: list[Row], before: list[Row]) -> None:
        """Both or neither: the old rows are gone, and the new ones are there."""
        noted = undo.note(folder, table, before)
        try:
            self._upsert(table, rows)
        except BaseException:
            try:
                self._upsert(table, before)
            except BaseException:
                embedded.end(folder)  # who opens it again puts them back
                raise
            noted.unlink()
            raise
        noted.unlink()

    def _put_back(self, folder: Path) -> None:
        """What a process that was killed had begun to replace."""
        for table, rows in undo.left(folder):
            self._upsert(table, rows)

    def _upsert(self, table: str, rows: list[Row], *, parts: bool = False) -> None:
        if rows:
            with self._writing(), self._served.gate.replacing() if self._served else nullcontext():
                self._client.upsert(self.name(table), rows, **self._patience, partial_update=parts)

    def delete(self, table: str, where: str) -> None:
        with self._writing():
            self._client.delete(self.name(table), filter=where, **self._patience)

    def compact(self, tables: Iterable[str]) -> None:
        """Have what was deleted leave the disk: of a server when it comes to it, of a folder now.

        What is asked of a folder meanwhile fails.
        """
        if self.path is not None:
            embedded.compact(self.path)
            return
        for table in tables if self._parts else ():
            with self.told():
                self._client.compact(self.name(table), **self._patience)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self.told(), self._served.gate.reading() if self._served else nullcontext():
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """What was written is seen by whoever asks afterwards."""
        with self.told():
            yield
        if not self._parts:
            time.sleep(TICK)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Milvus' errors as ours."""
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        if self._served and self._served.process.poll() is not None:
            raise RagError(
                f"{self.address}: the embedded engine has ended; what was committed stays, so run "
                "the command again"
            )
        try:
            yield
        except (MilvusException, RpcError) as error:
            reason = " ".join(str(getattr(error, "message", "") or error).split())[:200]
            raise RagError(
                f"{self.address}: Milvus did not do what was asked ({reason}); "
                "see that it runs at this address and has room, and try again"
            ) from error


def _connected(uri: str, address: Address) -> MilvusClient:
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    for name in ("pymilvus", "pymilvus.milvus_client"):  # what it logs, it raises as well
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # The embedded engine ends connections that ask every ten seconds whether it is there.
    options = {"grpc.keepalive_time_ms": 2**31 - 1} if address.local else {}
    for _ in range(TRIES):  # a server may end a connection that it thinks too busy
        with suppress(MilvusException, ValueError):
            return MilvusClient(uri=uri, timeout=CONNECT / TRIES, grpc_options=options)
    raise RagError(f"{address}: no Milvus answers there; start it, or correct the address")


def slices(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """In their order, so many at a time."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
