"""Does the stated probability of an answer match how often there is one?

The expected calibration error (ECE) is the mean over bins of |stated − observed|, weighted by
their size (Naeini and others 2015). The bins have equal mass: the rows in the order of their
probability, cut into ten. Equal probabilities share a bin, so the order of the rows does not count.

Abstention is the positive class, as in the other commands: a question is abstained from when its
probability lies below a threshold, and that is right where it is unanswerable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets import DatasetError, read_jsonl
from eval.measures import precision_recall_f1

BINS = 10
THRESHOLDS = np.arange(1, 20) / 20
Z = 1.96  # standard errors of a 95 % interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """A probability per question, and whether it is answerable; `groups` are parts of the rows."""

    probability: Floats
    answerable: Bools
    groups: dict[str, Bools]


@dataclass(frozen=True, slots=True)
class Bin:
    """Its questions: how many, their mean probability, the share that is answerable."""

    count: int
    stated: float
    observed: float


def read_stated(path: Path) -> Stated:
    """Rows with `probability` and `answerable`; those of a `part` or `language` are a group too.

    Raises DatasetError with the line of the first fault.
    """
    probability, answerable = [], []
    names: list[set[str]] = []
    for place, row in read_jsonl(path):
        stated, truth = row.get("probability"), row.get("answerable")
        if isinstance(stated, bool) or not isinstance(stated, int | float) or not 0 <= stated <= 1:
            raise DatasetError(f"{place}: probability is {stated!r}; write a number from 0 to 1")
        if not isinstance(truth, bool):
            raise DatasetError(f"{place}: answerable is {truth!r}; write true or false")
        probability.append(float(stated))
        answerable.append(truth)
        names.append({str(row[key]) for key in ("part", "language") if key in row})
    if len(set(answerable)) < 2:
        raise DatasetError(f"{path}: all rows are alike; some answerable and some not are needed")
    groups = {
        name: np.array([name in held for held in names]) for name in sorted(set().union(*names))
    }
    return Stated(np.array(probability), np.array(answerable), groups)


def bins(probability: Floats, answerable: Bools, count: int = BINS) -> list[Bin]:
    """Bins of equal mass, least probable first; fewer where many probabilities are equal."""
    before = np.searchsorted(np.sort(probability), probability)  # rows with less
    home = before * count // len(probability)
    return [
        Bin(int(here.sum()), float(probability[here].mean()), float(answerable[here].mean()))
        for here in (home == number for number in np.unique(home))
    ]


def expected_calibration_error(probability: Floats, answerable: Bools, count: int = BINS) -> float:
    """Mean |stated − observed| over the bins, weighted by their size: 0 is best."""
    found = bins(probability, answerable, count)
    return sum(b.count * abs(b.stated - b.observed) for b in found) / len(probability)


def brier(probability: Floats, answerable: Bools) -> float:
    """Mean squared difference of probability and outcome: 0 is best. Brier 1950."""
    return float(np.mean((probability - answerable) ** 2))


def auroc(probability: Floats, answerable: Bools) -> float:
    """How often an answerable question is more probable than another; equal ones count half.

    Raises ValueError where all questions are alike.
    """
    others = np.sort(probability[~answerable])
    if not 0 < len(others) < len(probability):
        raise ValueError("AUROC is not defined where all questions are alike")
    sides = (np.searchsorted(others, probability[answerable], side) for side in ("left", "right"))
    return float(sum(side.mean() for side in sides) / 2 / len(others))


def abstention(
    probability: Floats, answerable: Bools, threshold: float
) -> tuple[float, float, float]:
    """Precision, recall and F1 of abstaining where the probability is below the threshold."""
    return precision_recall_f1((probability < threshold).tolist(), (~answerable).tolist())


def table(stated: Stated) -> str:
    """The figures by group, then what each threshold would do to all rows."""
    lines = [f"{'':12}{'n':>6}  answerable     ECE   Brier   AUROC"]
    everything = {"all": np.ones(len(stated.probability), bool)}
    for name, rows in (everything | stated.groups).items():
        given, truth = stated.probability[rows], stated.answerable[rows]
        ranked = f"{auroc(given, truth):8.3f}" if 0 < truth.sum() < len(truth) else f"{'–':>8}"
        lines.append(
            f"{name:12}{len(truth):6}{truth.mean():12.3f}"
            f"{expected_calibration_error(given, truth):8.3f}{brier(given, truth):8.3f}{ranked}"
        )
    lines += ["", "abstain below    abstained   precision   recall      F1"]
    for threshold in THRESHOLDS:
        share = float((stated.probability < threshold).mean())
        precision, recall, f1 = abstention(stated.probability, stated.answerable, threshold)
        lines.append(f"{threshold:13.2f}{share:13.3f}{precision:12.3f}{recall:9.3f}{f1:8.3f}")
    return "\n".join(lines)


def draw(stated: Stated, path: Path) -> None:
    """The reliability plot: observed rate with its 95 % interval over stated probability.

    Raises DatasetError where matplotlib is missing or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise DatasetError("matplotlib is not installed; run: pip install -e '.[dev]'") from None
    found = bins(stated.probability, stated.answerable)
    observed = [b.observed for b in found]
    ends = np.array([list(interval(b)) for b in found]).T
    figure = Figure(figsize=(4, 4), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.errorbar([b.stated for b in found], observed, np.abs(ends - observed), fmt="o-", capsize=2)
    distance = expected_calibration_error(stated.probability, stated.answerable)
    axes.set(
        xlabel="stated probability of an answer",
        ylabel="share that is answerable (95 %)",
        title=f"{len(stated.probability)} questions, ECE {distance:.3f}",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    try:
        figure.savefig(path, format="png", metadata={"Software": None})
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; name a file that can be written") from None


def interval(found: Bin) -> Iterator[float]:
    """Both ends of the 95 % interval of the observed rate. Wilson 1927."""
    n, rate = found.count, found.observed
    middle = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    yield from (middle - half, middle + half)
