"""Retriever: a question to the passages that may answer it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from rag.embed import Embedder
from rag.search.copies import Group, Passage, collapse
from rag.search.features import Matrix, Numbers, features
from rag.search.fusion import default_fusion, named
from rag.search.query import Query, analyse_question
from rag.store import Candidate, Candidates, Snapshot
from rag.types import (
    Chunk,
    DocumentInfo,
    Evidence,
    EvidenceSentence,
    Filter,
    Hit,
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


@dataclass(frozen=True, slots=True, eq=False)
class Pool(Sequence[Scored]):
    """The candidates for a question, in no order, with the columns of `Scored`."""

    candidates: Candidates
    features: Matrix
    contributions: Matrix
    nearest: Numbers

    def __len__(self) -> int:
        return len(self.candidates)

    @overload
    def __getitem__(self, number: int) -> Scored: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Scored]: ...

    def __getitem__(self, number: int | slice) -> Scored | Sequence[Scored]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        return Scored(
            self.candidates[number],
            self.features[number],
            self.contributions[number],
            int(self.nearest[number]),
        )


class Search:
    """One question in one generation of the store."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        question: str,
        permitted: Filter,
        *,
        to_read: bool = False,
    ) -> None:
        self._snapshot = snapshot
        self._permitted = permitted
        self._fusion = default_fusion()
        self._drift = self._fusion.drift_for(embedder.name, embedder.dim)
        self._document = functools.cache(snapshot.document)
        self.query = analyse_question(question, snapshot.languages())
        self.read: Vectors | None = None  # the question as it is read for its answer
        if to_read and embedder.adapted:
            (self.vector,), (self.read,) = embedder.embed_questions([self.query.text])
        else:
            (self.vector,) = embedder.embed_queries([self.query.text])

    def scored(self, n: int) -> Pool:
        """The union of the best `n` by vectors and by words."""
        found = self._snapshot.candidates(self.vector, self.query.terms, self._permitted, n)

        if self.query.time is not None and self.query.time.named:
            self._snapshot.expect(found.doc_ids)

        def text_of(number: int) -> str:
            (text,) = self._texts(found.chunk(number), whole=True)
            return text

        matrix, nearest = features(found, self.query, self.vector, self._drift, text_of)
        return Pool(found, matrix, self._fusion.contributions(matrix), nearest)

    def best(self, k: int) -> list[Group[Scored]]:
        """The best `k` that do not repeat better ones, best first, with their near-copies."""
        n = max(k, POOL)
        while True:
            pool = self.scored(n)
            groups = collapse(range(len(pool)), self._passages(pool), k)
            if len(groups) >= k or len(pool) < n:  # fewer than asked for: there are no more
                return [
                    Group(pool[group.shown], tuple(pool[copy] for copy in group.copies))
                    for group in groups
                ]
            n *= 2  # copies took places

    def hits(self, groups: Sequence[Group[Scored]]) -> tuple[Hit, ...]:
        self._snapshot.expect(group.shown.candidate.chunk.doc_id for group in groups)
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

    def _passages(self, pool: Pool) -> Callable[[int], Passage]:
        """What is compared of each candidate, by its number."""
        found, scores = pool.candidates, pool.contributions.sum(axis=1).tolist()
        openings = (found.chunks[1] == 0).tolist()

        def passage(number: int) -> Passage:
            return Passage(
                doc_id=found.doc_ids[number],
                score=scores[number],
                published=found.published[number],
                signature=found.signatures[number],
                opening=openings[number],
                sentences=lambda: self._texts(found.chunk(number)),
            )

        return passage

    def _texts(self, chunk: Chunk, *, whole: bool = False) -> list[str]:
        """The sentences of a chunk, or all of it."""
        text = self._document(chunk.doc_id).text
        return [span.of(text) for span in ([chunk.span] if whole else chunk.sentences)]


def retrieve(
    snapshot: Snapshot,
    embedder: Embedder,
    question: str,
    k: int,
    permitted: Filter,
    *,
    to_read: bool = False,
) -> tuple[Query, Evidence]:
    """The best `k` chunks with their sentences; all of a document if the filter names just one.

    With `to_read` also the question as it is read for its answer.
    """
    search = Search(snapshot, embedder, question, permitted, to_read=to_read)
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
        question_vector=search.read,
        documents=snapshot.counts().documents,
        permitted=snapshot.permitted(permitted),
        undated=snapshot.undated(permitted),
        degraded=snapshot.degraded,
        model=embedder.name,
        whole=whole,
    )
    return search.query, evidence
