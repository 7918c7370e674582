"""The invariants of `index/README.md`, each checked against the catalog itself."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from rag.store import caches, catalog, disk, rows
from rag.store.block import SENTENCE, Batches, Ids
from rag.store.precision import BYTES, Halves, read, whole
from rag.types import Document

REBUILD = "run: rag index --rebuild"
SYNC = "run: rag index"
REPAIR = "save the rest with: rag verify --repair NEW"
_NONE = np.empty(0, np.int64)

# Whether a document agrees with the checksum that was kept when it was indexed.
Genuine = Callable[[Document, str], bool]


def verify(connection: sqlite3.Connection, folder: Path, genuine: Genuine) -> Iterator[str]:
    """One line for each broken invariant, with the command that mends it.

    A cache that is behind or was never made is none: readers bring it forward.
    """
    try:
        for (line,) in connection.execute("PRAGMA integrity_check"):
            if line != "ok":
                yield str(catalog.damaged(folder, sqlite3.DatabaseError(line)))
        yield from _generations(connection)
        yield from _files(connection)
        for name, wrong, remedy in documents(connection, genuine):
            yield f"{name}: {wrong}; {remedy}"
        unfit = list(_vectors(connection))
        yield from unfit
        yield from _caches(connection, folder, compare=not unfit)
    except catalog.ERRORS as error:
        yield str(catalog.damaged(folder, error))


def _generations(connection: sqlite3.Connection) -> Iterator[str]:
    newest = catalog.generation(connection)
    wrong = connection.execute(
        "SELECT doc_id FROM documents WHERE added > :g OR removed > :g OR removed < added"
        " ORDER BY row",
        {"g": newest},
    )
    for (doc_id,) in wrong:
        yield f"{doc_id}: belongs to a generation that never was; {REBUILD}"


def _files(connection: sqlite3.Connection) -> Iterator[str]:
    """Each document came from a file that a sync keeps watching, in a root it knows."""
    lost = connection.execute(
        "SELECT doc_id FROM documents d WHERE removed IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM files f JOIN roots r ON r.name = f.root"
        " WHERE f.root = d.root AND f.path = d.path) ORDER BY row"
    )
    for (doc_id,) in lost:
        yield (
            f"{doc_id}: no sync watches the file of this document; "
            f"run: rag index with that file, or rag remove {doc_id}"
        )


def documents(connection: sqlite3.Connection, genuine: Genuine) -> Iterator[tuple[str, str, str]]:
    """Each document that is not what was indexed or not whole: its id, why, and the remedy."""
    numbers = connection.execute("SELECT row FROM documents WHERE removed IS NULL ORDER BY row")
    for (row,) in numbers.fetchall():
        values = connection.execute(
            f"SELECT {catalog.DOCUMENT}, digest FROM documents WHERE row = ?", (row,)
        ).fetchone()
        name = str(values[0])
        try:
            document = catalog.document(values[:-1])
            if not genuine(document, values[-1]):
                yield name, "what is kept of it is not what was indexed", REPAIR
            for gap in _gaps(connection, row, document.text):
                yield name, gap, REBUILD
        except (TypeError, ValueError) as error:  # a value that no writer wrote
            yield name, f"cannot be read ({error})", REPAIR


def _gaps(connection: sqlite3.Connection, row: int, text: str) -> Iterator[str]:
    """Chunks tile their document's text, sentences tile their chunk."""
    chunks = connection.execute(
        "SELECT row, position, start, end FROM chunks WHERE document = ? ORDER BY position, row",
        (row,),
    ).fetchall()
    if [position for _, position, _, _ in chunks] != list(range(len(chunks))):
        yield "its chunks are not numbered from 0 on"
    if gap := untiled(text, 0, len(text), [(start, end) for *_, start, end in chunks]):
        yield f"{gap} of the text is in no chunk or in two"
    for chunk, _, start, end in chunks:
        spans = connection.execute(
            "SELECT start, end FROM sentences WHERE chunk = ? ORDER BY row", (chunk,)
        ).fetchall()
        if gap := untiled(text, start, end, spans):
            yield f"{gap} of a chunk is in no sentence or in two"


def untiled(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    """The first range between `start` and `end` that holds text and that spans do not tile."""
    at = start
    for first, last in [*spans, (end, end)]:
        if not at <= first <= last <= end:
            return f"{first}:{last}"
        if text[at:first].strip():
            return f"{at}:{first}"
        at = last
    return ""


def _vectors(connection: sqlite3.Connection) -> Iterator[str]:
    """Each sentence and each title of a document has a vector, of length 1."""
    dim = catalog.dim(connection)
    used = (
        "SELECT v.value FROM documents d JOIN chunks c ON c.document = d.row"
        " JOIN sentences s ON s.chunk = c.row LEFT JOIN vectors v ON v.row = s.vector"
        " WHERE d.removed IS NULL"
        " UNION ALL SELECT v.value FROM documents d LEFT JOIN vectors v ON v.key = d.title_key"
        " WHERE d.removed IS NULL AND d.title_key != x''"
    )
    lost = wrong = 0
    for (value,) in connection.execute(used):
        if value is None:
            lost += 1
            continue
        wrong += not is_unit(value, dim)
    if lost:
        yield f"{lost} sentences or titles have no vector; {REBUILD}"
    if wrong:
        yield f"{wrong} vectors are not unit vectors of {dim} columns; {REBUILD}"


def is_unit(value: bytes, dim: int) -> bool:
    """Whether these bytes are a unit vector of `dim` columns."""
    if len(value) != BYTES * dim:
        return False
    vector = whole(read(value, dim))
    return abs(float(np.vdot(vector, vector)) - 1) < 1e-3


def _caches(connection: sqlite3.Connection, folder: Path, *, compare: bool) -> Iterator[str]:
    known = caches.published(connection)
    damaged = [
        name
        for _, name, manifest in known.values()
        if not disk.intact(folder / name, manifest, anew=True)
    ]
    if damaged:
        with closing(catalog.connect(folder)) as newest:
            if caches.published(newest) != known:
                return  # a sync has replaced them meanwhile
    for name in damaged:
        yield f"{name}: the cache is damaged or missing; {SYNC}"
    if not compare:
        return
    scratch = disk.Scratch()
    try:
        view, _ = caches.load(connection, folder, scratch.path / "published")
        if view is not None and view.generation == catalog.generation(connection):
            yield from _contents(connection, view)
    finally:
        scratch.discard()


def _contents(connection: sqlite3.Connection, view: caches.View) -> Iterator[str]:
    """The caches hold just what the catalog holds."""
    live = {"g": view.generation}
    name = f"vectors-{view.generation}"
    held = np.sort(np.concatenate([_NONE, *(ids[SENTENCE] for ids, _ in _held(view))]))
    if not np.array_equal(held, rows.sentences(connection, rows.LIVE, live)):
        yield f"{name}: holds other sentences than the catalog; {REBUILD}"
    elif view.dense.dim != catalog.dim(connection) or any(
        not np.array_equal(a[0], b[0]) or not np.array_equal(a[1], b[1])
        for a, b in zip(_one_by_one(_held(view)), _one_by_one(_kept(connection, live)), strict=True)
    ):
        yield f"{name}: holds other vectors than the catalog; {REBUILD}"
    chunks = sorted(row for row, *_ in rows.chunk_terms(connection, rows.LIVE, live))
    if view.lexical.chunks() != chunks:
        yield f"lexical-{view.generation}: holds other chunks than the catalog; {REBUILD}"


def _held(view: caches.View) -> Batches:
    return itertools.chain.from_iterable(batches for _, batches in view.dense.batches())


def _kept(connection: sqlite3.Connection, live: dict[str, int]) -> Batches:
    kept = rows.vectors(connection, rows.LIVE, live)
    return itertools.chain.from_iterable(batches for _, batches in kept)


def _one_by_one(batches: Batches) -> Iterator[tuple[Ids, Halves]]:
    for ids, halves in batches:
        yield from zip(ids.T, halves, strict=True)
