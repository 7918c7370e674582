from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.page.view import Why
from rag.page.why import NOTHING, why_html
from rag.page.words import FEATURES as NAMES
from rag.search.features import FEATURES
from tests.ui.answers import QUOTE, TEXT, Parsed, document, hit

HIT = hit(document(), QUOTE)  # parts of the score: .7, .35, 0 and -.05
WHY = Why(QUOTE.of(TEXT), HIT.score, dict(HIT.features), dict(HIT.contributions))
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
    parsed = Parsed(why_html(WHY, "de", "de"))
    assert parsed.all("summary")[0].text == "Warum gefunden?"
    assert rows(parsed) == [
        "MerkmalWertAnteil an der Bewertung",
        "Nächster Satz0,90070\N{NO-BREAK SPACE}%",
        "Titel0,50035\N{NO-BREAK SPACE}%",
        "Länge0,650−5\N{NO-BREAK SPACE}%",
        "Bewertung1,000",
    ]


def test_any_other_question_reads_them_in_english() -> None:
    parsed = Parsed(why_html(WHY, "fr", "de"))
    assert parsed.all("summary")[0].text == "Why found?"
    assert rows(parsed)[1:4] == ["Nearest sentence0.90070%", "Title0.50035%", "Length0.650−5%"]


def test_the_details_are_closed_and_quote_the_nearest_sentence_in_its_language() -> None:
    parsed = Parsed(why_html(WHY, "en", "de"))
    assert "open" not in parsed.all("details")[0].attributes
    (quote,) = parsed.all("q")
    assert quote.text == QUOTE.of(TEXT)
    assert quote.attributes["lang"] == "de"


def test_a_bar_is_as_wide_as_its_share_and_hollow_where_it_lowers_the_score() -> None:
    assert bars(Parsed(why_html(WHY, "de", "de"))) == [
        ("bar", "width:70%"),
        ("bar", "width:35%"),
        ("bar less", "width:5%"),
    ]


@given(st.dictionaries(st.sampled_from(FEATURES), PARTS, min_size=1))
def test_no_bar_leaves_its_cell_whatever_the_score(parts: dict[str, float]) -> None:
    score = sum(parts.values())
    parsed = Parsed(why_html(Why("", score, parts, parts), "en", "de"))
    widths = [int(style.removeprefix("width:").removesuffix("%")) for _, style in bars(parsed)]
    assert all(0 <= width <= 100 for width in widths)
    shown = [part for part in parts.values() if part]
    assert len(rows(parsed)) == (2 + len(shown) if shown else 0)
    assert len(widths) == (len(shown) if score > NOTHING else 0)


@pytest.mark.parametrize("contributions", [{}, {"title": 0.0}])
def test_a_hit_without_features_says_nothing(contributions: dict[str, float]) -> None:
    assert why_html(Why("", 1.0, {}, contributions), "de", "de") == ""


def test_a_feature_without_a_name_here_keeps_its_own_escaped_and_may_lack_a_value() -> None:
    why = Why("", 0.5, {}, {"<b>new</b>": 0.5})
    assert rows(Parsed(why_html(why, "en", "de")))[1] == "<b>new</b>–100%"
