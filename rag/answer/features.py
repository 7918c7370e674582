"""What is known of each sentence of the evidence, as numbers that the reader weighs.

The sentences stand in *runs*: neighbours in one article, in its order. A cosine is told beside the
best of all the evidence, since its height alone says little. Nearness is told twice: to the
question as search reads it, and (`answer, ...`) as the adapter reads it for its answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.answer.signs import signs
from rag.answer.wording import form, repeated, shared_names, shared_words
from rag.search.query import Query
from rag.types import Evidence, Vectors

Matrix = NDArray[np.float32]
Ints = NDArray[np.int_]

FAR = 20  # sentences: what is further away counts as this far
NEAREST = 3
WINDOWS = {
    "three around": (1, 1),
    "five around": (2, 2),
    "three before": (2, 0),
    "three after": (0, 2),
}
_NONE = -0.2  # below the best cosine: where there is no heading


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Of `n` sentences in the order of `order`, which numbers those of the evidence.

    `features` is (n, len(names)); `products` is (n, dim), the element-wise product of each vector
    with the question's, whose sum is the cosine; `runs` are half-open ranges of rows.
    """

    order: Ints
    features: Matrix
    products: Matrix
    runs: tuple[tuple[int, int], ...]
    names: tuple[str, ...]


def inputs(query: Query, evidence: Evidence) -> Inputs:
    """The features of every sentence. The evidence must hold one."""
    order, runs = _runs(evidence)
    vectors = evidence.sentence_vectors[order]
    sentences = [evidence.sentences[number] for number in order.tolist()]
    hits = [evidence.hits[sentence.hit] for sentence in sentences]
    texts = [s.span.of(h.document.text) for s, h in zip(sentences, hits, strict=True)]
    question = evidence.query_vector
    if evidence.question_vector is not None:
        question = evidence.question_vector
    products = vectors * question
    around = _around(vectors, runs)
    answering = _nearness(products.sum(axis=1), vectors, around, question)
    columns: dict[str, ArrayLike] = {f"answer, {name}": each for name, each in answering.items()}
    cosines = np.einsum("nd,d->n", vectors, evidence.query_vector)
    columns |= _nearness(cosines, vectors, around, evidence.query_vector)
    columns["to run"] = (vectors * around["run"]).sum(axis=1)
    languages = [hit.document.language for hit in hits]
    shared, words = shared_words(query, texts, languages, runs)
    columns |= words
    columns |= shared_names(query, sentences, texts, evidence)
    columns |= form(query, texts)
    columns |= _headings(texts, cosines, shared, vectors, runs)
    columns |= _places(runs, len(texts))
    columns["repeated"] = repeated(texts)
    columns["same language"] = [language == query.language for language in languages]
    columns["german"] = [language == "de" for language in languages]
    columns |= _passages(evidence, [sentence.hit for sentence in sentences])
    matrix = np.empty((len(texts), len(columns)), np.float32)
    for number, column in enumerate(columns.values()):
        matrix[:, number] = column
    return Inputs(order, matrix, products, runs, tuple(columns))


def _runs(evidence: Evidence) -> tuple[Ints, tuple[tuple[int, int], ...]]:
    """The sentences by article and place, and where neighbours end."""

    def place(hit: int) -> tuple[str, int]:
        doc_id, _, position = evidence.hits[hit].chunk.chunk_id.rpartition("#")
        return doc_id, int(position)

    places = [place(hit) for hit in range(len(evidence.hits))]
    keys = [(*places[s.hit], s.span.start, s.span.end) for s in evidence.sentences]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    starts = [0]
    for row, (one, other) in enumerate(pairwise(keys[number] for number in order), 1):
        if one[0] != other[0] or other[1] - one[1] > 1:
            starts.append(row)
    return np.array(order, np.int_), tuple(pairwise([*starts, len(order)]))


def _around(vectors: Vectors, runs: Sequence[tuple[int, int]]) -> dict[str, NDArray[np.float64]]:
    """Of each sentence the (n, dim) unit mean of each window around it, and of its whole run."""
    totals = np.concatenate([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, 0, np.float64)])
    bounds = np.repeat(np.array(runs), [end - start for start, end in runs], axis=0)
    rows = np.arange(len(vectors))
    sums = {"run": totals[bounds[:, 1]] - totals[bounds[:, 0]]}
    for name, (before, after) in WINDOWS.items():
        first = np.maximum(bounds[:, 0], rows - before)
        last = np.minimum(bounds[:, 1], rows + after + 1)
        sums[name] = totals[last] - totals[first]
    lengths = {name: np.linalg.norm(each, axis=1, keepdims=True) for name, each in sums.items()}
    return {name: each / np.maximum(lengths[name], 1e-9) for name, each in sums.items()}


def _nearness(
    cosines: Vectors,
    vectors: Vectors,
    around: Mapping[str, NDArray[np.float64]],
    query: Vectors,
) -> dict[str, ArrayLike]:
    count = len(cosines)
    ranked = np.argsort(-cosines, kind="stable")
    ranks = np.empty(count)
    ranks[ranked] = np.arange(count)
    best = cosines[ranked]
    top, middle = best[0], float(np.median(cosines))
    columns: dict[str, ArrayLike] = {
        "cosine": cosines,
        "below best": cosines - top,
        "spread": (cosines - cosines.mean()) / (cosines.std() + 0.01),
        "rank": np.log1p(ranks),
        "to best": np.einsum("nd,d->n", vectors, vectors[ranked[0]]),
        "to best three": np.einsum("nd,kd->nk", vectors, vectors[ranked[:NEAREST]]).mean(axis=1),
    }
    for name, rows in around.items():
        near = np.einsum("nd,d->n", rows, query)
        columns[name] = near
        if name in WINDOWS:
            columns[f"{name}, below best"] = near - near.max()
    columns["best"] = np.full(count, top)
    columns["second"] = np.full(count, best[min(1, count - 1)] - top)
    columns["best five"] = np.full(count, best[:5].mean() - top)
    columns["middle"] = np.full(count, middle - top)
    return columns


def _headings(
    texts: Sequence[str],
    cosines: Vectors,
    shared: NDArray[np.float64],
    vectors: Vectors,
    runs: Sequence[tuple[int, int]],
) -> dict[str, ArrayLike]:
    """How near the line is that a sentence stands under: any heading, and one that introduces."""
    top = float(cosines.max())
    rows = np.zeros((len(texts), 8))
    for start, end in runs:
        heading = opener = -1
        for row in range(start, end):
            sign = signs(texts[row])
            rows[row] = (_NONE, 0, FAR, 0, 0, _NONE, 0, FAR)
            if heading >= 0:
                above = signs(texts[heading])
                near = float(vectors[row] @ vectors[heading])
                far = min(FAR, row - heading)
                rows[row, :5] = (cosines[heading] - top, shared[heading], far, above.question, near)
            if opener >= 0:
                rows[row, 5:] = (cosines[opener] - top, shared[opener], min(FAR, row - opener))
            if sign.heading:
                heading = row
            if sign.question or sign.colon or texts[row].startswith("#"):
                opener = row
    names_ = (
        "heading, below best",
        "heading, words",
        "heading, distance",
        "heading, question",
        "to heading",
        "opener, below best",
        "opener, words",
        "opener, distance",
    )
    rows[:, [2, 7]] = np.log1p(rows[:, [2, 7]])
    return dict(zip(names_, rows.T, strict=True))


def _places(runs: Sequence[tuple[int, int]], count: int) -> dict[str, ArrayLike]:
    first, left = np.zeros(count), np.zeros(count)
    for start, end in runs:
        first[start:end] = np.arange(end - start)
        left[start:end] = np.arange(end - start)[::-1]
    return {
        "sentences before": np.log1p(first),
        "sentences after": np.log1p(left),
        "place": first / np.maximum(first + left, 1),
        "sentences": np.full(count, math.log1p(count)),
        "runs": np.full(count, math.log1p(len(runs))),
    }


def _passages(evidence: Evidence, hits: Sequence[int]) -> dict[str, ArrayLike]:
    scores = np.array([hit.score for hit in evidence.hits])
    ranks = np.log1p(np.arange(len(scores)))
    times = np.array([hit.features.get("time", 0.0) for hit in evidence.hits])
    articles = len({hit.chunk.doc_id for hit in evidence.hits})
    return {
        "passage": scores[list(hits)],
        "passage, below best": scores[list(hits)] - scores.max(),
        "passage rank": ranks[list(hits)],
        "time": times[list(hits)],
        "articles": np.full(len(hits), math.log1p(articles)),
    }
