"""What the wording shows: kinds of questions, and sentences that hold what they ask for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.signs import KINDS, fits, kinds, signs


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Wie viele Autos baut das Werk?", {"number", "how"}),
        ("How many cars does the plant build?", {"number", "how"}),
        ("Wann öffnet der Hafen?", {"time"}),
        ("When does the port open?", {"time"}),
        ("Wo steht die Fabrik?", {"place"}),
        ("Where is the plant?", {"place"}),
        ("Wer leitet das Werk?", {"person"}),
        ("Who runs the plant?", {"person"}),
        ("What does the ride cost?", {"what", "cost"}),
        ("Fahrtkosten nach Kiel", {"cost"}),
        ("Muss ich mich anmelden?", {"whether", "contact"}),
        ("Why did they close the road?", {"why"}),
        ("Welche Unterlagen brauche ich?", {"which", "need"}),
        ("Neubau Stuttgart", set()),
    ],
)
def test_the_kinds_of_a_question_are_known_in_both_languages(
    question: str, expected: set[str]
) -> None:
    assert set(kinds(question)) == expected


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("Wie viele Autos baut das Werk?", "Es baut 500 Autos.", "Es baut viele Autos."),
        ("Wie viele Autos baut das Werk?", "Es baut fünfhundert Autos.", "Es baut Autos."),
        ("When does it open?", "It opens on Tuesday.", "It opens soon enough."),
        ("Wo steht die Fabrik?", "Sie steht in Kiel.", "Sie steht still."),
        ("Who runs the plant?", "It is run by Ada Winter.", "It is run by a woman."),
        ("Was kostet die Fahrt?", "Der Preis ist klein.", "Sie ist umsonst."),
        ("How do I contact you?", "Write to info@bahn.example.", "Write a letter."),
    ],
)
def test_a_sentence_fits_when_it_holds_what_is_asked_for(
    question: str, holds: str, lacks: str
) -> None:
    nothing: frozenset[str] = frozenset()
    assert fits(kinds(question), nothing, holds) == 1
    assert fits(kinds(question), nothing, lacks) == -1


def test_a_number_that_the_question_says_is_none_that_answers() -> None:
    said = frozenset(["wie", "viele", "autos", "baut", "sie", "2026"])
    assert fits(("number",), said, "Im Jahr 2026 baut sie Autos.") == -1
    assert fits(("number",), said, "Sie baut 2026 rund 500 Autos.") == 1


def test_a_sentence_may_hold_one_of_two_things_asked_for() -> None:
    assert fits(("number", "place"), frozenset(), "Es sind 500 Autos.") == 0


@given(st.lists(st.sampled_from(sorted(KINDS)), unique=True), st.frozensets(st.text()), st.text())
def test_fitting_is_a_share_from_minus_one_to_one(
    asked: list[str], said: frozenset[str], sentence: str
) -> None:
    assert -1 <= fits(tuple(asked), said, sentence) <= 1


@pytest.mark.parametrize(
    ("sentence", "true"),
    [
        ("Die Firma baut Autos.", {"stop"}),
        ("- Die Firma baut mit sehr vielen Leuten und mit Erfolg ihre Autos in Kiel", {"item"}),
        ("2) Die Firma baut Autos.", {"item", "stop"}),
        ("## Die Firma", {"heading"}),
        ("Baut die Firma Autos?", {"question", "heading"}),
        ("Die Firma baut folgende Autos:", {"colon", "heading"}),
        ("Tel. 0451 223344.", {"stop", "contact"}),
        ("Der Preis steigt am Montag um 3 Euro.", {"stop", "money", "time"}),
    ],
)
def test_the_form_of_a_sentence(sentence: str, true: set[str]) -> None:
    found = signs(sentence)
    flags = ("question", "colon", "stop", "item", "heading", "contact", "time", "money")
    assert {flag for flag in flags if getattr(found, flag)} == true


def test_what_is_counted_in_a_sentence() -> None:
    found = signs("Bis 2026, so der Plan, baut Kiel 12 Autos.")
    assert found.words == pytest.approx(0.9)
    assert found.digits == pytest.approx(math.log(7))
    assert found.commas == pytest.approx(math.log(3))
    assert found.capitals == pytest.approx(4 / 9)


@given(st.text())
def test_the_space_around_a_sentence_does_not_change_its_signs(sentence: str) -> None:
    assert signs(f" {sentence}\n") == signs(sentence)
    assert all(math.isfinite(each) for each in signs(sentence))
    assert 0 <= signs(sentence).capitals <= 1
