"""Date lines: where an article says when it was published."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language.dates import find_dates
from rag.types import Period

LONGEST = 160  # characters of a date line

_PUBLISHED = (
    r"veröffentlicht|erschienen|publiziert|gepostet|geschrieben|erstellt|eingestellt|online seit"
    r"|artikel vom|beitrag vom|meldung vom|published|posted|first published|originally published"
    r"|created|written|filed|datum|date"
)
_UPDATED = (
    r"(?:zuletzt |letzte )?(?:aktualisiert|aktualisierung|geändert|änderung|bearbeitet)|stand"
    r"|(?:last |latest )?(?:updated?|modified|revised|edited)"
)
_LABEL = re.compile(rf"(?:{_PUBLISHED}|{_UPDATED})\b", re.IGNORECASE)
_PUBLISHED_LABEL = re.compile(rf"\W*(?:{_PUBLISHED})\b", re.IGNORECASE)
_UPDATED_LABEL = re.compile(rf"\W*(?:{_UPDATED})\b", re.IGNORECASE)
_CLOCK = re.compile(r"\d[:.]\d\d\b(?!\.)")
_UPDATE_BEFORE = re.compile(rf"\b(?:{_UPDATED})\b[\s:]*(?:(?:am|vom|on|at)\s+)?\Z", re.IGNORECASE)
_NAME = r"(?:[A-ZÄÖÜ][\w.'’-]*|von|van|de|der|di)"
_BYLINE = re.compile(
    rf"\b(?i:von|by|autor(?:in)?:?|author:?|text:?|redaktion:?|artikel von)\s+"
    rf"{_NAME}(?:\s+{_NAME}){{0,3}}"
    rf"(?:(?:\s*,\s*|\s+(?i:und|and|&)\s+){_NAME}(?:\s+{_NAME}){{0,3}}){{0,3}}"
)
_PLACE_OR_NAME = re.compile(rf"{_NAME}(?:\s{_NAME}){{0,3}}")
_FRAME = re.compile(
    rf"\bT?\d{{1,2}}[:.]\d\d(?:[:.]\d\d)?\s*(?:uhr|[ap]\.?m\b\.?|h\b|z\b|[+-]\d\d:\d\d)?|\b\d{{1,2}}\s+uhr\b"
    r"|\b(?:veröffentlicht|published|posted) (?:in|unter) [\w &-]{2,40}"
    rf"|\b(?:{_PUBLISHED}|{_UPDATED})\b"
    r"|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun"
    r"|am|vom|um|on|at|the|uhr|(?:gmt|utc)(?:[+-]\d{1,2}(?::\d\d)?)?|mesz|mez|ces?t|e[sd]t|p[sd]t|bst)\b"
    r"|\b(?:lesezeit|lesedauer|reading time)?:?\s*(?:ca\.\s*)?\d{1,2}\s*"
    r"(?:min(?:ute[ns]?|s)?\.?)(?:\s*(?:read|lesezeit|lesedauer))?"
    r"|\b\d+\s(?:kommentare?|comments?)\b"
    r"|\b(?:kategorien?|category|categories|filed under):?\s.*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[\s]*[|,;·•–—:/()\[\]*_#.-][\s]*")
_MARKER = re.compile(
    r"\s*(?:(?:date|datum)\s*:?|(?:published|veröffentlicht|stand)\s*:)\s*(?=\d)", re.IGNORECASE
)
_MARKER_END = re.compile(r"(?:T\S+|,?\s+\d{1,2}:\d\d(?:\s*Uhr)?)?[\s:|–—-]*(?=\S)")
_DATELINE = re.compile(r"[A-ZÄÖÜ][\w.()/ -]{1,40},\s*(?:den\s+)?(?=\d|[A-Z])")
_DASH = re.compile(r"\s*(?:[–—-]|/PR|\(ots\))")


def date_line(line: str, *, first: bool) -> Period | None:
    """The date of a line that holds a date, a time, labels and perhaps a by-line, nothing else.

    A place or a name before the date counts unless it is the `first` line, which may be a headline
    such as `Konzert, 3. Februar 2026`. Of two dates the one that is no update is taken.
    """
    if len(line) > LONGEST:
        return None
    found = list(find_dates(line))
    if not found or len(found) > 2:
        return None
    pieces, end = [], 0
    for one in found:
        pieces.append(line[end : one.start])
        end = one.end
    rest = _BYLINE.sub("|", "|".join([*pieces, line[end:]]))
    left = [part for part in _SEPARATOR.split(_FRAME.sub("|", rest)) if part.strip()]
    if left and (first or not (_are_columns(line, left) or _is_place_or_name(left))):
        return None
    for one in found:
        if not _UPDATE_BEFORE.search(line[: one.start]):
            return one.period
    return found[0].period


def _is_place_or_name(left: Sequence[str]) -> bool:
    return len(left) == 1 and _PLACE_OR_NAME.fullmatch(left[0].strip()) is not None


def _are_columns(line: str, left: Sequence[str]) -> bool:
    """Whether a line such as `Region | 3. Sept. 2024 | bra` has a word or two beside its date."""
    return any(bar in line for bar in "|·•") and all(len(part.split()) <= 2 for part in left[:3])


def is_labelled(line: str) -> bool:
    """Whether a date line says that it is one, or has a time of day."""
    return bool(_LABEL.search(line[:LONGEST]) or _CLOCK.search(line[:LONGEST]))


def is_published(line: str) -> bool:
    """Whether a date line says that the article was published then."""
    return bool(_PUBLISHED_LABEL.match(line[:LONGEST]))


def is_update(line: str) -> bool:
    """Whether a date line only says when the article was changed."""
    return bool(_UPDATED_LABEL.match(line[:LONGEST]))


def leading_marker(line: str) -> int:
    """Length of a date marker such as `date 2021-04` at the start of a line with text after it."""
    marker = _MARKER.match(line)
    if marker is None:
        return 0
    found = next(find_dates(line[:LONGEST]), None)
    if found is None or found.start != marker.end():
        return 0
    end = _MARKER_END.match(line, found.end)
    return end.end() if end else 0


def press_dateline(line: str) -> Period | None:
    """The day of a press release that begins with `City, 3 February 2026 – `; it stays in place."""
    city = _DATELINE.match(line)
    if city is None:
        return None
    found = next(find_dates(line[:LONGEST]), None)
    if found is None or found.start != city.end() or found.period.first != found.period.last:
        return None
    return found.period if _DASH.match(line, found.end) else None


def is_chronicle(lines: Sequence[str]) -> bool:
    """Whether bare date lines head the entries of a text, so that none is its publication."""
    bare = 0
    for line in lines:
        if len(line) <= 60 and any(map(str.isdigit, line)) and not is_labelled(line):
            bare += date_line(line, first=False) is not None
            if bare > 2:
                return True
    return False
