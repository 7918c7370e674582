"""Documents as rows of Milvus, and rows as documents.

A chunk's row has all that a question needs of it: its document's head, its terms, its sentences and
their vectors. So a question reads each chunk once, and nothing is joined.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

import numpy as np

from rag.errors import RagError
from rag.store import Record
from rag.store.milvus.engine import Row
from rag.store.milvus.tables import (
    CHUNKS,
    DOCUMENTS,
    NEVER,
    NOTHING,
    SENTENCES,
    STATE,
    hashed,
    numbered,
    pieces,
)
from rag.store.milvus.words import weighted
from rag.store.precision import Halves, halved, read, whole
from rag.types import Document, DocumentInfo, Period, Removed, Vectors

LONGEST_ID = 30_000  # bytes of a document's id: with it begins its row's, which orders the lists

T = TypeVar("T")


class Info(NamedTuple):
    """What is known of a document without its text; in this order in its row."""

    doc_id: str
    title: str
    source: str | None
    first: int  # day, 0 if unknown
    last: int
    language: str
    url: str | None
    characters: int
    chunks: int
    root: str
    path: str
    digest: str

    def shown(self) -> DocumentInfo:
        published = period(self.first, self.last)
        d, title, source, _, _, language, url, characters, chunks, *_ = self
        return DocumentInfo(d, title, source, published, language, url, characters, chunks)


class Head(NamedTuple):
    """What a chunk's row says beside its vectors; in this order there."""

    doc_id: str
    language: str
    first: int
    last: int
    signature: str  # hexadecimal
    start: int
    end: int
    spans: list[list[int]]  # starts and ends of the sentences
    terms: str  # separated by blanks


def listed(info: str) -> Info:
    return Info(*json.loads(info))


def info_of(record: Record) -> Info:
    d = record.document
    return Info(
        *(d.doc_id, d.title, d.source, *_days(d.published), d.language, d.url, len(d.text)),
        *(len(record.chunks), record.root, record.path, record.digest),
    )


def document_of(info: str, body: str) -> Document:
    known, (text, extra, _) = listed(info), json.loads(body)
    d, title, source, first, last, language, url, *_ = known
    return Document(d, text, title, source, period(first, last), language, url, extra)


def removed_of(body: str) -> tuple[Removed, ...]:
    return tuple(Removed(text, reason) for text, reason in json.loads(body)[2])


def chunk_of(body: str, dim: int) -> tuple[Head, Halves]:
    """What a chunk's body says, and the vectors of the title and of each sentence."""
    head, _, vectors = body.partition("\n")
    return Head(*json.loads(head)), read(base64.b64decode(vectors), dim)


def period(first: int, last: int) -> Period | None:
    return Period(date.fromordinal(first), date.fromordinal(last)) if last else None


def _days(published: Period | None) -> tuple[int, int]:
    return (published.first.toordinal(), published.last.toordinal()) if published else (0, 0)


def before_row(doc_id: str) -> str:
    """What the ids of a document's rows begin with, ordered as the documents' ids are."""
    return f"{doc_id.encode('utf-8', 'surrogatepass').hex()}-"


def number_of(row: str) -> str:
    """What the ids of chunks of a document's row begin with: the row's own number."""
    return row.rpartition("-")[2]


def chunk_ids(number: str, chunks: int) -> list[str]:
    return [f"{number}-{position}" for position in range(chunks)]


def sentence_ids(chunk: str, sentences: int) -> list[str]:
    return [f"{chunk}-{position}" for position in range(sentences)]


def holder_of(name: str) -> str:
    """Of a sentence's id its chunk's, of a chunk's its document's number."""
    return name.rpartition("-")[0]


def flat(parts: Sequence[Sequence[T]]) -> list[T]:
    return [thing for part in parts for thing in part]


def as_kept(vector: Vectors) -> Vectors:
    """At stored precision."""
    kept: Vectors = whole(read(halved(vector), len(vector)))[0]
    return kept


def rows_of(
    record: Record, number: str, new: int, vectors: Mapping[bytes, Vectors], dim: int
) -> dict[str, list[Row]]:
    """table → the rows of a document that generation `new` adds; `number` is its own there."""
    document = record.document
    if len(before_row(document.doc_id)) > 2 * LONGEST_ID:
        raise RagError(
            f"{document.doc_id[:50]}…: an id of more than {LONGEST_ID} bytes, for which Milvus has "
            "no room; give the document a shorter one"
        )
    first, last = _days(document.published)
    common: Row = {
        "doc": hashed(document.doc_id),
        "source": "" if document.source is None else hashed(document.source),
        "language": numbered(document.language),
        "first": first,
        "last": last,
        "added": new,
        "removed": NEVER,
    }
    removed = [(block.text, block.reason) for block in record.removed]
    whole_row: Row = {
        "id": f"{before_row(document.doc_id)}{number}",
        "vector": NOTHING,
        "file": hashed(record.root, record.path),
        "title_key": record.title_key.hex(),
        "chunks": len(record.chunks),
        **common,
    }
    rest = pieces(whole_row, "info", json.dumps(info_of(record)))
    rest += pieces(whole_row, "body", json.dumps([document.text, dict(document.extra), removed]))
    tables = {STATE: rest, SENTENCES: list[Row](), CHUNKS: list[Row](), DOCUMENTS: [whole_row]}
    lost = np.zeros(dim, np.float32)
    for position, name in enumerate(chunk_ids(number, len(record.chunks))):
        keys = record.keys[position]
        own = [vectors.get(key, lost) for key in keys]
        body = _chunk_body(record, position, [vectors.get(record.title_key, lost), *own])
        words = weighted(document.language, Counter(record.terms[position]))
        row: Row = {"id": name, "words": words, "sentences": len(own), **common}
        tables[STATE] += pieces(row, "body", body)
        tables[CHUNKS].append(row)
        tables[SENTENCES] += [
            {"id": each, "vector": as_kept(vector), "key": key.hex(), **common}
            for each, vector, key in zip(sentence_ids(name, len(own)), own, keys, strict=True)
        ]
    return tables


def _chunk_body(record: Record, position: int, vectors: Sequence[Vectors]) -> str:
    chunk, document = record.chunks[position], record.document
    head = Head(
        document.doc_id,
        document.language,
        *_days(document.published),
        record.signature.hex(),
        chunk.span.start,
        chunk.span.end,
        [[s.start for s in chunk.sentences], [s.end for s in chunk.sentences]],
        " ".join(record.terms[position]),
    )
    kept = base64.b64encode(b"".join(map(halved, vectors))).decode()
    return f"{json.dumps(head)}\n{kept}"
