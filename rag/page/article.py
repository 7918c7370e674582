"""One whole article as HTML, with the quotes of an answer marked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rag.page.text import formatted
from rag.page.turn import original
from rag.page.view import origin
from rag.page.words import both, dated
from rag.types import Document, Span

MOST_AROUND = 50_000  # code points on each side of what is quoted

Quoted = tuple[int, int, int, str]  # number, start and end in the article, text


def article_html(document: Document, quotes: Sequence[Quoted], at: int) -> str:
    """Title, publisher, date, and the text. Quotes are marked where the text still holds them all.

    A very long article is cut around its quotes, without any around `at`.
    """
    text = document.text
    unchanged = all(Span(start, end).of(text) == quote for _, start, end, quote in quotes)
    marked = [(Span(start, end), n) for n, start, end, _ in quotes] if unchanged else []
    places = [edge for span, _ in marked for edge in (span.start, span.end)] or [at]
    start, end = max(0, min(places) - MOST_AROUND), min(len(text), max(places) + MOST_AROUND)
    found = origin(document)
    about = [escape(found.source)] if found.source else []
    about += [dated(found.published), escape(found.language.upper()), *original(found)]
    lang = f'lang="{escape(document.language)}"'
    notes = [] if unchanged else [both("changed")]
    if end - start < len(text):
        notes.append(both("cut"))
    return (
        f'<h2 {lang} tabindex="-1" id="article-title">{escape(document.title)}</h2>'
        f'<p class="meta about">{"".join(f"<span>{part}</span> " for part in about)}</p>'
        f"{''.join(f'<p class=notice>{note}</p>' for note in notes)}"
        f'<div class="text" {lang}>{formatted(Span(start, end).of(text), start, marked)}</div>'
    )
