"""MilvusStore: everything of an index in Milvus, so that any number of servers can ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import RagError
from rag.store.milvus import tables
from rag.store.milvus.address import Address
from rag.store.milvus.candidates import Chunks, View
from rag.store.milvus.engine import Engine
from rag.store.milvus.lock import write_lock
from rag.store.milvus.memory import Memory
from rag.store.milvus.snapshot import MilvusSnapshot
from rag.store.milvus.state import Head, entries, entry_rows, not_found, read_head, write_head
from rag.store.milvus.tables import STATE
from rag.store.milvus.words import Words
from rag.store.milvus.writer import MilvusWriter
from rag.types import Document

if TYPE_CHECKING:
    from rag.store import Row

CHUNKS_KEPT = 4_000  # that were read, some 10 kB each


class MissingExtra(RagError, ImportError):
    """A package that only an extra installs is not there."""


class MilvusStore:
    """One index. Safe to use from several threads; one writer at a time, over all machines."""

    def __init__(self, address: Address) -> None:
        """Open an existing index. Raises IndexNotFound, IndexMismatch, IndexLocked or RagError."""
        self.address = address
        if address.local and not Path(address.uri).exists():
            raise not_found(address)
        self._engine = _engine(address)
        self._view: View | None = None
        self._chunks: Chunks = Memory(CHUNKS_KEPT)
        self._loading = threading.Lock()
        try:
            if not self._engine.has(STATE):
                raise not_found(address)
            tables.load(self._engine)
            read_head(self._engine)
        except BaseException:
            self._engine.close()
            raise

    @classmethod
    def create(cls, address: Address, settings: Mapping[str, str]) -> MilvusStore:
        """Open the index, made with these settings if there is none yet.

        `settings` must hold `dim`, the columns of the vectors. Raises IndexLocked.
        """
        if address.local:
            Path(address.uri).absolute().parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(address)
        try:
            tables.create(engine, int(settings["dim"]))
            tables.load(engine)
            if not engine.get(STATE, ["head"], ["id"]):
                with write_lock(engine):
                    _begin(engine, settings)
        finally:
            engine.close()
        return cls(address)

    def exists(self) -> bool:
        """Whether the index is still there; a server says so when it is asked."""
        return not self.address.local or Path(self.address.uri).exists()

    def settings(self) -> dict[str, str]:
        return dict(self._newest().settings)

    @contextmanager
    def snapshot(self) -> Iterator[MilvusSnapshot]:
        """The newest generation."""
        yield MilvusSnapshot(self._newest())

    @contextmanager
    def writer(self) -> Iterator[MilvusWriter]:
        """Raises IndexLocked."""
        with write_lock(self._engine) as lease:
            yield MilvusWriter(self._engine, lease)

    def verify(self, genuine: Callable[[Document, str], bool] = lambda *_: True) -> Iterator[str]:
        """What seems wrong is looked at again while nobody writes. Raises IndexLocked."""
        from rag.store.milvus.verify import verify

        if any(verify(self._newest(), genuine)):  # or a writer has deleted what was old
            with self.still() as view:
                yield from verify(view, genuine)

    @contextmanager
    def rows(self) -> Iterator[Callable[[], Iterator[Row]]]:
        """What reads everything of the newest generation, while nobody writes."""
        from rag.store.milvus.archive import rows

        with self.still() as view:
            yield partial(rows, view)

    @contextmanager
    def still(self) -> Iterator[View]:
        """The newest generation, all of which stays while nobody writes. Raises IndexLocked."""
        with write_lock(self._engine):
            yield self._newest()

    def close(self) -> None:
        self._engine.close()

    def _newest(self) -> View:
        head = read_head(self._engine)
        view = self._view
        if view is not None and view.generation >= head.generation:
            return view
        with self._loading:
            if self._view is None or self._view.generation < head.generation:
                self._view = self._view_of(head)
            return self._view

    def _view_of(self, head: Head) -> View:
        found = entries(self._engine, "setting", head.generation)
        settings = {name: value for (name,), value in found}
        chunks = {language: own[1] for language, own in head.totals.items()}
        words = Words(self._engine, head.generation, chunks)
        return View(self._engine, head.generation, head.totals, settings, words, self._chunks)


def _begin(engine: Engine, settings: Mapping[str, str]) -> None:
    """The first generation."""
    engine.put(STATE, entry_rows("setting", 0, {(n,): v for n, v in settings.items()}))
    write_head(engine, Head())


def _engine(address: Address) -> Engine:
    try:
        return Engine(address)
    except ModuleNotFoundError as missing:
        raise MissingExtra(
            f"{address} needs the package {missing.name}; run: pip install 'rag[milvus]'"
        ) from None
