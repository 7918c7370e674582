"""The invariants of `index/README.md`, each checked against the catalog itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rag.store import caches, catalog

REBUILD = "run: rag index --rebuild"
SYNC = "run: rag index"


def verify(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """One line for each broken invariant, with the command that mends it."""
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"{catalog.FILE}: {line}; restore the file from a backup or {REBUILD}"
    yield from _spans(connection)
    yield from _vectors(connection, catalog.dim(connection))
    yield from _caches(connection, folder)


def _spans(connection: sqlite3.Connection) -> Iterator[str]:
    """Chunks tile their document's text, sentences tile their chunk."""
    documents = connection.execute(
        "SELECT row, doc_id, text FROM documents WHERE removed IS NULL ORDER BY row"
    )
    for row, doc_id, text in documents:
        chunks = connection.execute(
            "SELECT row, start, end FROM chunks WHERE document = ? ORDER BY position", (row,)
        ).fetchall()
        if gap := _untiled(text, 0, len(text), [(start, end) for _, start, end in chunks]):
            yield f"{doc_id}: {gap} of the text is in no chunk or in two; {REBUILD}"
        for chunk, start, end in chunks:
            spans = connection.execute(
                "SELECT start, end FROM sentences WHERE chunk = ? ORDER BY row", (chunk,)
            ).fetchall()
            if gap := _untiled(text, start, end, spans):
                yield f"{doc_id}: {gap} of a chunk is in no sentence or in two; {REBUILD}"


def _untiled(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    """The first range between `start` and `end` that holds text and that spans do not tile."""
    at = start
    for first, last in [*spans, (end, end)]:
        if not at <= first <= last <= end:
            return f"{first}:{last}"
        if text[at:first].strip():
            return f"{at}:{first}"
        at = last
    return ""


def _vectors(connection: sqlite3.Connection, dim: int) -> Iterator[str]:
    lost = connection.execute(
        "SELECT count(*) FROM sentences s LEFT JOIN vectors v ON v.key = s.key WHERE v.key IS NULL"
    ).fetchone()[0]
    if lost:
        yield f"{lost} sentences have no vector; {REBUILD}"
    wrong = 0
    for (value,) in connection.execute("SELECT value FROM vectors"):
        vector = np.frombuffer(value, "<f4") if len(value) == 4 * dim else np.zeros(1, "<f4")
        wrong += not abs(float(vector @ vector) - 1) < 1e-3
    if wrong:
        yield f"{wrong} vectors are not unit vectors of {dim} columns; {REBUILD}"


def _caches(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    generation = catalog.generation(connection)
    known = caches.published(connection)
    for kind in caches.KINDS:
        if kind not in known:
            yield f"{kind}: no cache of this kind was published; {SYNC}"
            continue
        at, name, manifest = known[kind]
        if not caches.intact(folder / name, manifest):
            yield f"{name}: the cache is damaged or missing; {SYNC}"
        elif at != generation:
            yield f"{name}: the cache is behind generation {generation}; {SYNC}"
    view, _ = caches.load(connection, folder)
    if view is None or view.generation != generation:
        return
    live = {"g": generation}
    rows = catalog.sentence_rows(connection, catalog.LIVE, live)
    if not np.array_equal(view.dense.ids, rows):
        yield f"vectors-{generation}: holds other sentences than the catalog; {REBUILD}"
    else:
        for ids, vectors in catalog.sentence_vectors(connection, catalog.LIVE, live):
            if not np.array_equal(view.dense.vectors(ids), vectors):
                yield f"vectors-{generation}: holds other vectors than the catalog; {REBUILD}"
                break
    chunks = sum(1 for _ in catalog.chunk_terms(connection, catalog.LIVE, live))
    if len(view.lexical) != chunks:
        yield f"lexical-{generation}: holds {len(view.lexical)} chunks of {chunks}; {REBUILD}"
