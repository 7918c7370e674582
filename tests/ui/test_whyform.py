from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.features import FEATURES
from rag.types import Hit, Span
from rag.whyform import NAMES, NOTHING, why_html
from tests.ui.answers import TEXT, Parsed, document, hit

HIT = hit(document(), Span(26, 44))  # parts of the score: .7, .35, 0 and -.05
PARTS = st.floats(-1e6, 1e6)


def rows(parsed: Parsed) -> list[str]:
    """The table, a line a row, its head and foot among them."""
    return [row.text for row in parsed.all("tr")]


def bars(parsed: Parsed) -> list[tuple[str, str]]:
    """Class and width of each bar."""
    return [
        (bar.attributes["class"], bar.attributes["style"])
        for bar in parsed.all("span")
        if "bar" in bar.attributes["class"].split()
    ]


def test_every_feature_of_the_search_has_a_name_in_both_languages() -> None:
    assert set(NAMES) == set(FEATURES)
    for names in NAMES.values():
        assert all(names)
    assert len({german for german, _ in NAMES.values()}) == len(NAMES)
    assert len({english for _, english in NAMES.values()}) == len(NAMES)


def test_a_german_question_reads_the_parts_of_the_score_in_german() -> None:
    parsed = Parsed(why_html(HIT, "de"))
    assert parsed.all("summary")[0].text == "Warum gefunden?"
    assert rows(parsed) == [
        "MerkmalWertAnteil an der Bewertung",
        "Nächster Satz0,90070\N{NO-BREAK SPACE}%",
        "Titel0,50035\N{NO-BREAK SPACE}%",
        "Länge0,650−5\N{NO-BREAK SPACE}%",
        "Bewertung1,000",
    ]


def test_any_other_question_reads_them_in_english() -> None:
    parsed = Parsed(why_html(HIT, "fr"))
    assert parsed.all("summary")[0].text == "Why found?"
    assert rows(parsed)[1:4] == ["Nearest sentence0.90070%", "Title0.50035%", "Length0.650−5%"]


def test_the_details_are_closed_and_quote_the_nearest_sentence_in_its_language() -> None:
    parsed = Parsed(why_html(HIT, "en"))
    assert "open" not in parsed.all("details")[0].attributes
    (quote,) = parsed.all("q")
    assert quote.text == Span(26, 44).of(TEXT)
    assert quote.attributes["lang"] == "de"


def test_a_bar_is_as_wide_as_its_share_and_hollow_where_it_lowers_the_score() -> None:
    assert bars(Parsed(why_html(HIT, "de"))) == [
        ("bar", "width:70%"),
        ("bar", "width:35%"),
        ("bar less", "width:5%"),
    ]


@given(st.dictionaries(st.sampled_from(FEATURES), PARTS, min_size=1))
def test_no_bar_leaves_its_cell_whatever_the_score(parts: dict[str, float]) -> None:
    given_ = replace(HIT, score=sum(parts.values()), features=parts, contributions=parts)
    parsed = Parsed(why_html(given_, "en"))
    widths = [int(style.removeprefix("width:").removesuffix("%")) for _, style in bars(parsed)]
    assert all(0 <= width <= 100 for width in widths)
    shown = [part for part in parts.values() if part]
    assert len(rows(parsed)) == (2 + len(shown) if shown else 0)
    assert len(widths) == (len(shown) if given_.score > NOTHING else 0)


@pytest.mark.parametrize("contributions", [{}, {"title": 0.0}])
def test_a_hit_without_features_says_nothing(contributions: dict[str, float]) -> None:
    assert why_html(replace(HIT, contributions=contributions), "de") == ""


def test_a_feature_without_a_name_here_keeps_its_own_escaped_and_may_lack_a_value() -> None:
    given_: Hit = replace(HIT, contributions={"<b>new</b>": 0.5}, score=0.5)
    assert rows(Parsed(why_html(given_, "en")))[1] == "<b>new</b>–100%"
