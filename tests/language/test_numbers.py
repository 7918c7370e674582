"""Numbers: spellings that meet in one term, across languages, and those that must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.analysis import analyse


@pytest.mark.parametrize(
    ("german", "english", "term"),
    [
        ("550.000", "550,000", "550000"),
        ("550 000", "550 000", "550000"),
        ("550\u00a0000", "550\u202f000", "550000"),
        ("550.000", "550000", "550000"),
        ("550 Tausend", "550 thousand", "550000"),
        ("0,55 Millionen", "0.55 million", "550000"),
        ("1.234,5", "1,234.5", "1234.5"),
        ("8,6", "8.6", "8.6"),
        ("8,60", "8.6", "8.6"),
        ("49,00", "49", "49"),
        ("8,6 Milliarden", "8.6 billion", "8600000000"),
        ("8,6 Mrd. Euro", "$8.6bn", "8600000000"),
        ("8,6 Mia.", "8.6-billion", "8600000000"),
        ("8.600.000.000", "8,600,000,000", "8600000000"),
        ("zwei Millionen", "two million", "2000000"),
        ("2 Mio.", "2mn", "2000000"),
        ("eine halbe Million", "0.5 million", "500000"),
        ("3 Billionen", "3 trillion", "3000000000000"),
        ("8.6", "8,6", "8.6"),  # the other language's decimal mark
        ("550,000", "550.000", "550000"),  # and what divides its thousands
        ("1,250", "1.250", "1250"),  # could be either, so it is both
        ("1,250", "1.250", "1.25"),
        ("0,125", "0.125", "0.125"),
        ("0.125", "0,125", "0.125"),
    ],
)
def test_a_number_is_the_same_term_in_both_languages(german: str, english: str, term: str) -> None:
    assert term in analyse(german, "de")
    assert term in analyse(english, "en")


@pytest.mark.parametrize(
    ("text", "language", "term"),
    [
        ("550.000", "de", "550"),
        ("550,000", "en", "550"),
        ("550,000", "de", "550"),
        ("1.250", "de", "1.25"),
        ("1,250", "en", "1.25"),
        ("8,6", "de", "86"),
        ("3 Billionen", "de", "3000000000"),
        ("3 billion", "en", "3000000000000"),
    ],
)
def test_a_number_has_no_reading_that_its_language_rules_out(
    text: str, language: str, term: str
) -> None:
    assert term not in analyse(text, language)


def test_an_abbreviated_scale_and_its_word_are_one_term() -> None:
    assert analyse("8,6 Mrd.", "de") == analyse("8,6 Milliarden", "de")
    assert analyse("8,6 Mio", "de") == analyse("8,6 Millionen", "de")
    assert analyse("8.6bn", "en") == analyse("8.6 billion", "en") == analyse("8.6 billions", "en")


def test_a_date_gives_its_parts() -> None:
    assert analyse("15.03.2026", "de") == analyse("15.3.2026", "de") == ["15", "3", "2026"]
    assert set(analyse("2026-03-15", "de")) == {"15", "3", "2026"}


def test_a_year_before_a_number_is_none_of_its_thousands() -> None:
    assert analyse("2025 300 Autos", "de") == ["2025", "300", "auto"]


def test_numbers_side_by_side_are_found_one_by_one_too() -> None:
    assert {"110", "220", "110220"} <= set(analyse("110 220", "de"))


def test_a_range_and_a_score_give_both_numbers() -> None:
    assert analyse("2014-2015", "de") == ["2014", "2015"]
    assert analyse("23:16", "en") == ["23", "16"]


def test_a_code_with_digits_is_no_number() -> None:
    assert analyse("A380 5G SU7", "de") == ["a380", "5g", "su7"]


@given(st.integers(0, 10**15 - 1), st.sampled_from(["de", "en"]))
def test_any_whole_number_is_found_however_its_thousands_are_divided(
    number: int, language: str
) -> None:
    for separator in ",.\u00a0":
        assert str(number) in analyse(f"{number:,}".replace(",", separator), language)


@given(
    st.integers(0, 10**6),
    st.integers(1, 99),
    st.sampled_from(
        [("Mio.", "million", 6), ("Mrd.", "billion", 9), ("Billionen", "trillion", 12)]
    ),
)
def test_a_scaled_number_has_its_value(
    whole: int, hundredths: int, scale: tuple[str, str, int]
) -> None:
    german, english, zeros = scale
    value = str((whole * 100 + hundredths) * 10 ** (zeros - 2))
    assert value in analyse(f"{whole},{hundredths:02} {german}", "de")
    assert value in analyse(f"{whole}.{hundredths:02} {english}", "en")


@given(st.text(alphabet="0123456789., -bnmiorz%", max_size=60), st.sampled_from(["de", "en", "fr"]))
def test_any_row_of_digits_gives_terms(text: str, language: str) -> None:
    assert all(term and len(term) <= 100 for term in analyse(text, language))
    assert not any(c.isdigit() for c in text) or analyse(text, language)
