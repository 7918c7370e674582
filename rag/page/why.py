"""Why a passage was found, as HTML: its nearest sentence, and what each feature gives."""

from __future__ import annotations

from html import escape

from rag.answer.frame import frame_language
from rag.page.view import Why
from rag.page.words import FEATURES, around

NOTHING = 0.001  # of score, as far as the digits shown go


def why_html(why: Why, language: str, quoted: str) -> str:
    """A closed table of the features that add to the score, the largest share first.

    Words and numbers are written as in `language`; `quoted` is that of the article. Empty where
    there are no features.
    """
    german = frame_language(language) == "de"
    added = {name: part for name, part in why.contributions.items() if part}
    if not added:
        return ""
    rows = "".join(
        _row(_name(name, german), why.features.get(name), added[name], why.score, german)
        for name in sorted(added, key=lambda name: -abs(added[name]))
    )
    head = (
        f'<th scope="col">{around("feature", language)}</th>'
        f'<th scope="col">{around("value", language)}</th>'
        f'<th scope="col" colspan="2">{around("share", language)}</th>'
    )
    total = f"<td></td><td>{_number(why.score, german)}</td><td></td>"
    return (
        f'<details class="why"><summary>{around("why", language)}</summary>'
        f"<p>{_name('best sentence', german)}:"
        f' <q lang="{escape(quoted)}">{escape(why.nearest)}</q></p>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody><tfoot><tr>"
        f'<th scope="row">{around("score", language)}</th>{total}</tr></tfoot></table></details>'
    )


def _row(name: str, value: float | None, added: float, score: float, german: bool) -> str:
    """Name, value, share of the score and that as a bar, which is hollow where it lowers the score.

    A score of nothing or less has no shares.
    """
    number = "–" if value is None else _number(value, german)
    percent = bar = ""
    if score > NOTHING:
        share = round(100 * added / score)
        percent = f"{share}\N{NO-BREAK SPACE}%" if german else f"{share}%"
        kind = "bar less" if added < 0 else "bar"
        bar = f'<span class="{kind}" style="width:{min(abs(share), 100)}%"></span>'
    cells = "".join(f"<td>{cell}</td>" for cell in (number, percent.replace("-", "−"), bar))
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _name(feature: str, german: bool) -> str:
    """A feature without a name here keeps its own."""
    return escape(FEATURES.get(feature, (feature, feature))[not german])


def _number(value: float, german: bool) -> str:
    text = f"{value:.3f}".replace("-", "−")
    return text.replace(".", ",") if german else text
