"""Candidates made by hand, for the tests of features and of their fusion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.store import Candidate, Candidates
from rag.types import Chunk, Period, Span, Vectors

DIM = 8


def unit(seed: int) -> Vectors:
    """A random unit vector that is always the same for a seed."""
    vector = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def toward(cosine: float) -> Vectors:
    """A unit vector with this cosine to the first axis."""
    rest = np.eye(1, DIM, 1, dtype=np.float32)[0] * np.sqrt(1 - cosine**2)
    return np.asarray(np.eye(1, DIM, dtype=np.float32)[0] * cosine + rest, np.float32)


def candidate(
    vectors: Sequence[Vectors],
    *,
    lengths: Sequence[int] = (),
    title: Vectors | None = None,
    language: str = "de",
    shared: float = 0.0,
    published: Period | None = None,
    doc_id: str = "a",
) -> Candidate:
    """A sentence a vector, of 80 characters where nothing is said."""
    spans, at = [], 0
    for length in lengths or [80] * len(vectors):
        spans.append(Span(at, at + length))
        at += length + 1
    return Candidate(
        chunk=Chunk(f"{doc_id}#0", doc_id, Span(0, at - 1), tuple(spans)),
        language=language,
        published=published,
        signature=b"",
        vectors=np.stack(vectors),
        title=np.zeros(DIM, np.float32) if title is None else title,
        shared=shared,
        dense_rank=1,
        lexical_rank=None,
    )


def together(*found: Candidate) -> Candidates:
    """The same as columns, as a store gives them."""
    sizes = [len(each.vectors) for each in found]
    chunks = [each.chunk for each in found]
    places = [(int(c.chunk_id.rpartition("#")[2]), c.span.start, c.span.end) for c in chunks]
    spans = [(span.start, span.end) for chunk in chunks for span in chunk.sentences]
    return Candidates(
        doc_ids=[chunk.doc_id for chunk in chunks],
        languages=[each.language for each in found],
        published=[each.published for each in found],
        signatures=[each.signature for each in found],
        chunks=np.array(places, np.int64).T,
        spans=np.array(spans, np.int64).T,
        first=np.cumsum([0, *sizes]),
        vectors=np.concatenate([each.vectors for each in found]),
        titles=np.stack([each.title for each in found]),
        shared=np.array([each.shared for each in found], np.float32),
        dense_ranks=[each.dense_rank for each in found],
        lexical_ranks=[each.lexical_rank for each in found],
    )
