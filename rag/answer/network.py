"""A small network over named features: what a weighted sum cannot say, such as "only if"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIMIT = 5.0  # spreads from the middle: what is further away counts as this far


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """One hidden layer of rectified units beside a weighted sum of the same features.

    Of n features and h units: `middle`, `spread` and `weights` are (n,), `inner` is (h, n), `bias`
    and `outer` are (h,). A feature counts by its distance from the middle, in spreads.
    """

    names: tuple[str, ...]
    middle: Floats
    spread: Floats
    weights: Floats
    constant: float
    inner: Floats
    bias: Floats
    outer: Floats

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> Network:
        """From what `form` made, or the same read from JSON."""
        rows: dict[str, Sequence[float]] = form["features"]
        table = np.array(list(rows.values()), np.float64)
        return cls(
            names=tuple(rows),
            middle=table[:, 0],
            spread=table[:, 1],
            weights=table[:, 2],
            constant=float(form["constant"]),
            inner=np.ascontiguousarray(table[:, 3:].T),
            bias=np.array(form["bias"], np.float64),
            outer=np.array(form["outer"], np.float64),
        )

    def stretched(self, slope: float, shift: float) -> Network:
        """What says `slope` times as much, and `shift` more."""
        return replace(
            self,
            weights=slope * self.weights,
            outer=slope * self.outer,
            constant=slope * self.constant + shift,
        )

    def form(self, digits: int = 4) -> dict[str, Any]:
        """For JSON: of each feature its middle, spread, weight and weight in every unit."""
        table = np.column_stack([self.middle, self.spread, self.weights, self.inner.T])
        return {
            "constant": _short([self.constant], digits)[0],
            "bias": _short(self.bias, digits),
            "outer": _short(self.outer, digits),
            "features": {n: _short(r, digits) for n, r in zip(self.names, table, strict=True)},
        }

    def __call__(self, columns: Mapping[str, Any]) -> Floats:
        """(n,) of features of (n,) each; a single number of numbers."""
        table = np.stack([np.asarray(columns[name], np.float64) for name in self.names], axis=-1)
        told = np.clip((table - self.middle) / self.spread, -LIMIT, LIMIT)
        # einsum: the threads of BLAS cost more than they gain on so little.
        units = np.maximum(np.einsum("...n,hn->...h", told, self.inner) + self.bias, 0.0)
        straight = np.einsum("...n,n->...", told, self.weights)
        bent = np.einsum("...h,h->...", units, self.outer)
        return np.asarray(straight + bent + self.constant, np.float64)


def _short(values: Sequence[float] | Floats, digits: int) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in values]
