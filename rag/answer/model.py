"""What the reader has learned: weighted sums of features, so that each answer can be explained.

`weights.json` is made by `python -m eval train-reader`; MODEL_CARD.md beside it tells from what
and how well it does. It holds

    sentence   how well a sentence answers, beside all others: the logarithm of its odds
    member     whether a line of a given article belongs to the answer, which may be a list
    answered   whether anything answers, once after a search and once for a given article
    agreement  a part of the latter: the directions in which vectors should agree
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.answer.features import Inputs
from rag.answer.network import Network

FILE = Path(__file__).with_name("weights.json")

# Probabilities from which there is an answer: chosen on articles that the weights had not seen.
ANSWERED = {"search": 0.65, "page": 0.65}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum of named features."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    constant: float

    @classmethod
    def of(cls, form: Mapping[str, float]) -> Linear:
        names = tuple(name for name in form if name != "constant")
        return cls(names, tuple(form[name] for name in names), form.get("constant", 0.0))

    def __call__(self, columns: Mapping[str, Any]) -> Floats:
        """(n,) of features of (n,) each; a single number of numbers."""
        total = np.asarray(self.constant, np.float64)
        for name, weight in zip(self.names, self.weights, strict=True):
            total = total + weight * columns[name]
        return total


Sum = Linear | Network


def _sum(form: Mapping[str, Any]) -> Sum:
    return Network.of(form) if "features" in form else Linear.of(form)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """`scores` and `odds` go with the rows of the inputs; `probability` is that of an answer.

    `odds` are logits of belonging to the answer, and only meant for a given article.
    """

    scores: Floats
    odds: Floats
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """All rows of the inputs: features by name, with what the scores add; scores; odds."""

    columns: dict[str, Floats]
    scores: Floats
    odds: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The sums of `weights.json`. `agreement` fits the vectors of the model `embedder` only."""

    sentence: Sum
    member: Sum
    answered: Mapping[str, Sum]  # by regime: search, page
    agreement: Floats  # (dim,)
    embedder: str

    @classmethod
    def load(cls, path: Path = FILE) -> Model:
        form = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            sentence=_sum(form["sentence"]),
            member=_sum(form["member"]),
            answered={regime: _sum(each) for regime, each in form["answered"].items()},
            agreement=np.array(form["agreement"], np.float64),
            embedder=form["embedder"],
        )

    def read(self, inputs: Inputs, *, given: bool, by: str) -> Reading:
        """`given`: the evidence is one whole article. `by` names the model of its vectors."""
        lines = self.lines(inputs)
        logit = self.answered["page" if given else "search"](evidence_columns(lines))
        if given and by == self.embedder:
            logit = logit + agreements(inputs, lines.columns) @ self.agreement
        return Reading(lines.scores, lines.odds, float(probabilities(logit)))

    def lines(self, inputs: Inputs) -> Lines:
        """What is read of each sentence, before whether anything answers."""
        columns = sentence_columns(inputs)
        scores = self.sentence(columns)
        columns |= score_columns(scores)
        return Lines(columns, scores, self.member(columns))


@functools.cache
def default_model() -> Model:
    return Model.load()


def sentence_columns(inputs: Inputs) -> dict[str, Floats]:
    """The features of each sentence by name."""
    return dict(zip(inputs.names, inputs.features.astype(np.float64).T, strict=True))


def score_columns(scores: Floats) -> dict[str, Floats]:
    """What the scores of all sentences say of each."""
    top = scores.max()
    total = top + np.log(np.exp(scores - top).sum())
    return {"score, below best": scores - top, "log share": scores - total}


AT_BEST = (
    "names found",
    "names missing",
    "names",
    "fits",
    "words",
    "cosine",
    "answer, cosine",
    "answer, below best",
    "same language",
)
OF_ALL = ("names seen", "words seen", "question words", "sentences")
SCALE = 20.0  # products are some 1/dim
TINY = 1e-12  # where no sentence can be a member
BESIDE = {"above next": 1, "above five": 5, "above twenty": 20}


def evidence_columns(lines: Lines) -> dict[str, Any]:
    """What tells whether anything answers: single numbers, by name."""
    columns, scores, odds = lines.columns, lines.scores, lines.odds
    best = int(scores.argmax())
    ranked = np.sort(scores)[::-1]
    found: dict[str, Any] = {"score": ranked[0]}
    for name, count in BESIDE.items():
        rivals = ranked[1 : count + 1]
        found[name] = ranked[0] - rivals.mean() if len(rivals) else 0.0
    found["log rivals"] = -columns["log share"].max()
    found |= {f"{name}, best": columns[name][best] for name in AT_BEST}
    found |= {name: columns[name][0] for name in OF_ALL}
    members = np.sort(odds)[::-1]
    found["member, best"] = members[0]
    found["member, three"] = members[:3].mean()
    shares = probabilities(odds)
    found["members"] = np.log(shares.sum() + TINY)
    found["members, F1"] = expected_f1(shares).max()
    found["words, most"] = columns["words"].max()
    found["window, most"] = columns["five around"].max()
    for name in ("cosine", "second", "best five", "middle"):
        found[f"answer, {name}, most"] = columns[f"answer, {name}"].max()
    kinds = [name for name in columns if name.startswith("q:")]
    return found | {name: columns[name][0] for name in kinds}


def agreements(inputs: Inputs, columns: Mapping[str, Floats]) -> Floats:
    """(dim,): the products of vectors, each sentence by its share, at a scale of about 1."""
    return np.asarray(
        np.einsum("n,nd->d", np.exp(columns["log share"]), inputs.products) * SCALE, np.float64
    )


def probabilities(logits: Floats) -> Floats:
    """The logistic function, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(logits) / 2)), np.float64)


def expected_f1(shares: Floats) -> Floats:
    """About the F1 that the first 1, 2, ... most probable of them would have: (n,)."""
    chosen = np.cumsum(np.sort(shares)[::-1])
    found: Floats = 2 * chosen / (np.arange(1, len(shares) + 1) + shares.sum())
    return found


def likely(shares: Floats) -> Sequence[int]:
    """The rows whose choice has the best expected F1, most probable first."""
    count = int(expected_f1(shares).argmax()) + 1
    rows: list[int] = np.argsort(-shares, kind="stable")[:count].tolist()
    return rows
