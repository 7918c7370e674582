"""Whole documents as they are kept, with their chunks and sentences: to check them, or to copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.errors import IndexDamaged
from rag.store import Record
from rag.store.milvus.candidates import View
from rag.store.milvus.engine import Row, slices
from rag.store.milvus.rows import (
    Head,
    Info,
    chunk_ids,
    chunk_of,
    document_of,
    flat,
    listed,
    number_of,
    removed_of,
    sentence_ids,
)
from rag.store.milvus.tables import CHUNKS, DOCUMENTS, SENTENCES, alive, complete
from rag.store.precision import Halves
from rag.store.verify import REPAIR
from rag.types import Chunk, Document, Removed, Span

AT_ONCE = 50  # documents
COLUMNS = ("doc", "source", "language", "first", "last")  # that filters look at


class Part(NamedTuple):
    """A chunk: its row, what its body says, and the rows of its sentences, None for a lost one."""

    row: Row
    head: Head
    vectors: Halves  # of the title, then of each sentence
    sentences: list[Row | None]


class Kept(NamedTuple):
    """A document: its row, what its bodies say, and its chunks, None for a lost one."""

    row: Row
    info: Info
    document: Document
    removed: tuple[Removed, ...]
    parts: list[Part | None]

    @property
    def there(self) -> list[Part]:
        return [part for part in self.parts if part is not None]

    def lost(self) -> Iterator[str]:
        """What of it is not there."""
        if gone := self.parts.count(None):
            yield f"{gone} of its chunks are not there"
        for part in self.there:
            spans = len(part.head.spans[0])
            if len(part.sentences) != spans or len(part.vectors) != spans + 1:
                yield "a sentence of it or its vector is not there"
            elif None in part.sentences:
                yield "a sentence of it is not searched"

    def record(self) -> tuple[Record, dict[bytes, bytes]]:
        """As it was given, with its vectors as kept. Raises IndexDamaged where a part is lost."""
        if lost := next(self.lost(), None):
            raise IndexDamaged(f"{self.info.doc_id}: {lost}; {REPAIR}")
        parts = self.there
        title = bytes.fromhex(self.row["title_key"])
        keys = [[bytes.fromhex(row["key"]) for row in part.sentences if row] for part in parts]
        vectors = {
            key: vector.tobytes()
            for own, part in zip(keys, parts, strict=True)
            for key, vector in zip((title, *own), part.vectors, strict=True)
            if vector.any()  # a title may have none
        }
        record = Record(
            document=self.document,
            digest=self.info.digest,
            removed=self.removed,
            chunks=tuple(_chunk(n, part.head) for n, part in enumerate(parts)),
            terms=tuple(tuple(part.head.terms.split()) for part in parts),
            keys=tuple(map(tuple, keys)),
            title_key=title,
            signature=bytes.fromhex(parts[0].head.signature) if parts else b"",
            root=self.info.root,
            path=self.info.path,
        )
        return record, vectors


def kept(view: View) -> Iterator[tuple[str, Kept | None]]:
    """The id of each document of the generation with what is kept of it, None if it is garbled."""
    ids = view.engine.walk(DOCUMENTS, alive(view.generation), ["id"])
    for some in slices((row["id"] for row in ids), AT_ONCE):
        try:
            yield from _read(view, some)
        except (LookupError, TypeError, ValueError, IndexDamaged):
            for name in some:  # one by one, to find which
                yield from _alone(view, name)


def _alone(view: View, name: str) -> list[tuple[str, Kept | None]]:
    try:
        return _read(view, [name])
    except (LookupError, TypeError, ValueError, IndexDamaged):
        doc_id = bytes.fromhex(name.rpartition("-")[0]).decode("utf-8", "surrogatepass")
        return [(doc_id, None)]


def _read(view: View, names: Sequence[str]) -> list[tuple[str, Kept | None]]:
    engine = view.engine
    fields = ["id", *COLUMNS, "title_key", "info", "more_info", "body", "more_body"]
    rows = engine.get(DOCUMENTS, names, fields)
    infos = complete(engine, list(rows.values()), "info")
    bodies = complete(engine, list(rows.values()), "body")
    known = {name: listed(info) for name, info in infos.items()}
    ids = {name: chunk_ids(number_of(name), info.chunks) for name, info in known.items()}
    parts = _parts(view, flat(list(ids.values())))
    return [
        (
            known[name].doc_id,
            Kept(
                row,
                known[name],
                document_of(infos[name], bodies[name]),
                removed_of(bodies[name]),
                [parts.get(each) for each in ids[name]],
            ),
        )
        for name, row in rows.items()
    ]


def _parts(view: View, names: Sequence[str]) -> dict[str, Part]:
    """Those of these chunks that are there."""
    fields = ["id", "words", "sentences", *COLUMNS, "body", "more_body"]
    chunks = view.engine.get(CHUNKS, names, fields)
    bodies = complete(view.engine, list(chunks.values()), "body")
    wanted = {name: sentence_ids(name, chunk["sentences"]) for name, chunk in chunks.items()}
    fields = ["id", "vector", "key", *COLUMNS]
    sentences = view.engine.get(SENTENCES, flat(list(wanted.values())), fields)
    return {
        name: Part(
            chunk,
            *chunk_of(bodies[name], view.dim),
            [sentences.get(each) for each in wanted[name]],
        )
        for name, chunk in chunks.items()
    }


def _chunk(position: int, head: Head) -> Chunk:
    spans = tuple(Span(start, end) for start, end in zip(*head.spans, strict=True))
    return Chunk(f"{head.doc_id}#{position}", head.doc_id, Span(head.start, head.end), spans)
