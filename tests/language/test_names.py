"""What a question names, and what of it a text holds."""

from __future__ import annotations

import pytest

from rag.language.names import Names, held, names, same_name


@pytest.mark.parametrize(
    ("text", "language", "words", "places"),
    [
        (
            "Was kostet der SU7 Ultra in Norwegen?",
            "de",
            {"su7", "ultra", "su7 ultra"},
            {"Norwegen"},
        ),
        ("Wie viele Autos baut Tesla 2026?", "de", {"tesla", "2026"}, set()),
        ("Wie hoch sind die Strompreise?", "de", set(), set()),
        ("How many workers has the Tesla-run plant?", "en", {"tesla"}, set()),
        ("What did Müller say on Monday?", "en", {"mueller"}, set()),
        ("Is the Munich fair open?", "en", set(), {"München"}),
    ],
)
def test_a_question_names_names_numbers_and_places(
    text: str, language: str, words: set[str], places: set[str]
) -> None:
    assert names(text, language) == Names(frozenset(words), frozenset(places))


@pytest.mark.parametrize(
    ("question", "text", "share"),
    [
        ("Was kostet der SU7 Ultra in Norwegen?", "Norwegian dealers sell the SU7 Ultra.", 4),
        ("Was kostet der SU7 Ultra in Norwegen?", "The SU7 is sold in Denmark.", 1),
        ("Was plant Özdemir?", "Oezdemir plans nothing.", 1),
        ("Was plant Xiaomi?", "Xiaoim plant nichts.", 1),
        ("Was plant Tesla 2026?", "Tesla plant 2027 viel.", 1),
    ],
)
def test_a_text_holds_names_in_whatever_form(question: str, text: str, share: int) -> None:
    assert len(held(names(question, "de"), text)) == share


def test_numbers_are_never_forms_of_each_other() -> None:
    assert same_name("luther", "luthers")
    assert not same_name("su7000", "su7001")
    assert not same_name("2026", "2062")
    assert not same_name("tesla", "texas")
