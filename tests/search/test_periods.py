from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.periods import find_periods, months

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("Wie hoch war das Ziel im Jahr 2021?", ["2021"]),
        ("the target as of 2021", ["2021"]),
        ("im Februar 2026 und am 3. März 2025", ["2026-02", "2025-03-03"]),
        ("on 2026-02-03 and in Feb 2024", ["2026-02-03", "2024-02"]),
        ("im März", ["2026-03"]),
        ("in December", ["2025-12"]),
        ("seit Dezember", ["2025-12"]),
        ("Q3 2025, Q4/2024", ["2025-07-01/2025-09-30", "2024-10-01/2024-12-31"]),
        ("im 3. Quartal 2025", ["2025-07-01/2025-09-30"]),
        ("im dritten Quartal des Jahres 2025", ["2025-07-01/2025-09-30"]),
        ("the fourth quarter of 2025", ["2025-10-01/2025-12-31"]),
        ("im vierten Quartal", ["2026-10-01/2026-12-31"]),
        ("im zweiten Halbjahr", ["2026-07-01/2026-12-31"]),
        ("in the first half of 2025", ["2025-01-01/2025-06-30"]),
        ("in der zweiten Jahreshälfte 2024", ["2024-07-01/2024-12-31"]),
        ("in den ersten acht Monaten 2025", ["2025-01-01/2025-08-31"]),
        ("the first 3 quarters of 2025", ["2025-01-01/2025-09-30"]),
        ("H1 2024", ["2024-01-01/2024-06-30"]),
        ("zwischen 2021 und 2023", ["2021-01-01/2023-12-31"]),
        ("von 2021 bis 2023, 2019-2020", ["2021-01-01/2023-12-31", "2019-01-01/2020-12-31"]),
        ("in der Saison 2023/24", ["2023-01-01/2024-12-31"]),
        ("letztes Jahr, dieses Jahr, kommendes Jahr", ["2025", "2026", "2027"]),
        ("vorletztes Jahr und im Vorjahr", ["2024", "2025"]),
        ("this month, last month, next month", ["2026-11", "2026-10", "2026-12"]),
        ("im letzten Quartal", ["2026-07-01/2026-09-30"]),
        ("last week", ["2026-11-09/2026-11-15"]),
        ("gestern und vorgestern", ["2026-11-21", "2026-11-20"]),
        ("vor zwei Jahren", ["2024"]),
        ("3 months ago", ["2026-08"]),
        ("in den letzten drei Jahren", ["2023-11-01/2026-11-22"]),
    ],
)
def test_times_are_read_in_both_languages(text: str, periods: list[str]) -> None:
    assert [str(found.period) for found in find_periods(text, TODAY)] == periods


@pytest.mark.parametrize(
    "text",
    [
        "2000 Euro, € 2000, 2000 km, 2.000, 2000,5 und 20001",
        "der Peugeot e-2008 und der BMW X2026",
        "You may march on.",
        "im fünften Quartal, third half 2025x, H3 und Q5",
        "Mai",
    ],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert list(find_periods(text, TODAY)) == []


def test_without_a_day_to_count_from_nothing_is_relative() -> None:
    text = "letztes Jahr, im März, im 3. Quartal, gestern, aber 2024"
    assert [str(found.period) for found in find_periods(text, None)] == ["2024"]


@given(st.integers(-20, 10_020), st.integers(-300, 300), st.integers(1, 24))
def test_months_stay_within_the_calendar(year: int, month: int, count: int) -> None:
    period = months(year, month, count)
    assert period.first.day == 1
    assert (period.last.year * 12 + period.last.month) - (
        period.first.year * 12 + period.first.month
    ) == count - 1


@given(
    st.lists(
        st.sampled_from(["2024", "im", "Q3", "vor", "zwei", "Jahren", "last", "März", "-", "3."])
    )
)
def test_found_times_do_not_overlap_and_are_possible(words: list[str]) -> None:
    end = 0
    for found in find_periods(" ".join(words), date(1, 1, 1)):
        assert end <= found.start < found.end
        assert found.period.first <= found.period.last
        end = found.end


@pytest.mark.parametrize("piece", ["2024 ", "2024-", "zwischen 2024 und ", "vor ", "1.1.", "3. "])
def test_long_input_takes_linear_time(piece: str) -> None:
    start = time.process_time()
    list(find_periods(piece * 5000, TODAY))
    assert time.process_time() - start < 2
