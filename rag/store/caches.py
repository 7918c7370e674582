"""The caches on disk: how they are named, checked, brought forward and put in place.

A cache file is written under a temporary name, flushed, renamed to a name with its generation and
only then entered in the catalog with sizes and checksums; after that it never changes.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from rag.store import catalog
from rag.store.dense import DenseIndex
from rag.store.lexical import LexicalIndex

KINDS = ("vectors", "lexical")
TEMPORARY = "tmp-"
DAMAGED = "damaged-"


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Both caches at one generation. `folder` holds the lexical one; None when in memory."""

    generation: int
    dense: DenseIndex
    lexical: LexicalIndex
    folder: Path | None
    degraded: bool = False  # made without a usable cache on disk
    temporary: tempfile.TemporaryDirectory[str] | None = None  # removed with the view


def published(connection: sqlite3.Connection) -> dict[str, tuple[int, str, str]]:
    """kind → (generation, name, manifest) as the catalog knows them."""
    rows = connection.execute("SELECT kind, generation, name, manifest FROM caches")
    return {kind: (generation, name, manifest) for kind, generation, name, manifest in rows}


def load(connection: sqlite3.Connection, folder: Path) -> tuple[View | None, list[str]]:
    """The published caches, or None and the names of those that are damaged or missing."""
    known = published(connection)
    if set(known) != set(KINDS):
        return None, []
    damaged = [name for _, name, manifest in known.values() if not intact(folder / name, manifest)]
    if damaged:
        return None, damaged
    generation, vectors, _ = known["vectors"]
    _, terms, _ = known["lexical"]
    try:
        dense = DenseIndex.load(folder / vectors)
        lexical = LexicalIndex.load(folder / terms)
    except (OSError, RuntimeError, ValueError):  # a sync has just replaced them
        return None, [vectors, terms]
    return View(generation, dense, lexical, folder / terms), []


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
    if base is None:
        dense = DenseIndex.build(
            catalog.sentence_vectors(connection, catalog.LIVE, live), catalog.dim(connection)
        )
        lexical = LexicalIndex.build(catalog.chunk_terms(connection, catalog.LIVE, live), folder)
        return View(generation, dense, lexical, folder)
    change = {"b": base.generation, "g": generation}
    added = "added > :b AND added <= :g AND (removed IS NULL OR removed > :g)"
    removed = catalog.sentence_rows(
        connection, "added <= :b AND removed > :b AND removed <= :g", change
    )
    dense = base.dense.forward(catalog.sentence_vectors(connection, added, change), removed)
    if len(removed) or base.folder is None:
        lexical = LexicalIndex.build(catalog.chunk_terms(connection, catalog.LIVE, live), folder)
    else:
        rows = catalog.chunk_terms(connection, added, change)
        lexical = LexicalIndex.extend(base.folder, rows, folder)
    return View(generation, dense, lexical, folder)


def in_memory(connection: sqlite3.Connection, generation: int) -> View:
    """The caches made from the catalog without a trace on disk."""
    live = {"g": generation}
    return View(
        generation,
        DenseIndex.build(
            catalog.sentence_vectors(connection, catalog.LIVE, live), catalog.dim(connection)
        ),
        LexicalIndex.build(catalog.chunk_terms(connection, catalog.LIVE, live), None),
        None,
        degraded=True,
    )


def manifest(path: Path) -> str:
    """JSON of size and CRC-32 of each file of a cache."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return json.dumps(
        {
            str(file.relative_to(path)): [file.stat().st_size, _checksum(file)]
            for file in files
            if file.is_file() and not file.name.endswith(".lock")
        },
        sort_keys=True,
    )


def intact(path: Path, expected: str) -> bool:
    return path.exists() and manifest(path) == expected


def settle(temporary: Path, final: Path) -> None:
    """Flush a finished cache and give it its name."""
    files = list(temporary.rglob("*")) if temporary.is_dir() else []
    for path in [*files, temporary]:
        flush(path)
    temporary.rename(final)
    flush(final.parent)


def quarantine(folder: Path, name: str) -> Path:
    """Set a damaged cache aside under a name that nothing reads; never delete it."""
    number = 1
    while (target := folder / f"{DAMAGED}{name}-{number}").exists():
        number += 1
    return (folder / name).rename(target)


def sweep(folder: Path, keep: set[str]) -> None:
    """Delete leftovers of killed runs and caches that the catalog no longer names."""
    for path in folder.iterdir():
        old = path.name.startswith(tuple(f"{kind}-" for kind in KINDS)) and path.name not in keep
        if old or path.name.startswith(TEMPORARY):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def flush(path: Path) -> None:
    """Force a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
