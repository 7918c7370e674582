"""What an index holds as rows of JSON, and an index made of such rows.

Only the truth is in them: the caches are made anew. A document comes with the vectors that no
document before it used, so that nothing has to be embedded again.
"""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import IndexDamaged
from rag.store import Delta, FileState, Record, Root, Row, catalog, disk
from rag.store.local import LocalStore
from rag.store.precision import BYTES, read, whole
from rag.types import Chunk, Removed, Span, Vectors

OWN = {"format", "generation", "purged", "replaced", "loose"}  # settings of one index only
AT_ONCE = 10_000  # vectors in a commit

Bounds = tuple[int, int]

_CHUNKS = "SELECT row, start, end, terms FROM chunks WHERE document = ? ORDER BY position"
_SENTENCES = (
    "SELECT s.start, s.end, v.key, v.value FROM sentences s"
    " JOIN vectors v ON v.row = s.vector WHERE s.chunk = ? ORDER BY s.row"
)


def rows(connection: sqlite3.Connection) -> Iterator[Row]:
    """Everything of the newest generation, always in the same order."""
    settings = catalog.read_settings(connection)
    yield {"settings": {name: settings[name] for name in sorted(settings.keys() - OWN)}}
    for root in catalog.read_roots(connection):
        yield {"root": [root.name, root.path, root.whole]}
    for values in connection.execute("SELECT * FROM files ORDER BY root, path"):
        yield {"file": [*values[:-1], json.loads(values[-1])]}
    for (doc_id,) in connection.execute("SELECT doc_id FROM excluded ORDER BY doc_id"):
        yield {"excluded": doc_id}
    documents = connection.execute("SELECT row FROM documents WHERE removed IS NULL ORDER BY row")
    known: set[bytes] = set()  # vectors that were given
    for (row,) in documents.fetchall():
        yield {"document": document(*_stored(connection, row), known)}


def _stored(connection: sqlite3.Connection, row: int) -> tuple[Record, dict[bytes, bytes]]:
    """As it was given, with its vectors as they are kept."""
    names = f"{catalog.DOCUMENT}, root, path, digest, removed_blocks, title_key, signature"
    query = f"SELECT {names} FROM documents WHERE row = ?"
    *columns, root, path, digest, removed, title_key, signature = connection.execute(
        query, (row,)
    ).fetchone()
    found = catalog.document(tuple(columns))
    query = "SELECT key, value FROM vectors WHERE key = ?"
    own: dict[bytes, bytes] = dict(connection.execute(query, (title_key,)))
    chunks, terms, keys = [], [], []
    for position, (chunk, start, end, words) in enumerate(connection.execute(_CHUNKS, (row,))):
        sentences = connection.execute(_SENTENCES, (chunk,)).fetchall()
        own.update((key, value) for _, _, key, value in sentences)
        spans = [(first, last) for first, last, _, _ in sentences]
        chunks.append(_chunk(found.doc_id, position, (start, end), spans))
        terms.append(tuple(words.split()))
        keys.append(tuple(key for _, _, key, _ in sentences))
    record = Record(
        document=found,
        digest=digest,
        removed=catalog.removed_blocks(removed),
        chunks=tuple(chunks),
        terms=tuple(terms),
        keys=tuple(keys),
        title_key=title_key,
        signature=signature,
        root=root,
        path=path,
    )
    return record, own


def _chunk(doc_id: str, position: int, span: Bounds, sentences: Iterable[Bounds]) -> Chunk:
    spans = tuple(Span(*bounds) for bounds in sentences)
    return Chunk(f"{doc_id}#{position}", doc_id, Span(*span), spans)


def make(folder: Path, read_rows: Callable[[], Iterable[Row]]) -> None:
    """Make an index of such rows in `folder`, which must be empty or not there: whole or not at
    all.

    They are read twice, so that only a part of them is in memory. Raises RagError, and
    IndexDamaged where they agree with each other less than `verify` asks.
    """
    with disk.whole(folder) as temporary:
        head = list(itertools.takewhile(lambda row: "document" not in row, read_rows()))
        store = LocalStore.create(temporary, head[0]["settings"])
        with store.writer() as writer:
            for batch in _batches(read_rows()):
                writer.apply(Delta(vectors=batch))
            records = (record(row["document"]) for row in read_rows() if "document" in row)
            writer.apply(dataclasses.replace(beside(head), upsert=records))
            writer.publish()
        wrong = list(store.verify())
        store.close()
        if wrong:
            raise IndexDamaged(f"{folder}: not made, for it would be damaged ({wrong[0]})")


def beside(head: Sequence[Row]) -> Delta:
    """What the rows before the documents tell, without the settings."""
    return Delta(
        files=tuple(_file(row["file"]) for row in head if "file" in row),
        roots=tuple(Root(*row["root"]) for row in head if "root" in row),
        exclude=tuple(row["excluded"] for row in head if "excluded" in row),
    )


def _batches(rows: Iterable[Row]) -> Iterator[dict[bytes, Vectors]]:
    pairs = (pair for row in rows if "document" in row for pair in vectors(row["document"]).items())
    while batch := dict(itertools.islice(pairs, AT_ONCE)):
        yield batch


def vectors(row: Row) -> dict[bytes, Vectors]:
    """Those that came with a document."""
    return {bytes.fromhex(key): _vector(value) for key, value in row["vectors"].items()}


def _vector(value: str) -> Vectors:
    blob = base64.b64decode(value)
    vector: Vectors = whole(read(blob, len(blob) // BYTES))[0]
    return vector


def _file(values: list[Any]) -> FileState:
    root, path, signature, digest, skipped = values
    return FileState(root, path, signature, digest, tuple((a, b) for a, b in skipped))


def document(record: Record, own: Mapping[bytes, bytes], known: set[bytes]) -> Row:
    """What `record` and `vectors` read. Its `own` vectors come with it, but for the `known` ones.

    They are given as they are kept.
    """
    found, published = record.document, record.document.published
    new = {key: own[key] for key in own if key not in known}
    known.update(new)
    chunks = [
        {
            "span": [chunk.span.start, chunk.span.end],
            "terms": list(terms),
            "sentences": [
                [span.start, span.end, key.hex()]
                for span, key in zip(chunk.sentences, keys, strict=True)
            ],
        }
        for chunk, terms, keys in zip(record.chunks, record.terms, record.keys, strict=True)
    ]
    return {
        "doc_id": found.doc_id,
        "title": found.title,
        "source": found.source,
        "first": published and published.first.isoformat(),
        "last": published and published.last.isoformat(),
        "language": found.language,
        "url": found.url,
        "extra": dict(found.extra),
        "text": found.text,
        "root": record.root,
        "path": record.path,
        "digest": record.digest,
        "removed_blocks": [[block.text, block.reason] for block in record.removed],
        "title_key": record.title_key.hex() if record.title_key in own else "",
        "signature": record.signature.hex(),
        "chunks": chunks,
        "vectors": {
            key.hex(): base64.b64encode(vector).decode("ascii") for key, vector in new.items()
        },
    }


def record(row: Row) -> Record:
    columns = [row[name] for name in catalog.DOCUMENT.split(", ")]
    found = catalog.document((*columns[:7], json.dumps(row["extra"]), row["text"]))
    return Record(
        document=found,
        digest=row["digest"],
        removed=tuple(Removed(text, reason) for text, reason in row["removed_blocks"]),
        chunks=tuple(
            _chunk(found.doc_id, position, chunk["span"], [s[:2] for s in chunk["sentences"]])
            for position, chunk in enumerate(row["chunks"])
        ),
        terms=tuple(tuple(chunk["terms"]) for chunk in row["chunks"]),
        keys=tuple(
            tuple(bytes.fromhex(key) for _, _, key in chunk["sentences"]) for chunk in row["chunks"]
        ),
        title_key=bytes.fromhex(row["title_key"]),
        signature=bytes.fromhex(row["signature"]),
        root=row["root"],
        path=row["path"],
    )
