"""LocalStore: SQLite as the truth, FAISS and tantivy as caches, in one folder."""

from __future__ import annotations

import dataclasses
import logging
import os
import shutil
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rag.errors import IndexDamaged, RagError
from rag.store import Row, caches, catalog, disk
from rag.store.caches import View
from rag.store.dense import Tuning
from rag.store.lock import write_lock
from rag.store.snapshot import LocalSnapshot
from rag.store.writer import LocalWriter
from rag.types import Document

log = logging.getLogger(__name__)

DEFAULT = Tuning()
ATTEMPTS = 3  # to find a generation's caches before another sync sweeps them away


class LocalStore:
    """One index folder. Safe to use from several threads; one writer at a time."""

    def __init__(self, folder: Path, tuning: Tuning = DEFAULT) -> None:
        """Open an existing index. Raises IndexNotFound, IndexDamaged or IndexMismatch.

        `tuning` says how the caches are made.
        """
        self.folder = folder
        self._tuning = tuning
        self._idle: list[tuple[tuple[int, int], sqlite3.Connection]] = []
        self._closed = False
        self._view: View | None = None
        self._loading = threading.Lock()
        with self._connection():
            pass

    @classmethod
    def create(
        cls, folder: Path, settings: Mapping[str, str], tuning: Tuning = DEFAULT
    ) -> LocalStore:
        """Open the index in `folder`, made with these settings if there is none yet.

        `settings` must hold `dim`, the columns of the vectors. Raises IndexLocked while another
        process makes it.
        """
        if not (folder / catalog.FILE).exists():
            try:
                disk.make(folder)
                with write_lock(folder), _told(folder):
                    catalog.create(folder, settings)
            except OSError as error:
                raise RagError(
                    f"{folder}: cannot be the folder of an index ({error.strerror}); choose another"
                ) from None
        return cls(folder, tuning)

    @staticmethod
    def outdated(folder: Path) -> dict[str, str] | None:
        """The settings of an index of an earlier format, else None. Raises IndexNotFound."""
        return catalog.outdated(folder)

    @staticmethod
    def upgrade(folder: Path) -> None:
        """Bring an index of an earlier format to this one. Raises IndexLocked, IndexNotFound."""
        with write_lock(folder), _told(folder):
            catalog.upgrade(folder)

    def exists(self) -> bool:
        """Whether the folder still holds an index."""
        return (self.folder / catalog.FILE).exists()

    def settings(self) -> dict[str, str]:
        with self._connection() as connection:
            return catalog.read_settings(connection)

    @contextmanager
    def snapshot(self) -> Iterator[LocalSnapshot]:
        """The newest generation, unchanged until the block ends. Raises IndexDamaged."""
        with self._connection() as connection:
            view = self._begin(connection)
            try:
                yield LocalSnapshot(connection, view)
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def writer(self) -> Iterator[LocalWriter]:
        """Raises IndexLocked, IndexDamaged, and RagError when the disk is full."""
        with write_lock(self.folder):
            connection = catalog.connect(self.folder, write=True)
            try:
                with _told(self.folder):
                    yield LocalWriter(self.folder, connection, self._tuning)
            finally:
                connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The catalog itself, at one generation. Raises IndexDamaged."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def verify(self, genuine: Callable[[Document, str], bool] = lambda *_: True) -> Iterator[str]:
        from rag.store.verify import verify

        with self.reading() as connection:
            yield from verify(connection, self.folder, genuine)

    @contextmanager
    def rows(self) -> Iterator[Callable[[], Iterator[Row]]]:
        """What reads everything of the newest generation. Raises IndexDamaged."""
        from rag.store import archive

        with self.reading() as connection:
            yield partial(archive.rows, connection)

    def close(self) -> None:
        """Give up what is held; a snapshot that is still open stays good."""
        self._closed = True
        while self._idle:
            self._idle.pop()[1].close()
        self._view = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """One from the pool, unless the folder holds another index by now."""
        identity = catalog.identity(self.folder)
        connection = None
        while connection is None:
            try:
                known, connection = self._idle.pop()
            except IndexError:
                connection = catalog.connect(self.folder)
                continue
            if known != identity:
                connection.close()
                connection = self._view = None
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            raise catalog.unreadable(self.folder, error) from None
        finally:
            # Where SQLite was told that nothing can change, that holds for a moment only.
            if self._closed or not os.access(self.folder, os.W_OK):
                connection.close()
            else:
                self._idle.append((identity, connection))

    def _begin(self, connection: sqlite3.Connection) -> View:
        """Begin a read transaction and return the caches of just that generation."""
        attempt = 1
        while True:
            connection.execute("BEGIN")
            try:
                generation = catalog.generation(connection)
                view = self._view
                if view is None or view.generation != generation:
                    view = self._view_at(connection, generation, patient=attempt < ATTEMPTS)
                if view is not None:
                    return view
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("ROLLBACK")
            attempt += 1

    def _view_at(
        self, connection: sqlite3.Connection, generation: int, *, patient: bool
    ) -> View | None:
        """The caches of `generation`; None to begin anew, because a thread or a sync went on."""
        with self._loading:
            held = self._view
            if held is not None and held.generation == generation:
                return held
            if held is not None and held.generation > generation and patient:
                return None
            view, scratch = None, None
            try:
                scratch = disk.Scratch()
                view = self._make(connection, held, generation, scratch.path, patient=patient)
            except (OSError, RuntimeError, ValueError) as error:  # of tantivy and faiss
                raise RagError(
                    f"what a question needs cannot be kept in the temporary folder ({error}); "
                    "remove the cause or set TMPDIR, and ask again"
                ) from error
            finally:
                if view is None and scratch is not None:
                    scratch.discard()
            if view is None:
                return None
            weakref.finalize(view, scratch.discard)
            if held is None or held.generation < generation:
                self._view = view
            return view

    def _make(
        self,
        connection: sqlite3.Connection,
        held: View | None,
        generation: int,
        scratch: Path,
        *,
        patient: bool,
    ) -> View | None:
        """From what is held or published, whichever is newer, with what was committed since."""
        base = caches.usable(connection, held, generation)
        degraded = base is not None and base.degraded
        if base is None or base.generation < caches.published_at(connection):
            loaded, damaged = caches.load(connection, self.folder, scratch / "published")
            if damaged and patient:
                return None
            for name in damaged:
                log.warning("%s is damaged or missing; run: rag index", self.folder / name)
            base, degraded = loaded or base, bool(damaged)
        if base is not None and base.generation == generation:
            return base
        try:
            made = _under(scratch / "forward")
            view = caches.forward(connection, base, generation, made, self._tuning)
        except (FileNotFoundError, shutil.Error):  # its files were swept
            if patient:
                return None
            made = _under(scratch / "anew")
            view = caches.forward(connection, None, generation, made, self._tuning)
        return dataclasses.replace(view, degraded=degraded)


def _under(folder: Path) -> dict[str, Path]:
    folder.mkdir()
    return {kind: folder / kind for kind in caches.KINDS}


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """SQLite's errors while writing, as ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        told = catalog.unreadable(folder, error)
        if isinstance(told, IndexDamaged):
            raise told from None
        raise RagError(
            f"{folder}: the index cannot be written ({error}); what was committed "
            "stays, so remove the cause and run the command again"
        ) from None
