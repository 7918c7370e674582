from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.page.edge import Choice
from rag.page.timeline import LABEL, _rows, timeline_svg
from rag.page.view import Card, Origin, Quote, Said, Turn, Why
from tests.ui.answers import Parsed


def card(doc_id: str, published: str | None, *numbers: int, score: float = 0.9) -> Card:
    origin = Origin(doc_id, f"Titel {doc_id}", "Bote", published, "de", None)
    quotes = tuple(Quote(n, 0, 3, "Text", "") for n in numbers)
    return Card(origin, 0, "Text", quotes, None, (), Why("Text", score, {}, {}))


def turn(*cards: Card, said: Sequence[Said] = ()) -> Turn:
    return Turn(
        "k", "Wann?", "de", "fact", "Antwort", tuple(said), (), cards, Choice(), "Wann?", "hand"
    )


def drawn(*cards: Card, said: Sequence[Said] = (), language: str = "de") -> Parsed:
    """The line of an answer in this language."""
    return Parsed(timeline_svg(replace(turn(*cards, said=said), language=language)))


def test_three_dates_make_a_line_and_two_do_not() -> None:
    cards = [card("a", "2024", 1), card("b", "2025-03"), card("c", "2025-03")]
    assert timeline_svg(turn(*cards)) == ""
    links = drawn(*cards, card("d", "2026-02-01")).all("a")
    assert [link.attributes["class"] for link in links] == ["dot", "dot", "dot", "point"]


def test_nothing_is_drawn_where_nothing_is_cited() -> None:
    assert timeline_svg(turn(*(card(str(n), str(2020 + n)) for n in range(4)))) == ""


def test_an_article_without_a_date_or_much_further_off_is_left_out() -> None:
    parsed = drawn(
        card("a", "2024", 1),
        card("b", "2025"),
        card("c", "2026"),
        card("d", None, 2),
        card("e", "2023", score=0.84),
    )
    assert len(parsed.all("a")) == 3


def test_an_article_stands_on_the_line_once() -> None:
    parsed = drawn(card("a", "2024", 1), card("b", "2025"), card("c", "2026"), card("a", "2024", 2))
    (point,) = parsed.all("a", "point")
    assert point.attributes["href"] == "#c-k-0"


def test_dates_are_written_as_readers_of_the_page_write_them_and_follow_each_other() -> None:
    cards = [
        card("a", "2025-12-01", 1),
        card("b", "2025-09-05"),
        card("c", "2025-10"),
        card("d", "2026-02"),
    ]
    english = drawn(*cards, language="en")
    assert [a.attributes["aria-label"].split(" · ")[0] for a in english.all("a")] == [
        "5 Sept 2025",
        "Oct 2025",
        "Feb 2026",
        "1 Dec 2025",
    ]
    ticks = [text.text for text in english.all("text", "quiet")]
    assert ticks == ["Oct 2025", "Nov", "Dec", "Jan 2026", "Feb"]
    assert "1. Dez. 2025" in drawn(*cards).text
    assert "1 Dec 2025" not in drawn(*cards).text


def test_a_differing_figure_stands_at_its_date() -> None:
    said = [
        Said("Es sind 550.", "de", (1,), 0, ("550",)),
        Said("Es sind 480.", "de", (2,), 1, ("480",)),
    ]
    parsed = drawn(
        card("a", "2025-03-01", 1), card("b", "2026-01-05", 2), card("c", "2026-02"), said=said
    )
    assert [p.attributes["aria-label"] for p in parsed.all("a", "differs")] == [
        "550 · 1. März 2025 · Titel a · Bote",
        "480 · 5. Jan. 2026 · Titel b · Bote",
    ]
    assert [text.text for text in parsed.all("text", "figure")] == ["550", "480"]
    assert "abweichende Angabe" in parsed.text


def test_titles_and_figures_are_escaped() -> None:
    hostile = '"><script>'
    first = card("a", "2024", 1)
    cards = (
        replace(first, origin=replace(first.origin, title=hostile)),
        card("b", "2025"),
        card("c", "2026"),
    )
    said = [Said("x", "de", (1,), 0, (hostile,))]
    assert "<script>" not in timeline_svg(turn(*cards, said=said))


DATES = st.dates().map(lambda day: f"{day:%Y}".zfill(4) + f"{day:-%m-%d}")


@given(st.lists(DATES, min_size=3, max_size=12), st.booleans())
def test_everything_lies_on_the_page_whatever_the_dates(dates: list[str], cited: bool) -> None:
    cards = [card(str(n), day, *([n + 1] if cited or not n else [])) for n, day in enumerate(dates)]
    for circle in drawn(*cards).all("circle"):
        assert 0 <= float(circle.attributes["cx"].removesuffix("%")) <= 100
        assert float(circle.attributes["cy"]) > 0


@given(st.lists(st.floats(0, 100), max_size=9).map(sorted))
def test_no_two_labels_of_a_row_overlap(places: list[float]) -> None:
    rows = _rows(places)
    for row in set(rows):
        own = [place for place, at in zip(places, rows, strict=True) if at == row]
        assert all(b - a >= LABEL for a, b in pairwise(own))
