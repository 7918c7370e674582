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

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.search.query import Query
from rag.search.time import time_feature
from rag.store import Candidates
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
Numbers = NDArray[np.int64]


def features(
    candidates: Candidates,
    query: Query,
    vector: Vectors,
    drift: Vectors,
    text_of: Callable[[int], str],
) -> tuple[Matrix, Numbers]:
    """(candidates, features), and (candidates,) the number of the nearest sentence of each.

    `drift` is the direction from English to German questions, a unit vector or zero. `text_of`, of
    a candidate by its number, is called only where the question names a time.
    """
    if not len(candidates):
        return np.empty((0, len(FEATURES)), np.float32), np.empty(0, np.int64)
    starts, sizes = candidates.first[:-1], np.diff(candidates.first)
    cosines = products(candidates.vectors, vector)
    lengths = candidates.spans[1] - candidates.spans[0]
    counted = np.where(lengths < SHORT, cosines - SHORT_LOSS, cosines)
    best = np.maximum.reduceat(counted, starts)
    whole = pooled(candidates)
    foreign = np.array([each != query.language for each in candidates.languages], np.float32)
    _, start, end = candidates.chunks
    columns: dict[str, ArrayLike] = {
        "best sentence": best,
        "three best": _several(cosines, starts, sizes),
        "passage": products(whole, vector),
        "title": products(candidates.titles, vector),
        "shared words": candidates.shared * (1 - foreign),
        "other language": foreign,
        "foreign words": candidates.shared * foreign,
        "drift": products(whole, drift) * towards(query, candidates),
        "length": np.log(np.maximum(1, end - start)) / 10,
        "time": _times(candidates, query, text_of),
    }
    rows = np.empty((len(candidates), len(FEATURES)), np.float32)
    for number, name in enumerate(FEATURES):
        rows[:, number] = columns[name]
    return rows, _first_of(counted == np.repeat(best, sizes), sizes) - starts


def products(rows: Matrix, vector: Vectors) -> Vectors:
    """(n,) the product of each row with `vector`.

    Not by `@`: BLAS would wake a thread for every core, which then waits by spinning, and other
    questions need them.
    """
    return np.asarray(np.einsum("ij,j->i", rows, vector), np.float32)


def pooled(candidates: Candidates) -> Matrix:
    """(candidates, dim): the unit mean of each one's sentence vectors."""
    sums = np.empty(candidates.titles.shape, np.float32)
    edges = itertools.pairwise(candidates.first.tolist())
    for row, (start, end) in zip(sums, edges, strict=True):  # faster than numpy's `reduceat`
        np.add.reduce(candidates.vectors[start:end], axis=0, out=row)
    rows: Matrix = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return rows


def towards(query: Query, candidates: Candidates) -> Vectors:
    """(candidates,): 1 or -1 for the two directions between English and German, else 0."""
    signs = {("en", "de"): 1, ("de", "en"): -1}
    return np.array(
        [signs.get((query.language, each), 0) for each in candidates.languages], np.float32
    )


def _first_of(marked: NDArray[np.bool_], sizes: Numbers) -> Numbers:
    """(runs,) the place of the first mark in each run; each has one."""
    places = np.flatnonzero(marked)
    owners = np.repeat(np.arange(len(sizes)), sizes)[places]
    return places[np.flatnonzero(np.diff(owners, prepend=-1))]


def _several(cosines: Vectors, starts: Numbers, sizes: Numbers) -> Vectors:
    """The mean of the `SEVERAL` greatest of each run."""
    owner = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((-cosines, owner))
    rank = np.arange(len(cosines)) - np.repeat(starts, sizes)
    best = np.where(rank < SEVERAL, cosines[order], 0)
    means = np.add.reduceat(best, starts) / np.minimum(sizes, SEVERAL)
    return np.asarray(means, np.float32)


def _times(candidates: Candidates, query: Query, text_of: Callable[[int], str]) -> list[float]:
    named = query.time is not None and bool(query.time.named)
    return [
        time_feature(query.time, published, text_of(number) if named else "")
        for number, published in enumerate(candidates.published)
    ]
