"""The one writer of a local store."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag.errors import RagError
from rag.store import Delta, FileState, Root, caches, catalog, change, disk
from rag.store.dense import Tuning
from rag.types import Document, Removed

log = logging.getLogger(__name__)


def write_point(name: str) -> None:
    """A place where a kill must do no harm; the kill tests put a real kill here."""


class LocalWriter:
    """Holds the write lock. Made by `LocalStore.writer`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, tuning: Tuning) -> None:
        self._folder = folder
        self._connection = connection
        self._tuning = tuning

    def apply(self, delta: Delta) -> int:
        write_point("before commit")
        with self._transaction():
            new = catalog.generation(self._connection) + 1
            change.write_delta(self._connection, delta, new)
            write_point("inside commit")
        write_point("after commit")
        return new

    def publish(self) -> None:
        """Write both caches of the newest generation, unless they are there and intact.

        Raises RagError when they cannot be written.
        """
        try:
            self._publish_newest()
        except (OSError, RuntimeError, ValueError) as error:  # of tantivy and faiss
            raise self._unpublished(error) from error

    def _unpublished(self, error: Exception) -> RagError:
        return RagError(
            f"{self._folder}: the search caches cannot be written ({error}); every document is "
            "safe, so remove the cause and run: rag index"
        )

    def _publish_newest(self) -> None:
        connection, folder = self._connection, self._folder
        self._sweep()
        base, damaged = caches.load(connection, folder, folder / f"{disk.TEMPORARY}published")
        for name in damaged:
            if (folder / name).exists():
                log.warning("damaged cache kept as %s", disk.quarantine(folder, name))
        if damaged:
            self.apply(Delta())  # a name that was published is not used for anything else
        generation = catalog.generation(connection)
        if base is None or base.generation != generation:
            self._publish(self._usable(base), generation)
        self._sweep()

    def erase(self) -> None:
        """Leave nothing of what was removed: not in the catalog and its log, nor in any cache.

        Raises RagError while another process reads what was there before.
        """
        new = self.apply(Delta())
        try:
            self._publish(None, new)
            self._sweep(damaged=True)
            disk.sweep_scratch()
        except (OSError, RuntimeError, ValueError) as error:  # of tantivy and faiss
            raise self._unpublished(error) from error
        write_point("before vacuum")
        self._connection.execute("VACUUM")
        write_point("vacuumed")
        busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise RagError(
                f"{self._folder}: another process still reads what was removed; "
                "end it and run the command again"
            )

    def _usable(self, base: caches.View | None) -> caches.View | None:
        """`base`, unless vectors that it holds were embedded anew since."""
        replaced = int(self.settings()["replaced"])
        return base if base is not None and base.generation >= replaced else None

    def _publish(self, base: caches.View | None, generation: int) -> None:
        connection, folder = self._connection, self._folder
        made = {kind: folder / f"{disk.TEMPORARY}{kind}-{generation}" for kind in caches.KINDS}
        caches.forward(connection, base, generation, made, self._tuning, settle=True)
        write_point("caches written")
        entries = []
        for kind, path in made.items():
            name = f"{kind}-{generation}"
            manifest = disk.manifest(path)
            disk.settle(path, folder / name, like=folder / catalog.FILE)
            write_point(f"{kind} renamed")
            entries.append((kind, generation, name, manifest))
        with self._transaction():
            connection.executemany("INSERT OR REPLACE INTO caches VALUES (?, ?, ?, ?)", entries)
            change.purge(connection, generation)
            write_point("inside publish")
        write_point("published")

    def _sweep(self, *, damaged: bool = False) -> None:
        keep = [name for _, name, _ in caches.published(self._connection).values()]
        disk.sweep(self._folder, caches.KINDS, keep, damaged=damaged)

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
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite ends it itself when the disk is full
                self._connection.execute("ROLLBACK")
            raise
