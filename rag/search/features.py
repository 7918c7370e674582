"""What is known of a candidate, as numbers that mean the same in a small index and in a large one.

best sentence   cosine of its nearest sentence; a short one, such as a heading, counts less
three best      mean cosine of its three nearest sentences
passage         cosine of its pooled vector, the mean of its sentences
title           cosine of its article's title
shared words    share of the question's words that it or the title holds, rare ones for more
other language  1 where question and passage are of two languages: such cosines are lower
foreign words   shared words where the languages differ: names, numbers, codes
drift           where the languages differ: how far it lies towards the question's language
length          logarithm of its characters: in a long passage some sentence is always near
time            how well its date, and the years that it names, fit the question
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.search.query import Query
from rag.search.time import time_feature
from rag.store import Candidate
from rag.types import Vectors

FEATURES = (
    "best sentence",
    "three best",
    "passage",
    "title",
    "shared words",
    "other language",
    "foreign words",
    "drift",
    "length",
    "time",
)
SHORT = 40  # characters of a sentence that says little by itself
SHORT_LOSS = 0.05  # of cosine
SEVERAL = 3

Matrix = NDArray[np.float32]


def features(
    candidates: Sequence[Candidate],
    query: Query,
    vector: Vectors,
    drift: Vectors,
    text_of: Callable[[Candidate], str],
) -> tuple[Matrix, list[int]]:
    """(candidates, features), and the number of the nearest sentence of each.

    `drift` is the direction from English to German questions, a unit vector or zero. `text_of` is
    called only where the question names a time.
    """
    sentences = np.concatenate([c.vectors for c in candidates])
    sizes = np.array([len(c.vectors) for c in candidates])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    cosines = sentences @ vector
    lengths = np.array([len(span) for c in candidates for span in c.chunk.sentences])
    counted = np.where(lengths < SHORT, cosines - SHORT_LOSS, cosines)
    whole = pooled(candidates)
    foreign = np.array([c.language != query.language for c in candidates], np.float32)
    shared = np.array([c.shared for c in candidates], np.float32)
    columns: dict[str, ArrayLike] = {
        "best sentence": np.maximum.reduceat(counted, starts),
        "three best": _several(cosines, starts, sizes),
        "passage": whole @ vector,
        "title": np.stack([c.title for c in candidates]) @ vector,
        "shared words": shared * (1 - foreign),
        "other language": foreign,
        "foreign words": shared * foreign,
        "drift": (whole @ drift) * towards(query, candidates),
        "length": np.log([max(1, len(c.chunk.span)) for c in candidates]) / 10,
        "time": _times(candidates, query, text_of),
    }
    nearest = [int(np.argmax(counted[s : s + n])) for s, n in zip(starts, sizes, strict=True)]
    rows = np.empty((len(candidates), len(FEATURES)), np.float32)
    for number, name in enumerate(FEATURES):
        rows[:, number] = columns[name]
    return rows, nearest


def pooled(candidates: Sequence[Candidate]) -> Matrix:
    """(candidates, dim): the unit mean of each one's sentence vectors."""
    sums = np.stack([c.vectors.sum(axis=0) for c in candidates])
    rows: Matrix = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return rows


def towards(query: Query, candidates: Sequence[Candidate]) -> Matrix:
    """(candidates,): 1 or -1 for the two directions between English and German, else 0."""
    signs = {("en", "de"): 1, ("de", "en"): -1}
    return np.array([signs.get((query.language, c.language), 0) for c in candidates], np.float32)


def _several(cosines: Vectors, starts: NDArray[np.int_], sizes: NDArray[np.int_]) -> Vectors:
    """The mean of the `SEVERAL` greatest of each run."""
    owner = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((-cosines, owner))
    rank = np.arange(len(cosines)) - np.repeat(starts, sizes)
    best = np.where(rank < SEVERAL, cosines[order], 0)
    means = np.add.reduceat(best, starts) / np.minimum(sizes, SEVERAL)
    return np.asarray(means, np.float32)


def _times(
    candidates: Sequence[Candidate], query: Query, text_of: Callable[[Candidate], str]
) -> list[float]:
    named = query.time is not None and bool(query.time.named)
    return [time_feature(query.time, c.published, text_of(c) if named else "") for c in candidates]
