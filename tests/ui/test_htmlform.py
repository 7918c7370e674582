from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.htmlform import COPIES, MOST_AROUND, answer_html, documents_html, marked
from rag.types import DocumentInfo, Span
from tests.ui.answers import (
    QUOTE,
    TEXT,
    Parsed,
    abstention,
    answer,
    citation,
    copy,
    document,
)

HOSTILE = (
    "<script>hit()</script>",
    '<img src="x" onerror="hit()">',
    "\"><b onclick='hit()'>",
    "</mark></blockquote><iframe>",
    "$$x^2$$ ${hit()} {{hit}} [1](javascript:hit())",
    "<!-- &lt; &amp; &#60;",
)
KNOWN_TAGS = {
    "a", "article", "blockquote", "cite", "details", "div", "h2", "h3", "mark", "p", "q", "section",
    "span", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
}  # fmt: skip


@st.composite
def quotes(draw: st.DrawFn) -> tuple[str, Span, Span]:
    """A text, a part of it that is shown, and a quote inside that part."""
    pieces = st.one_of(
        st.sampled_from((*HOSTILE, "&", "<", "ß", "\n")), st.text("ab <&>\"'", max_size=5)
    )
    text = "".join(draw(st.lists(pieces, max_size=8)))
    ends = sorted(draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    return text, Span(ends[0], ends[3]), Span(ends[1], ends[2])


@given(quotes())
def test_exactly_the_quote_is_marked_and_nothing_of_the_text_is_lost(
    case: tuple[str, Span, Span],
) -> None:
    text, shown, quote = case
    parsed = Parsed(marked(text, shown, quote))
    assert parsed.text == shown.of(text)
    assert [(e.tag, e.text) for e in parsed.elements] == [("mark", quote.of(text))]


@pytest.mark.parametrize("attack", HOSTILE)
def test_no_word_of_an_article_becomes_markup(attack: str) -> None:
    text = f"Davor. Der Turm {attack} steht. Danach."
    article = document(text, title=attack, source=attack)
    printed = (copy(title=attack, source=attack, url=f"javascript:{attack}"),)
    span = Span(7, text.index(" Danach"))
    for shown in (
        answer_html(answer(citation(article, span=span), copies=printed)),
        answer_html(abstention(article, Span(0, len(text)), copies=printed)),
    ):
        parsed = Parsed(shown)
        assert {e.tag for e in parsed.elements} <= KNOWN_TAGS
        assert not [name for e in parsed.elements for name in e.attributes if name[:2] == "on"]
        # Title, source and text, then those of the copy and the nearest sentence, as they are.
        assert parsed.text.count(attack) >= 6


def test_the_quote_is_marked_in_its_passage_and_in_the_whole_article() -> None:
    passage = Span(0, 44)
    parsed = Parsed(answer_html(answer(citation(document()), passage=passage)))
    assert [mark.text for mark in parsed.all("mark")] == [QUOTE.of(TEXT)] * 2
    assert [block.text for block in parsed.all("blockquote")] == [passage.of(TEXT)]
    assert parsed.all("details")[0].text == "Ganzen Artikel zeigen" + TEXT


def test_a_quote_that_no_passage_holds_stands_alone() -> None:
    parsed = Parsed(answer_html(answer(citation(document()), passage=Span(30, 60))))
    assert parsed.all("blockquote")[0].text == QUOTE.of(TEXT)


def test_a_long_article_is_shown_around_the_quote_only() -> None:
    text = "a" * 3 * MOST_AROUND + TEXT + "b" * 3 * MOST_AROUND
    span = Span(3 * MOST_AROUND + QUOTE.start, 3 * MOST_AROUND + QUOTE.end)
    parsed = Parsed(answer_html(answer(citation(document(text), span=span), passage=span)))
    whole = parsed.all("div", "passage")[0].text
    assert len(whole) == 2 * MOST_AROUND + len(QUOTE)
    assert QUOTE.of(TEXT) in whole


def test_every_mark_leads_to_a_source_card() -> None:
    article = document()
    given_ = answer(citation(article), citation(article, 2, Span(0, 25)))
    parsed = Parsed(answer_html(given_))
    marks = parsed.all("a", "cite")
    assert [(m.text, m.attributes["href"]) for m in marks] == [
        ("[1]", "#source-1"),
        ("[2]", "#source-2"),
    ]
    assert [card.attributes["id"] for card in parsed.all("article")] == ["source-1", "source-2"]


def test_a_conflict_shows_its_groups_and_every_sentence_once() -> None:
    article = document()
    spans = (Span(0, 25), QUOTE, Span(45, len(TEXT)))
    cited = [citation(article, n, span) for n, span in enumerate(spans, 1)]
    parsed = Parsed(answer_html(answer(*cited, groups=((2,), (0,)))))
    groups = [group.text for group in parsed.all("div", "group")]
    assert groups == [f"{spans[2].of(TEXT)}[3]", f"{spans[0].of(TEXT)}[1]"]
    said = sorted(p.text for p in parsed.all("p", "said"))
    assert said == sorted(f"{span.of(TEXT)}[{n}]" for n, span in enumerate(spans, 1))


def test_quotes_carry_the_language_of_their_article() -> None:
    parsed = Parsed(answer_html(abstention(document(), Span(0, 44))))
    assert parsed.all("section")[0].attributes["lang"] == "en"
    assert parsed.all("blockquote")[0].attributes["lang"] == "de"
    assert parsed.all("h3")[0].attributes["lang"] == "de"


def test_without_an_answer_the_closest_passages_are_no_sources() -> None:
    parsed = Parsed(answer_html(abstention(document(), *[Span(n, 44) for n in range(5)])))
    assert "No passage <answers> it." in parsed.text
    assert "Closest passages, not answers" in parsed.text
    assert len(parsed.all("article", "closest")) == 3
    assert not parsed.all("mark")
    assert not parsed.all("a", "cite")


def test_an_empty_index_shows_no_heading_for_passages() -> None:
    assert len(Parsed(answer_html(abstention(document()))).all("h2")) == 1


@pytest.mark.parametrize(
    "url", ["javascript:hit()", "data:text/html,x", "ftp://a/b", " https:", None]
)
def test_only_web_addresses_are_linked(url: str | None) -> None:
    parsed = Parsed(answer_html(answer(citation(document(url=url)))))
    assert [a.attributes["href"] for a in parsed.all("a")] == ["#source-1"]


def test_the_original_opens_without_telling_where_the_reader_comes_from() -> None:
    parsed = Parsed(answer_html(answer(citation(document(url='https://a.example/?a=1&b="')))))
    link = parsed.all("a")[-1]
    assert link.attributes["href"] == 'https://a.example/?a=1&b="'
    assert link.attributes["rel"] == "noopener noreferrer"
    assert link.attributes["target"] == "_blank"


def test_a_source_names_publisher_and_date_or_says_that_it_has_none() -> None:
    known = Parsed(answer_html(answer(citation(document()))))
    assert known.all("p", "meta")[0].text == "Bote · Stand: 2026-01-02"
    unknown = Parsed(answer_html(answer(citation(document(source=None)))))
    assert unknown.all("p", "meta")[0].text == "Quelle unbekannt · Stand: 2026-01-02"


def test_the_list_of_documents_escapes_titles_and_sources() -> None:
    info = DocumentInfo("turm", "<b>Turm</b>", "<i>", None, "de", None, 10, 1)
    html = documents_html([info])
    assert '<td lang="de">&lt;b&gt;Turm&lt;/b&gt;<td>&lt;i&gt;<td>de' in html


@pytest.mark.parametrize(("language", "also"), [("de", "auch in"), ("en", "also in")])
def test_a_source_names_the_other_articles_that_print_its_passage(language: str, also: str) -> None:
    copies = (
        copy(url="https://blatt.example/1"),
        copy(doc_id="b", source=None, title="Noch einer"),
    )
    parsed = Parsed(answer_html(answer(citation(document()), language=language, copies=copies)))
    unknown = "Quelle unbekannt" if language == "de" else "Source unknown"
    assert [line.text for line in parsed.all("p", "also")] == [
        f"{also} Blatt · Ein Turm · 2026-05 · Original ↗",
        f"{also} {unknown} · Noch einer · 2026-05",
    ]
    assert parsed.all("a")[-1].attributes["href"] == "https://blatt.example/1"
    assert {title.attributes["lang"] for title in parsed.all("cite")} == {"de"}


def test_the_closest_passages_name_their_copies_too() -> None:
    parsed = Parsed(answer_html(abstention(document(), Span(0, 44), copies=(copy(),))))
    assert [line.text for line in parsed.all("p", "also")] == ["also in Blatt · Ein Turm · 2026-05"]


def test_only_the_source_whose_passage_is_copied_says_so() -> None:
    article = document()
    cited = (citation(article), citation(article, 2, Span(45, len(TEXT))))
    given_ = answer(*cited, passage=Span(0, 44), copies=(copy(),))
    first, second = Parsed(answer_html(given_)).all("article")
    assert "auch in Blatt" in first.text
    assert "auch in" not in second.text
    assert "Warum gefunden?" in first.text
    assert "Warum gefunden?" not in second.text


def test_many_copies_are_folded_and_none_is_lost() -> None:
    copies = tuple(copy(doc_id=str(n), source=f"Blatt {n}") for n in range(COPIES + 2))
    parsed = Parsed(answer_html(answer(citation(document()), copies=copies)))
    assert len(parsed.all("p", "also")) == COPIES + 2
    folded = parsed.all("details")[0].text
    assert folded.startswith("Weitere Artikel: 2")
    assert "Blatt 2 " not in folded
    assert "Blatt 3 " in folded
    assert "Blatt 4 " in folded


def test_an_answer_in_another_language_is_framed_in_english() -> None:
    parsed = Parsed(answer_html(answer(citation(document()), language="fr", copies=(copy(),))))
    assert "also in Blatt" in parsed.text
    assert "Why found?" in parsed.text
