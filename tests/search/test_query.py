from __future__ import annotations

import time
from datetime import date

import pytest

from rag.search.query import analyse_question


def test_a_question_is_analysed_in_every_language_of_the_index() -> None:
    query = analyse_question("Wie viele Autos\n baut  Xiaomi?", {"de", "en"})
    assert query.text == "Wie viele Autos baut Xiaomi?"
    assert query.language == "de"
    assert set(query.terms) == {"de", "en"}
    assert "xiaomi" in query.terms["de"]


def test_small_words_of_one_language_are_no_words_of_another() -> None:
    terms = analyse_question("Was war die Batterie für das Auto?", {"de", "en"}).terms
    assert list(terms["en"]) == ["batteri", "auto"]
    assert analyse_question("Will the man die?", {"de"}).terms["de"] == ["man", "die"]


def test_a_number_means_in_every_language_what_it_means_in_the_question() -> None:
    query = analyse_question("Did it really sell 8.6 billion or 550,000 cars?", {"de", "en"})
    numbers = {term for term in query.terms["de"] if term[0].isdigit()}
    assert numbers == {term for term in query.terms["en"] if term[0].isdigit()}
    assert numbers >= {"8.6", "550000"}


def test_a_question_carries_its_time() -> None:
    query = analyse_question("Wie viele im letzten Jahr?", {"de"}, date(2026, 11, 22))
    assert query.time is not None
    assert [str(period) for period in query.time.named] == ["2025"]
    assert analyse_question("Wie viele?", {"de"}).time is None


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Wie viele Treffen gab es?", True),
        ("How much does it cost?", True),
        ("Wie hoch ist der Zoll?", True),
        ("Wo steht das Werk?", False),
        ("Who said so?", False),
    ],
)
def test_a_question_for_a_number_is_told(question: str, asks: bool) -> None:
    assert analyse_question(question, {"de"}).asks_number is asks


@pytest.mark.parametrize("piece", ['"ab" ', "„", "Abc-", "1.", "'s ", "»a"])
def test_a_hostile_question_takes_linear_time(piece: str) -> None:
    start = time.process_time()
    analyse_question(piece * 4000, {"de", "en"}, date(2026, 11, 22))
    assert time.process_time() - start < 3
