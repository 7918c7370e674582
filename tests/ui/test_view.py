from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag.errors import RagError
from rag.page.conversation import FORM, kept, turns
from rag.page.edge import Choice
from rag.page.view import Turn, view
from rag.types import AnswerSentence, Hit, Span
from tests.ui.answers import (
    QUOTE,
    TEXT,
    abstention,
    answer,
    citation,
    copy,
    document,
    evidence,
    hit,
)

FIRST, LAST = Span(0, 25), Span(45, len(TEXT))


def turn(*spans: Span, groups: tuple[tuple[int, ...], ...] = ()) -> Turn:
    article = document()
    cited = [citation(article, n, span) for n, span in enumerate(spans or (QUOTE,), 1)]
    return view(answer(*cited, groups=groups, copies=(copy(),)), "k1", "Wie hoch?")


def passages(*spans: Span) -> tuple[Hit, ...]:
    return tuple(hit(document(), span, number) for number, span in enumerate(spans))


def test_citations_of_one_passage_share_a_card() -> None:
    (card,) = turn(FIRST, QUOTE, LAST).cards
    assert [quote.number for quote in card.quotes] == [1, 2, 3]
    assert card.text == TEXT


def test_cards_stand_by_rank_and_those_that_are_cited_come_first() -> None:
    article = document()
    given = answer(citation(article, 1, LAST), citation(article, 2, QUOTE))
    hits = passages(FIRST, QUOTE, LAST)
    cards = view(replace(given, evidence=evidence(*hits)), "k", "?").cards
    assert [[quote.number for quote in card.quotes] for card in cards] == [[2], [1], []]


def test_a_quote_that_no_passage_holds_has_a_card_of_its_own() -> None:
    article = document()
    given = answer(citation(article, 1, LAST), citation(article, 2, FIRST), passage=QUOTE)
    cards = view(given, "k", "?").cards
    assert [(c.text, c.relevance) for c in cards[:2]] == [
        (LAST.of(TEXT), None),
        (FIRST.of(TEXT), None),
    ]


def test_an_excerpt_holds_the_quote_with_a_sentence_on_each_side() -> None:
    text = "".join(f"Satz {n}. " for n in range(9))
    spans = [Span(8 * n, 8 * n + 7) for n in range(9)]
    article = document(text)
    found = hit(article, Span(0, len(text)))
    found = replace(found, chunk=replace(found.chunk, sentences=tuple(spans)))
    given = replace(answer(citation(article, 1, spans[4])), evidence=evidence(found))
    (card,) = view(given, "k", "?").cards
    assert card.text == "Satz 3. Satz 4. Satz 5."
    assert (card.start, card.quotes[0].start) == (24, 32)


def test_every_quote_stands_where_its_card_says() -> None:
    for card in turn(FIRST, QUOTE, LAST).cards:
        for quote in card.quotes:
            at = quote.start - card.start
            assert card.text[at : at + len(quote.text)] == quote.text


def test_the_claims_of_a_conflict_come_in_order_with_the_figures_that_differ() -> None:
    article = document("Im Jahr 2026 sind es 550.000. Im Jahr 2026 sind es 480.000. Neu ist es.")
    spans = (Span(0, 29), Span(30, 59), Span(60, 71))
    cited = [citation(article, n, span) for n, span in enumerate(spans, 1)]
    said = view(answer(*cited, groups=((1,), (0,))), "k", "?").said
    assert [(s.group, s.figures) for s in said] == [
        (0, ("480.000",)),
        (1, ("550.000",)),
        (None, ()),
    ]


def test_a_claim_whose_figures_the_others_repeat_keeps_them_but_not_those_of_the_question() -> None:
    article = document(
        "Statt 5,5 Mio. sind es 2025 nur 4,6 Mio. Autos. 2025 sind es 5,5 Mio. Autos."
    )
    spans = (Span(0, 47), Span(48, 76))
    cited = [citation(article, n, span) for n, span in enumerate(spans, 1)]
    given = replace(answer(*cited, groups=((0,), (1,))), question="Wie viele Autos 2025?")
    assert [s.figures for s in view(given, "k", "?").said] == [("4,6 Mio.",), ("5,5 Mio.",)]


def test_of_several_figures_those_are_marked_that_the_others_measure_too() -> None:
    article = document("Das 1.548 PS starke Auto kostet 529.900 Yuan. Es soll 814.900 Yuan kosten.")
    spans = (Span(0, 45), Span(46, 75))
    cited = [citation(article, n, span) for n, span in enumerate(spans, 1)]
    given = answer(*cited, groups=((0,), (1,)))
    assert [s.figures for s in view(given, "k", "?").said] == [("529.900",), ("814.900",)]


def test_what_a_model_wrote_is_not_in_the_language_of_its_article() -> None:
    given = answer(citation(document()), language="en")
    written = AnswerSentence("It is 47 metres high.", given.sentences[0].citations)
    said = view(replace(given, sentences=(written,)), "k", "?").said
    assert [s.language for s in said] == [""]
    assert [s.language for s in view(given, "k", "?").said] == ["de"]


def test_the_browser_gives_back_what_it_kept() -> None:
    chosen = Choice("2026-01-02", sources=("Bote",))
    given = [
        turn(FIRST, QUOTE, groups=((1,), (0,))),
        view(abstention(document()), "k2", "?", chosen),
    ]
    assert turns(json.loads(json.dumps(kept(given)))) == given


@pytest.mark.parametrize(
    "broken",
    [
        "x",
        {},
        {"form": 0, "turns": []},
        {"form": FORM},
        {"form": FORM, "turns": [{"key": "a"}]},
        {"form": FORM, "turns": "many"},
    ],
)
def test_what_is_not_of_this_page_is_refused(broken: object) -> None:
    with pytest.raises(RagError, match="begin a new one"):
        turns(broken)


def test_a_conversation_with_marks_that_lead_nowhere_is_refused() -> None:
    value = kept([turn()])
    value["turns"][0]["cards"] = []
    with pytest.raises(RagError, match="hold together"):
        turns(value)
    wrong = (replace(turn(), key='"><b>'), replace(turn(), filtered=Choice(since="<b>")))
    for each in wrong:
        with pytest.raises(RagError, match="hold together"):
            turns(kept([each]))
    value = kept([turn()])
    value["turns"][0]["cards"][0]["origin"]["published"] = "<b>"
    with pytest.raises(RagError, match="hold together"):
        turns(value)
