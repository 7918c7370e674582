"""The catalog: one SQLite file that is the truth; everything else can be made from it.

Rows of documents carry the generation that added and the one that removed them, so that a reader
that loaded an older cache can be brought forward. `index/README.md` describes the tables.
"""

from __future__ import annotations

import functools
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rag.errors import IndexDamaged, IndexMismatch, IndexNotFound, RagError
from rag.store import FileState, Root, disk
from rag.store.precision import halved_blob
from rag.store.schema import FORMAT, MIGRATIONS, SCHEMA
from rag.types import Document, Period, Removed

FILE = "catalog.sqlite"

# SQLite's errors. A message that quotes damaged bytes cannot even be read.
ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)
# What SQLite reports of the system and not of the file: no right, no room, no memory, a lock.
_OF_THE_SYSTEM = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


def connect(folder: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the catalog of an index. Raises IndexNotFound, IndexDamaged or IndexMismatch.

    Raises RagError where the system does not let it be read.
    """
    connection, found = _open(folder, write)
    if found == FORMAT:
        return connection
    connection.close()
    remedy = (
        "run: rag index"
        if found in MIGRATIONS
        else "use the version that wrote it, or build a new index with --index"
    )
    raise IndexMismatch(
        f"{folder / FILE}: the index has format {found}, this version reads {FORMAT}; {remedy}"
    )


def outdated(folder: Path) -> dict[str, str] | None:
    """The settings of an index of an earlier format. Raises IndexNotFound or IndexDamaged."""
    connection, found = _open(folder, write=False)
    try:
        return read_settings(connection) if found in MIGRATIONS else None
    finally:
        connection.close()


def upgrade(folder: Path) -> None:
    """Bring the catalog to today's format in one transaction. The caller holds the lock."""
    connection, found = _open(folder, write=True)
    connection.create_function("halved", 1, halved_blob)
    try:
        connection.execute("BEGIN IMMEDIATE")
        while found in MIGRATIONS:
            for statement in MIGRATIONS[found]:
                connection.execute(statement)
            found = str(int(found) + 1)
        write_settings(connection, {"format": str(found)})
        connection.execute("COMMIT")
    finally:
        connection.close()


def _open(folder: Path, write: bool) -> tuple[sqlite3.Connection, str | None]:
    """A connection, and the format that the catalog has."""
    path = folder / FILE
    identity(folder)
    try:
        # isolation_level=None: transactions are begun and ended by hand.
        connection = sqlite3.connect(
            path.resolve().as_uri() + mode(path),
            uri=True,
            isolation_level=None,
            timeout=30,
            check_same_thread=False,
        )
    except sqlite3.OperationalError as error:
        raise unreadable(folder, error) from None
    try:
        connection.execute("PRAGMA synchronous = FULL" if write else "PRAGMA query_only = ON")
        connection.execute("PRAGMA secure_delete = ON")  # zeros where something was deleted
        found = read_settings(connection).get("format")
    except ERRORS as error:
        connection.close()
        raise unreadable(folder, error) from None
    return connection, found


def mode(path: Path) -> str:
    """SQLite's log needs files beside the catalog. Where it can make none, and a writer that is at
    work has left none, the catalog cannot change."""
    log = path.with_name(f"{path.name}-wal")
    return "" if os.access(path.parent, os.W_OK) or log.exists() else "?immutable=1"


def identity(folder: Path) -> tuple[int, int]:
    """Changes when the index is deleted and made anew. Raises IndexNotFound, or RagError."""
    try:
        status = (folder / FILE).stat()
    except (FileNotFoundError, NotADirectoryError):
        message = f"{folder}: no index here; run: rag index FOLDER --index {folder}"
        raise IndexNotFound(message) from None
    except OSError as error:
        raise RagError(
            f"{folder / FILE}: cannot be read ({error.strerror}); correct the path or its rights"
        ) from None
    return status.st_dev, status.st_ino


def unreadable(folder: Path, error: Exception) -> RagError:
    """`error` as ours: damaged is only what the system would let SQLite read."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_SYSTEM:
        return RagError(
            f"{folder}: the index cannot be read now ({error}); see that its files can be read and "
            "its disk has room, and run the command again"
        )
    return damaged(folder, error)


def damaged(folder: Path, error: Exception) -> IndexDamaged:
    return IndexDamaged(
        f"{folder / FILE}: the catalog cannot be read ({error}); save what can be read with: rag "
        f"verify --repair NEW --index {folder}, or move {folder} away and run: rag index FOLDER"
    )


def create(folder: Path, settings: Mapping[str, str]) -> None:
    """Make an empty catalog if there is none, whole or not at all. The caller holds the lock."""
    path = folder / FILE
    if path.exists():
        return
    temporary = folder / f"{disk.TEMPORARY}{FILE}"
    for leftover in folder.glob(f"{temporary.name}*"):
        leftover.unlink()
    for leftover in folder.glob(f"{FILE}-*"):  # SQLite would write the old log into the new catalog
        disk.quarantine(folder, leftover.name)
    connection = sqlite3.connect(temporary, isolation_level=None)
    try:
        connection.execute("BEGIN")
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        start = {"format": FORMAT, "generation": "0", "purged": "0", "replaced": "0", "loose": "0"}
        write_settings(connection, {**settings, **start})
        connection.execute("COMMIT")
        # Not before: on a full disk a log stays beside the file, which then is renamed without it.
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
    disk.settle(temporary, path)


def read_settings(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT name, value FROM settings"))


def write_settings(connection: sqlite3.Connection, settings: dict[str, str]) -> None:
    connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", settings.items())


def generation(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM settings WHERE name = 'generation'").fetchone()
    return int(row[0])


def dim(connection: sqlite3.Connection) -> int:
    """Columns of the vectors."""
    return int(read_settings(connection)["dim"])


def missing(connection: sqlite3.Connection, keys: Sequence[bytes]) -> set[bytes]:
    known = "SELECT 1 FROM vectors WHERE key = ?"
    return {key for key in keys if connection.execute(known, (key,)).fetchone() is None}


def owners(connection: sqlite3.Connection, doc_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = connection.execute(
        "SELECT doc_id, root, path FROM documents"
        " WHERE removed IS NULL AND doc_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(doc_ids)),),
    )
    return {doc_id: (root, path) for doc_id, root, path in rows}


DOCUMENT = "doc_id, title, source, first, last, language, url, extra, text"


def document(row: tuple[Any, ...]) -> Document:
    """From the columns of `DOCUMENT`."""
    doc_id, title, source, first, last, language, url, extra, text = row
    published = period(first, last)
    return Document(doc_id, text, title, source, published, language, url, json.loads(extra))


@functools.lru_cache(4096)
def period(first: str | None, last: str | None) -> Period | None:
    if first is None or last is None:
        return None
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def removed_blocks(value: str) -> tuple[Removed, ...]:
    return tuple(Removed(text, reason) for text, reason in json.loads(value))


def stored(
    connection: sqlite3.Connection,
) -> Iterator[tuple[Document, tuple[Removed, ...], str, str]]:
    """Every live document, read one by one so that a change may go on meanwhile."""
    rows = connection.execute("SELECT row FROM documents WHERE removed IS NULL ORDER BY row")
    for (number,) in rows.fetchall():
        *columns, blocks, root, path = connection.execute(
            f"SELECT {DOCUMENT}, removed_blocks, root, path FROM documents WHERE row = ?",
            (number,),
        ).fetchone()
        yield document(tuple(columns)), removed_blocks(blocks), root, path


def read_roots(connection: sqlite3.Connection) -> list[Root]:
    rows = connection.execute("SELECT name, path, whole FROM roots ORDER BY name")
    return [Root(name, path, bool(whole)) for name, path, whole in rows]


def read_files(connection: sqlite3.Connection, root: str) -> list[FileState]:
    rows = connection.execute("SELECT * FROM files WHERE root = ? ORDER BY path", (root,))
    return [
        FileState(r, p, signature, digest, tuple((a, b) for a, b in json.loads(skipped)))
        for r, p, signature, digest, skipped in rows
    ]
