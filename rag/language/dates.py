"""Dates as German and English articles write them.

A date is as exact as it is written: a month alone is a month, and `02/01/2026`, which is January
in America and February in Britain, is only its year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rag.types import Period

EARLIEST_YEAR = 1600  # before the first newspaper
LATEST_YEARS_AHEAD = 1  # an issue may be dated ahead, a typing error is further off

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar january jänner jan",
            "februar february feber feb",
            "märz maerz march mär mrz mar",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}
_SPOKEN = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
}
_SHORT = {
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "en": "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec",
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?!\w)\.?"
_DAY = r"(?<![\d.,:/-])\d{1,2}"
_YEAR = r"\d{4}(?![\d-])"
_GAP = r"[^\S\n]{1,3}"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\w.,/-])(?P<y>\d{4})-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?(?![\d-])",
        r"(?<![\w.,/-])(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/-])",
        rf"(?P<d>{_DAY})\.\s?(?P<m>\d{{1,2}})\.\s?(?P<y>\d{{4}}|\d\d)(?![\d.,]?\d)",
        rf"(?P<d>{_DAY})(?:\.\s?|(?:st|nd|rd|th)?(?:{_GAP}of)?{_GAP})(?P<n>{_MONTH}),?{_GAP}(?P<y>{_YEAR})",
        rf"\b(?P<n>{_MONTH}){_GAP}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?{_GAP}(?P<y>{_YEAR})",
        rf"\b(?P<n>{_MONTH}){_GAP}(?P<y>{_YEAR})",
        r"(?<![\d.,/-])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})(?![\d/-])",
    )
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T\S*)?")
_WEEKDAY = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun|di|mi|do|fr|sa|so)[a-z]{0,9}\.?,?\s*)?", re.I
)
_TIME = re.compile(
    r"(?:[T,\s]{1,3}(?:um\s|at\s)?\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d{1,9})?"
    r"\s?(?:uhr|[ap]\.?m\.?)?)?\s?(?:z|[a-z]{3,4}|[+-]\d\d:?\d\d)?(?:\s\([a-z ]{1,30}\))?",
    re.IGNORECASE,
)


class FoundDate(NamedTuple):
    """A date and the half-open range of code points that it takes up."""

    start: int
    end: int
    period: Period


def find_dates(text: str) -> Iterator[FoundDate]:
    """Every possible date of `text`, in order and without overlap; a year alone is none."""
    matches = [match for pattern in _PATTERNS for match in pattern.finditer(text)]
    end = 0
    for match in sorted(matches, key=lambda m: (m.start(), -m.end())):
        if match.start() < end:
            continue
        end = match.end()  # an impossible date hides its parts too: 31 February is no February
        period = _period(match)
        if period is not None:
            yield FoundDate(match.start(), end, period)


def find_date(text: str) -> Period | None:
    """The first date of `text`, or None where it holds none.

    >>> str(find_date("Stand: 3. Februar 2026, 12 Uhr"))
    '2026-02-03'
    """
    return next((found.period for found in find_dates(text)), None)


def parse_date(text: str) -> Period:
    """A metadata field that is one date, with or without a time, or a year.

    Raises ValueError where it is anything else.
    """
    stripped = text.strip()
    if match := _COMPACT.fullmatch(stripped):
        stripped = "-".join(match.groups())
    if re.fullmatch(r"\d{4}", stripped) and _possible(int(stripped)):
        return Period.parse(stripped)
    found = next(find_dates(stripped), None) if len(stripped) <= 100 else None
    if found is not None:
        before, after = stripped[: found.start], stripped[found.end :]
        if _WEEKDAY.fullmatch(before) and _TIME.fullmatch(after):
            return found.period
    raise ValueError(f"{text[:40]!r} is not a date: write 2026-02-01, 2026-02 or 2026")


def spoken(period: Period, language: str, *, short: bool = False) -> str:
    """A date as people write it: in German for German, else in English.

    >>> spoken(Period.parse("2025-09-19"), "de"), spoken(Period.parse("2025-09"), "en", short=True)
    ('19. September 2025', 'Sept 2025')
    """
    iso, day = str(period), period.first
    if "/" in iso:
        ends = (Period(end, end) for end in (day, period.last))
        return " – ".join(spoken(end, language, short=short) for end in ends)
    tongue = "de" if language == "de" else "en"
    month = (_SHORT if short else _SPOKEN)[tongue].split()[day.month - 1]
    parts = (f"{day.day}." if tongue == "de" else f"{day.day}", month, f"{day.year:04}")
    return " ".join(parts[2 - iso.count("-") :])


def _possible(year: int) -> bool:
    return EARLIEST_YEAR <= year <= date.today().year + LATEST_YEARS_AHEAD


def _period(match: re.Match[str]) -> Period | None:
    """None where the calendar has no such day, or no article can have it."""
    parts = match.groupdict()
    year = _full_year(parts["y"])
    if not _possible(year):
        return None
    if parts.get("a"):
        return _slashed(int(parts["a"]), int(parts["b"]), year)
    month = _MONTHS[parts["n"].rstrip(".").lower()] if parts.get("n") else int(parts["m"])
    day = parts.get("d")
    return _calendar(year, month, int(day) if day else None)


def _slashed(first: int, second: int, year: int) -> Period | None:
    british = _calendar(year, second, first)
    american = _calendar(year, first, second)
    if british is None or american is None or british == american:
        return british or american
    return _calendar(year)


def _calendar(year: int, month: int | None = None, day: int | None = None) -> Period | None:
    form = "-".join(f"{part:02d}" for part in (year, month, day) if part is not None)
    try:
        return Period.parse(form)
    except ValueError:
        return None


def _full_year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    this_century = 2000 + int(digits)
    return this_century if _possible(this_century) else this_century - 100
