"""What the caches are made of: rows of the catalog, language by language, in batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Generator, Iterator
from typing import Any

import numpy as np

from rag.store import catalog
from rag.store.block import Batches, Ids
from rag.store.precision import read

STEP = 10_000

LIVE = "added <= :g AND (removed IS NULL OR removed > :g)"
ADDED = "added > :b AND added <= :g AND (removed IS NULL OR removed > :g)"
REMOVED = "added <= :b AND removed > :b AND removed <= :g"

# In the order of their rows without sorting: a row of the outer table comes before the next one,
# and what belongs to it was numbered when it was.
_DOWN = "FROM documents d CROSS JOIN chunks c ON c.document = d.row"
_SENTENCES = f"{_DOWN} CROSS JOIN sentences s ON s.chunk = c.row"
_ORDER = "ORDER BY d.row, c.row"


def languages(connection: sqlite3.Connection, where: str, values: dict[str, Any]) -> list[str]:
    """Those of the documents that `where` selects."""
    query = f"SELECT DISTINCT language FROM documents WHERE {where} ORDER BY language"
    return [row[0] for row in connection.execute(query, values)]


def vectors(
    connection: sqlite3.Connection, where: str, values: dict[str, Any]
) -> Iterator[tuple[str, Batches]]:
    """For each language batches as `rag.store.block` takes them."""
    for language in languages(connection, where, values):
        yield language, _vectors(connection, where, {**values, "language": language})


def _vectors(connection: sqlite3.Connection, where: str, values: dict[str, Any]) -> Batches:
    dim = catalog.dim(connection)
    cursor = connection.execute(
        f"SELECT s.row, c.row, d.row, s.start, s.end, v.value {_SENTENCES}"
        " JOIN vectors v ON v.row = s.vector"
        f" WHERE language = :language AND {where} {_ORDER}, s.row",
        values,
    )
    while batch := cursor.fetchmany(STEP):
        ids = np.array([row[:-1] for row in batch], np.int64).T
        yield ids, read(b"".join(row[-1] for row in batch), dim)


def sentences(connection: sqlite3.Connection, where: str, values: dict[str, Any]) -> Ids:
    """(n,) rows of the sentences of the documents that `where` selects, in order."""
    query = f"SELECT s.row {_SENTENCES} WHERE {where} {_ORDER}, s.row"
    return np.sort(np.fromiter((row[0] for row in connection.execute(query, values)), np.int64))


def documents(connection: sqlite3.Connection, where: str, values: dict[str, Any]) -> Ids:
    """(n,) rows of the documents that `where` selects."""
    query = f"SELECT row FROM documents WHERE {where}"
    return np.fromiter((row[0] for row in connection.execute(query, values)), np.int64)


def count(connection: sqlite3.Connection, where: str, values: dict[str, Any]) -> int:
    """How many documents `where` selects."""
    query = f"SELECT count(*) FROM documents WHERE {where}"
    return int(connection.execute(query, values).fetchone()[0])


def count_live(connection: sqlite3.Connection, generation: int) -> int:
    """How many documents are in a generation; what was removed by then was added before."""
    query = (
        "SELECT (SELECT count(*) FROM documents WHERE added <= :g)"
        " - (SELECT count(*) FROM documents WHERE removed <= :g)"
    )
    return int(connection.execute(query, {"g": generation}).fetchone()[0])


def chunk_terms(
    connection: sqlite3.Connection,
    where: str,
    values: dict[str, Any],
    only: Collection[str] | None = None,
    but: Collection[str] = (),
) -> Generator[tuple[int, int, str, str]]:
    """(chunk row, document row, language, terms), by language; of some of the languages."""
    wanted = languages(connection, where, values) if only is None else sorted(only)
    for language in wanted:
        if language in but:
            continue
        yield from connection.execute(
            f"SELECT c.row, d.row, d.language, c.terms {_DOWN}"
            f" WHERE language = :language AND {where} {_ORDER}",
            {**values, "language": language},
        )
