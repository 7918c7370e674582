"""The candidates for a question: what vectors and terms find, with every feature exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.store import Candidates, Terms, pool
from rag.store.idf import weights_of
from rag.store.milvus.engine import Engine
from rag.store.milvus.memory import Memory
from rag.store.milvus.rows import Head, chunk_of, holder_of, period
from rag.store.milvus.state import Totals
from rag.store.milvus.tables import CHUNKS, SENTENCES, complete, condition
from rag.store.milvus.words import Words, asked
from rag.store.precision import Halves, whole
from rag.types import Filter, Vectors

Chunks = Memory[str, tuple[Head, Halves]]  # rows that were read, by their ids
Weights = dict[str, dict[str, float]]  # language → term → what it is worth

SENTENCES_PER_CHUNK = 1.5  # first guess of how many sentences to ask for to see n chunks


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One generation; `settings` and words that were met are remembered."""

    engine: Engine
    generation: int
    totals: Totals
    settings: dict[str, str]
    words: Words
    chunks: Chunks

    @property
    def dim(self) -> int:
        return int(self.settings["dim"])


def find(
    view: View, vector: Vectors, terms: Terms, permitted: Filter, n: int
) -> tuple[list[str], Candidates]:
    """The candidates of `Snapshot.candidates`, in the generation of `view`, and their rows' ids."""
    n = min(n, sum(chunks for _, chunks, _ in view.totals.values()))
    languages = [
        language
        for language in view.totals
        if permitted.languages is None or language in permitted.languages
    ]
    nearest = (_nearest(view, vector, permitted, n, language) for language in languages)
    dense = pool.best(dict(zip(languages, nearest, strict=True)), n)
    weights, lexical = _lexical(view, terms, permitted, n)
    dense_rank = {name: rank for rank, name in enumerate(dense, 1)}
    lexical_rank = {name: rank for rank, name in enumerate(lexical, 1)}
    names = [*dense_rank, *(name for name in lexical if name not in dense_rank)]
    heads, vectors = _chunks(view, names)
    first = np.cumsum([0, *(len(head.spans[0]) for head in heads)])
    spans = [np.array(head.spans, np.int64).reshape(2, -1) for head in heads]
    places = np.array(
        [(_position(name), h.start, h.end) for name, h in zip(names, heads, strict=True)], np.int64
    ).reshape(-1, 3)
    padded = [f" {head.terms} " for head in heads]
    return names, Candidates(
        doc_ids=[head.doc_id for head in heads],
        languages=[head.language for head in heads],
        published=[period(head.first, head.last) for head in heads],
        signatures=[bytes.fromhex(head.signature) for head in heads],
        chunks=places.T,
        spans=np.concatenate([np.empty((2, 0), np.int64), *spans], axis=1),
        first=first,
        vectors=_joined([own[1:] for own in vectors], view.dim),
        titles=_joined([own[:1] for own in vectors], view.dim),
        shared=pool.shared([head.language for head in heads], padded, weights),
        dense_ranks=[dense_rank.get(name) for name in names],
        lexical_ranks=[lexical_rank.get(name) for name in names],
    )


def _nearest(
    view: View, vector: Vectors, permitted: Filter, n: int, language: str
) -> list[tuple[float, str]]:
    """The best `n` chunks of a language by their nearest sentence, with its product."""
    only = replace(permitted, languages=frozenset({language}))
    where, wanted = condition(view.generation, only), int(n * SENTENCES_PER_CHUNK) + 1
    while n:
        hits = view.engine.search(SENTENCES, "vector", vector, where, wanted)
        best = dict[str, float]()
        for name, score, _ in hits:  # best first
            best.setdefault(holder_of(name), score)
        if len(best) >= n or len(hits) < wanted:  # Milvus gives fewer where there are no more
            return [(score, chunk) for chunk, score in best.items()][:n]
        wanted *= 4
    return []


def _lexical(view: View, terms: Terms, permitted: Filter, n: int) -> tuple[Weights, list[str]]:
    """The best `n` chunks by BM25 that have any of the words, and what these are worth."""
    weights = weights_of(view.words.readings(terms))
    if not (words := asked(weights)) or not n:
        return weights, []
    where = condition(view.generation, permitted)
    found = view.engine.search(CHUNKS, "words", words, where, n)
    return weights, [name for name, score, _ in found if score > 0]


def _chunks(view: View, names: Sequence[str]) -> tuple[list[Head], list[Halves]]:
    """What is known of these chunks, in their order."""

    def read(lacking: list[str]) -> dict[str, tuple[Head, Halves]]:
        rows = view.engine.known(CHUNKS, lacking, ["id", "body", "more_body"])
        bodies = complete(view.engine, list(rows.values()), "body")
        return {name: chunk_of(body, view.dim) for name, body in bodies.items()}

    known = view.chunks.get(names, read)
    found = [known[name] for name in names]
    return [head for head, _ in found], [vectors for _, vectors in found]


def _joined(parts: Sequence[Halves], dim: int) -> Vectors:
    return whole(np.concatenate([np.empty((0, dim), np.float16), *parts]))


def _position(chunk: str) -> int:
    return int(chunk.rpartition("-")[2])
