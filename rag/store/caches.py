"""The caches: what the catalog says of them, and how they are loaded and brought forward.

A cache is written under a temporary name, flushed, renamed to a name with its generation and only
then entered in the catalog with sizes and checksums; after that it never changes.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rag.store import catalog, disk, rows
from rag.store.dense import DenseIndex, Tuning
from rag.store.lexical import LexicalIndex
from rag.store.precision import Halves
from rag.types import Period

KINDS = ("vectors", "lexical")


class Head(NamedTuple):
    """What a candidate needs to know of its document; the title's vector at stored precision."""

    doc_id: str
    language: str
    published: Period | None
    signature: bytes
    title: Halves


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class View:
    """Both caches at one generation; `folder` holds the files of the lexical one."""

    generation: int
    dense: DenseIndex
    lexical: LexicalIndex
    folder: Path
    documents: int  # that live
    degraded: bool = False  # a published cache was missing or damaged
    heads: dict[int, Head] = field(default_factory=dict, init=False)  # of documents met before


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
    Raises OSError where the system lacks room, memory or open files.
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
    except (OSError, RuntimeError, ValueError) as error:
        if disk.wanting(error):
            raise OSError(*error.args) from error
        return None, [vectors, terms]  # of another version, or just being swept
    documents = rows.count_live(connection, generation)
    return View(generation, dense, lexical, mirror, documents), []


def usable(connection: sqlite3.Connection, view: View | None, generation: int) -> View | None:
    """`view` if the catalog still holds all that it takes to bring it to `generation`."""
    if view is None or view.generation > generation:
        return None
    purged = int(catalog.read_settings(connection)["purged"])
    return view if view.generation >= purged else None


def forward(
    connection: sqlite3.Connection,
    base: View | None,
    generation: int,
    made: Mapping[str, Path],
    tuning: Tuning,
    *,
    settle: bool = False,
) -> View:
    """Make the caches of `generation` from `base` and what changed since, or from the catalog.

    They are written to the folders `made` by kind, which must not exist: only what this process
    needs or, if they are to `settle`, all of both.
    """
    live = {"g": generation}
    dim = catalog.dim(connection)
    terms = made["lexical"]
    documents = rows.count_live(connection, generation)
    if base is None or base.dense.dim != dim:
        dense = DenseIndex.build(rows.vectors(connection, rows.LIVE, live), dim, made["vectors"])
        if settle:
            dense.settle(made["vectors"], tuning)
        with closing(rows.chunk_terms(connection, rows.LIVE, live)) as every:
            lexical = LexicalIndex.build(every, terms)
        return View(generation, dense, lexical, terms, documents)
    change = {"b": base.generation, "g": generation}
    gone = rows.documents(connection, rows.REMOVED, change)
    added = rows.vectors(connection, rows.ADDED, change)
    dense = base.dense.forward(added, gone, made["vectors"])
    remade = dense.settle(made["vectors"], tuning) if settle else set()
    anew = {
        language
        for language in rows.languages(connection, rows.REMOVED, change)
        if language in remade or base.lexical.size(language) <= tuning.counted
    }
    with (
        closing(rows.chunk_terms(connection, rows.ADDED, change, but=anew)) as new,
        closing(rows.chunk_terms(connection, rows.LIVE, live, only=anew)) as again,
    ):
        both = itertools.chain(new, again)
        lexical = LexicalIndex.extend(base.folder, both, terms, gone=gone.tolist(), but=anew)
    return View(generation, dense, lexical, terms, documents)
