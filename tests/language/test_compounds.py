"""Splitting German compounds: words with one right reading, words to leave alone, laws."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.compounds import (
    DATA,
    LONGEST,
    SHORTEST,
    SPELT_OUT,
    parts_of_compounds,
    split_compound,
)

COMPOUNDS = """
auslieferungs|ziel auslieferungs|ziele elektro|auto elektro|autos lade|saeulen netz|entgelt
massen|produktion europa|start liefer|kette produktions|start batterie|fabrik straf|zoelle
einfuhr|zoll klima|schutz|gesetz waerme|pumpe elektro|last|wagen auto|hersteller rueck|ruf
schnell|lade|station bundes|netz|agentur quartals|zahlen umwelt|bonus bestell|rekord
kranken|versicherungs|karte aufenthalts|erlaubnis integrations|kurs sprach|kurse kinder|geld
wohn|geld|antrag mindest|lohn geburts|urkunde steuer|erklaerung haus|tuer|schluessel
sommer|ferien auslaender|behoerde bundes|verfassungs|gericht miet|vertrag
staats|angehoerigkeit druck|erzeugnis druck|erzeugnisse stau|becken auto|export
donau|dampf|schifffahrts|gesellschaft wasser|stoff verbrennungs|motor zahn|arzt
eltern|zeit zins|erhoehung aktien|kurs umwelt|freundlich
"""
SIMPLE = """
ministern minister xiaomi tesla byd mercedes renault northvolt ionara modena peking münchen
nürnberg hamburg frankfurt stuttgart merkel schumacher hoffmann
universität information situation portion million milliarden gesundheit freundschaft
wirtschaft mannschaft regierung bevölkerung gründung versicherung entwicklung unternehmen
politiker lehrerinnen schülerinnen studierende islamismus imperialismus montag februar
football computer smartphone software marketing manager interceptions september
erhalten verteidigung apotheke abonnement anwalt auto ziel haus
"""


@pytest.mark.parametrize("expected", COMPOUNDS.split())
def test_a_compound_falls_into_its_parts(expected: str) -> None:
    assert "|".join(split_compound(expected.replace("|", ""))) == expected


@pytest.mark.parametrize("word", SIMPLE.split())
def test_a_simple_word_or_a_name_stays_whole(word: str) -> None:
    assert split_compound(word) == ()


@pytest.mark.parametrize(
    ("umlauts", "spelt_out"),
    [("ladesäule", "ladesaeule"), ("haustürschloß", "haustuerschloss"), ("ölpreis", "oelpreis")],
)
def test_umlauts_make_no_difference(umlauts: str, spelt_out: str) -> None:
    assert split_compound(umlauts) == split_compound(spelt_out) != ()


def test_every_part_of_the_list_is_plain_and_counts() -> None:
    parts = parts_of_compounds()
    assert len(parts.first) > 5_000
    assert len(parts.lemmas) > 5_000
    assert all(part.isalpha() and part.isascii() for part in [*parts.first, *parts.lemmas])
    assert min([*parts.first.values(), *parts.last.values()]) > 0


def test_the_list_is_small_enough_to_ship() -> None:
    assert DATA.stat().st_size < 300_000


@given(st.text(alphabet=string.ascii_lowercase + "äöüß", max_size=LONGEST + 10))
def test_the_parts_are_the_word(word: str) -> None:
    parts = split_compound(word)
    spelt_out = word.translate(SPELT_OUT)
    assert not parts or "".join(parts) == spelt_out
    assert len(parts) != 1
    assert all(len(part) >= SHORTEST for part in parts)


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    split_compound(text)


def test_the_longest_words_take_no_longer_than_a_moment() -> None:
    first = max(parts_of_compounds().first, key=lambda part: (-len(part), part))
    words = [first * 40, "arbeits" * 8, "e" * LONGEST, "a" * 100_000, "haus" * 15]
    start = time.perf_counter()
    for word in words:
        split_compound(word[:LONGEST])
        split_compound(word)
    assert time.perf_counter() - start < 0.5
