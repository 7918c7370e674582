"""Dates as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.dates import parse_date, spoken
from rag.types import Period

DAYS = st.dates(date(1700, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("iso", "german", "english", "short"),
    [
        ("2025-09-19", "19. September 2025", "19 September 2025", "19. Sept. 2025"),
        ("2025-03-01", "1. März 2025", "1 March 2025", "1. März 2025"),
        ("2025-10", "Oktober 2025", "October 2025", "Okt. 2025"),
        ("2025", "2025", "2025", "2025"),
    ],
)
def test_a_date_is_written_as_exactly_as_it_is_known(
    iso: str, german: str, english: str, short: str
) -> None:
    period = Period.parse(iso)
    assert spoken(period, "de") == german
    assert spoken(period, "en") == spoken(period, "fr") == english
    assert spoken(period, "de", short=True) == short


def test_a_free_range_has_two_ends() -> None:
    period = Period(date(2025, 12, 30), date(2026, 1, 2))
    assert spoken(period, "de") == "30. Dezember 2025 – 2. Januar 2026"


@given(DAYS, st.sampled_from([4, 7, 10]), st.sampled_from(["de", "en"]), st.booleans())
def test_what_is_written_can_be_read_again(
    day: date, exact: int, language: str, short: bool
) -> None:
    period = Period.parse(day.isoformat()[:exact])
    assert parse_date(spoken(period, language, short=short)) == period
