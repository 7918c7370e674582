"""The text of an article as HTML: escaped, its Markdown as formatting, its quotes marked.

Cleaning leaves a block to a line, so a line is a paragraph, a heading, a list item or a table row.
What is shown differs from the text only by Markdown's own signs; spans count the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby, islice
from operator import itemgetter

from rag.types import Span

MOST_SIGNS = 200  # in one line; the rest of a line of nothing but signs is shown as it is

Marked = tuple[Span, int]  # what a quote spans, and its number

_BLOCK = re.compile(
    r"\s*(?:(?P<h>#{1,6})\s+|(?P<li>[-*+•])\s+|(?P<q>>)\s?|(?P<hr>(?:[-*_]\s?){3,}$))"
)
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")  # between a table's head and its rows
_CELL = re.compile(r"[^|]+")
_INLINE = re.compile(
    r"(?P<strong>\*\*|__)(?=\S)(?P<bold>.{1,300}?)(?<=\S)(?P=strong)"
    r"|(?<![\w*_])(?P<em>[*_])(?=[^\s*_])(?P<italic>[^*_]{1,300}?)(?<=\S)(?P=em)(?![\w*_])"
    r"|`(?P<code>[^`]{1,300})`"
    r"|!?\[(?P<label>[^\][]{1,300})\]\((?P<url>[^\s()]{1,2000}(?:\s\"[^\"]{0,300}\")?)\)"
)
_STRAY = re.compile(r"\*\*|__")
_TAGS = {"bold": "strong", "italic": "em", "code": "code", "label": "span"}

Style = tuple[Span, str]  # a part of the text, and the tag around it


def formatted(text: str, start: int = 0, quotes: Sequence[Marked] = ()) -> str:
    """`text`, which begins at `start` of its article, with exactly the `quotes` marked."""
    shifted = [(Span(span.start - start, span.end - start), n) for span, n in quotes]
    html = ""
    for kind, lines in groupby(_lines(text), key=lambda line: line[0]):
        if kind == "row":
            rows = (_row(text, span, shifted) for _, span in lines)
            html += f'<table class="data">{"".join(rows)}</table>'
            continue
        parts = [_inline(text, span, shifted) for _, span in lines]
        match kind:
            case "li":
                html += f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>"
            case "q":
                html += f'<p class="q">{"<br>".join(parts)}</p>'
            case "h":
                html += "".join(f'<p class="h">{part}</p>' for part in parts)
            case _:
                html += "".join(f"<p>{part}</p>" for part in parts)
    return html


def plain(text: str) -> str:
    """`text` on one line, without Markdown's own signs; the cells of a row are kept apart."""
    return " ".join(filter(None, (_plain(text, kind, span) for kind, span in _lines(text))))


def _plain(text: str, kind: str, line: Span) -> str:
    cells = (
        [_at(line, *m.span()) for m in _CELL.finditer(line.of(text))] if kind == "row" else [line]
    )
    said = ("".join(text[n] for n in _shown(text, cell)).strip() for cell in cells)
    return " · ".join(filter(None, said))


def _shown(text: str, line: Span) -> Iterator[int]:
    """Where in the text the characters of a line stand that are no sign."""
    dropped, _ = _markdown(text, line)
    gone = {n for span in dropped for n in range(span.start, span.end)}
    return (n for n in range(line.start, line.end) if n not in gone)


def _lines(text: str) -> Iterator[tuple[str, Span]]:
    """Each line with something to show: its kind, and where its content is."""
    at = 0
    for line in text.splitlines(keepends=True):
        found = _BLOCK.match(line)
        end = at + len(line.rstrip())
        if line.lstrip().startswith("|") and line.count("|") > 1:
            if not _RULE.fullmatch(line.strip()):
                yield "row", Span(at, end)
        elif found is None:
            if line.strip():
                yield "p", Span(at, end)
        elif found.lastgroup != "hr":
            yield found.lastgroup or "p", Span(min(at + found.end(), end), end)
        at += len(line)


def _row(text: str, line: Span, quotes: Iterable[Marked]) -> str:
    cells = (_at(line, *found.span()) for found in _CELL.finditer(line.of(text)))
    quotes = list(quotes)
    return f"<tr>{''.join(f'<td>{_inline(text, cell, quotes)}</td>' for cell in cells)}</tr>"


def _inline(text: str, line: Span, quotes: Iterable[Marked]) -> str:
    """A line in pieces of one look each, so that marks and tags never overlap."""
    dropped, styles = _markdown(text, line)
    marks = [(span, n) for span, n in quotes if span.start < line.end and line.start < span.end]
    spans = [*dropped, *(span for span, _ in styles), *(span for span, _ in marks)]
    edges = {line.start, line.end, *(edge for span in spans for edge in (span.start, span.end))}
    cuts = sorted(edge for edge in edges if line.start <= edge <= line.end)
    pieces: list[tuple[int | None, str]] = []
    for piece in map(Span, cuts, cuts[1:]):
        if any(_within(piece, span) for span in dropped):
            continue
        shown = escape(piece.of(text))
        for span, tag in styles:
            if _within(piece, span):
                shown = f"<{tag}>{shown}</{tag}>"
        number = next((n for span, n in marks if _within(piece, span)), None)
        pieces.append((number, shown))
    runs = ((n, "".join(map(itemgetter(1), run))) for n, run in groupby(pieces, itemgetter(0)))
    return "".join(r if n is None else f'<mark data-n="{n}">{r}</mark>' for n, r in runs)


def _markdown(text: str, line: Span) -> tuple[list[Span], list[Style]]:
    """Markdown's own signs in a line, which are not shown, and what they say of the rest."""
    content = line.of(text)
    dropped: list[Span] = []
    styles: list[Style] = []
    for start, match in islice(_nested(content, 0), MOST_SIGNS):
        kind = next(name for name in _TAGS if match[name] is not None)
        inner = _at(line, start + match.start(kind), start + match.end(kind))
        styles.append((inner, _TAGS[kind]))
        whole = _at(line, start + match.start(), start + match.end())
        dropped += [Span(whole.start, inner.start), Span(inner.end, whole.end)]
    code = [span for span, tag in styles if tag == "code"]
    stray = (_at(line, m.start(), m.end()) for m in islice(_STRAY.finditer(content), MOST_SIGNS))
    dropped += [span for span in stray if not any(_within(span, c) for c in code)]
    return dropped, styles


def _nested(content: str, start: int) -> Iterator[tuple[int, re.Match[str]]]:
    """Each piece of inline Markdown, those inside another too, with where its text begins."""
    for match in _INLINE.finditer(content):
        yield start, match
        inner = match["bold"]
        if inner is not None:
            yield from _nested(inner, start + match.start("bold"))


def _at(line: Span, start: int, end: int) -> Span:
    return Span(line.start + start, line.start + end)


def _within(piece: Span, span: Span) -> bool:
    return span.start <= piece.start and piece.end <= span.end
