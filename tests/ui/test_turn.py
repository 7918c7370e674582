from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag.answer.frame import read_as
from rag.page.article import MOST_AROUND, article_html
from rag.page.edge import Choice, checked
from rag.page.feedback import Feedback, Quoted
from rag.page.turn import COPIES, turn_html
from rag.page.view import NOTHING_CHOSEN, view
from rag.types import Answer, AnswerSentence, Span
from tests.ui.answers import (
    QUOTE,
    TEXT,
    Parsed,
    abstention,
    answer,
    citation,
    copy,
    document,
    evidence,
)

HOSTILE = (
    "<script>hit()</script>",
    '<img src="x" onerror="hit()">',
    "\"><b onclick='hit()'>",
    "</mark></blockquote><iframe>",
    "$$x^2$$ ${hit()} {{hit}}",
    "<!-- &lt; &amp; &#60;",
)
DAY = "2. Januar 2026"
KNOWN_TAGS = {
    "a", "article", "b", "blockquote", "button", "cite", "details", "div", "h2", "h3", "h4", "i",
    "mark", "p", "q", "section", "span", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "time", "tr",
}  # fmt: skip


def shown(
    given: Answer, question: str = "Wie hoch ist der Turm?", filtered: Choice = NOTHING_CHOSEN
) -> Parsed:
    return Parsed(turn_html(view(given, "k1", question, filtered)))


@pytest.mark.parametrize("attack", HOSTILE)
def test_no_word_of_an_article_or_a_question_becomes_markup(attack: str) -> None:
    text = f"Davor. Der Turm {attack} steht. Danach."
    article = document(text, title=attack, source=attack)
    printed = (copy(title=attack, source=attack, url=f"javascript:{attack}"),)
    span = Span(7, text.index(" Danach"))
    chosen = Choice(sources=(attack,), languages=(attack,))
    for parsed in (
        shown(answer(citation(article, span=span), copies=printed), attack, chosen),
        shown(abstention(article, Span(0, len(text)), copies=printed), attack, chosen),
        Parsed(article_html(article, [(1, span.start, span.end, span.of(text))], 0)),
    ):
        assert {e.tag for e in parsed.elements} <= KNOWN_TAGS
        assert not [name for e in parsed.elements for name in e.attributes if name[:2] == "on"]
        assert parsed.text.count(attack) >= 2


def test_a_mark_leads_to_its_card_and_carries_the_quote() -> None:
    article = document()
    parsed = shown(answer(citation(article), citation(article, 2, Span(0, 25))))
    marks = parsed.all("a", "cite")
    assert [(m.text, m.attributes["href"]) for m in marks] == [
        ("[1]", "#c-k1-0"),
        ("[2]", "#c-k1-0"),
    ]
    assert [m.attributes["data-quote"] for m in marks] == [QUOTE.of(TEXT), TEXT[:25]]
    assert [card.attributes["id"] for card in parsed.all("article")] == ["c-k1-0"]
    assert [badge.text for badge in parsed.all("span", "badge")] == ["1", "2"]


def test_a_card_names_publisher_date_and_language_and_marks_the_quote() -> None:
    parsed = shown(answer(citation(document())))
    (card,) = parsed.all("article")
    assert parsed.all("p", "about")[0].text == f"Bote {DAY} DE"
    assert [mark.text for mark in parsed.all("mark")] == [QUOTE.of(TEXT)]
    assert json.loads(card.attributes["data-quotes"]) == [[1, 26, 44, QUOTE.of(TEXT)]]
    assert not parsed.all("div", "relevance"), "nothing is known of a passage alone"
    assert "Warum gefunden?" in card.text


def test_a_bar_says_how_likely_a_passage_holds_the_answer() -> None:
    given = abstention(document(), *[Span(n, 44) for n in range(3)])
    scored = zip(given.evidence.hits, (0.91, 0.88, 0.8), strict=True)
    hits = tuple(replace(hit, score=score) for hit, score in scored)
    found = evidence(*hits)
    assert not shown(replace(given, evidence=found)).all("div", "relevance"), "there is none"
    answered = answer(citation(document()), language="en")
    bars = shown(replace(answered, evidence=found)).all("div", "relevance")
    assert [bar.attributes["aria-label"].partition(":")[0] for bar in bars] == [
        "Relevance 50 of 100",
        "Relevance 2 of 100",
        "Relevance 0 of 100",
    ]


def test_an_article_without_publisher_or_date_says_so() -> None:
    assert "Quelle unbekannt" in shown(answer(citation(document(source=None)))).text


def test_a_conflict_shows_its_groups_with_date_and_figure() -> None:
    article = document("Es sind 550. Es sind 480.")
    cited = [citation(article, 1, Span(0, 12)), citation(article, 2, Span(13, 25))]
    parsed = shown(answer(*cited, groups=((1,), (0,))))
    assert [group.text for group in parsed.all("div", "group")] == [
        f"Bote {DAY} DEEs sind 480.[2]",
        f"Bote {DAY} DEEs sind 550.[1]",
    ]
    assert [figure.text for figure in parsed.all("b")] == ["480", "550"]


def test_quotes_carry_the_language_of_their_article() -> None:
    parsed = shown(abstention(document(), Span(0, 44)))
    assert parsed.all("section")[0].attributes["lang"] == "en"
    assert parsed.all("blockquote")[0].attributes["lang"] == "de"
    assert parsed.all("h4")[0].attributes["lang"] == "de"


def test_without_an_answer_the_closest_passages_are_no_sources() -> None:
    parsed = shown(abstention(document(), *[Span(n, 44) for n in range(5)]))
    assert "No passage <answers> it." in parsed.text
    assert "Closest passages, not answers" in parsed.text
    assert "Further passages: 2" in parsed.text
    assert len(parsed.all("article", "closest")) == 5
    assert not parsed.all("mark")
    assert not parsed.all("a", "cite")


def test_an_empty_index_shows_no_evidence() -> None:
    assert not shown(abstention(document())).all("h3")


@pytest.mark.parametrize(
    "url", ["javascript:hit()", "data:text/html,x", "ftp://a/b", " https:", None]
)
def test_only_web_addresses_are_linked(url: str | None) -> None:
    parsed = shown(answer(citation(document(url=url))))
    assert {a.attributes["href"] for a in parsed.all("a")} == {"#c-k1-0"}


def test_the_original_opens_without_telling_where_the_reader_comes_from() -> None:
    parsed = shown(answer(citation(document(url='https://a.example/?a=1&b="'))))
    link = parsed.all("a")[-1]
    assert link.attributes["href"] == 'https://a.example/?a=1&b="'
    assert link.attributes["rel"] == "noopener noreferrer"
    assert link.attributes["target"] == "_blank"


@pytest.mark.parametrize(("language", "also"), [("de", "auch in"), ("fr", "also in")])
def test_a_card_names_the_other_articles_that_print_its_passage(language: str, also: str) -> None:
    copies = tuple(copy(doc_id=str(n), source=f"Blatt {n}") for n in range(COPIES + 2))
    month = "Mai" if language == "de" else "May"
    parsed = shown(answer(citation(document()), language=language, copies=copies))
    lines = [line.text for line in parsed.all("p", "also")]
    assert lines[0] == f"{also} Blatt 0 · {month} 2026 Ein Turm"
    assert len(lines) == len(copies)
    assert parsed.all("details")[0].text.endswith(lines[-1])
    assert [b.attributes.get("data-doc") for b in parsed.all("button", "opens")][1:] == list("0123")


def test_what_a_verdict_is_about_can_be_kept() -> None:
    section = shown(answer(citation(document()))).all("section")[0]
    form = json.loads(section.attributes["data-turn"])
    feedback = checked(Feedback, {**form, "verdict": "helpful"})
    assert feedback.quotes == [Quoted("turm", 26, 44, QUOTE.of(TEXT))]


def test_a_verdict_on_a_follow_up_is_about_what_was_understood_and_says_if_filtered() -> None:
    read = read_as(answer(citation(document())), "Und der Turm?", "Wie hoch ist der Turm?")
    section = shown(read, "Und der Turm?", Choice(languages=("de",))).all("section")[0]
    form = json.loads(section.attributes["data-turn"])
    assert (form["question"], form["filtered"]) == ("Wie hoch ist der Turm?", True)


def test_the_filter_of_an_answer_is_named_on_the_page_and_in_its_copy() -> None:
    chosen = Choice("2026-01-02", sources=("Bote", "A_B"), languages=("de",))
    parsed = shown(answer(citation(document())), filtered=chosen)
    assert f"Gefiltert: {DAY} – … · Bote, A_B · DE" in parsed.text
    assert [time.attributes["datetime"] for time in parsed.all("time")][:1] == ["2026-01-02"]
    copied = parsed.all("section")[0].attributes["data-copy"]
    assert "\n> Gefiltert: 2026-01-02 – … · Bote, A\\_B · DE\n" in copied


def test_a_copied_answer_lists_its_sources_by_number_and_nothing_in_it_is_markdown() -> None:
    article = document(title="Der [Turm] #1", url="https://a.example/<x>")
    given = answer(citation(article), citation(article, 2, Span(0, 25)))
    copied = shown(given, "Wie *hoch*?").all("section")[0].attributes["data-copy"]
    assert copied == (
        "## Wie \\*hoch\\*?\n\nEr misst 47 Meter. [1]\n\n"
        "Der Turm steht seit 1901. [2]\n\n**Quellen**\n\n"
        "1. [Der \\[Turm\\] \\#1](https://a.example/x), Bote, 2026-01-02\n"
        "2. [Der \\[Turm\\] \\#1](https://a.example/x), Bote, 2026-01-02\n"
    )


@pytest.mark.parametrize(("language", "quoted"), [("de", "„{}“"), ("en", "“{}”")])
def test_a_copied_answer_quotes_what_it_does_not_say_itself(language: str, quoted: str) -> None:
    article = document(url="https://a.example/(x)")
    given = answer(citation(article), groups=((0,),), language=language)
    written = AnswerSentence("It is 47 metres high.", given.sentences[0].citations)
    parsed = shown(replace(given, sentences=(written,)))
    copied = parsed.all("section")[0].attributes["data-copy"]
    assert (
        f"](<https://a.example/(x)>), Bote, 2026-01-02: {quoted.format(QUOTE.of(TEXT))}\n" in copied
    )
    assert "*Antwort*" in copied, "what kind of answer it is, unless it is plainly one"


def test_an_article_is_shown_whole_with_its_quotes_marked() -> None:
    quotes = [(1, 26, 44, QUOTE.of(TEXT)), (2, 0, 25, TEXT[:25])]
    parsed = Parsed(article_html(document(), quotes, 0))
    assert [(m.text, m.attributes["data-n"]) for m in parsed.all("mark")] == [
        (TEXT[:25], "2"),
        (QUOTE.of(TEXT), "1"),
    ]
    assert parsed.all("div", "text")[0].text == TEXT.replace("\n", "")
    assert not parsed.all("p", "notice")


def test_an_article_that_changed_since_the_answer_is_shown_unmarked_and_says_so() -> None:
    parsed = Parsed(article_html(document(), [(1, 26, 44, "Er misst 48 Meter.")], 26))
    assert not parsed.all("mark")
    assert "has changed since" in parsed.text


def test_a_long_article_is_shown_around_its_quotes_only() -> None:
    text = "a" * 3 * MOST_AROUND + TEXT + "b" * 3 * MOST_AROUND
    start = 3 * MOST_AROUND + QUOTE.start
    quotes = [(1, start, start + len(QUOTE), QUOTE.of(TEXT))]
    parsed = Parsed(article_html(document(text), quotes, 0))
    assert len(parsed.all("div", "text")[0].text) == 2 * MOST_AROUND + len(QUOTE) - 1  # a newline
    assert "the part around the quote" in parsed.text
