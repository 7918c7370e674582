"""Retriever: a question to the passages that may answer it."""

from __future__ import annotations

import numpy as np

from rag.embed import Embedder
from rag.search.fusion import score
from rag.search.query import Query, analyse_question
from rag.store import Candidate, Snapshot
from rag.types import Evidence, EvidenceSentence, Filter, Hit

POOL = 100  # candidates that each of the two searches contributes before fusion
WHOLE = 10_000  # chunks of a single document, when the filter names just one


def retrieve(
    snapshot: Snapshot, embedder: Embedder, question: str, k: int, permitted: Filter
) -> tuple[Query, Evidence]:
    """The best `k` chunks with their sentences; all of a document if the filter names just one."""
    query = analyse_question(question, snapshot.languages())
    vector = embedder.embed_queries([query.text])[0]
    if permitted.doc_ids is not None and len(permitted.doc_ids) == 1:
        k = WHOLE
    pool = snapshot.candidates(vector, query.terms, permitted, max(k, POOL))
    scored = [(score(c, vector, query.language), c) for c in pool]
    scored.sort(key=lambda pair: (-pair[0], pair[1].chunk.chunk_id))
    best = scored[:k]
    documents = {doc_id: snapshot.document(doc_id) for doc_id in {c.chunk.doc_id for _, c in best}}
    hits = tuple(
        Hit(
            chunk=c.chunk,
            document=documents[c.chunk.doc_id],
            score=points,
            ranks={"dense": c.dense_rank, "lexical": c.lexical_rank},
        )
        for points, c in best
    )
    sentences = tuple(
        EvidenceSentence(number, span)
        for number, hit in enumerate(hits)
        for span in hit.chunk.sentences
    )
    evidence = Evidence(
        hits=hits,
        sentences=sentences,
        sentence_vectors=_stack([c for _, c in best], embedder.dim),
        query_vector=vector,
        documents=snapshot.counts().documents,
        permitted=snapshot.permitted(permitted),
        undated=snapshot.undated(permitted),
        degraded=snapshot.degraded,
    )
    return query, evidence


def _stack(
    candidates: list[Candidate], dim: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    empty = np.empty((0, dim), np.float32)
    return np.concatenate([empty, *(c.vectors for c in candidates)])
