"""Teaches the extractive reader: what it learns from what, and how.

Three steps, each from the ones before: `sentence` maximises the likelihood of the right sentences
under a softmax over all of the evidence; `member` and `answered` tell the odds of being right. All
but one are small networks. They learn from OMoS-QA's train part, from XQuAD-R and from the invented
collections of `training/`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eval.folds import deal
from eval.network import Recipe, fit_logistic, fit_ranking
from eval.readings import Reading
from rag.answer.model import (
    Linear,
    Lines,
    Model,
    Sum,
    agreements,
    evidence_columns,
    score_columns,
    sentence_columns,
)
from rag.answer.network import Network

Floats = NDArray[np.float64]

INNER = 3  # of these, for what is learned from what was learned
# Weight of each set.
TEACH_SENTENCE = {
    "news": 3.0,
    "detail": 3.0,
    "XQuAD": 3.0,
    "OMoS open": 1.0,
    "OMoS page": 1.0,
    "advice page": 1.0,
}
TEACH_MEMBER = {"OMoS page": 1.0, "advice page": 0.5, "XQuAD page": 0.3}
TEACH = {  # whether anything answers
    "page": {"OMoS page": 1.0},
    "search": {
        "news": 1.0,
        "detail": 0.3,
        "twin": 0.3,
        "advice": 0.5,
        "XQuAD": 1.0,
        "XQuAD without": 0.1,
        "XQuAD swapped": 0.15,
        "foreign": 0.02,
    },
}
RANKING = Recipe(hidden=64, epochs=12, decay=0.1, dropout=0.4)
MEMBER = Recipe(hidden=32, epochs=6, decay=0.1, dropout=0.3, batch=2048)
SEARCH = Recipe(hidden=16, epochs=20, decay=0.1, dropout=0.3, several=3)
SHRINK_PAGE = 0.02  # inverse of the penalty, as sklearn has it
AGREEMENT = 0.4  # freedom of the weights of the agreement, of which there are many


def fit(readings: Sequence[Reading], embedder: str = "") -> Model:
    """All three steps from these readings, whose vectors are those of the model `embedder`.

    Whether anything answers is learned from lines as weights judged them that had not seen their
    articles: of what they have seen they are too sure.
    """
    lines = _fit_lines(readings, embedder)
    judged: dict[int, Lines] = {}
    fold = deal((r.group for r in readings), INNER)
    for number in range(INNER):
        others = _fit_lines([r for r in readings if fold[r.group] != number], embedder)
        judged |= {id(r): others.lines(r.inputs) for r in readings if fold[r.group] == number}
    page, agreement = _fit_page(readings, judged)
    search = _fit_search(readings, judged)
    return replace(lines, answered={"search": search, "page": page}, agreement=agreement)


def _fit_lines(readings: Sequence[Reading], embedder: str) -> Model:
    """The sums of sentences and of members alone."""
    sentence = _fit_sentence([r for r in readings if r.set in TEACH_SENTENCE and r.right.any()])
    member = _fit_member([r for r in readings if r.set in TEACH_MEMBER], sentence)
    return Model(sentence, member, {}, np.zeros(0), embedder)


def _fit_sentence(readings: Sequence[Reading]) -> Network:
    names = readings[0].inputs.names
    rows = np.concatenate([reading.inputs.features for reading in readings]).astype(np.float64)
    right = np.concatenate([reading.right for reading in readings])
    sizes = np.array([len(reading.right) for reading in readings])
    counts = {name: sum(r.set == name for r in readings) for name in TEACH_SENTENCE}
    shares = np.array([TEACH_SENTENCE[r.set] / counts[r.set] for r in readings])
    return fit_ranking(names, rows, right, sizes, shares, RANKING)


def _fit_member(readings: Sequence[Reading], sentence: Sum) -> Sum:
    """Each article counts by the root of its length."""
    columns = [sentence_columns(r.inputs) for r in readings]
    columns = [each | score_columns(sentence(each)) for each in columns]
    names = tuple(columns[0])
    rows = np.concatenate([np.stack([each[n] for n in names], 1) for each in columns])
    weights = [np.full(len(r.right), TEACH_MEMBER[r.set] * len(r.right) ** -0.5) for r in readings]
    right = np.concatenate([r.right for r in readings])
    return fit_logistic(names, rows, right, np.concatenate(weights), MEMBER)


def _fit_search(readings: Sequence[Reading], judged: Mapping[int, Lines]) -> Sum:
    chosen, weights = _taught(readings, "search")
    names, rows = _evidence(chosen, judged)
    right = np.array([r.answerable for r in chosen])
    return fit_logistic(names, rows, right, weights, SEARCH)


def _fit_page(readings: Sequence[Reading], judged: Mapping[int, Lines]) -> tuple[Sum, Floats]:
    """The sum, and the weights of the agreement, which after a search gained nothing."""
    chosen, weights = _taught(readings, "page")
    names, rows = _evidence(chosen, judged)
    agreed = np.stack([agreements(r.inputs, judged[id(r)].columns) for r in chosen])
    every = (*names, *(f"agreement {number}" for number in range(agreed.shape[1])))
    free = np.concatenate([np.ones(len(names)), np.full(agreed.shape[1], AGREEMENT)])
    right = np.array([r.answerable for r in chosen])
    table = np.concatenate([rows, agreed], axis=1)
    fitted = logistic(every, table, right, weights, SHRINK_PAGE, free)
    cut = len(names)
    return Linear(names, fitted.weights[:cut], fitted.constant), np.array(fitted.weights[cut:])


def _taught(readings: Sequence[Reading], regime: str) -> tuple[list[Reading], Floats]:
    """The readings that teach a regime, and what each counts."""
    sets = TEACH[regime]
    chosen = [r for r in readings if r.set in sets]
    counts = Counter(r.set for r in chosen)
    weights = np.array([sets[r.set] / counts[r.set] for r in chosen])
    return chosen, weights * len(chosen) / weights.sum()


def _evidence(
    readings: Sequence[Reading], judged: Mapping[int, Lines]
) -> tuple[tuple[str, ...], Floats]:
    """The names of what the evidence says, and its values, a row for each reading."""
    table = [evidence_columns(judged[id(r)]) for r in readings]
    return tuple(table[0]), np.array([list(row.values()) for row in table], np.float64)


def logistic(
    names: tuple[str, ...],
    rows: Floats,
    right: NDArray[np.bool_],
    weights: Floats,
    shrink: float,
    free: Floats | float = 1.0,
) -> Linear:
    """On standardised features; `free` says how freely each weight may grow."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = rows.mean(0), rows.std(0)
    spread[spread < 1e-6] = np.inf  # a feature that never changes has no weight
    model = LogisticRegression(C=shrink, max_iter=1000)
    model.fit((rows - middle) / spread * free, right, sample_weight=weights)
    slopes = model.coef_[0] * free / spread
    return Linear(names, tuple(slopes.tolist()), float(model.intercept_[0] - slopes @ middle))
