"""How far chance can move a mean over queries, and the difference of two.

Queries on the same article succeed and fail together. Where their groups are known, whole groups
are drawn, or change sides, so that many queries on few articles do not feign certainty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

SEED = 20261122
SAMPLES = 10_000
BLOCK = 250  # samples at a time: what is held in memory

Floats = NDArray[np.float64]


def bootstrap(
    values: Floats, groups: Sequence[str] | None = None, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Both ends of the 95 % interval of each column's mean, by the percentile bootstrap.

    `values` is (queries, columns). With `weights` of the same shape it is the interval of
    Σ values / Σ weights: of a mean over some of the queries, or of a precision; a sample without
    weight counts 0. Efron 1979; on queries, Sakai 2006.
    """
    sums, sizes = _grouped(values, groups)
    totals = sizes[:, None] if weights is None else _grouped(weights, groups)[0]
    count = len(sizes)
    draw = np.random.default_rng(SEED)
    means = []
    for size in _blocks():
        times = draw.multinomial(count, np.full(count, 1 / count), size)
        above, below = times @ sums, times @ totals
        means.append(np.divide(above, below, out=np.zeros(above.shape), where=below > 0))
    low, high = np.percentile(np.concatenate(means), (2.5, 97.5), axis=0)
    return low, high


def randomisation(differences: Floats, groups: Sequence[str] | None = None) -> Floats:
    """Per column the p of a mean difference this far from 0, either way, had the sides no effect.

    `differences` is (queries, columns), paired by query. The two systems swap sides at random;
    what was observed counts as one of the samples, so p is never 0. Smucker and others 2007.
    """
    sums, sizes = _grouped(differences, groups)
    observed = np.abs(sums.sum(axis=0))
    draw = np.random.default_rng(SEED)
    as_far = np.ones(sums.shape[1])
    for size in _blocks():
        sides = 1.0 - 2.0 * draw.integers(0, 2, (size, len(sizes)))
        as_far += (np.abs(sides @ sums) >= observed - 1e-9).sum(axis=0)
    return as_far / (SAMPLES + 1)


def _grouped(values: Floats, groups: Sequence[str] | None) -> tuple[Floats, Floats]:
    """Per group the sums of its rows, and how many these are."""
    if groups is None:
        return values, np.ones(len(values))
    names, home = np.unique(np.array(groups), return_inverse=True)
    sums = np.zeros((len(names), values.shape[1]))
    np.add.at(sums, home, values)
    return sums, np.bincount(home).astype(np.float64)


def _blocks() -> Iterator[int]:
    for start in range(0, SAMPLES, BLOCK):
        yield min(BLOCK, SAMPLES - start)
