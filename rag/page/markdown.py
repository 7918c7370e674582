"""An answer with its sources as Markdown, to be pasted elsewhere."""

from __future__ import annotations

import re

from rag.page.text import plain
from rag.page.view import Card, Quote, Turn
from rag.page.words import around

_UNSAFE = re.compile(r"[<>\s]")
_SIGNS = re.compile(r"([\\`*_\[\]<>#|])")


def turn_markdown(turn: Turn) -> str:
    """The question, the sentences with `[n]` marks, and a numbered list of what they quote."""
    lines = [f"## {_plain(turn.question)}", ""]
    if filtered := turn.filtered.named(str, _plain):
        lines += [f"> {around('filtered', turn.language, filtered)}", ""]
    if turn.kind != "fact":  # that an answer is an answer goes without saying
        lines += [f"*{_plain(turn.heading)}*", ""]
    for said in turn.said:
        lines += [_plain(plain(said.text)) + "".join(f" [{n}]" for n in said.marks), ""]
    for notice in turn.notices:
        lines += [f"> {_plain(notice)}", ""]
    sources = [(q.number, _source(card, q, turn)) for card in turn.cards for q in card.quotes]
    if sources:
        lines += [f"**{around('sources', turn.language)}**", ""]
        lines += [f"{number}. {line}" for number, line in sorted(sources)]
    return "\n".join(lines).rstrip() + "\n"


def _source(card: Card, quote: Quote, turn: Turn) -> str:
    """Title, publisher and date; and the quote, where the answer says it otherwise."""
    found = card.origin
    about = [
        found.source or around("unknown", turn.language),
        found.published or around("undated", turn.language),
    ]
    title = _plain(found.title)
    if found.web:
        title = f"[{title}]({_address(found.web)})"
    source = f"{title}, {_plain(', '.join(about))}"
    if any(plain(said.text) == plain(quote.text) for said in turn.said):
        return source
    return f"{source}: {around('quoted', turn.language, _plain(plain(quote.text)))}"


def _address(url: str) -> str:
    """Within pointed brackets where round ones would end it."""
    url = _UNSAFE.sub("", url)
    return f"<{url}>" if {*"()"} & {*url} else url


def _plain(text: str) -> str:
    """On one line, and nothing in it read as Markdown."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
