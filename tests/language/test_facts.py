"""Words that carry a fact, in German and English."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.facts import facts, is_fact, is_number, words


def test_facts_keep_their_order() -> None:
    text = "Am 30. April waren es nicht 4.900 Fälle, sondern –5 %."
    assert facts(text) == ("30", "april", "nicht", "4.900", "–5", "%")


FACTS = """550.000 8,6 m² zwölf dreissig achthunderttausend zweiter anderthalb halbiert mio
milliarden twelve twenty-one billion third twice half doubled januar dienstags gestern vorjahr may
tuesday yesterday nicht keinerlei ohne unwahrscheinlich never didn't cannot dementierte denied €"""
PLAIN = """und eine einer der werk bauen sagte konzern einig unterwegs the plant said one-off forte
company"""


@pytest.mark.parametrize("word", FACTS.split())
def test_numbers_dates_and_denials_are_facts(word: str) -> None:
    assert is_fact(word)


@pytest.mark.parametrize("word", PLAIN.split())
def test_other_words_are_none(word: str) -> None:
    assert not is_fact(word)


def test_words_are_numbers_with_separators_names_with_hyphens_and_signs() -> None:
    found = words("Die E-Autos kosten 40.500,50 € (rund 5km) um 9:30")
    assert " ".join(found) == "Die E-Autos kosten 40.500,50 € rund 5 km um 9:30"
    assert words("Mas\u00adsen") == ["Massen"]


@given(st.text())
def test_every_digit_is_in_a_number(text: str) -> None:
    digits = [c for word in words(text) if is_number(word.casefold()) for c in word]
    found = words(text)
    assert [c for c in digits if c.isnumeric()] == [c for w in found for c in w if c.isnumeric()]


@pytest.mark.parametrize("text", ["9." * 50_000, "ein" * 50_000, "a-" * 50_000, "un" * 50_000])
def test_hostile_text_takes_linear_time(text: str) -> None:
    start = time.process_time()
    facts(text)
    assert time.process_time() - start < 1
