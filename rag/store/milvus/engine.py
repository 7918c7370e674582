"""The connection to Milvus: few calls, errors of ours, no noise."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag.errors import RagError
from rag.store.milvus.address import Address

os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # read when it is imported; it tells of each fork

if TYPE_CHECKING:
    from pymilvus import MilvusClient

    from rag.types import Vectors

Row = dict[str, Any]
T = TypeVar("T")

CONNECT, TRIES, TIMEOUT = 10.0, 2, 60.0  # seconds for all tries, and for one call
ROWS = 500  # written or read at once by their ids
PAGE = 2_000  # of a walk
MOST = 16_384  # results of one search, which no Milvus exceeds


class Engine:
    """Reads are strongly consistent: what was written before is seen. For several threads."""

    def __init__(self, address: Address) -> None:
        """Raises RagError where nothing answers, and IndexLocked."""
        self.address = address
        self.path = Path(address.uri).absolute() if address.local else None
        uri = address.uri
        if self.path is not None:
            from rag.store.milvus.embedded import serve

            uri = f"http://127.0.0.1:{serve(self.path)}"
        try:
            self._client = _connected(uri, address)
            with self.told():
                version = str(self._client.get_server_version(timeout=CONNECT))
        except BaseException:
            self._release()
            raise
        # It loses sight of rows while it writes them to the disk.
        self.flushes = version.startswith("milvus_lite")

    def close(self) -> None:
        self._client.close()
        self._release()

    def _release(self) -> None:
        if self.path is not None:
            from rag.store.milvus.embedded import release

            release(self.path)

    @property
    def client(self) -> MilvusClient:
        return self._client

    def name(self, table: str) -> str:
        return f"{self.address.name}_{table}"

    def has(self, table: str) -> bool:
        with self.told():
            return bool(self._client.has_collection(self.name(table), timeout=TIMEOUT))

    def get(self, table: str, ids: Iterable[str], fields: Sequence[str]) -> dict[str, Row]:
        """Rows by their id; those that are not there are left out."""
        found: dict[str, Row] = {}
        for some in slices(ids, ROWS):
            with self.told():
                rows = self._client.get(self.name(table), some, list(fields), timeout=TIMEOUT)
            found.update((row["id"], row) for row in rows)
        return found

    def query(self, table: str, where: str, fields: Sequence[str]) -> list[Row]:
        """All that fulfil a condition; for such as few rows do."""
        with self.told():
            return list(self._client.query(self.name(table), where, list(fields), timeout=TIMEOUT))

    def walk(self, table: str, where: str, fields: Sequence[str], most: int = -1) -> Iterator[Row]:
        """All that fulfil a condition, by id, page by page."""
        with self.told():
            pages = self._client.query_iterator(
                self.name(table), min(PAGE, most) if most > 0 else PAGE, most, where, list(fields)
            )
        try:
            while True:
                with self.told():
                    page = pages.next()
                if not page:
                    return
                yield from page
        finally:
            pages.close()

    def count(self, table: str, where: str) -> int:
        with self.told():
            (row,) = self._client.query(self.name(table), where, ["count(*)"], timeout=TIMEOUT)
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
        with self.told():
            (hits,) = self._client.search(
                self.name(table),
                [query],
                where,
                min(n, MOST),
                ["id", *fields],
                anns_field=field,
                timeout=TIMEOUT,
            )
        return [(hit["id"], float(hit["distance"]), hit["entity"]) for hit in hits]

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """New rows."""
        for some in slices(rows, ROWS):
            with self.told():
                self._client.insert(self.name(table), some, timeout=TIMEOUT)

    def put(self, table: str, rows: Iterable[Row], *, parts: bool = False) -> None:
        """Rows in the place of those with their ids; or the `parts` of these that change."""
        for some in slices(rows, ROWS):
            with self.told():
                self._client.upsert(self.name(table), some, timeout=TIMEOUT, partial_update=parts)

    def delete(self, table: str, where: str) -> None:
        with self.told():
            self._client.delete(self.name(table), filter=where, timeout=TIMEOUT)

    def flush(self, tables: Iterable[str]) -> None:
        for table in tables:
            with self.told():
                self._client.flush(self.name(table), timeout=TIMEOUT)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Milvus' errors as ours."""
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

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
    for _ in range(TRIES):  # a server may end a connection that it thinks too busy
        with suppress(MilvusException, ValueError):
            return MilvusClient(uri=uri, timeout=CONNECT / TRIES)
    raise RagError(f"{address}: no Milvus answers there; start it, or correct the address")


def slices(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """In their order, so many at a time."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
