"""Chooses the constants of the extractive reader, on the dev half of the sample questions only.

The objective is the mean of three figures: F1 of abstention, the share of answerable questions
whose gold quote is cited, and the F1 of mean citation precision and mean citation recall. Without
the third, the widest margin would win. The weights of the score are improved one by one from those
in force, each time with the best threshold and margin of a grid, until none improves. How much the
choice owes to these very questions is shown by 5-fold cross-validation, with related articles in
one fold.

Three constants do not change an answer and are chosen after the others: STEEPNESS and EVEN by the
log loss of the probability, RELEVANT by the balanced accuracy of telling an absent topic from any
other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import product
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from eval.collection import indexed
from eval.datasets import ARTICLES, CORPUS, QUESTIONS, Gold, Question, locate, read_questions
from eval.folds import fold_numbers, related_articles
from eval.measures import f1, precision_recall_f1
from eval.run import Cited, cite
from rag.answer import extractive
from rag.language.analysis import analyse
from rag.search.query import Query
from rag.types import Answer, Evidence, Vectors

FOLDS = 5
WEIGHTS = {
    "LEXICAL": (0.0, 0.03, 0.06, 0.1),
    "SAME_LANGUAGE": (0.0, 0.02, 0.03, 0.04, 0.05),
    "NO_NUMBER": (0.0, 0.025, 0.05),
    "ANCHORS": (0.0, 0.02, 0.04),
    "PASSAGE": (0.0, 0.5, 1.0, 2.0),
    "STANDOUT": (0.0, 0.5, 1.0, 2.0, 3.0),
}
MARGIN = (0.0, 0.006, 0.012, 0.02, 0.035)
ANSWERED_AT = np.linspace(0.02, 0.4, 11)  # quantiles of the confidence: thresholds to try
STEEPNESS = (10, 20, 30, 40, 60, 80, 120, 160)
RELEVANT = np.arange(0.78, 0.90, 0.005)

Floats = NDArray[np.float64]
Read = tuple[Query, Evidence]
Setting = dict[str, float]


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
    with patch("rag.answer.extractive.analyse", cache(analyse)):
        search = _Search(reads, golds, np.array([q.answerable is False for q in questions]))
        chosen, best = search.best(np.ones(len(questions), bool))
        folds = fold_numbers(questions, related_articles(CORPUS), FOLDS)
        held = np.empty_like(best)
        for fold in range(FOLDS):
            held[folds == fold] = search.best(folds != fold)[1][folds == fold]
        chosen |= _after(chosen, reads, questions)
    lines = [f"{name} = {value:.4g}" for name, value in chosen.items()]
    now = [
        _judge(extractive.ExtractiveReader().read(*r), g) for r, g in zip(reads, golds, strict=True)
    ]
    for name, figures in (("in force", np.array(now)), ("best", best), (f"{FOLDS} folds", held)):
        abstention, gold, citations = parts = search.parts(figures)
        lines.append(
            f"{name:9} objective {sum(parts) / 3:.3f}: abstention F1 {abstention:.3f}, "
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


class _Search:
    """Tries settings. What one gives per question is worked out once, for all folds."""

    def __init__(
        self,
        reads: Sequence[Read],
        golds: Sequence[Sequence[Gold]],
        unanswerable: NDArray[np.bool_],
    ) -> None:
        self._reads = reads
        self._golds = golds
        self._unanswerable = unanswerable
        self._tried: dict[tuple[float, ...], list[tuple[Setting, Floats]]] = {}

    def best(self, part: NDArray[np.bool_]) -> tuple[Setting, Floats]:
        """The setting that is best on a part of the questions, and its figures on all."""
        weights: Setting = {name: getattr(extractive, name) for name in WEIGHTS}
        best = self._best([weights], part)
        before: Setting = {}
        while before != weights:
            before = weights
            for name, values in WEIGHTS.items():
                others = [weights | {name: value} for value in values]
                best = self._best([weights, *others], part)
                weights = {name: best[0][name] for name in WEIGHTS}
        return best

    def parts(
        self, figures: Floats, part: NDArray[np.bool_] | slice = slice(None)
    ) -> tuple[float, float, float]:
        """Abstention F1, share of gold cited, citation F1."""
        rows, unanswerable = figures[part], self._unanswerable[part]
        abstained = (rows[:, 0] > 0).tolist()
        _, _, abstention = precision_recall_f1(abstained, unanswerable.tolist())
        gold, precision, recall = rows[~unanswerable, 1:].mean(axis=0)
        return abstention, float(gold), f1(float(precision), float(recall))

    def _best(self, weights: Sequence[Setting], part: NDArray[np.bool_]) -> tuple[Setting, Floats]:
        tried = [found for setting in weights for found in self._try(setting)]
        return max(tried, key=lambda found: sum(self.parts(found[1], part)))

    def _try(self, weights: Setting) -> list[tuple[Setting, Floats]]:
        """Per threshold and margin the figures of `_judge`, a row per question."""
        key = tuple(weights.values())
        if key not in self._tried:
            self._tried[key] = list(self._thresholds(weights))
        return self._tried[key]

    def _thresholds(self, weights: Setting) -> Iterator[tuple[Setting, Floats]]:
        with patch.multiple(extractive, **_any(weights)):
            scored = {id(e): extractive.score_sentences(q, e) for q, e in self._reads}
            sure = [extractive.confidence(scores) for scores, _ in scored.values()]
        for answered, margin in product(np.quantile(sure, ANSWERED_AT), MARGIN):
            setting = weights | {"ANSWERED": float(answered), "MARGIN": margin}
            known = _any(setting) | {"score_sentences": partial(_known, scored)}
            with patch.multiple(extractive, **known):
                answers = [extractive.ExtractiveReader().read(*read) for read in self._reads]
            rows = [_judge(*pair) for pair in zip(answers, self._golds, strict=True)]
            yield setting, np.array(rows)


def _any(setting: Setting) -> dict[str, Any]:
    return dict(setting)


def _known(
    scored: dict[int, tuple[Vectors, Vectors]], _: Query, evidence: Evidence
) -> tuple[Vectors, Vectors]:
    """What `score_sentences` returned for this evidence; it does not depend on the threshold."""
    return scored[id(evidence)]


def _after(setting: Setting, reads: Sequence[Read], questions: Sequence[Question]) -> Setting:
    """STEEPNESS, EVEN and RELEVANT, given the rest."""
    with patch.multiple(extractive, **_any(setting)):
        both = [extractive.score_sentences(q, e) for q, e in reads]
        sure = np.array([extractive.confidence(scores) for scores, _ in both])
    sign = np.array([-1 if q.answerable is False else 1 for q in questions])

    def loss(pair: tuple[float, float]) -> float:
        steepness, even = pair
        return float(np.logaddexp(0, -steepness * (sure - even) * sign).mean())

    steepness, even = min(product(STEEPNESS, np.linspace(min(sure), max(sure), 50)), key=loss)
    cosines = np.array([float(cosines.max()) for _, cosines in both])
    absent = np.array([q.category == "unanswerable-other" for q in questions])

    def accuracy(limit: float) -> float:
        return float((cosines[absent] < limit).mean() + (cosines[~absent] >= limit).mean())

    relevant = float(max(RELEVANT, key=accuracy))
    return {"STEEPNESS": steepness, "EVEN": float(even), "RELEVANT": relevant}
