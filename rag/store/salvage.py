"""What can still be read of a damaged catalog, as a new index.

Every row that SQLite gives is copied, one by one where a page is damaged. Kept are the documents
whose text agrees with its checksum and that are whole: with all chunks, sentences and vectors. The
next sync reads every file again, so what was lost comes back from them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import IndexMismatch
from rag.store import catalog, disk
from rag.store.local import LocalStore
from rag.store.schema import FORMAT
from rag.store.verify import Genuine, documents, is_unit

MISSED = 100_000  # rows without one that can be read, after which none is expected
NUMBERED = ("documents", "chunks", "sentences", "vectors")  # have a row number
NAMED = {"roots": "name", "files": "root, path", "excluded": "doc_id", "settings": "name"}


@dataclass(frozen=True, slots=True)
class Saved:
    """`lost` counts documents that were seen but not whole; others may not even have been seen."""

    documents: int
    lost: tuple[str, ...]


def salvage(damaged: Path, folder: Path, genuine: Callable[[dict[str, str]], Genuine]) -> Saved:
    """Make an index in `folder` (empty or not there) of what the one in `damaged` still gives.

    `genuine` tells of an index with these settings whether a document agrees with its checksum.
    Raises IndexNotFound, and IndexDamaged where nothing can be saved.
    """
    catalog.identity(damaged)
    with disk.whole(folder) as temporary:
        with closing(_opened(damaged)) as old:
            settings = dict(_each(old, "settings", "name"))
            if not {"dim", "fingerprint", "model", "pipeline"} <= settings.keys():
                raise catalog.damaged(damaged, sqlite3.DatabaseError("not even its settings"))
            if (found := settings.get("format")) != FORMAT:
                raise IndexMismatch(
                    f"{damaged}: has format {found}, what can be saved has {FORMAT}; "
                    f"move {damaged} away and run: rag index FOLDER"
                )
            LocalStore.create(temporary, settings).close()
            with closing(catalog.connect(temporary, write=True)) as new:
                new.execute("BEGIN")
                _copy(old, new)
                lost = tuple(_drop(new, genuine(settings)))
                new.execute("COMMIT")
        store = LocalStore(temporary)
        with store.writer() as writer:
            writer.publish()
        with store.snapshot() as snapshot:
            saved = snapshot.counts().documents
        store.close()
    return Saved(saved, lost)


def _opened(folder: Path) -> sqlite3.Connection:
    path = (folder / catalog.FILE).resolve()
    return sqlite3.connect(path.as_uri() + catalog.mode(path), uri=True, isolation_level=None)


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """All rows that can be read. Each file is to be read again."""
    for table, key in NAMED.items():
        _insert(new, table, _each(old, table, key))
    for table in NUMBERED:
        _insert(new, table, _numbered(old, table))
    new.execute("UPDATE files SET signature = '', digest = ''")
    new.execute("UPDATE documents SET added = 1")
    new.execute(
        "INSERT OR IGNORE INTO files SELECT DISTINCT root, path, '', '', '[]' FROM documents"
        " WHERE root IN (SELECT name FROM roots)"
    )
    first = {"generation": "1", "purged": "0", "replaced": "0", "loose": "1"}
    catalog.write_settings(new, {**first, "format": FORMAT})


def _insert(new: sqlite3.Connection, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    for row in rows:
        marks = ",".join("?" * len(row))
        new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)


def _each(old: sqlite3.Connection, table: str, key: str) -> Iterator[tuple[Any, ...]]:
    """From the front up to what is damaged, then from the end."""
    backwards = ", ".join(f"{column} DESC" for column in key.split(", "))
    for order in (key, backwards):
        try:
            yield from old.execute(f"SELECT * FROM {table} ORDER BY {order}")
            return
        except catalog.ERRORS:
            continue


def _numbered(old: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    """In order; past a row that cannot be read, the next numbers are tried one after another."""
    at, last, missed = 0, _last(old, table), 0
    while at < last and missed < MISSED:
        try:
            for row in old.execute(f"SELECT * FROM {table} WHERE row > ? ORDER BY row", (at,)):
                if row[0] <= at:  # a page that points back
                    break
                at, missed = row[0], 0
                yield row
            else:
                return
        except catalog.ERRORS:
            pass
        at, missed = at + 1, missed + 1


def _last(old: sqlite3.Connection, table: str) -> int:
    """The highest row number there ever was."""
    queries = (
        f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",
        f"SELECT max(row) FROM {table}",
    )
    found = [0]
    for query in queries:
        try:
            found += [value for (value,) in old.execute(query) if isinstance(value, int)]
        except catalog.ERRORS:
            continue
    return max(found)


def _drop(new: sqlite3.Connection, genuine: Genuine) -> Iterator[str]:
    """Delete the documents that are not whole; their ids."""
    dim = catalog.dim(new)
    unfit = [
        row
        for row, value in new.execute("SELECT row, value FROM vectors")
        if not (isinstance(value, bytes) and is_unit(value, dim))
    ]
    new.executemany("DELETE FROM vectors WHERE row = ?", ((row,) for row in unfit))
    new.execute("DELETE FROM documents WHERE removed IS NOT NULL")
    wrong = {name for name, *_ in documents(new, genuine)}
    wrong |= {name for (name,) in new.execute(_WITHOUT_VECTOR)}
    new.executemany("DELETE FROM documents WHERE doc_id = ?", ((name,) for name in wrong))
    new.execute("DELETE FROM chunks WHERE document NOT IN (SELECT row FROM documents)")
    new.execute("DELETE FROM sentences WHERE chunk NOT IN (SELECT row FROM chunks)")
    yield from sorted(wrong)


_WITHOUT_VECTOR = """
SELECT d.doc_id FROM documents d LEFT JOIN vectors v ON v.key = d.title_key
    WHERE d.title_key != x'' AND v.row IS NULL
UNION SELECT d.doc_id FROM documents d JOIN chunks c ON c.document = d.row
    JOIN sentences s ON s.chunk = c.row LEFT JOIN vectors v ON v.row = s.vector
    WHERE v.row IS NULL
"""
