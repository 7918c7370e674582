"""The invariants of a Milvus index, each checked against the documents' own rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from rag.store.milvus.candidates import View
from rag.store.milvus.engine import Row
from rag.store.milvus.kept import COLUMNS, Kept, Part, kept
from rag.store.milvus.rows import Head, Info, as_kept
from rag.store.milvus.state import entries
from rag.store.milvus.tables import CHUNKS, COUNTS, SENTENCES, alive
from rag.store.milvus.words import Word, count_in, counted, weighted
from rag.store.precision import whole
from rag.store.verify import REPAIR, untiled
from rag.types import Document

Genuine = Callable[[Document, str], bool]


def verify(view: View, genuine: Genuine) -> Iterator[str]:
    """One line for each broken invariant, with its remedy."""
    check = _Check(view)
    for doc_id, found in kept(view):
        if found is None:
            yield f"{doc_id}: cannot be read; {REPAIR}"
            continue
        for wrong in (*lacking(found, genuine), *check.derived(found)):
            yield f"{doc_id}: {wrong}; {REPAIR}"
        if not check.watched(found.info):
            yield (
                f"{doc_id}: no sync watches the file of this document; "
                f"run: rag index with that file, or rag remove {doc_id}"
            )
    for wrong in check.sums():
        yield f"{view.engine.address}: {wrong}; {REPAIR}"


def lacking(found: Kept, genuine: Genuine) -> Iterator[str]:
    """What is wrong with a document so that it cannot be saved."""
    if not genuine(found.document, found.info.digest):
        yield "what is kept of it is not what was indexed"
    yield from found.lost()
    yield from _gaps(found.document.text, [part.head for part in found.there])
    untitled = not found.row["title_key"]  # of an early format: nothing stands for its vector
    for part in found.there:
        vectors = whole(part.vectors[1:] if untitled else part.vectors)
        if any(abs(float(vector @ vector) - 1) > 1e-3 for vector in vectors):
            yield "a sentence or its title has no unit vector"


def _gaps(text: str, heads: Sequence[Head]) -> Iterator[str]:
    """Chunks tile their document's text, sentences tile their chunk."""
    if gap := untiled(text, 0, len(text), [(head.start, head.end) for head in heads]):
        yield f"{gap} of the text is in no chunk or in two"
    for head in heads:
        if gap := untiled(text, head.start, head.end, list(zip(*head.spans, strict=True))):
            yield f"{gap} of a chunk is in no sentence or in two"


class _Check:
    """What is made of the documents: it can be made anew of them."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._terms = Counter[Word]()
        self._totals: dict[str, list[int]] = {}
        roots = {name for (name,), _ in entries(view.engine, "root", view.generation)}
        files = entries(view.engine, "file", view.generation)
        self._watched = {(name[0], name[1]) for name, _ in files if name[0] in roots}

    def watched(self, info: Info) -> bool:
        return (info.root, info.path) in self._watched

    def derived(self, found: Kept) -> Iterator[str]:
        if any(_columns(part.row) != _columns(found.row) for part in found.there):
            yield "filters see a chunk of it otherwise than the document"
        for part in found.there:
            yield from self._part(found.info.language, part)

    def _part(self, language: str, part: Part) -> Iterator[str]:
        terms = Counter(part.head.terms.split(" ")) if part.head.terms else Counter[str]()
        self._terms.update((language, term) for term in terms)
        chunks, sentences = self._totals.setdefault(language, [0, 0])
        self._totals[language] = [chunks + 1, sentences + len(part.sentences)]
        if dict(part.row["words"]) != _as_single(weighted(language, terms)):
            yield "other words are indexed than it has"
        for sentence, vector in zip(part.sentences, whole(part.vectors)[1:], strict=False):
            if sentence is None:
                continue
            if not np.array_equal(as_kept(np.asarray(sentence["vector"])), vector):
                yield "a sentence of it is searched by another vector"
            elif _columns(sentence) != _columns(part.row):
                yield "filters see a sentence of it otherwise than the document"

    def sums(self) -> Iterator[str]:
        """There are no more rows than those of the documents, and words are counted right."""
        view = self._view
        for number, table in ((1, CHUNKS), (2, SENTENCES)):
            there = view.engine.count(table, alive(view.generation))
            if there != sum(own[number - 1] for own in self._totals.values()):
                yield f"{table} of no document are searched"
        told = {name: [own[1], own[2]] for name, own in view.totals.items()}
        if told != self._totals:
            yield f"the head tells of {told} chunks and sentences: {self._totals}"
        names = {counted(word): count for word, count in self._terms.items()}
        rows = view.engine.get(COUNTS, names, ["id", "body"])
        wrong = sum(
            name not in rows or count_in(rows[name]["body"], view.generation) != count
            for name, count in names.items()
        )
        if wrong:
            yield f"{wrong} words are counted wrongly"


def _columns(row: Row) -> list[object]:
    return [row[name] for name in COLUMNS]


def _as_single(words: Mapping[int, float]) -> dict[int, float]:
    """At the precision of sparse vectors."""
    return {place: float(np.float32(weight)) for place, weight in words.items()}
