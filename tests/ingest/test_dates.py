"""Dates as articles write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.dates import find_date, find_dates, parse_date
from rag.types import Period

MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("am 2026-02-01 erschienen", "2026-02-01"),
        ("01.02.2026, 12:42 Uhr", "2026-02-01"),
        ("1.2.26", "2026-02-01"),
        ("1.2.99", "1999-02-01"),
        ("3. Februar 2026", "2026-02-03"),
        ("3.Februar 2026", "2026-02-03"),
        ("im Februar 2026", "2026-02"),
        ("March 5, 2025", "2025-03-05"),
        ("5th of March 2025", "2025-03-05"),
        ("Sept. 5, 2024", "2024-09-05"),
        ("5 March 2025", "2025-03-05"),
        ("date 2021-04 Text", "2021-04"),
        ("Sun, 01 Feb 2026 12:42:00 +0100", "2026-02-01"),
        ("25/01/2026", "2026-01-25"),
        ("01/25/2026", "2026-01-25"),
        ("02/01/2026", "2026"),
        ("02/02/2026", "2026-02-02"),
    ],
)
def test_a_date_is_found_as_exact_as_it_is_written(text: str, expected: str) -> None:
    assert str(find_date(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "im Jahr 2024",
        "31.02.2024",
        "31. Februar 2024",
        "2021-22",
        "2024-13-01",
        "Version 1.2.26.4",
        "3. Februar 2987",
        "50.000 Einheiten",
        "0228/5550199",
        "",
    ],
)
def test_what_is_no_possible_date_is_none(text: str) -> None:
    assert find_date(text) is None


def test_all_dates_come_in_order() -> None:
    text = "Vom 3. Februar 2024 bis 05.03.2024, neu ab May 2024"
    assert [str(found.period) for found in find_dates(text)] == [
        "2024-02-03",
        "2024-03-05",
        "2024-05",
    ]
    assert [text[found.start : found.end] for found in find_dates(text)] == [
        "3. Februar 2024",
        "05.03.2024",
        "May 2024",
    ]


@given(st.dates(date(1900, 1, 1), date(2025, 12, 31)))
def test_every_day_is_read_back_from_every_form(day: date) -> None:
    forms = (
        day.isoformat(),
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day}. {MONTHS[day.month - 1]} {day.year}",
        day.strftime("%B %d, %Y"),
        day.strftime("%d %b %Y"),
        day.strftime("%Y-%m-%dT10:00:00Z"),
    )
    for form in forms:
        assert parse_date(form) == find_date(form) == Period(day, day)


@pytest.mark.parametrize("text", ["2024", "20240203", "2024-02-03T10:00:00.000+01:00", "Feb 2024"])
def test_metadata_may_be_a_year_or_hold_a_time(text: str) -> None:
    assert parse_date(text).first.year == 2024


@pytest.mark.parametrize("text", ["", "gestern", "3. Februar 2024 in Köln", "2987", "T" * 500])
def test_metadata_that_is_no_date_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        parse_date(text)


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    for found in find_dates(text):
        assert 0 <= found.start < found.end <= len(text)
