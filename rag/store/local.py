"""LocalStore: SQLite as the truth, FAISS and tantivy as caches, in one folder."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag.store import Delta, FileState, Root, caches, catalog
from rag.store.caches import View
from rag.store.lock import write_lock
from rag.store.snapshot import LocalSnapshot
from rag.types import Document, Removed

log = logging.getLogger(__name__)


def write_point(name: str) -> None:
    """A place where a kill must do no harm; the kill tests put a real kill here."""


class LocalStore:
    """One index folder. Safe to use from several threads; one writer at a time."""

    def __init__(self, folder: Path) -> None:
        """Open an existing index. Raises IndexNotFound, IndexDamaged or IndexMismatch."""
        self.folder = folder
        self._idle: list[sqlite3.Connection] = [catalog.connect(folder)]
        self._view: View | None = None
        self._loading = threading.Lock()

    @classmethod
    def create(cls, folder: Path, settings: Mapping[str, str]) -> LocalStore:
        """Open the index in `folder`, made with these settings if there is none yet.

        `settings` must hold `dim`, the columns of the vectors.
        """
        folder.mkdir(parents=True, exist_ok=True)
        catalog.create(folder, settings)
        return cls(folder)

    def settings(self) -> dict[str, str]:
        with self._connection() as connection:
            return catalog.read_settings(connection)

    @contextmanager
    def snapshot(self) -> Iterator[LocalSnapshot]:
        """The newest generation, unchanged until the block ends."""
        with self._connection() as connection:
            view = self._begin(connection)
            try:
                yield LocalSnapshot(connection, view)
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def writer(self) -> Iterator[LocalWriter]:
        with write_lock(self.folder):
            connection = catalog.connect(self.folder, write=True)
            try:
                yield LocalWriter(self.folder, connection)
            finally:
                connection.close()

    def verify(self) -> Iterator[str]:
        from rag.store.verify import verify

        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield from verify(connection, self.folder)
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self._view = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = catalog.connect(self.folder)
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def _begin(self, connection: sqlite3.Connection) -> View:
        """Begin a read transaction and return the caches of just that generation."""
        attempt = 0
        while True:
            attempt += 1
            connection.execute("BEGIN")
            try:
                generation = catalog.generation(connection)
                view = self._view
                if view is None or view.generation != generation:
                    view = self._bring_forward(connection, generation, patient=attempt == 1)
                if view is not None:
                    return view
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("ROLLBACK")

    def _bring_forward(
        self, connection: sqlite3.Connection, generation: int, patient: bool
    ) -> View | None:
        """The caches of `generation`; None to begin anew, because a thread or a sync went on."""
        with self._loading:
            current = self._view
            if current is not None and current.generation >= generation:
                return current if current.generation == generation else None
            base = caches.usable(connection, current, generation)
            if base is None or base.folder is None:
                base, damaged = caches.load(connection, self.folder)
                if damaged and patient:
                    return None
                for name in damaged:
                    log.warning("%s is damaged or missing; run: rag index", self.folder / name)
            if base is None:
                view = caches.in_memory(connection, generation)
            elif base.generation == generation:
                view = base
            else:
                view = self._extend(connection, base, generation)
            self._view = view
            return view

    def _extend(self, connection: sqlite3.Connection, base: View, generation: int) -> View:
        """A sync has committed documents that the caches lack: a private copy gets them."""
        temporary = tempfile.TemporaryDirectory(prefix="rag-")
        folder = Path(temporary.name) / "lexical"
        view = caches.forward(connection, base, generation, folder)
        return View(generation, view.dense, view.lexical, folder, temporary=temporary)


class LocalWriter:
    """Holds the write lock. Made by `LocalStore.writer`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder = folder
        self._connection = connection

    def apply(self, delta: Delta) -> int:
        write_point("before commit")
        with self._transaction():
            new = catalog.generation(self._connection) + 1
            catalog.write_delta(self._connection, delta, new)
            write_point("inside commit")
        write_point("after commit")
        return new

    def publish(self) -> None:
        """Write both caches of the newest generation, unless they are there and intact."""
        connection, folder = self._connection, self._folder
        generation = catalog.generation(connection)
        base, damaged = caches.load(connection, folder)
        for name in damaged:
            if (folder / name).exists():
                log.warning("damaged cache kept as %s", caches.quarantine(folder, name))
        if base is not None and base.generation == generation:
            return
        base = caches.usable(connection, base, generation)
        vectors = folder / f"{caches.TEMPORARY}vectors-{generation}"
        terms = folder / f"{caches.TEMPORARY}lexical-{generation}"
        caches.sweep(folder, {name for _, name, _ in caches.published(connection).values()})
        view = caches.forward(connection, base, generation, terms)
        view.dense.save(vectors)
        write_point("caches written")
        entries = []
        for kind, path in (("vectors", vectors), ("lexical", terms)):
            name = f"{kind}-{generation}"
            final = folder / name
            if final.exists():  # left by a run that was killed before the catalog named it
                caches.quarantine(folder, name)
            manifest = caches.manifest(path)
            caches.settle(path, final)
            write_point(f"{kind} renamed")
            entries.append((kind, generation, name, manifest))
        with self._transaction():
            connection.executemany("INSERT OR REPLACE INTO caches VALUES (?, ?, ?, ?)", entries)
            catalog.purge(connection, generation)
            write_point("inside publish")
        write_point("published")
        caches.sweep(folder, {name for _, _, name, _ in entries})

    def missing(self, keys: Sequence[bytes]) -> set[bytes]:
        return catalog.missing(self._connection, keys)

    def stored(self) -> Iterator[tuple[Document, tuple[Removed, ...], str, str]]:
        return catalog.stored(self._connection)

    def roots(self) -> list[Root]:
        return catalog.read_roots(self._connection)

    def files(self, root: str) -> list[FileState]:
        return catalog.read_files(self._connection, root)

    def owners(self, doc_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        return catalog.owners(self._connection, doc_ids)

    def documents_of(self, root: str, path: str) -> dict[str, str]:
        rows = self._connection.execute(
            "SELECT doc_id, digest FROM documents WHERE root = ? AND path = ? AND removed IS NULL",
            (root, path),
        )
        return dict(rows)

    def excluded(self) -> frozenset[str]:
        rows = self._connection.execute("SELECT doc_id FROM excluded")
        return frozenset(row[0] for row in rows)

    def settings(self) -> dict[str, str]:
        return catalog.read_settings(self._connection)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
