"""Learns the weights of the extractive reader, and says how well they do where they did not learn.

Three steps, each from the ones before: `sentence` maximises the likelihood of the right sentences
under a softmax over all of the evidence; `member` and `answered` are logistic regressions. All is
learned on OMoS-QA's train part and on XQuAD-R, five times without a fifth of the articles, which
gives the figures, and once from all, which gives the weights.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.calibration import auroc
from eval.folds import deal
from eval.listwise import fit_listwise
from eval.measures import precision_recall_f1, set_f1
from eval.omos import covered_lines
from eval.readings import Reading, all_readings, omos_pages, sample
from rag import Config
from rag.answer.model import (
    ANSWERED,
    FILE,
    Linear,
    Model,
    agreements,
    evidence_columns,
    likely,
    probabilities,
    score_columns,
    sentence_columns,
)
from rag.embed import open_embedder

Floats = NDArray[np.float64]

FOLDS = 5
NEWS = "sample dev"
SENTENCE = (
    "cosine",
    "words",
    "words around",
    "same language",
    "passage",
    "fits",
    "names",
    "names near",
    "s:heading",
    "s:question",
    "s:length",
)
TEACH_SENTENCE = {"XQuAD": 3.0, "OMoS open": 1.0, "OMoS page": 1.0}  # weight of each set
TEACH_MEMBER = {"OMoS page": 1.0, "XQuAD page": 0.3}
TEACH_ANSWERED = {
    "page": {"OMoS page": 1.0},
    # A fifth has no answer.
    "search": {"XQuAD": 1.0, "XQuAD without": 0.1, "XQuAD swapped": 0.15, "foreign": 0.02},
}
PENALTY = 1e-3  # of the sum of squares of the weights of standardised features
SHRINK_MEMBER = 0.05  # inverse of the penalty, as sklearn has it
SHRINK_ANSWERED = {"page": 0.02, "search": 0.1}
AGREEMENT = 0.4  # freedom of the weights of the agreement, of which there are many


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A reading with what a model that had not seen its article made of it."""

    reading: Reading
    scores: Floats
    odds: Floats
    probability: float


def fit(readings: Sequence[Reading], embedder: str = "") -> Model:
    """All three steps from these readings, whose vectors are those of the model `embedder`."""
    sentence = _fit_sentence([r for r in readings if r.set in TEACH_SENTENCE and r.right.any()])
    columns = {id(r): _columns(r, sentence) for r in readings}
    member = _fit_member([r for r in readings if r.set in TEACH_MEMBER], columns)
    blank = Model(sentence, member, {}, np.zeros(0), embedder)
    search, _ = _fit_answered("search", readings, columns, blank)
    page, agreement = _fit_answered("page", readings, columns, blank)
    return Model(sentence, member, {"search": search, "page": page}, agreement, embedder)


def _columns(reading: Reading, sentence: Linear) -> dict[str, Floats]:
    columns = sentence_columns(reading.inputs)
    return columns | score_columns(sentence(columns))


def _fit_sentence(readings: Sequence[Reading]) -> Linear:
    columns = [sentence_columns(reading.inputs) for reading in readings]
    rows = np.concatenate([np.stack([c[n] for n in SENTENCE], 1) for c in columns])
    right = np.concatenate([reading.right for reading in readings])
    sizes = np.array([len(reading.right) for reading in readings])
    counts = {name: sum(r.set == name for r in readings) for name in TEACH_SENTENCE}
    shares = np.array([TEACH_SENTENCE[r.set] / counts[r.set] for r in readings])
    middle, spread = rows.mean(0), rows.std(0) + 1e-6
    rows = (rows - middle) / spread
    start = np.zeros(len(SENTENCE))
    weights = fit_listwise(rows, right, sizes, shares, start=start, penalty=PENALTY) / spread
    return Linear(SENTENCE, tuple(weights.tolist()), 0.0)


def _fit_member(readings: Sequence[Reading], columns: Mapping[int, Mapping[str, Floats]]) -> Linear:
    """Each article counts by the root of its length."""
    names = tuple(next(iter(columns.values())))
    rows = np.concatenate([np.stack([columns[id(r)][n] for n in names], 1) for r in readings])
    weights = [np.full(len(r.right), TEACH_MEMBER[r.set] * len(r.right) ** -0.5) for r in readings]
    right = np.concatenate([r.right for r in readings])
    return _logistic(names, rows, right, np.concatenate(weights), SHRINK_MEMBER)


def _fit_answered(
    regime: str,
    readings: Sequence[Reading],
    columns: Mapping[int, dict[str, Floats]],
    model: Model,
) -> tuple[Linear, Floats]:
    """The sum, and the weights of the agreement, which after a search gained nothing."""
    sets = TEACH_ANSWERED[regime]
    chosen = [r for r in readings if r.set in sets]
    counts = {name: sum(r.set == name for r in chosen) for name in sets}
    weights = np.array([sets[r.set] / counts[r.set] for r in chosen])
    found = []
    for r in chosen:
        own = columns[id(r)]
        scores = np.asarray(model.sentence(own))
        about = evidence_columns(own, scores, model.member(own))
        if regime == "page":
            agreed = agreements(r.inputs, own)
            about |= {f"agreement {n}": value for n, value in enumerate(agreed)}
        found.append(about)
    names = tuple(found[0])
    rows = np.array([[float(each[name]) for name in names] for each in found])
    free = np.array([AGREEMENT if name.startswith("agreement") else 1.0 for name in names])
    right = np.array([r.answerable for r in chosen])
    weights *= len(chosen) / weights.sum()
    sum_ = _logistic(names, rows, right, weights, SHRINK_ANSWERED[regime], free)
    cut = next((n for n, name in enumerate(names) if name.startswith("agreement")), len(names))
    own_part = Linear(names[:cut], sum_.weights[:cut], sum_.constant)
    return own_part, np.array(sum_.weights[cut:])


def _logistic(
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


def calibrated(model: Model, judged: Sequence[Judged]) -> Model:
    """The search sum stretched and shifted so that its probability holds on news.

    `judged` are the questions of the sample's dev half, of which no weight was learned.
    """
    stated = np.array([each.probability for each in judged if each.reading.set == NEWS])
    truth = np.array([each.reading.answerable for each in judged if each.reading.set == NEWS])
    logits = np.log(stated / (1 - stated))[:, None]
    line = _logistic(("logit",), logits, truth, np.ones(len(truth)), 1.0)
    old = model.answered["search"]
    weights = tuple(line.weights[0] * weight for weight in old.weights)
    search = Linear(old.names, weights, line.weights[0] * old.constant + line.constant)
    return replace(model, answered={**model.answered, "search": search})


def cross_fit(readings: Sequence[Reading]) -> list[Judged]:
    """Each reading judged by weights from the articles of the other folds."""
    fold = deal((r.group for r in readings), FOLDS)
    judged: list[Judged] = []
    for number in range(FOLDS):
        model = fit([r for r in readings if fold[r.group] != number])
        judged += [judge(model, r) for r in readings if fold[r.group] == number]
    return judged


def judge(model: Model, reading: Reading) -> Judged:
    read = model.read(reading.inputs, given="page" in reading.set, by=model.embedder)
    return Judged(reading, read.scores, read.odds, read.probability)


def report(data: Path, *, to_write: bool = False, rows: Path | None = None) -> str:
    """Figures out of fold; with `to_write` the weights from all readings replace those in force.

    `rows` gets what `eval calibration` reads: train out of fold, dev by weights from all of train.
    """
    readings = list(all_readings(data))
    judged = cross_fit([*readings, *sample("dev")])
    model = calibrated(fit(readings, open_embedder(Config.load()).name), judged)
    if to_write:
        write(model)
    if rows is not None:
        dev = [judge(model, reading) for reading in omos_pages(data, "dev")]
        stated = [_row(each, "train") for each in judged if each.reading.set == "OMoS page"]
        stated += [_row(each, "dev") for each in dev]
        rows.write_text("".join(json.dumps(row) + "\n" for row in stated), encoding="utf-8")
    return table(judged)


def _row(judged: Judged, part: str) -> dict[str, object]:
    reading = judged.reading
    return {
        "id": f"{reading.asked}-{reading.told}-{reading.id}",
        "page": reading.group,
        "language": reading.asked,
        "part": part,
        "probability": round(judged.probability, 6),
        "answerable": reading.answerable,
    }


def write(model: Model, path: Path = FILE) -> None:
    """The weights as JSON, to as many digits as matter."""
    form = {
        "made by": "python -m eval train-reader --write",
        "embedder": model.embedder,
        "sentence": _form(model.sentence),
        "member": _form(model.member),
        "answered": {regime: _form(each) for regime, each in model.answered.items()},
        "agreement": [float(f"{weight:.4g}") for weight in model.agreement],
    }
    path.write_text(json.dumps(form, indent=1) + "\n", encoding="utf-8")


def _form(linear: Linear) -> dict[str, float]:
    weights = {n: w for n, w in zip(linear.names, linear.weights, strict=True) if w}
    return {n: float(f"{w:.6g}") for n, w in {"constant": linear.constant, **weights}.items()}


def table(judged: Sequence[Judged]) -> str:
    """By set and languages: the right sentence first, F1 of lines, and who is told from whom."""
    lines = [f"{'out of fold':22}{'n':>6}  first  line F1  no-answer F1  AUROC"]
    rows: dict[tuple[str, str, str], list[Judged]] = {}
    for each in judged:
        rows.setdefault((each.reading.set, each.reading.asked, each.reading.told), []).append(each)
    for (name, asked, told), group in sorted(rows.items()):
        lines.append(f"{name + ' ' + asked + '→' + told:22}{len(group):6}{_figures(group)}")
    return "\n".join(lines)


def _figures(group: Sequence[Judged]) -> str:
    answerable = [each for each in group if each.reading.answerable]
    first = np.mean([each.reading.right[each.scores.argmax()] for each in answerable] or [0])
    line = f"{first:7.3f}"
    if group[0].reading.item is not None:
        f1s = [set_f1(_lines(each), _gold(each)) for each in answerable]
        abstained = [not _lines(each) for each in group]
        unanswerable = [not each.reading.answerable for each in group]
        *_, none = precision_recall_f1(abstained, unanswerable)
        line += f"{np.mean(f1s):9.3f}{none:14.3f}"
    else:
        line += " " * 23
    if 0 < len(answerable) < len(group):
        stated = [each.probability for each in group]
        truth = [each.reading.answerable for each in group]
        line += f"{auroc(np.array(stated), np.array(truth)):7.3f}"
    return line


def _lines(judged: Judged) -> frozenset[int]:
    """What the reader would cite of the given page."""
    if judged.probability < ANSWERED["page"]:
        return frozenset()
    spans = judged.reading.spans
    assert judged.reading.item is not None
    chosen = [spans[row] for row in likely(probabilities(judged.odds))]
    return covered_lines(judged.reading.item.page, chosen)


def _gold(judged: Judged) -> frozenset[int]:
    assert judged.reading.item is not None
    return judged.reading.item.lines
