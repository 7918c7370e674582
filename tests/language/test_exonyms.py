"""Places go by one name in German and English."""

from __future__ import annotations

import time

import pytest

from rag.language.exonyms import find_places, is_country, is_people, places


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("die Münchner Messe", "the Munich fair"),
        ("Wiens Messe", "Vienna's fair"),
        ("in der Türkei", "in Turkey"),
        ("der chinesische Hersteller", "the Chinese maker"),
        ("die Niederlande", "the Dutch"),
        ("in Österreich und Polen", "in Austria and Poland"),
        ("in den Vereinigten Staaten", "in the U.S."),
        ("in Südamerika", "in South America"),
        ("Oesterreichs Wirtschaft", "the Austrian economy"),
        ("das Vereinigte Königreich", "the United Kingdom"),
    ],
)
def test_a_place_has_one_name_in_both_languages(german: str, english: str) -> None:
    assert places(german) == places(english) != []


@pytest.mark.parametrize(
    "text",
    [
        "let us polish the island",
        "the Canarian Islands",
        "a Turing machine",
        "Schotter und Griff",
        "Finn und Dane spielen",
        "Pole Position",
    ],
)
def test_words_that_only_look_like_a_place_are_none(text: str) -> None:
    assert places(text) == []


def test_a_place_is_told_from_one_that_holds_its_name() -> None:
    assert places("Niedersachsen und Sachsen-Anhalt") == ["Niedersachsen", "Sachsen-Anhalt"]
    assert places("North America") == ["Nordamerika"]


def test_a_found_place_spans_its_words() -> None:
    text = "Ein Werk in den Vereinigten Staaten."
    (found,) = find_places(text)
    assert text[found.start : found.end] == "Vereinigten Staaten"


@pytest.mark.parametrize("name", ["Norwegen", "norwegen", "Norway", "EU", "Bayern", "Deutschlands"])
def test_a_country_is_one_in_any_form(name: str) -> None:
    assert is_country(name)


@pytest.mark.parametrize("name", ["us", "eu", "island", "German", "Dutch", "München", "Norwegerin"])
def test_a_people_a_town_or_a_small_word_is_no_country(name: str) -> None:
    assert not is_country(name)


def test_what_is_of_a_place_is_told_from_the_place() -> None:
    assert all(is_people(word) for word in ("German", "deutsche", "Dutch", "Polish", "Wiener"))
    assert not any(is_people(word) for word in ("Germany", "Deutschland", "Niederlande", "Wien"))


def test_a_long_text_takes_linear_time() -> None:
    start = time.perf_counter()
    places("Vereinigte " * 4000)
    assert time.perf_counter() - start < 2
