"""The collections of an index, and what every row of them has.

A row carries the generation that added it and the one that removed it. What is longer than a field
may be stands in pieces: the first in its row, the others as rows of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged, RagError
from rag.store.milvus.engine import TIMEOUT, Engine, Row
from rag.types import Filter

if TYPE_CHECKING:
    from pymilvus.milvus_client import IndexParams
    from pymilvus.orm.schema import CollectionSchema

NEVER = 1 << 60  # the generation that removes what lives
LOOSE = NEVER  # the one that adds a vector which no document uses yet: no reader sees it
LIMIT = 65_535  # bytes of a field
PIECE = 60_000  # of a text in ASCII that stand in one row
NONE = "added < 0"  # the condition that no row fulfils
METRIC = "IP"  # of unit vectors: their cosine
NOTHING = [0.0, 0.0]  # where a collection must have vectors and needs none

DOCUMENTS, CHUNKS, SENTENCES = "documents", "chunks", "sentences"
STATE, COUNTS, LOCK = "state", "counts", "lock"
FILTERED = ("doc", "source")
MEANING = ("added", "removed")  # the generations
READ = (DOCUMENTS, CHUNKS, SENTENCES, STATE)  # whose rows have generations
TABLES = (*READ, COUNTS, LOCK)


def create(engine: Engine, dim: int) -> None:
    """Make the collections that are missing."""
    for table in TABLES:
        if engine.has(table):
            continue
        try:
            _make(engine, table, dim)
        except RagError:
            if not engine.has(table):  # else another process was quicker
                raise


def _make(engine: Engine, table: str, dim: int) -> None:
    """An empty collection, loaded. An index of nothing is made at once, so nobody waits for it."""
    schema, indexes = _schema(engine, table, dim)
    name, client = engine.name(table), engine.client
    with engine.told():
        client.create_collection(
            name,
            schema=schema,
            consistency_level="Strong",
            num_shards=engine.address.shards if table in (CHUNKS, SENTENCES) else 1,
            timeout=TIMEOUT,
        )
        client.create_index(name, indexes, timeout=TIMEOUT, sync=False)
    engine.load(table)


def load(engine: Engine) -> None:
    """Have the collections in memory, where they are not."""
    from pymilvus.client.types import LoadState

    for table in TABLES:
        with engine.told():
            state = engine.client.get_load_state(engine.name(table), timeout=TIMEOUT)
        if state["state"] != LoadState.Loaded:
            engine.load(table)


def _schema(engine: Engine, table: str, dim: int) -> tuple[CollectionSchema, IndexParams]:
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    indexes = MilvusClient.prepare_index_params()

    def texts(*names: str) -> None:
        for name in names:
            schema.add_field(name, DataType.VARCHAR, max_length=LIMIT)

    def numbers(*names: str) -> None:
        for name in names:
            schema.add_field(name, DataType.INT64)

    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=LIMIT)
    if table in (CHUNKS, COUNTS):
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    else:
        wide, index = (dim, engine.address.index) if table == SENTENCES else (2, "FLAT")
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=wide)
        indexes.add_index("vector", index_type=index, metric_type=METRIC)
    if table in (DOCUMENTS, CHUNKS, SENTENCES):
        texts(*FILTERED)
        numbers("language", "first", "last")
    if table in READ:
        numbers(*MEANING)
    match table:
        case "documents":
            texts("file", "title_key", "info", "body")
            numbers("chunks", "more_info", "more_body")
        case "chunks":
            texts("body")
            numbers("sentences", "more_body")
        case "sentences":
            texts("key")
        case "state":
            texts("kind", "part", "name", "body")
            numbers("more_body")
        case "counts":
            texts("term", "body")
            numbers("newest")
        case _:
            texts("holder")
            numbers("since", "until")
    return schema, indexes


def hashed(*texts: str) -> str:
    """What stands for a text in a condition: letters and digits only, always as many."""
    joined = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=16).hexdigest()


def numbered(text: str) -> int:
    """As `hashed`, a number, which every search compares quickly; for a few texts in all."""
    return int(hashed(text)[:15], 16)


def among(field: str, values: Iterable[str]) -> str:
    """The condition that a field has one of these values, which are plain."""
    quoted = ", ".join(f'"{value}"' for value in values)
    return f"{field} in [{quoted}]" if quoted else NONE


def alive(generation: int) -> str:
    return f"added <= {generation} and removed > {generation}"


def condition(generation: int, permitted: Filter) -> str:
    """`Filter.permits` in a generation."""
    parts = [alive(generation)]
    if permitted.doc_ids is not None:
        parts.append(among("doc", sorted(map(hashed, permitted.doc_ids))))
    if permitted.sources is not None:
        parts.append(among("source", sorted(map(hashed, permitted.sources))))
    if permitted.languages is not None:
        languages = sorted(map(numbered, permitted.languages))
        parts.append(f"language in {languages}" if languages else NONE)
    if permitted.since is not None:
        parts.append(f"last >= {permitted.since.toordinal()}")
    if permitted.until is not None:
        parts.append(f"first <= {permitted.until.toordinal()} and last > 0")
    return " and ".join(parts)


def pieces(row: Row, field: str, value: str) -> list[Row]:
    """Put `value`, which is ASCII, into a field of `row`; the rows of what has no room there."""
    parts = [value[start : start + PIECE] for start in range(0, len(value), PIECE)] or [""]
    row[field], row[f"more_{field}"] = parts[0], len(parts) - 1
    return [
        {
            "id": name,
            "vector": NOTHING,
            "kind": "piece",
            "part": "",
            "name": "",
            "body": part,
            "more_body": 0,
            "added": row["added"],
            "removed": row["removed"],
        }
        for name, part in zip(piece_ids(row, field), parts[1:], strict=True)
    ]


def complete(engine: Engine, rows: Sequence[Row], field: str) -> dict[str, str]:
    """id → the whole value of a field, of rows that were read with `field` and `more_field`.

    Raises IndexDamaged where a piece of one is lost.
    """
    names = [name for row in rows for name in piece_ids(row, field)]
    rest = engine.known(STATE, names, ["id", "body"]) if names else {}
    if len(rest) < len(names):
        raise IndexDamaged(f"{engine.address}: a part of a text is lost; see: rag verify")
    return {
        row["id"]: row[field] + "".join(rest[name]["body"] for name in piece_ids(row, field))
        for row in rows
    }


def piece_ids(row: Row, field: str) -> list[str]:
    return [f"piece:{row['id']}:{field}:{n}" for n in range(1, row[f"more_{field}"] + 1)]
