"""Chooses the constants of the extractive reader, on the dev half of the sample questions only.

The objective is the mean of three figures: F1 of abstention, the share of answerable questions
whose gold quote is cited, and the F1 of mean citation precision and mean citation recall. Without
the third, the widest margin would win. The whole grid is tried; how much the choice owes to these
very questions is shown by 5-fold cross-validation, with related articles in one fold.

Two constants do not change an answer and are chosen after the others: STEEPNESS by the log loss of
the probability, RELEVANT by the balanced accuracy of telling an absent topic from any other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from eval.collection import indexed
from eval.datasets import ARTICLES, CORPUS, QUESTIONS, Gold, Question, locate, read_questions
from eval.measures import f1, precision_recall_f1
from eval.run import Cited, cite
from rag.answer import extractive
from rag.search.query import Query
from rag.types import Answer, Evidence, Vectors

FOLDS = 5
GRID = {
    "PASSAGE": (0.0, 0.15, 0.3, 0.5, 0.75, 1.0),
    "LEXICAL": (0.0, 0.05, 0.1, 0.15, 0.2),
    "MARGIN": (0.0, 0.01, 0.02, 0.035, 0.05),
}
ANSWERED_AT = np.linspace(0.02, 0.5, 13)  # quantiles of the best scores: thresholds to try
STEEPNESS = (5, 10, 15, 20, 30, 40, 60, 80, 120)
RELEVANT = np.arange(0.78, 0.90, 0.005)

Floats = NDArray[np.float64]
Read = tuple[Query, Evidence]


@dataclass(frozen=True, slots=True)
class Recorder:
    """A reader that keeps what it was given."""

    name: str = "recorder"
    seen: list[Read] = field(default_factory=list)

    def read(self, query: Query, evidence: Evidence) -> Answer:
        self.seen.append((query, evidence))
        return extractive.ExtractiveReader().read(query, evidence)


def report() -> str:
    """The best constants with their figures on the dev half, and those out of fold."""
    questions = [q for q in read_questions(QUESTIONS) if q.split == "dev"]
    reads, golds = _record(questions)
    settings, figures = _grid(reads, golds)
    folds = fold_numbers(questions, _related())
    actual = np.array([q.answerable is False for q in questions])
    best = _best(figures, actual, np.ones(len(questions), bool))
    held = np.empty_like(figures[0])
    for fold in range(FOLDS):
        held[folds == fold] = figures[_best(figures, actual, folds != fold)][folds == fold]
    chosen = settings[best]
    probability = _after(chosen, reads, questions)
    lines = [f"{name} = {value:.4g}" for name, value in (chosen | probability).items()]
    for name, rows in (("dev half", figures[best]), (f"{FOLDS} folds", held)):
        f1_, gold, citations = _parts(rows, actual)
        lines.append(
            f"{name:9} objective {(f1_ + gold + citations) / 3:.3f}: abstention F1 {f1_:.3f}, "
            f"gold cited {gold:.3f}, citation F1 {citations:.3f}"
        )
    return "\n".join(lines)


def _judge(answer: Answer, gold: Sequence[Gold]) -> tuple[float, float, float, float]:
    """Abstained, gold cited, citation precision and recall, as `python -m eval` defines them."""
    cited = cite(answer, gold, "") if gold else Cited(False, 0.0, 0.0, None)
    return float(answer.abstention is not None), cited.gold, cited.precision, cited.recall


def _record(questions: Sequence[Question]) -> tuple[list[Read], list[tuple[Gold, ...]]]:
    """What the reader is given for each question, and the question's gold."""
    recorder = Recorder()
    with indexed([ARTICLES], reader=recorder) as assistant:
        named = {i.doc_id: assistant.document(i.doc_id) for i in assistant.documents()}
        for question in questions:
            assistant.ask(question.question)
    return recorder.seen, [locate(question, named) for question in questions]


def _grid(
    reads: Sequence[Read], golds: Sequence[Sequence[Gold]]
) -> tuple[list[dict[str, float]], Floats]:
    """Each setting, and its (abstained, gold cited, precision, recall) per question."""
    settings, figures = [], []
    for passage, lexical in product(GRID["PASSAGE"], GRID["LEXICAL"]):
        with patch.multiple(extractive, PASSAGE=passage, LEXICAL=lexical):
            scored = {id(e): extractive.score_sentences(q, e) for q, e in reads}
        tops = [float(scores.max()) for scores, _ in scored.values()]
        for answered, margin in product(np.quantile(tops, ANSWERED_AT), GRID["MARGIN"]):
            setting = {"ANSWERED": float(answered), "MARGIN": margin}
            constants: dict[str, Any] = {**setting, "score_sentences": partial(_known, scored)}
            with patch.multiple(extractive, **constants):
                answers = [extractive.ExtractiveReader().read(*read) for read in reads]
            rows = [_judge(*pair) for pair in zip(answers, golds, strict=True)]
            settings.append({"PASSAGE": passage, "LEXICAL": lexical, **setting})
            figures.append(rows)
    return settings, np.array(figures)


def _known(
    scored: dict[int, tuple[Vectors, Vectors]], _: Query, evidence: Evidence
) -> tuple[Vectors, Vectors]:
    """What `score_sentences` returned for this evidence; it does not depend on the threshold."""
    return scored[id(evidence)]


def _best(figures: Floats, actual: NDArray[np.bool_], part: NDArray[np.bool_]) -> int:
    """The setting that is best on a part of the questions."""
    scores = [sum(_parts(rows[part], actual[part])) for rows in figures]
    return int(np.argmax(scores))


def _parts(rows: Floats, unanswerable: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Abstention F1, share of gold cited, citation F1."""
    abstained = (rows[:, 0] > 0).tolist()
    _, _, abstention = precision_recall_f1(abstained, unanswerable.tolist())
    gold, precision, recall = rows[~unanswerable, 1:].mean(axis=0)
    return abstention, float(gold), f1(float(precision), float(recall))


def _after(
    setting: dict[str, float], reads: Sequence[Read], questions: Sequence[Question]
) -> dict[str, float]:
    """STEEPNESS and RELEVANT, given the rest."""
    with patch.multiple(extractive, PASSAGE=setting["PASSAGE"], LEXICAL=setting["LEXICAL"]):
        both = [extractive.score_sentences(q, e) for q, e in reads]
    above = np.array([float(scores.max()) for scores, _ in both]) - setting["ANSWERED"]
    sign = np.array([-1 if q.answerable is False else 1 for q in questions])
    steepness = min(STEEPNESS, key=lambda s: float(np.logaddexp(0, -s * above * sign).mean()))
    cosines = np.array([float(cosines.max()) for _, cosines in both])
    absent = np.array([q.category == "unanswerable-other" for q in questions])

    def accuracy(limit: float) -> float:
        return float((cosines[absent] < limit).mean() + (cosines[~absent] >= limit).mean())

    return {"STEEPNESS": steepness, "RELEVANT": float(max(RELEVANT, key=accuracy))}


def _related() -> list[set[str]]:
    """Articles that tell of the same matter, by `eval/corpus.json`."""
    corpus = json.loads(CORPUS.read_text(encoding="utf-8"))
    revised = [{row["earlier"], row["later"]} for row in corpus["revisions"]]
    return revised + [{row["original"], *row["copies"]} for row in corpus["near_copies"]]


def fold_numbers(questions: Sequence[Question], related: Sequence[set[str]]) -> NDArray[np.int_]:
    """A fold per question; questions on the same or on related articles share one."""
    families: list[set[str]] = []
    for group in [*related, *(set(q.documents) for q in questions if q.documents)]:
        joined = [family for family in families if family & group]
        families = [family for family in families if not family & group]
        families.append(group.union(*joined))
    sizes = {n: sum(bool(f & set(q.documents)) for q in questions) for n, f in enumerate(families)}
    load = [0] * FOLDS
    home: dict[str, int] = {}
    for n in sorted(sizes, key=lambda n: -sizes[n]):
        fold = load.index(min(load))
        load[fold] += sizes[n]
        home |= dict.fromkeys(families[n], fold)
    return np.array(
        [home[q.documents[0]] if q.documents else n % FOLDS for n, q in enumerate(questions)]
    )
