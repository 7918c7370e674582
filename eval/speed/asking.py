"""Warm questions on the sample articles: retrieval, and retrieval with the extractive answer."""

from __future__ import annotations

from collections.abc import Sequence

from eval.collection import indexed
from eval.datasets import ARTICLES, QUESTIONS, read_questions
from eval.speed.parts import Figures, Part, Row, Settings, latency, most_ms, shown_ms, times

P50, P95 = 25, 45  # ms


def measure(settings: Settings) -> Figures:
    questions = [each.question for each in read_questions(QUESTIONS)][: settings.questions]
    with indexed([ARTICLES]) as assistant:
        found = {}
        for name, ask in (("search", assistant.search), ("ask", assistant.ask)):
            for question in questions[:3]:  # loads what the first questions load
                ask(question)
            found[name] = latency(times(ask, questions))
    return {"questions": len(questions), **found}


def rows(figures: Figures) -> Sequence[Row]:
    n, ask, search = (figures[name] for name in ("questions", "ask", "search"))
    return [
        Row(
            f"warm ask, {n} sample questions, p50 / p95",
            shown_ms(ask),
            f"of it search: {shown_ms(search)}",
            f"{P50} / {P95} ms",
            most_ms(ask, P50, P95),
        )
    ]


PART = Part("asking", measure, rows)
