"""Outcomes → one table in plain text, a list of failures, JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

import numpy as np

from eval.calibration import expected_calibration_error
from eval.measures import percentile, precision_recall_f1
from eval.run import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; a figure is None where no question of the group has it."""

    group: str
    questions: int
    ndcg_10: float | None
    recall_1: float | None
    recall_5: float | None
    mrr: float | None
    gold_cited: float | None
    citation_precision: float | None
    citation_recall: float | None
    said: float | None  # the answer string
    abstention_precision: float | None
    abstention_recall: float | None
    abstention_f1: float | None
    conflicts_shown: int
    conflict_precision: float | None
    conflict_recall: float | None
    calibration_error: float | None  # expected, of the probability that there is an answer
    ask_p50_ms: float
    ask_p95_ms: float
    read_p50_ms: float  # of these, after retrieval
    read_p95_ms: float


def summarise(group: str, outcomes: Sequence[Outcome]) -> Row:
    """Means over the questions that have the figure; the median and 95th percentile of time."""
    ranked = [o.ranked for o in outcomes if o.ranked]
    cited = [o.cited for o in outcomes if o.cited]
    judged = [o for o in outcomes if o.question.answerable is not None]
    unanswerable = [o.question.answerable is False for o in judged]
    abstention: tuple[float | None, float | None, float | None] = (None, None, None)
    if any(unanswerable) and not all(unanswerable):
        abstention = precision_recall_f1([o.abstained for o in judged], unanswerable)
    elif any(unanswerable):  # precision would be 1 for whatever is done
        abstention = (None, _mean(o.abstained for o in judged), None)
    shown = [o.conflict for o in outcomes if o.answer.kind == "conflict"]
    asked = [o for o in outcomes if o.question.category == "conflict"]
    times = [o.seconds * 1000 for o in outcomes]
    reading = [o.reading * 1000 for o in outcomes]
    return Row(
        group,
        len(outcomes),
        _mean(r.ndcg_10 for r in ranked),
        _mean(r.recall_1 for r in ranked),
        _mean(r.recall_5 for r in ranked),
        _mean(r.reciprocal_rank for r in ranked),
        _mean(c.gold for c in cited),
        _mean(c.precision for c in cited),
        _mean(c.recall for c in cited),
        _mean(c.answer for c in cited if c.answer is not None),
        *abstention,
        len(shown),
        _mean(right for right in shown if right is not None),
        _mean(o.conflict for o in asked if o.conflict is not None),
        _calibration_error(judged),
        percentile(times, 50),
        percentile(times, 95),
        percentile(reading, 50),
        percentile(reading, 95),
    )


def _calibration_error(outcomes: Sequence[Outcome]) -> float | None:
    """None where all questions are alike: a constant would be right."""
    answerable = np.array([o.question.answerable is True for o in outcomes])
    if len(np.unique(answerable)) < 2:
        return None
    probability = np.array([o.answer.probability for o in outcomes])
    return expected_calibration_error(probability, answerable)


def _mean(values: Iterable[float]) -> float | None:
    found = [float(value) for value in values]
    return mean(found) if found else None


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """All questions, then by half, language, direction and category."""
    found = [summarise("all", outcomes)]
    for key in (_half, _language, _direction, _category):
        groups: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            groups.setdefault(key(outcome), []).append(outcome)
        if len(groups) > 1:
            found += [summarise(name, groups[name]) for name in sorted(groups) if name]
    return found


def _half(outcome: Outcome) -> str:
    return outcome.question.split


def _language(outcome: Outcome) -> str:
    return outcome.question.language


def _direction(outcome: Outcome) -> str:
    """Language of the question → that of the documents, where these have only one."""
    if len(outcome.languages) != 1:
        return ""
    return f"{outcome.question.language or '?'} → {next(iter(outcome.languages))}"


def _category(outcome: Outcome) -> str:
    return outcome.question.category


def table(rows: Sequence[Row]) -> str:
    """The rows, aligned, below 100 columns; `said` is the answer string, as in `Cited.answer`."""
    lines = [
        f"{'':26}│{'retrieval':^23}│{'answers':^20}│{'abstention':^15}│{'ask, ms':^10}",
        f"{'':22}{'n':>4}│ nDCG@10  R@1  R@5  MRR│ gold prec  rec said│ prec  rec   F1│  p50  p95",
        "┼".join("─" * width for width in (26, 23, 20, 15, 10)),
    ]
    for r in rows:
        parts = (
            f"{r.group:22}{r.questions:4}",
            _f(r.ndcg_10, 8) + _f(r.recall_1) + _f(r.recall_5) + _f(r.mrr),
            _f(r.gold_cited) + _f(r.citation_precision) + _f(r.citation_recall) + _f(r.said),
            _f(r.abstention_precision) + _f(r.abstention_recall) + _f(r.abstention_f1),
            f"{r.ask_p50_ms:5.0f}{r.ask_p95_ms:5.0f}",
        )
        lines.append("│".join(parts))
    return "\n".join(lines)


def reader_table(rows: Sequence[Row]) -> str:
    """What concerns the reader: rows of answerable and other questions."""
    lines = [
        f"{'':26}│{'conflicts':^18}│{'probability':^13}│{'reading, ms':^13}",
        f"{'':22}{'n':>4}│  shown  prec  rec│     ECE     │    p50   p95",
        "┼".join("─" * width for width in (26, 18, 13, 13)),
    ]
    for r in rows:
        if r.calibration_error is None:
            continue
        parts = (
            f"{r.group:22}{r.questions:4}",
            f"{r.conflicts_shown:7}{_f(r.conflict_precision, 6)}{_f(r.conflict_recall)}",
            _f(r.calibration_error, 8) + " " * 5,
            f"{r.read_p50_ms:7.1f}{r.read_p95_ms:6.1f}",
        )
        lines.append("│".join(parts))
    return "\n".join(lines)


def _f(value: float | None, width: int = 5) -> str:
    """`.973`, and `1.00` for 1, to the right of `width` columns."""
    if value is None:
        return "–".rjust(width)
    text = f"{value:.3f}"
    return (text[:4] if value >= 0.9995 else text[1:]).rjust(width)


def failures(outcomes: Sequence[Outcome]) -> str:
    """Per question that went wrong: what was expected, what came."""
    parts = []
    for o in (o for o in outcomes if o.failed):
        q = o.question
        lines = [f"{q.id} {q.category} ({q.language}): {q.question}"]
        expected = list(dict.fromkeys(q.quotes)) or ["an abstention"]
        lines += [f"  expected  {quote}" for quote in expected]
        if q.category == "conflict":
            lines.append("            as a conflict")
        if q.documents:
            lines.append(f"            in {', '.join(q.documents)}")
        if o.ranked and not o.ranked.reciprocal_rank:
            lines.append("            which is not among the passages found")
        if o.answer.abstention is not None:
            lines.append(f"  came      {o.answer.abstention} (p = {o.answer.probability:.2f})")
        for c in o.answer.citations:
            lines.append(f"  came      {' '.join(c.quote.split())}")
            lines.append(f"            in {c.document.doc_id} (p = {o.answer.probability:.2f})")
        if o.answer.kind == "conflict":
            lines.append("            as a conflict")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The table's figures unrounded, and per question what its figures are made of."""
    return {
        "groups": [asdict(row) for row in rows(outcomes)],
        "questions": [
            {
                "id": o.question.id,
                "abstained": o.abstained,
                "probability": o.answer.probability,
                "ranked": asdict(o.ranked) if o.ranked else None,
                "cited": asdict(o.cited) if o.cited else None,
                "citations": [
                    {"document": c.document.doc_id, "span": [c.span.start, c.span.end]}
                    for c in o.answer.citations
                ],
                "conflict": o.conflict,
                "ms": o.seconds * 1000,
                "reading_ms": o.reading * 1000,
            }
            for o in outcomes
        ],
    }
