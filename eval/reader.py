"""Learns the weights of the extractive reader, and says how well they do where they did not learn.

What is learned (`eval.teaching`) is learned five times without a fifth of the articles, which gives
the figures, and once from all, which gives the weights.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.calibration import auroc
from eval.collection import UNKNOWN, Known
from eval.folds import deal
from eval.measures import precision_recall_f1, set_f1
from eval.omos import covered_lines
from eval.readings import Reading, all_readings, omos_pages, sample
from eval.teaching import fit, logistic
from rag import Config
from rag.answer.model import (
    ANSWERED,
    FILE,
    Model,
    Sum,
    likely,
    probabilities,
)
from rag.answer.network import Network
from rag.embed import open_embedder

Floats = NDArray[np.float64]

FOLDS = 5
NEWS = ("sample dev", "news")  # whose probability should hold, each set for a half


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A reading with what a model that had not seen its article made of it."""

    reading: Reading
    scores: Floats
    odds: Floats
    probability: float


def calibrated(model: Model, judged: Sequence[Judged]) -> Model:
    """The search sum stretched and shifted so that its probability holds on news.

    `judged` are questions that weights judged which had not learned from them.
    """
    held = [each for each in judged if each.reading.set in NEWS]
    counts = Counter(each.reading.set for each in held)
    stated = np.array([each.probability for each in held])
    truth = np.array([each.reading.answerable for each in held])
    weights = np.array([len(held) / counts[each.reading.set] for each in held])
    logits = np.log(stated / (1 - stated))[:, None]
    line = logistic(("logit",), logits, truth, weights, 1.0)
    search = model.answered["search"]
    assert isinstance(search, Network)
    stretched = search.stretched(line.weights[0], line.constant)
    return replace(model, answered={**model.answered, "search": stretched})


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


def report(
    data: Path, *, to_write: bool = False, rows: Path | None = None, known: Known = UNKNOWN
) -> str:
    """Figures out of fold; with `to_write` the weights from all readings replace those in force.

    `rows` gets what `eval calibration` reads: train out of fold, dev by weights from all of train.
    """
    readings = list(all_readings(data, known))
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
    path.write_text(json.dumps(form, separators=(",", ":")) + "\n", encoding="utf-8")


def _form(part: Sum) -> Mapping[str, object]:
    if isinstance(part, Network):
        return part.form()
    weights = {n: w for n, w in zip(part.names, part.weights, strict=True) if w}
    return {n: float(f"{w:.6g}") for n, w in {"constant": part.constant, **weights}.items()}


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
