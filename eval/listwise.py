"""Weights of a sum that puts the right candidates of a question above the others.

They maximise the likelihood of the right ones under a softmax over all candidates of a question
(listwise: Cao and others 2007), less a penalty on their squares.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
Bound = tuple[float | None, float | None]


def fit_listwise(
    rows: Floats,
    right: NDArray[np.bool_],
    sizes: Ints,
    shares: Floats,
    *,
    start: Floats,
    penalty: float,
    bounds: Sequence[Bound] | None = None,
) -> Floats:
    """(features,): `rows` are those of all questions, `sizes` how many each has.

    `shares` is what a question counts. Every question must have a right candidate.
    """
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    each = np.repeat(shares, sizes)

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = rows @ weights
        value_all, share_all = _softmax(scores, starts, sizes)
        value_right, share_right = _softmax(np.where(right, scores, -np.inf), starts, sizes)
        gradient = rows.T @ ((share_all - share_right) * each) + 2 * penalty * weights
        value = float((value_all - value_right) @ shares) + penalty * float(weights @ weights)
        return value, gradient

    weights: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return weights


def _softmax(scores: Floats, starts: Ints, sizes: Ints) -> tuple[Floats, Floats]:
    """Per question the logarithm of its sum of exponentials, and each candidate's share of it."""
    top = np.maximum.reduceat(scores, starts)
    powers = np.exp(scores - np.repeat(top, sizes))
    sums = np.add.reduceat(powers, starts)
    return top + np.log(sums), powers / np.repeat(sums, sizes)
