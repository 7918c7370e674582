"""What names something, by how it is written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.mentions import find_mentions
from rag.language.nouns import is_german_noun


def found(text: str, language: str) -> list[str]:
    return [text[each.start : each.end] for each in find_mentions(text, language)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Was plant Ford in Köln?", ["Ford", "Köln"]),
        ("Wie viele Autos baut Volkswagen?", ["Volkswagen"]),
        ("Wo liegt Wolfsburg?", ["Wolfsburg"]),
        ("Was kostet der SU7 Ultra?", ["SU7 Ultra"]),
        ("Was kostet der Taycan?", ["Taycan"]),
        ("Wer leitet das Tesla-Werk?", ["Tesla"]),
        ("Was sagt Anna Kell?", ["Anna Kell"]),
        ("Wer gewann den Super Bowl?", ["Super Bowl"]),
        ("Was plant DeepMotion?", ["DeepMotion"]),
        ("Wie hoch sind die Strompreise?", []),
        ("Was verdient ein Dirigent?", []),
        ("Wie lange hält der Akku?", []),
        ("Wie viele Akkus sind es?", []),
        ("Wie fährt die U-Bahn?", []),
        ("Was geschah im 18. Jahrhundert?", []),
        ("Wozu dient die Anlage am Montag?", []),
    ],
)
def test_german_names_are_told_from_nouns(text: str, named: list[str]) -> None:
    assert found(text, "de") == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("When does Ford open on Monday?", ["Ford"]),
        ("What did the President say in May?", []),
        ("How many Teslas were sold?", ["Teslas"]),
        ("Who makes the SU7 Ultra?", ["SU7 Ultra"]),
        ("Which German cars are sold in Norway?", ["Norway"]),
        ("Is the Model Y cheaper?", ["Model Y"]),
        ("Does the council support Kell's plan?", ["Kell"]),
    ],
)
def test_english_names_are_told_from_other_capitals(text: str, named: list[str]) -> None:
    assert found(text, "en") == named


@pytest.mark.parametrize("word", ["Spiel", "Häuser", "Strompreise", "Autos", "Spiele", "Kultur"])
def test_common_nouns_are_known_without_an_article(word: str) -> None:
    assert is_german_noun(word, determined=False)


@pytest.mark.parametrize("word", ["Akku", "Akkus", "Dirigent", "Kiels"])
def test_rare_nouns_need_an_article(word: str) -> None:
    assert is_german_noun(word, determined=True)
    assert not is_german_noun(word, determined=False)


@pytest.mark.parametrize("word", ["Ford", "Tesla", "Volkswagen", "Opel", "Kramer", "Armenien"])
def test_names_are_no_nouns_even_with_an_article(word: str) -> None:
    assert not is_german_noun(word, determined=True)


@given(st.text("aA. -'57ßÜSU Tesla-Werk in der", max_size=40), st.sampled_from(["de", "en", "fr"]))
def test_mentions_are_in_order_and_apart(text: str, language: str) -> None:
    ends = [0]
    for each in find_mentions(text, language):
        assert ends[-1] <= each.start <= each.core < each.end <= len(text)
        ends.append(each.end)


@pytest.mark.parametrize("piece", ["Tesla-", "Tesla ", "der ", "A.", "'s "])
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    start = time.perf_counter()
    find_mentions(piece * 400, "de")
    assert time.perf_counter() - start < 2
