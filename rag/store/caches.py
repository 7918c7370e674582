"""The caches: what the catalog says of them, and how they are loaded and brought forward.

A cache is written under a temporary name, flushed, renamed to a name with its generation and only
then entered in the catalog with sizes and checksums; after that it never changes.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from rag.store import catalog, disk
from rag.store.dense import DenseIndex
from rag.store.lexical import LexicalIndex

KINDS = ("vectors", "lexical")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class View:
    """Both caches at one generation; `folder` holds the files of the lexical one."""

    generation: int
    dense: DenseIndex
    lexical: LexicalIndex
    folder: Path
    degraded: bool = False  # a published cache was missing or damaged


def published(connection: sqlite3.Connection) -> dict[str, tuple[int, str, str]]:
    """kind → (generation, name, manifest) as the catalog knows them."""
    rows = connection.execute("SELECT kind, generation, name, manifest FROM caches")
    return {kind: (generation, name, manifest) for kind, generation, name, manifest in rows}


def published_at(connection: sqlite3.Connection) -> int:
    """The generation of the published caches, which is the same for both; -1 without any."""
    return min((generation for generation, _, _ in published(connection).values()), default=-1)


def load(
    connection: sqlite3.Connection, folder: Path, mirror: Path
) -> tuple[View | None, list[str]]:
    """The published caches, or None and the names of those that are damaged or missing.

    The lexical one is opened in `mirror`, which must not exist, so that `folder` is only read.
    """
    known = published(connection)
    if set(known) != set(KINDS):
        return None, []
    damaged = [n for _, n, manifest in known.values() if not disk.intact(folder / n, manifest)]
    if damaged:
        return None, damaged
    generation, vectors, _ = known["vectors"]
    _, terms, _ = known["lexical"]
    try:
        dense = DenseIndex.load(folder / vectors)
        lexical = LexicalIndex.load(disk.mirror(folder / terms, mirror))
    except (OSError, RuntimeError, ValueError):  # of another version, or just being swept
        return None, [vectors, terms]
    return View(generation, dense, lexical, mirror), []


def usable(connection: sqlite3.Connection, view: View | None, generation: int) -> View | None:
    """`view` if the catalog still holds all that it takes to bring it to `generation`."""
    if view is None or view.generation > generation:
        return None
    purged = int(catalog.read_settings(connection)["purged"])
    return view if view.generation >= purged else None


def forward(
    connection: sqlite3.Connection, base: View | None, generation: int, folder: Path
) -> View:
    """Make the caches of `generation` from `base` and what changed since, or from the catalog.

    The lexical one is written to `folder`, which must not exist. After a removal it is made anew,
    because document frequencies would still count what is gone.
    """
    live = {"g": generation}
    dim = catalog.dim(connection)
    if base is None or base.dense.dim != dim:
        dense = DenseIndex.build(catalog.sentence_vectors(connection, catalog.LIVE, live), dim)
        lexical = LexicalIndex.build(catalog.chunk_terms(connection, catalog.LIVE, live), folder)
        return View(generation, dense, lexical, folder)
    change = {"b": base.generation, "g": generation}
    added = "added > :b AND added <= :g AND (removed IS NULL OR removed > :g)"
    removed = catalog.sentence_rows(
        connection, "added <= :b AND removed > :b AND removed <= :g", change
    )
    dense = base.dense.forward(catalog.sentence_vectors(connection, added, change), removed)
    if len(removed):
        lexical = LexicalIndex.build(catalog.chunk_terms(connection, catalog.LIVE, live), folder)
    else:
        rows = catalog.chunk_terms(connection, added, change)
        lexical = LexicalIndex.extend(base.folder, rows, folder)
    return View(generation, dense, lexical, folder)
