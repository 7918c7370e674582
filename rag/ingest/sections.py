"""Parts of a page that are no article: reader comments, lists of links, menus and footers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.ingest.units import Drops, Unit, drop
from rag.language.dates import find_date

LONGEST_LIST = 60  # links below a heading
LONGEST_LABEL = 22  # characters
HEAD_UNITS = 10  # units among which a date line or a notice proves a page
NEAR = 12  # units below a heading that may prove it to head comments
CLOSING = (
    "biography",
    "reader comments",
    "related links",
    "share prompt",
    "newsletter prompt",
    "follow prompt",
    "copyright line",
    "navigation",
    "comment rules",
)
OPENING = ("cookie notice", "privacy notice", "navigation")

_SAYS = re.compile(
    r"[^.!?]{2,50}\b(?:sagt|says|said|schrieb|schreibt|wrote|meint|kommentiert)\b"
    r"(?:\s(?:am|on|vor|um)\b.{0,50})?\s?:",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"(?:(?:antworten|antwort|reply|melden|report|gefällt mir|like|permalink|zitieren|upvote|teilen"
    r"|bewerten|share|\d{1,5}(?: likes?)?)[\s·|,•]*){1,5}",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,3}\.\s+\S|@\w+")
_AGO = re.compile(
    r"\bvor (?:\d+|einer|einem) (?:sekunden?|minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?"
    r"|jahr(?:en)?)\b"
    r"|\b\d+ ?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|[hdwm]) ago\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d\b")

_ADDRESS = re.compile(r"@|www\.|https?:|\d{3}")


def drop_comments(units: Sequence[Unit], drops: Drops) -> None:
    """Everything from the first comment on; a mere count beside the headline alone."""
    whole = sum(len(unit.text) for i, unit in enumerate(units) if unit.prose and i not in drops)
    begun = 0  # characters of prose so far
    for i, unit in enumerate(units):
        scope = unit.rule.scope if unit.rule and i not in drops else None
        counted = unit.prose and i not in drops
        if scope == "comments":
            rest = whole - begun - (len(unit.text) if counted else 0)
            numbered = i + 1 < len(units) and _NUMBERED.match(units[i + 1].text)
            if begun and (rest <= begun or numbered or _look_like_comments(units, i + 1)):
                drop(drops, range(i, len(units)), "reader comments")
                return
            drop(drops, [i], "reader comments")
        elif begun and (
            (scope == "maybe comments" and not unit.prose and _look_like_comments(units, i + 1))
            or _is_comment(units, i)
        ):
            drop(drops, range(i, len(units)), "reader comments")
            return
        begun += len(unit.text) if counted else 0


def _look_like_comments(units: Sequence[Unit], start: int) -> bool:
    """Whether the next units say who wrote them, offer to reply or tell several times of day."""
    near = units[start : start + NEAR]
    if any(_SAYS.fullmatch(u.key) or _REPLY.fullmatch(u.key) for u in near):
        return True
    return sum(_stamped(u) for u in near) >= 2


def _stamped(unit: Unit) -> bool:
    if len(unit.text) > 90:
        return False
    return bool(_AGO.search(unit.text) or (_CLOCK.search(unit.text) and find_date(unit.text)))


def _is_comment(units: Sequence[Unit], i: int) -> bool:
    """Whether a comment begins here without a heading above: who and when, and a reply button."""
    if not (_SAYS.fullmatch(units[i].key) or _stamped(units[i])):
        return False
    return any(_REPLY.fullmatch(u.key) and not u.key.isdigit() for u in units[i + 1 : i + 7])


def drop_links(units: Sequence[Unit], drops: Drops) -> None:
    """Headings such as `Related articles` with the links below them, but no heading of the text."""
    for i, unit in enumerate(units):
        if i in drops or unit.rule is None or unit.rule.scope != "links" or i == 0:
            continue
        end, furthest = i + 1, min(len(units), i + 1 + LONGEST_LIST)
        while end < furthest and (end in drops or not units[end].prose):
            end += 1
        if end < furthest:  # the text goes on: the last short line may be a heading of it
            end = _end_of_list(units, i + 1, end)
        drop(drops, [j for j in range(i, end) if j not in drops], "related links")


def _end_of_list(units: Sequence[Unit], start: int, prose: int) -> int:
    """Where a list ends that prose follows: at a blank line, else before the last short line."""
    for j in range(start + 1, prose):
        if units[j].gap and not (units[start].gap and j == start + 1 and units[j + 1].gap):
            return j
    return prose - 1 if prose - start > 1 else prose


def drop_menus(units: Sequence[Unit], drops: Drops) -> None:
    """Runs of section names such as Politics, Business, Sport above the text or below it."""
    prose = [i for i, unit in enumerate(units) if unit.prose and i not in drops]
    begin, end = (prose[0], prose[-1]) if prose else (len(units), -1)
    run: list[int] = []
    for i in [*range(begin), *range(max(begin, end + 1), len(units)), -1]:
        rule = units[i].rule if i >= 0 else None
        if rule and rule.scope == "section":
            run.append(i)
            continue
        if len(run) >= (2 if run and run[0] < begin else 3):
            drop(drops, run, "navigation")
        run = []


def drop_banner(units: Sequence[Unit], drops: Drops) -> None:
    """Three or more lines of a word or two above the headline of a page that proves to be one."""
    if not any(drops.get(i) in (*OPENING, "date line", "by-line") for i in range(HEAD_UNITS)):
        return
    top = next((i for i, unit in enumerate(units) if len(unit.text) > LONGEST_LABEL), 0)
    if top >= 3 and not units[top].prose:
        drop(drops, range(top), "navigation")


def drop_company(units: Sequence[Unit], drops: Drops) -> None:
    """Short lines that keep company with dropped ones where the article has not begun or is over.

    Between the notices above the headline; below the last prose, from the first line that closes
    a page on.
    """
    prose = [i for i, unit in enumerate(units) if unit.prose and i not in drops]
    if not prose:
        return
    closing = [i for i in range(prose[-1] + 1, len(units)) if drops.get(i) in CLOSING]
    if len(closing) >= 2:
        footer = [i for i in range(closing[0], len(units)) if not _ADDRESS.search(units[i].text)]
        drop(drops, footer, "page footer")
    opening = [i for i in range(prose[0]) if drops.get(i) in OPENING]
    for first, last in pairwise(opening):
        between = range(first + 1, last)
        if len(between) <= 3 and all(len(units[i].key.split()) <= 3 for i in between):
            drop(drops, between, "navigation")
