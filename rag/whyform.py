"""Why a passage was found, as HTML: its nearest sentence, and what each feature adds to its score.

The features' names in both languages stand here and nowhere else.
"""

from __future__ import annotations

from html import escape

from rag.answer.frame import frame_language
from rag.types import Hit

NOTHING = 0.001  # of score, as far as the digits shown go
NAMES = {  # feature: German, English
    "best sentence": ("Nächster Satz", "Nearest sentence"),
    "three best": ("Drei nächste Sätze", "Three nearest sentences"),
    "passage": ("Ganze Textstelle", "Whole passage"),
    "title": ("Titel", "Title"),
    "shared words": ("Gemeinsame Wörter", "Shared words"),
    "other language": ("Andere Sprache", "Other language"),
    "foreign words": ("Gleiche Namen und Zahlen", "Same names and numbers"),
    "drift": ("Ausgleich der Sprachen", "Language balance"),
    "length": ("Länge", "Length"),
    "time": ("Zeit", "Time"),
}
_TEXT = {  # key: German, English
    "why": ("Warum gefunden?", "Why found?"),
    "feature": ("Merkmal", "Feature"),
    "value": ("Wert", "Value"),
    "share": ("Anteil an der Bewertung", "Share of the score"),
    "score": ("Bewertung", "Score"),
}


def why_html(hit: Hit, language: str) -> str:
    """A closed table of the features that add to the score, the largest share first.

    Words and numbers are written as in `language`. Empty for a hit that carries no features.
    """
    german = frame_language(language) == "de"
    said = {key: texts[not german] for key, texts in _TEXT.items()}
    added = {name: part for name, part in hit.contributions.items() if part}
    if not added:
        return ""
    rows = "".join(
        _row(_name(name, german), hit.features.get(name), added[name], hit.score, german)
        for name in sorted(added, key=lambda name: -abs(added[name]))
    )
    head = (
        f'<th scope="col">{said["feature"]}</th><th scope="col">{said["value"]}</th>'
        f'<th scope="col" colspan="2">{said["share"]}</th>'
    )
    total = f"<td></td><td>{_number(hit.score, german)}</td><td></td>"
    nearest = escape(hit.best.of(hit.document.text))
    return (
        f'<details class="why"><summary>{said["why"]}</summary>'
        f"<p>{_name('best sentence', german)}:"
        f' <q lang="{escape(hit.document.language)}">{nearest}</q></p>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        f'<tfoot><tr><th scope="row">{said["score"]}</th>{total}</tr></tfoot></table></details>'
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
    return escape(NAMES.get(feature, (feature, feature))[not german])


def _number(value: float, german: bool) -> str:
    text = f"{value:.3f}".replace("-", "−")
    return text.replace(".", ",") if german else text
