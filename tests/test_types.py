"""The small laws of the value types."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Document,
    Filter,
    Period,
    Span,
)

DATES = st.dates()
PERIODS = st.one_of(
    st.builds(lambda day: Period(day, day), DATES),
    DATES.map(lambda day: Period.parse(day.isoformat()[:7])),
    DATES.map(lambda day: Period.parse(day.isoformat()[:4])),
)


@given(text=st.text(), start=st.integers(0, 20), length=st.integers(0, 20))
def test_a_span_counts_code_points(text: str, start: int, length: int) -> None:
    span = Span(start, start + length)
    assert len(span) == length
    assert span.of(text) == text[start : start + length]


@given(period=PERIODS)
@example(period=Period(date(2024, 2, 1), date(2024, 2, 29)))
def test_a_period_is_read_back_as_it_was_written(period: Period) -> None:
    assert Period.parse(str(period)) == period


@given(first=DATES, days=st.integers(1, 1_000))
def test_a_free_range_shows_both_ends(first: date, days: int) -> None:
    if first > date.max - timedelta(days=days):
        return
    period = Period(first, first + timedelta(days=days))
    shown = str(period)
    if "/" in shown:
        ends = [Period.parse(end) for end in shown.split("/")]
        assert Period(ends[0].first, ends[1].last) == period
    else:
        assert Period.parse(shown) == period


@given(period=PERIODS)
def test_a_period_has_its_first_day_first(period: Period) -> None:
    assert period.first <= period.last


@pytest.mark.parametrize(
    "text", ["", "26", "2026-2", "2026-13", "2026-02-30", "0000", "01.02.2026", "2026-02-01T10:00"]
)
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|month|day|year"):
        Period.parse(text)


def document(published: str | None = None, **fields: str | None) -> Document:
    period = None if published is None else Period.parse(published)
    values = {"doc_id": "x", "text": "t", "title": "T", "source": None, "language": "de", **fields}
    return Document(published=period, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "until", "published", "permitted"),
    [
        ("2026-02-01", None, "2026-02-01", True),
        ("2026-02-02", None, "2026-02-01", False),
        (None, "2026-02-01", "2026-02-01", True),
        (None, "2026-01-31", "2026-02-01", False),
        ("2026-02-28", None, "2026-02", True),  # overlaps by its last day
        ("2026-03-01", None, "2026-02", False),
        (None, "2026-02-01", "2026-02", True),
        (None, "2026-01-31", "2026-02", False),
        ("2026-06-01", "2026-06-02", "2026", True),
        ("2025-06-01", "2025-06-02", "2026", False),
        ("1900-01-01", None, None, False),  # undated documents are left out
        (None, None, None, True),
    ],
)
def test_dates_are_inclusive_and_keep_what_overlaps(
    since: str | None, until: str | None, published: str | None, permitted: bool
) -> None:
    given_filter = Filter(
        since=date.fromisoformat(since) if since else None,
        until=date.fromisoformat(until) if until else None,
    )
    assert given_filter.permits(document(published)) is permitted


@pytest.mark.parametrize(
    ("permitted", "expected"),
    [
        (Filter(), True),
        (Filter(doc_ids=frozenset({"x"})), True),
        (Filter(doc_ids=frozenset({"y"})), False),
        (Filter(doc_ids=frozenset()), False),
        (Filter(sources=frozenset({"Kurier"})), False),
        (Filter(languages=frozenset({"de", "en"})), True),
        (Filter(doc_ids=frozenset({"x"}), languages=frozenset({"en"})), False),
    ],
)
def test_every_part_of_a_filter_must_permit(permitted: Filter, expected: bool) -> None:
    assert permitted.permits(document()) is expected


def test_the_text_of_an_answer_carries_its_marks_and_each_citation_stands_once() -> None:
    source = document(text="Eins. Zwei.")
    one = Citation(1, source, Span(0, 5), "Eins.")
    two = Citation(2, source, Span(6, 11), "Zwei.")
    answer = Answer(
        question="?",
        language="de",
        kind="fact",
        heading="",
        sentences=(AnswerSentence("Eins.", (one, two)), AnswerSentence("Zwei.", (two,))),
        groups=(),
        probability=1.0,
        evidence=None,  # type: ignore[arg-type]
        abstention=None,
        reader="test",
    )
    assert answer.text == "Eins.[1][2] Zwei.[2]"
    assert answer.citations == (one, two)
