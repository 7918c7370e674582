"""Text of a saved web page → its article. Drops whole lines and never rewrites one.

Advertising, prompts, notices, biographies and reader comments go; what reads like an article stays
where in doubt. Cleaning a cleaned text drops nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.ingest.biography import drop_biography
from rag.ingest.dateline import (
    date_line,
    is_chronicle,
    is_labelled,
    is_published,
    is_update,
    leading_marker,
    press_dateline,
)
from rag.ingest.frame import drop_frame
from rag.ingest.sections import drop_banner, drop_comments, drop_company, drop_links, drop_menus
from rag.ingest.units import Drops, Unit, UnitMaker
from rag.language.dates import find_date
from rag.types import Period, Removed

TOPICS = {
    "affiliate note": ("affiliate", "partnerlink", "provision", "commission"),
    "newsletter prompt": ("newsletter", "rundbrief"),
    "embed notice": ("datenschutz", "privacy"),
    "share prompt": ("teilen", "sharing"),
    "follow prompt": ("instagram", "facebook", "whatsapp", "podcast"),
}
TOPICAL = 3  # paragraphs that name it
MOST_ROUNDS = 20  # pages settle in two or three; each round only drops
DATE_LINES = 10  # units from the top, or the end, among which a date line may stand


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`text` is empty where nothing is left; `published` is what a date line says.

    `captions` are kept lines of a word or three above a photo credit: no headlines.
    """

    text: str
    removed: tuple[Removed, ...]
    published: Period | None
    captions: frozenset[str]


def clean(text: str) -> Cleaned:
    """Drop what is no article; single blank lines stay where there were some."""
    lines = text.split("\n")
    reasons: list[str | None] = [None] * len(lines)
    dates: list[Period] = []
    maker = UnitMaker(lines)
    for _ in range(MOST_ROUNDS):
        cut = _cut_marker(lines, reasons, dates)
        units = maker.units([n for n, reason in enumerate(reasons) if reason is None])
        drops: Drops = {}
        dates += _drop_dates(units, drops)
        _drop_rest(units, drops)
        for place, reason in drops.items():
            for number in units[place].lines:
                reasons[number] = reason
        if not drops and not cut:
            break
    captions = frozenset(
        line
        for line, above, below in zip(lines, reasons, reasons[1:], strict=False)
        if above is None and below == "photo credit" and 0 < len(line.split()) <= 3
    )
    published = dates[0] if dates else None
    return Cleaned(_kept(lines, reasons), _removed(lines, reasons), published, captions)


def _cut_marker(lines: list[str], reasons: list[str | None], dates: list[Period]) -> bool:
    """Make a line of its own of a date marker in front of the first line, and drop it."""
    first = next((n for n, line in enumerate(lines) if reasons[n] is None and line.strip()), None)
    if first is None or date_line(lines[first], first=True) is not None:
        return False
    if not (marker := leading_marker(lines[first])):
        return False
    lines[first : first + 1] = [lines[first][:marker], lines[first][marker:]]
    reasons.insert(first, "date line")
    date = find_date(lines[first])
    dates += [] if date is None else [date]
    return True


def _drop_dates(units: Sequence[Unit], drops: Drops) -> list[Period]:
    """Drop the date lines at both ends; their dates, the one of publication first."""
    found: list[tuple[bool, Period]] = []
    prose = 0
    for i, unit in enumerate(units[:DATE_LINES]):
        prose += unit.prose
        date = date_line(unit.text, first=i == 0)
        if date is not None and (
            is_labelled(unit.text) or not (prose > 1 or is_chronicle([u.text for u in units]))
        ):
            drops[i] = "date line"
            found.append((is_update(unit.text), date))
        elif i < 3 and (date := press_dateline(unit.text)):
            found.append((False, date))
    for i in range(max(DATE_LINES, len(units) - DATE_LINES), len(units)):
        date = date_line(units[i].text, first=False)
        if date is not None and is_published(units[i].text):
            drops[i] = "date line"
            found.append((True, date))
    return [date for _, date in sorted(found, key=lambda f: f[0])]


def _drop_rest(units: Sequence[Unit], drops: Drops) -> None:
    on_topic = _topics(units)
    for i, unit in enumerate(units):
        rule = unit.rule
        if rule is None or rule.scope != "anywhere" or (i == 0 and rule.spares_first):
            continue
        if rule.reason not in on_topic:
            drops.setdefault(i, rule.reason)
    drop_comments(units, drops)
    drop_links(units, drops)
    _drop_edge(units, drops, range(len(units)), "head")
    _drop_edge(units, drops, range(len(units) - 1, -1, -1), "tail")
    drop_biography(units, drops)
    drop_menus(units, drops)
    drop_banner(units, drops)
    drop_company(units, drops)
    drop_frame(units, drops)


def _topics(units: Sequence[Unit]) -> set[str]:
    """Reasons that an article may well write about: named in its headline or in much of its prose.

    Lines with such a reason are only dropped at the edges of the page.
    """
    prose = [unit.key.lower() for unit in units if unit.prose and unit.rule is None]
    headline = units[0].key.lower() if units else ""
    return {
        reason
        for reason, words in TOPICS.items()
        if any(word in headline for word in words)
        or sum(any(word in key for word in words) for key in prose) >= TOPICAL
    }


def _drop_edge(units: Sequence[Unit], drops: Drops, order: range, end: str) -> None:
    """Drop matching lines from one end of the page up to the first prose that matches nothing."""
    scopes = {"anywhere", "edge", end}
    for i in order:
        rule = units[i].rule
        if i in drops:
            continue
        if rule and rule.scope in scopes and not (i == 0 and rule.spares_first):
            drops[i] = rule.reason
        elif units[i].prose:
            if end == "tail" or "edge" not in scopes:
                return
            scopes = {"head"}  # a by-line may stand below the first paragraph, a notice may not


def _kept(lines: Sequence[str], reasons: Sequence[str | None]) -> str:
    kept: list[str] = []
    for line, reason in zip(lines, reasons, strict=True):
        if reason is None and (line.strip() or (kept and kept[-1])):
            kept.append(line if line.strip() else "")
    return "\n".join(kept).rstrip("\n")


def _removed(lines: Sequence[str], reasons: Sequence[str | None]) -> tuple[Removed, ...]:
    """What was dropped, in order; neighbours with one reason are one block."""
    blocks: list[tuple[str, list[str]]] = []
    joined = False
    for line, reason in zip(lines, reasons, strict=True):
        if reason is None:
            joined = joined and not line.strip()
            continue
        if joined and blocks[-1][0] == reason:
            blocks[-1][1].append(line)
        else:
            blocks.append((reason, [line]))
        joined = True
    return tuple(Removed("\n".join(block), reason) for reason, block in blocks)
