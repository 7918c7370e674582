"""Terms for lexical search: which spellings meet, what is dropped, laws on any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.analysis import ANALYSIS_VERSION, analyse


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("München", "Muenchen"),
        ("MÜNCHEN", "Mu\u0308nchen"),
        ("Straße", "Strasse"),
        ("STRASSEN", "Straße"),
        ("Häuser", "Haus"),
        ("Fußball", "Fussball"),
        ("Cafés", "Cafes"),
        ("E-Autos", "E-Auto"),
        ("eAuto", "E-Auto"),
        ("550.000", "550,000"),
        ("550.000", "550000"),
        ("1.234,5", "1,234.5"),
        ("8,6", "8.6"),
        ("SU7", "su7"),
        ("YU-7", "YU7"),
        ("Mas\u00adsen", "Massen"),
        ("\ufb01nal", "final"),
    ],
)
def test_two_spellings_share_a_term_in_german(left: str, right: str) -> None:
    assert set(analyse(left, "de")) & set(analyse(right, "de"))


@pytest.mark.parametrize(
    ("left", "right"),
    [("550.000", "550"), ("8,6", "86"), ("SU7", "YU7"), ("8.600", "8.6")],
)
def test_different_things_share_no_term(left: str, right: str) -> None:
    assert not set(analyse(left, "de")) & set(analyse(right, "de"))


def test_a_hyphenated_word_gives_the_whole_and_its_parts() -> None:
    assert analyse("SU7-Modell", "de") == ["su7modell", "su7", "modell"]


def test_stop_words_go_unless_there_is_nothing_else() -> None:
    assert analyse("Wann ist der Start in Ulm?", "de") == ["wann", "start", "ulm"]
    assert analyse("What is the launch date?", "en") == ["launch", "date"]
    assert analyse("Wer ist das?", "de") == ["wer", "ist", "das"]
    assert analyse("to be or not to be", "en") == ["to", "be", "or", "not", "to", "be"]


def test_each_language_has_its_own_stemmer_and_others_none() -> None:
    assert analyse("productions", "en") == ["product"]
    assert analyse("Produktionen", "de") == ["produktion"]
    assert analyse("Élections présidentielles", "fr") == ["elections", "presidentielles"]


def test_a_date_gives_its_parts_and_a_version_too() -> None:
    assert analyse("15.03.2026", "de") == ["15", "03", "2026"]
    assert analyse("um 12.42 Uhr", "de") == ["12.42", "uhr"]


def test_what_is_too_long_for_a_word_gives_no_term() -> None:
    assert analyse("a" * 101 + " Haus", "de") == ["haus"]


@given(st.text(), st.sampled_from(["de", "en", "fr", "ru", "zh"]))
def test_terms_are_never_empty_nor_hold_white_space(text: str, language: str) -> None:
    terms = analyse(text, language)
    assert all(term and term.split() == [term] for term in terms)
    assert terms == analyse(text, language)


@given(st.text(alphabet="abcdefgäöüßéèñ", min_size=1, max_size=12), st.sampled_from(["de", "en"]))
def test_case_makes_no_difference(word: str, language: str) -> None:
    assert (
        analyse(word, language)
        == analyse(word.title(), language)
        == analyse(word.upper(), language)
    )


@pytest.mark.parametrize("unit", ["1.", "1", "a-", "a", "\u0301", "a b ", "1,", "'"])
def test_time_grows_no_faster_than_hostile_text(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit)) + "x"
        start = time.perf_counter()
        analyse(text, "de")
        return time.perf_counter() - start

    seconds(1_000)
    assert seconds(400_000) < 10 * min(seconds(100_000) for _ in range(2)) + 0.1


def test_the_version_is_a_string_for_the_catalog() -> None:
    assert ANALYSIS_VERSION
    assert isinstance(ANALYSIS_VERSION, str)
