"""A question and its answer as HTML, every word of an article escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import partial
from html import escape
from itertools import groupby

from rag.answer.frame import also_in, frame_language, translated
from rag.page.markdown import turn_markdown
from rag.page.text import formatted, plain
from rag.page.timeline import timeline_svg
from rag.page.view import NOTHING_CHOSEN, Card, Origin, Said, Turn
from rag.page.why import why_html
from rag.page.words import around, both, dated
from rag.types import Span

CLOSEST = 3  # passages shown unfolded where there is no answer
LONG = 160  # characters of a question
COPIES = 2  # other articles with the same passage that are shown unfolded


def turn_html(turn: Turn) -> str:
    """The question, its answer with `[n]` marks and what it rests on, and what can be done with it.

    A mark is a link to its card; the page's script opens the article.
    """
    language = turn.language
    cards = [_card(turn, number) for number in range(len(turn.cards))]
    cited = [html for card, html in zip(turn.cards, cards, strict=True) if card.quotes]
    shown = len(cited) or CLOSEST
    evidence = ""
    if cards:
        heading = around("sources" if cited else "closest", language)
        evidence = f'<h3 class="label">{heading}</h3>{"".join(cards[:shown])}'
    if rest := cards[shown:]:
        others = around("others", language, len(rest))
        evidence += f'<details class="others"><summary>{others}</summary>{"".join(rest)}</details>'
    return (
        f'<section class="turn {turn.kind}" lang="{frame_language(language)}" id="t-{turn.key}"'
        f' data-turn="{escape(_for_feedback(turn))}" data-copy="{escape(turn_markdown(turn))}">'
        f'<div class="says">{asked_html(turn.question)}'
        f"{_filtered(turn)}<div class=answer>"
        f'<p class="label" role="status">{escape(turn.heading)}</p>{_sentences(turn)}</div>'
        f"{''.join(f'<p class=notice>{escape(notice)}</p>' for notice in turn.notices)}"
        f"{timeline_svg(turn)}{_controls()}</div>"
        f'<div class="evidence">{evidence}</div></section>'
    )


def asked_html(question: str) -> str:
    """The question as the heading of its answer; a long one in smaller letters."""
    kind = "asked long" if len(question) > LONG else "asked"
    return f'<h2 tabindex="-1" class="{kind}" dir="auto">{escape(question)}</h2>'


def _filtered(turn: Turn) -> str:
    named = turn.filtered.named(partial(dated, language=turn.language), escape)
    if not named:
        return ""
    said = around("filtered", turn.language, named)
    again = f'<button type="button" class="unfilter">{both("clear")}</button>'
    return f'<p class="meta">{said} {again}</p>'


def _sentences(turn: Turn) -> str:
    html = ""
    for group, sentences in groupby(turn.said, key=lambda said: said.group):
        said = "".join(_sentence(turn, sentence) for sentence in sentences)
        html += said if group is None else f'<div class="group">{_dated(turn, group)}{said}</div>'
    return html


def _dated(turn: Turn, group: int) -> str:
    """Of when a claim of a conflict is, and whose: what decides which one to believe."""
    first = next(said for said in turn.said if said.group == group)
    found = turn.cards[turn.card(first.marks[0])].origin
    return f'<p class="meta about">{_about(found, turn.language)}</p>'


def _sentence(turn: Turn, said: Said) -> str:
    text = escape(plain(said.text))
    if said.figures:
        figures = "|".join(map(re.escape, said.figures))
        parts = re.split(rf"(?<!\d)({figures})(?!\d)", plain(said.text))
        pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
        text = "".join(
            f"{escape(rest)}{figure and f'<b>{escape(figure)}</b>'}" for rest, figure in pairs
        )
    lang = f' lang="{escape(said.language)}"' if said.language else ""
    marks = "".join(_mark(turn, number) for number in said.marks)
    return f'<p class="said"><span{lang}>{text}</span>{marks}</p>'


def _mark(turn: Turn, number: int) -> str:
    place = turn.card(number)
    card = turn.cards[place]
    quote = next(q for q in card.quotes if q.number == number)
    return (
        f'<a class="cite" href="#c-{turn.key}-{place}" data-n="{number}"'
        f' data-quote="{escape(plain(quote.text))}" data-lang="{escape(card.origin.language)}">'
        f"<i>[</i>{number}<i>]</i></a>"
    )


def _card(turn: Turn, number: int) -> str:
    """Whose passage and of when, the passage with its quotes marked, how near it is and why."""
    card, language = turn.cards[number], turn.language
    marked = [(Span(q.start, q.end), q.number) for q in card.quotes]
    badges = "".join(f'<span class="badge">{q.number}</span>' for q in card.quotes)
    quotes = [[q.number, q.start, q.end, q.text] for q in card.quotes]
    translations = "".join(
        f'<p class="meta">{translated(language)}: {escape(q.translation)}</p>'
        for q in card.quotes
        if q.translation
    )
    lang = f'lang="{escape(card.origin.language)}"'
    why = why_html(card.why, language, card.origin.language) if card.why else ""
    return (
        f'<article class="card{"" if card.quotes else " closest"}" id="c-{turn.key}-{number}"'
        f' tabindex="-1" data-doc="{escape(card.origin.doc_id)}" data-at="{card.start}"'
        f' data-quotes="{escape(json.dumps(quotes))}">'
        f'<h4 {lang}>{badges}<button type="button" class="opens">{escape(card.origin.title)}'
        f'</button></h4><p class="meta about">{_about(card.origin, language)}</p>'
        f"<blockquote {lang}>{formatted(card.text, card.start, marked)}</blockquote>"
        f"{translations}{_copies(card.copies, language)}{_relevance(card, language)}{why}</article>"
    )


def _relevance(card: Card, language: str) -> str:
    if card.relevance is None:
        return ""
    percent = round(100 * card.relevance)
    label = around("relevance", language, percent)
    return (
        f'<div class="relevance" role="img" aria-label="{label}" title="{label}">'
        f'{around("relevant", language)}<i><span style="width:{percent}%"></span></i>'
        f"{percent}</div>"
    )


def _copies(copies: Sequence[Origin], language: str) -> str:
    """A line for each other article that prints the passage; after some they are folded."""
    lines = [
        f'<p class="also">{also_in(language)} {escape(copy.source or around("unknown", language))}'
        f"{f' · {dated(copy.published, language)}' if copy.published else ''}"
        f' <button type="button" class="opens" data-doc="{escape(copy.doc_id)}">'
        f'<cite lang="{escape(copy.language)}">{escape(copy.title)}</cite></button></p>'
        for copy in copies
    ]
    shown, folded = "".join(lines[:COPIES]), "".join(lines[COPIES:])
    if folded:
        more = around("copies", language, len(lines) - COPIES)
        shown += f"<details><summary>{more}</summary>{folded}</details>"
    return shown


def _about(found: Origin, language: str) -> str:
    """Publisher, date, language and original."""
    source = escape(found.source or around("unknown", language))
    parts = (source, dated(found.published, language), escape(found.language.upper()))
    return " ".join([*(f"<span>{part}</span>" for part in parts), *original(found)])


def original(found: Origin) -> list[str]:
    """A link, only where the address is one of the web."""
    if not found.web:
        return []
    return [
        f'<a href="{escape(found.web)}" target="_blank" rel="noopener noreferrer">'
        f"{both('original')}</a>"
    ]


def _controls() -> str:
    """What the page's script answers to."""
    verdicts = "".join(
        f'<button type="button" data-verdict="{name}" aria-pressed="false">{both(name)}</button>'
        for name in ("helpful", "wrong", "missed")
    )
    return (
        f'<div class="controls"><button type="button" class="copy">{both("copy")}</button>'
        f'<span class="verdicts" role="group">{verdicts}</span>'
        '<span class="done" role="status"></span></div>'
    )


def _for_feedback(turn: Turn) -> str:
    """What a verdict is about, as JSON."""
    quotes = [
        {"document": card.origin.doc_id, "start": q.start, "end": q.end, "quote": q.text}
        for card in turn.cards
        for q in card.quotes
    ]
    form = {
        "question": turn.read,
        "language": turn.language,
        "kind": turn.kind,
        "reader": turn.reader,
        "filtered": turn.filtered != NOTHING_CHOSEN,
        "quotes": quotes,
    }
    return json.dumps(form, ensure_ascii=False)
