"""The catalog: one SQLite file that is the truth; everything else can be made from it.

Rows of documents carry the generation that added and the one that removed them, so that a reader
that loaded an older cache can be brought forward. `index/README.md` describes the tables.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import IndexDamaged, IndexMismatch, IndexNotFound
from rag.store import FileState, Root, disk
from rag.types import Document, Period, Removed, Vectors

FORMAT = "2"
FILE = "catalog.sqlite"

SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE roots (name TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, whole INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE files (root TEXT NOT NULL, path TEXT NOT NULL, signature TEXT NOT NULL,
    digest TEXT NOT NULL, skipped TEXT NOT NULL, PRIMARY KEY (root, path)) WITHOUT ROWID;
CREATE TABLE excluded (doc_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL, root TEXT NOT NULL,
    path TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL, source TEXT,
    first TEXT, last TEXT, language TEXT NOT NULL, url TEXT, extra TEXT NOT NULL,
    characters INTEGER NOT NULL, text TEXT NOT NULL, removed_blocks TEXT NOT NULL,
    added INTEGER NOT NULL, removed INTEGER,
    title_key BLOB NOT NULL DEFAULT x'', signature BLOB NOT NULL DEFAULT x'');
CREATE INDEX documents_title ON documents (title_key);
CREATE UNIQUE INDEX documents_live ON documents (doc_id) WHERE removed IS NULL;
CREATE INDEX documents_file ON documents (root, path);
CREATE INDEX documents_added ON documents (added);
CREATE INDEX documents_removed ON documents (removed) WHERE removed IS NOT NULL;
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, position INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, terms TEXT NOT NULL);
CREATE INDEX chunks_document ON chunks (document);
CREATE TABLE sentences (
    row INTEGER PRIMARY KEY AUTOINCREMENT, chunk INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, key BLOB NOT NULL);
CREATE INDEX sentences_chunk ON sentences (chunk);
CREATE INDEX sentences_key ON sentences (key);
CREATE TABLE vectors (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE caches (kind TEXT PRIMARY KEY, generation INTEGER NOT NULL, name TEXT NOT NULL,
    manifest TEXT NOT NULL) WITHOUT ROWID;
"""


# What brings a catalog of an earlier format to the next one. The sync that follows makes every row
# anew, because what it makes them of has changed too.
MIGRATIONS = {
    "1": (
        "ALTER TABLE documents ADD COLUMN title_key BLOB NOT NULL DEFAULT x''",
        "ALTER TABLE documents ADD COLUMN signature BLOB NOT NULL DEFAULT x''",
        "CREATE INDEX documents_title ON documents (title_key)",
    )
}


def connect(folder: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the catalog of an index. Raises IndexNotFound, IndexDamaged or IndexMismatch."""
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
    # isolation_level=None: transactions are begun and ended by hand.
    connection = sqlite3.connect(
        path.resolve().as_uri() + _mode(path),
        uri=True,
        isolation_level=None,
        timeout=30,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL" if write else "PRAGMA query_only = ON")
        found = read_settings(connection).get("format")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise damaged(folder, error) from None
    return connection, found


def _mode(path: Path) -> str:
    """SQLite's log needs files beside the catalog. Where it can make none, and a writer that is at
    work has left none, the catalog cannot change."""
    log = path.with_name(f"{path.name}-wal")
    return "" if os.access(path.parent, os.W_OK) or log.exists() else "?immutable=1"


def identity(folder: Path) -> tuple[int, int]:
    """Changes when the index is deleted and made anew. Raises IndexNotFound."""
    try:
        status = (folder / FILE).stat()
    except (FileNotFoundError, NotADirectoryError):
        message = f"{folder}: no index here; run: rag index FOLDER --index {folder}"
        raise IndexNotFound(message) from None
    return status.st_dev, status.st_ino


def damaged(folder: Path, error: sqlite3.Error) -> IndexDamaged:
    return IndexDamaged(
        f"{folder / FILE}: the catalog cannot be read ({error}); "
        f"move {folder} away and run: rag index FOLDER"
    )


def create(folder: Path, settings: Mapping[str, str]) -> None:
    """Make an empty catalog if there is none, whole or not at all. The caller holds the lock."""
    path = folder / FILE
    if path.exists():
        return
    temporary = folder / f"{disk.TEMPORARY}{FILE}"
    for leftover in folder.glob(f"{temporary.name}*"):
        leftover.unlink()
    connection = sqlite3.connect(temporary, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        start = {"format": FORMAT, "generation": "0", "purged": "0", "replaced": "0", "loose": "0"}
        write_settings(connection, {**settings, **start})
        connection.execute("COMMIT")
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


# --- what the caches are made of: ids are rows of `sentences` and `chunks` ---

LIVE = "added <= :g AND (removed IS NULL OR removed > :g)"


def sentence_vectors(
    connection: sqlite3.Connection, where: str, values: dict[str, Any]
) -> Iterable[tuple[np.ndarray[Any, np.dtype[np.int64]], Vectors]]:
    """Batches of (sentence rows, vectors) of the documents that `where` selects."""
    columns = dim(connection)
    cursor = connection.execute(
        "SELECT s.row, v.value FROM documents d JOIN chunks c ON c.document = d.row"
        f" JOIN sentences s ON s.chunk = c.row JOIN vectors v ON v.key = s.key WHERE {where}"
        " ORDER BY s.row",
        values,
    )
    while rows := cursor.fetchmany(10_000):
        ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        data = b"".join(row[1] for row in rows)
        yield ids, np.frombuffer(data, "<f4").reshape(len(rows), columns)


def sentence_rows(
    connection: sqlite3.Connection, where: str, values: dict[str, Any]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    rows = connection.execute(
        "SELECT s.row FROM documents d JOIN chunks c ON c.document = d.row"
        f" JOIN sentences s ON s.chunk = c.row WHERE {where} ORDER BY s.row",
        values,
    )
    return np.fromiter((row[0] for row in rows), np.int64)


def chunk_terms(
    connection: sqlite3.Connection, where: str, values: dict[str, Any]
) -> Iterable[tuple[int, int, str, str]]:
    """(chunk row, document row, language, terms), by language."""
    return connection.execute(
        "SELECT c.row, d.row, d.language, c.terms FROM documents d"
        f" JOIN chunks c ON c.document = d.row WHERE {where} ORDER BY d.language, c.row",
        values,
    )
