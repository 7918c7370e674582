"""Retriever: a question to the passages that may answer it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.embed import Embedder
from rag.search.copies import Group, Passage, collapse
from rag.search.features import features
from rag.search.fusion import default_fusion, named
from rag.search.query import Query, analyse_question
from rag.store import Candidate, Snapshot
from rag.types import (
    Chunk,
    DocumentInfo,
    Evidence,
    EvidenceSentence,
    Filter,
    Hit,
    Span,
    Vectors,
)

POOL = 100  # candidates that each of the two searches contributes before fusion
WHOLE = 10_000  # chunks of a single document, when the filter names just one


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What a question became, and the hits with the features that ranked them."""

    query: Query
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A candidate with its features, what each adds to the score, and its nearest sentence."""

    candidate: Candidate
    features: Vectors
    contributions: Vectors
    nearest: int

    @property
    def score(self) -> float:
        return float(self.contributions.sum())


class Search:
    """One question in one generation of the store."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        question: str,
        permitted: Filter,
    ) -> None:
        self._snapshot = snapshot
        self._permitted = permitted
        self._fusion = default_fusion()
        self._drift = self._fusion.drift_for(embedder.name, embedder.dim)
        self._document = functools.cache(snapshot.document)
        self.query = analyse_question(question, snapshot.languages())
        self.vector: Vectors = embedder.embed_queries([self.query.text])[0]

    def scored(self, n: int) -> list[Scored]:
        """The union of the best `n` by vectors and by words, in no order."""
        pool = self._snapshot.candidates(self.vector, self.query.terms, self._permitted, n)
        if not pool:
            return []
        matrix, nearest = features(pool, self.query, self.vector, self._drift, self._text)
        rows = zip(pool, matrix, self._fusion.contributions(matrix), nearest, strict=True)
        return [Scored(*row) for row in rows]

    def best(self, k: int) -> list[Group[Scored]]:
        """The best `k` that do not repeat better ones, best first, with their near-copies."""
        n = max(k, POOL)
        while True:
            scored = self.scored(n)
            groups = collapse(scored, self._passage, k)
            if len(groups) >= k or len(scored) < n:  # fewer than asked for: there are no more
                return groups
            n *= 2  # copies took places

    def hits(self, groups: Sequence[Group[Scored]]) -> tuple[Hit, ...]:
        copies = {c.candidate.chunk.doc_id for group in groups for c in group.copies}
        infos = {
            info.doc_id: info
            for info in (self._snapshot.documents(Filter(frozenset(copies))) if copies else ())
        }
        return tuple(self._hit(group, infos) for group in groups)

    def _hit(self, group: Group[Scored], infos: dict[str, DocumentInfo]) -> Hit:
        found = group.shown
        candidate = found.candidate
        return Hit(
            chunk=candidate.chunk,
            document=self._document(candidate.chunk.doc_id),
            score=found.score,
            ranks={"dense": candidate.dense_rank, "lexical": candidate.lexical_rank},
            best=candidate.chunk.sentences[found.nearest],
            features=named(found.features),
            contributions=named(found.contributions),
            copies=tuple(infos[c.candidate.chunk.doc_id] for c in group.copies),
        )

    def _passage(self, scored: Scored) -> Passage:
        candidate = scored.candidate
        return Passage(
            doc_id=candidate.chunk.doc_id,
            score=scored.score,
            published=candidate.published,
            signature=candidate.signature,
            opening=candidate.chunk.span.start == 0,
            sentences=lambda: self._texts(candidate.chunk, candidate.chunk.sentences),
        )

    def _text(self, candidate: Candidate) -> str:
        (text,) = self._texts(candidate.chunk, [candidate.chunk.span])
        return text

    def _texts(self, chunk: Chunk, spans: Sequence[Span]) -> list[str]:
        text = self._document(chunk.doc_id).text
        return [span.of(text) for span in spans]


def retrieve(
    snapshot: Snapshot, embedder: Embedder, question: str, k: int, permitted: Filter
) -> tuple[Query, Evidence]:
    """The best `k` chunks with their sentences; all of a document if the filter names just one."""
    search = Search(snapshot, embedder, question, permitted)
    whole = permitted.doc_ids is not None and len(permitted.doc_ids) == 1
    if whole:
        k = WHOLE
    groups = search.best(k)
    hits = search.hits(groups)
    sentences = tuple(
        EvidenceSentence(number, span)
        for number, hit in enumerate(hits)
        for span in hit.chunk.sentences
    )
    empty = np.empty((0, embedder.dim), np.float32)
    evidence = Evidence(
        hits=hits,
        sentences=sentences,
        sentence_vectors=np.concatenate([empty, *(g.shown.candidate.vectors for g in groups)]),
        query_vector=search.vector,
        documents=snapshot.counts().documents,
        permitted=snapshot.permitted(permitted),
        undated=snapshot.undated(permitted),
        degraded=snapshot.degraded,
        model=embedder.name,
        whole=whole,
    )
    return search.query, evidence
