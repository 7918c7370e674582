from __future__ import annotations

import pytest

from rag.search.query import analyse_question


def test_a_question_is_analysed_in_every_language_of_the_index() -> None:
    query = analyse_question("Wie viele Autos\n baut  Xiaomi?", {"de", "en"})
    assert query.text == "Wie viele Autos baut Xiaomi?"
    assert query.language == "de"
    assert set(query.terms) == {"de", "en"}
    assert "xiaomi" in query.terms["de"]


@pytest.mark.parametrize(
    ("question", "anchors"),
    [
        ("Was kostet der SU7 Ultra 2026?", {"su7", "2026"}),
        ("What is Xiaomi's target in Canada?", {"xiaomi", "canada"}),
        ("Wann baut die Bahn das Gleis?", set()),
    ],
)
def test_anchors_are_what_every_language_writes_alike(question: str, anchors: set[str]) -> None:
    assert set(analyse_question(question, {"de"}).anchors) == anchors


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
