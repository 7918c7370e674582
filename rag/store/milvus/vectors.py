"""Vectors by their key, the hash of what the model read: text that is known is not embedded again.

They stand in the rows of sentences, and those of titles in the rows of chunks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from rag.store.milvus.engine import ROWS, Engine, Row, slices
from rag.store.milvus.rows import as_kept, chunk_ids, chunk_of, number_of
from rag.store.milvus.tables import CHUNKS, DOCUMENTS, LOOSE, SENTENCES, among, complete
from rag.store.precision import whole
from rag.types import Vectors


def loose_row(key: bytes, vector: Vectors) -> Row:
    """A vector of a rebuild, whose documents come later."""
    return {
        "id": f"loose-{key.hex()}",
        "vector": as_kept(vector),
        "key": key.hex(),
        "doc": "",
        "source": "",
        "language": 0,
        "first": 0,
        "last": 0,
        "added": LOOSE,
        "removed": LOOSE,
    }


def known_keys(engine: Engine, keys: Iterable[bytes]) -> set[bytes]:
    """Those of these keys that have vectors."""
    return {
        bytes.fromhex(key)
        for some in slices((key.hex() for key in keys), ROWS)
        for key in (*_sentences(engine, some), *_titles(engine, some))
    }


def find_vectors(engine: Engine, keys: Collection[bytes], dim: int) -> dict[bytes, Vectors]:
    """The vectors of those of these keys that have any."""
    found: dict[bytes, Vectors] = {}
    for some in slices((key.hex() for key in keys), ROWS):
        places = _sentences(engine, some)
        rows = engine.get(SENTENCES, places.values(), ["id", "key", "vector"])
        found |= {
            bytes.fromhex(row["key"]): np.asarray(row["vector"], np.float32)
            for row in rows.values()
        }
        titles = _titles(engine, [key for key in some if key not in places])
        chunks = engine.get(CHUNKS, titles.values(), ["id", "body", "more_body"])
        bodies = complete(engine, list(chunks.values()), "body")
        for key, chunk in titles.items():
            found[bytes.fromhex(key)] = whole(chunk_of(bodies[chunk], dim)[1][:1])[0]
    return found


def _sentences(engine: Engine, keys: Iterable[str]) -> dict[str, str]:
    """key → the row of a sentence with it, the newest."""
    rows = engine.query(SENTENCES, among("key", keys), ["id", "key", "added"])
    return {row["key"]: row["id"] for row in sorted(rows, key=lambda row: int(row["added"]))}


def _titles(engine: Engine, keys: Iterable[str]) -> dict[str, str]:
    """key → the first chunk of a document with a title of it, the newest."""
    where = f"{among('title_key', keys)} and chunks > 0"
    rows = engine.query(DOCUMENTS, where, ["id", "title_key", "added"])
    return {
        row["title_key"]: chunk_ids(number_of(row["id"]), 1)[0]
        for row in sorted(rows, key=lambda row: int(row["added"]))
    }
