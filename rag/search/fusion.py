"""How the features of a candidate become one score: a weighted sum, so each part can be shown.

`weights.json` is made by `python -m eval train`, which also says how well it generalises.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.search.features import FEATURES, Matrix
from rag.types import Vectors

FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """`weights` has one for each of `FEATURES`.

    `drift` is the unit vector from English to German questions in the space of `model`; another
    model has another space, and then it is zero.
    """

    weights: Vectors
    model: str
    drift: Vectors

    @classmethod
    def load(cls, path: Path = FILE) -> Fusion:
        form = json.loads(path.read_text(encoding="utf-8"))
        weights = np.array([form["weights"][name] for name in FEATURES], np.float32)
        drift = np.array(form["drift"], np.float32)
        return cls(weights, form["model"], drift / max(float(np.linalg.norm(drift)), 1e-9))

    def drift_for(self, model: str, dim: int) -> Vectors:
        known = model == self.model and dim == len(self.drift)
        return self.drift if known else np.zeros(dim, np.float32)

    def contributions(self, matrix: Matrix) -> Matrix:
        """(candidates, features): what each adds to the score."""
        return matrix * self.weights


@functools.cache
def default_fusion() -> Fusion:
    return Fusion.load()


def named(row: Vectors) -> Mapping[str, float]:
    """A row of the matrix by the names of the features."""
    return dict(zip(FEATURES, map(float, row), strict=True))
