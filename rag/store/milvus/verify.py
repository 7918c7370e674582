"""The invariants of a Milvus index, each checked against the documents' own rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from rag.store.milvus.candidates import View
from rag.store.milvus.engine import Row, slices
from rag.store.milvus.rows import (
    Head,
    Info,
    as_kept,
    chunk_ids,
    chunk_of,
    document_of,
    listed,
    number_of,
    sentence_ids,
)
from rag.store.milvus.state import entries
from rag.store.milvus.tables import CHUNKS, COUNTS, DOCUMENTS, SENTENCES, alive, complete
from rag.store.milvus.words import Word, count_in, counted, weighted
from rag.store.precision import Halves, whole
from rag.store.verify import untiled
from rag.types import Document

ANEW = "make a new one of the same files: rag index --index"
AT_ONCE = 50  # documents
COLUMNS = ("doc", "source", "language", "first", "last")  # that filters look at

Genuine = Callable[[Document, str], bool]


def verify(view: View, genuine: Genuine) -> Iterator[str]:
    """One line for each broken invariant, with its remedy."""
    check = _Check(view, genuine)
    fields = ["id", *COLUMNS, "info", "more_info", "body", "more_body"]
    rows = view.engine.walk(DOCUMENTS, alive(view.generation), fields)
    for some in slices(rows, AT_ONCE):
        yield from check.documents(some)
    yield from check.sums()


class _Check:
    def __init__(self, view: View, genuine: Genuine) -> None:
        self._view = view
        self._genuine = genuine
        self._terms = Counter[Word]()
        self._totals: dict[str, list[int]] = {}
        roots = {name for (name,), _ in entries(view.engine, "root", view.generation)}
        files = entries(view.engine, "file", view.generation)
        self._watched = {(name[0], name[1]) for name, _ in files if name[0] in roots}

    def documents(self, rows: Sequence[Row]) -> Iterator[str]:
        infos = complete(self._view.engine, rows, "info")
        bodies = complete(self._view.engine, rows, "body")
        known = {row["id"]: listed(infos[row["id"]]) for row in rows}
        ids = [each for n, info in known.items() for each in chunk_ids(number_of(n), info.chunks)]
        fields = ["id", "words", "sentences", *COLUMNS, "body", "more_body"]
        chunks = self._view.engine.get(CHUNKS, ids, fields)
        whole_bodies = complete(self._view.engine, list(chunks.values()), "body")
        wanted = [each for c in chunks.values() for each in sentence_ids(c["id"], c["sentences"])]
        sentences = self._view.engine.get(SENTENCES, wanted, ["id", "vector", *COLUMNS])
        for row in rows:
            info = known[row["id"]]
            document = document_of(infos[row["id"]], bodies[row["id"]])
            if not self._genuine(document, info.digest):
                yield self._told(info, "what is kept of it is not what was indexed")
            if (info.root, info.path) not in self._watched:
                yield (
                    f"{info.doc_id}: no sync watches the file of this document; "
                    f"run: rag index with that file, or rag remove {info.doc_id}"
                )
            own = [chunks.get(each) for each in chunk_ids(number_of(row["id"]), info.chunks)]
            there = [chunk for chunk in own if chunk is not None]
            if len(there) < len(own):
                yield self._told(info, f"{len(own) - len(there)} of its chunks are not there")
            if any(_columns(chunk) != _columns(row) for chunk in there):
                yield self._told(info, "filters see a chunk of it otherwise than the document")
            heads = [chunk_of(whole_bodies[chunk["id"]], self._view.dim) for chunk in there]
            yield from self._tiles(info, document, [head for head, _ in heads])
            for chunk, (head, vectors) in zip(there, heads, strict=True):
                yield from self._chunk(info, chunk, head, vectors, sentences)

    def _tiles(self, info: Info, document: Document, heads: Sequence[Head]) -> Iterator[str]:
        """Chunks tile their document's text, sentences tile their chunk."""
        text = document.text
        spans = [(head.start, head.end) for head in heads]
        if gap := untiled(text, 0, len(text), spans):
            yield self._told(info, f"{gap} of the text is in no chunk or in two")
        for head in heads:
            inner = list(zip(*head.spans, strict=True))
            if gap := untiled(text, head.start, head.end, inner):
                yield self._told(info, f"{gap} of a chunk is in no sentence or in two")

    def _chunk(
        self, info: Info, chunk: Row, head: Head, vectors: Halves, sentences: Mapping[str, Row]
    ) -> Iterator[str]:
        terms = Counter(head.terms.split(" ")) if head.terms else Counter[str]()
        self._terms.update((info.language, term) for term in terms)
        own = [sentences.get(each) for each in sentence_ids(chunk["id"], chunk["sentences"])]
        totals = self._totals.setdefault(info.language, [0, 0])
        self._totals[info.language] = [totals[0] + 1, totals[1] + len(own)]
        if dict(chunk["words"]) != _as_single(weighted(info.language, terms)):
            yield self._told(info, "other words are indexed than it has")
        floats = whole(vectors)
        if any(abs(float(vector @ vector) - 1) > 1e-3 for vector in floats):
            yield self._told(info, "a sentence or its title has no unit vector")
        if len(own) != len(head.spans[0]) or len(vectors) != len(own) + 1:
            yield self._told(info, "a sentence of it or its vector is not there")
            return
        for sentence, vector in zip(own, floats[1:], strict=True):
            if sentence is None:
                yield self._told(info, "a sentence of it is not searched")
            elif not np.array_equal(as_kept(np.asarray(sentence["vector"])), vector):
                yield self._told(info, "a sentence of it is searched by another vector")
            elif _columns(sentence) != _columns(chunk):
                yield self._told(info, "filters see a sentence of it otherwise than the document")

    def sums(self) -> Iterator[str]:
        """There are no more rows than those of the documents, and words are counted right."""
        view = self._view
        for number, table in ((1, CHUNKS), (2, SENTENCES)):
            there = view.engine.count(table, alive(view.generation))
            if there != sum(own[number - 1] for own in self._totals.values()):
                yield self._wrong(f"{table} of no document are searched")
        told = {name: [own[1], own[2]] for name, own in view.totals.items()}
        if told != self._totals:
            yield self._wrong(f"the head tells of {told} chunks and sentences: {self._totals}")
        names = {counted(word): count for word, count in self._terms.items()}
        rows = view.engine.get(COUNTS, names, ["id", "body"])
        wrong = sum(
            name not in rows or count_in(rows[name]["body"], view.generation) != count
            for name, count in names.items()
        )
        if wrong:
            yield self._wrong(f"{wrong} words are counted wrongly")

    def _told(self, info: Info, wrong: str) -> str:
        return f"{info.doc_id}: {wrong}; the index is damaged, {ANEW} {self._view.engine.address}-2"

    def _wrong(self, wrong: str) -> str:
        address = self._view.engine.address
        return f"{address}: {wrong}; the index is damaged, {ANEW} {address}-2"


def _columns(row: Row) -> list[object]:
    return [row[name] for name in COLUMNS]


def _as_single(words: Mapping[int, float]) -> dict[int, float]:
    """At the precision of sparse vectors."""
    return {place: float(np.float32(weight)) for place, weight in words.items()}
