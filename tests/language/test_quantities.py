"""Amounts, as exact as they are written, in both languages."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.former import is_former
from rag.language.quantities import COUNT, Quantity, quantities


def only(text: str, language: str = "de") -> Quantity:
    (found,) = quantities(text, language)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("rund 8,6 Mrd. Euro", "de"), ("8.61 billion euros", "en")),
        (("mehr als 5.000 Leute", "de"), ("5,400 people", "en")),
        (("zwischen 800 und 1.000 Stellen", "de"), ("900 jobs", "en")),
        (("4200 Meter", "de"), ("4.2 kilometres", "en")),
        (("2.300 Wattstunden", "de"), ("2.3 kWh", "en")),
        (("sechs Ladepunkte", "de"), ("6 chargers", "en")),
        (("eine halbe Million Euro", "de"), ("500.000 €", "de")),
        (("täglich 400 Kubikmeter", "de"), ("400 Kubikmeter Wasser pro Tag", "de")),
        (("drei Monate", "de"), ("90 days", "en")),
    ],
)
def test_equal_amounts_agree_however_they_are_written(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert only(*one).agrees(only(*other))
    assert only(*other).agrees(only(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("8,6 Mrd. Euro", "7,9 Mrd. Euro"),
        ("8,6 Mrd. Euro", "8,6 Mio. Euro"),
        ("3,20 Euro", "3,60 Euro"),
        ("30.000 Euro", "30.000 Dollar"),
        ("mehr als 5.000 Leute", "4.300 Leute"),
        ("bis zu 320 km/h", "380 km/h"),
        ("12 Euro pro Stunde", "12 Euro pro Tag"),
        ("400 kWh", "400 kW"),
        ("83 Jahre", "84 Jahre"),
    ],
)
def test_other_amounts_do_not_agree(one: str, other: str) -> None:
    assert not only(one).agrees(only(other))


@pytest.mark.parametrize(
    "text",
    [
        "im Jahr 2026",
        "am 3. Oktober",
        "on 12 May",
        "May 12",
        "um 14.20 Uhr",
        "am 15.03.2026",
        "der SU7 und der ID.3",
        "Die Linie 7 wird verlängert",
        "einer von uns",
    ],
)
def test_dates_codes_and_items_are_no_amounts(text: str) -> None:
    assert quantities(text, "de") == ()


def test_what_is_replaced_is_told_apart_and_gets_the_unit() -> None:
    old, new = quantities("Der Kofferraum schrumpft von 490 auf 435 Liter.", "de")
    assert (old.former, new.former) == (True, False)
    assert old.unit == new.unit == "volume"
    text = "It lowers the density from the promised 420 to 365 watt-hours per kilogram."
    old, new = quantities(text, "en")
    assert (old.former, old.unit, old.rate) == (True, "energy", new.rate)


def test_a_year_before_a_range_word_is_no_amount() -> None:
    text = "The bank cut its profit for 2025 to 275 million euros."
    assert only(text, "en").agrees(only("275 Mio. Euro"))


def test_a_range_is_one_amount_only_if_it_rises() -> None:
    assert only("2.140 bis 2.460 kg").low < 2200 < only("2.140 bis 2.460 kg").high
    assert len(quantities("180 Tagen bis 90 Tagen", "de")) == 2


def test_only_the_marked_value_is_former() -> None:
    text = "nicht mehr 2025, sondern erst 2027"
    assert is_former(text, text.index("2025"), text.index(","))
    assert not is_former(text, text.index("2027"), len(text))


@given(st.integers(2, 10**12), st.sampled_from([COUNT, "Euro", "km", "Prozent"]))
def test_an_amount_holds_the_number_that_is_written(number: int, name: str) -> None:
    text = f"Es sind {number:,} {name if name != COUNT else 'Dinge'}.".replace(",", ".")
    for found in quantities(text, "de"):  # none where the number reads as a year
        factor = 1000 if name == "km" else 1
        assert found.low <= number * factor <= found.high


@given(st.text(max_size=80), st.sampled_from(["de", "en", "fr"]))
def test_any_text_is_read_in_order(text: str, language: str) -> None:
    found = quantities(text, language)
    assert [each.start for each in found] == sorted(each.start for each in found)
    for each in found:
        assert 0 <= each.low <= each.high
        assert each.agrees(each)
        assert not math.isinf(each.middle)
