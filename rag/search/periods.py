"""Times that a text names: years, months, quarters, half-years, and times relative to a day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from rag.language.dates import find_dates
from rag.types import Period

_ORDINALS = {
    "1": ("erste", "first", "1st"),
    "2": ("zweite", "second", "2nd"),
    "3": ("dritte", "third", "3rd"),
    "4": ("vierte", "fourth", "4th"),
}
_ORDINAL = {word: int(number) for number, words in _ORDINALS.items() for word in words}
_NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "ein einem einer one a",
            "zwei two",
            "drei three",
            "vier four",
            "fünf five",
            "sechs six",
            "sieben seven",
            "acht eight",
            "neun nine",
            "zehn ten",
        ),
        start=1,
    )
    for word in words.split()
}
_MONTHS = (
    ("januar", "january", "jänner"),
    ("februar", "february"),
    ("märz", "maerz", "march"),
    ("april",),
    ("mai", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("august",),
    ("september",),
    ("oktober", "october"),
    ("november",),
    ("dezember", "december"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}

# A number of four digits is a year unless it is a measure: 2000 Euro, 1950 km, € 2000.
_UNIT = (
    r"\s?(?:€|\$|£|%|euro|dollar|yuan|pfund|pounds?|franken|mio|mrd|million|milliard|billion|prozent"
    r"|percent|per\scent|km|kilomet|meter|metre|kg|tonnen|tons?|kwh?|mwh?|gwh?|ps|hp|wh|liter)"
)
_Y = rf"(?:1[89]|20)\d\d(?![\w%€$]|[.,:/-]\d|{_UNIT}(?!\w))"
_YEAR = re.compile(rf"(?<![\w.,:/€$£-])(?<![€$£]\s){_Y}", re.IGNORECASE)
_YEARS = re.compile(  # 2023/24, 2024-2026, 2024 bis 2026, zwischen 2024 und 2026
    r"(?<![\w.,:/€$£-])(?:(?P<season>(?:19|20)\d\d)/(?P<next>(?:19|20)?\d\d)(?![\w/])"
    rf"|(?P<from>(?:1[89]|20)\d\d)(?:\s?[–—-]\s?|\s(?:bis|to|until)\s)(?P<to>{_Y})"
    rf"|(?:zwischen|between)\s(?P<after>(?:1[89]|20)\d\d)\s(?:und|and)\s(?P<before>{_Y}))",
    re.IGNORECASE,
)
_NTH = (
    r"(?:(?P<digit>[1-4])\.|(?P<word>erste|zweite|dritte|vierte)[mnrs]?"
    r"|(?P<english>first|second|third|fourth|[1-4](?:st|nd|rd|th)))"
)
_PART = (
    r"\b(?:(?P<kind>[qh])(?P<short>[1-4])\b"
    rf"|{_NTH}\s(?P<name>quartal|jahresviertel|quarter|halbjahr|jahreshälfte|half)s?\b)"
)
_PART_OF_YEAR = re.compile(
    rf"{_PART}(?:\s|\s?/\s?)(?:of\s|in\s|des\sjahres\s|im\sjahr\s)?(?P<year>{_Y})", re.IGNORECASE
)
_BARE_PART = re.compile(_PART, re.IGNORECASE)
_COUNT = rf"\d{{1,2}}|{'|'.join(_NUMBER_WORDS)}"
_BEGINNING = re.compile(
    rf"\b(?:ersten|first)\s(?P<count>{_COUNT})\s(?P<unit>monate|monaten|months|quartale|quartalen"
    rf"|quarters)\s(?:of\s|in\s|des\sjahres\s|im\sjahr\s|von\s)?(?P<year>{_Y})",
    re.IGNORECASE,
)
_BARE_MONTH = re.compile(  # without a year; `may` and `march` are months after a preposition only
    r"\b(?:im|in|seit|ab|bis|vor|nach|ende|anfang|mitte|since|until|before|after|by|early|mid|late"
    rf"|last|letzten|vergangenen|vorigen)\s(?P<month>{'|'.join(_MONTH)})\b(?!\s\d)",
    re.IGNORECASE,
)
_UNITS = {
    "jahr": 12, "jahre": 12, "jahren": 12, "jahres": 12, "year": 12, "years": 12,
    "monat": 1, "monats": 1, "monate": 1, "monaten": 1, "month": 1, "months": 1,
    "quartal": 3, "quartals": 3, "quartale": 3, "quartalen": 3,
    "quarter": 3, "quarters": 3,
}  # fmt: skip
_SHIFT = {
    -2: ("vorletzt",),
    -1: ("letzt", "vergangen", "vorig", "last", "previous", "past"),
    0: ("dies", "laufend", "this", "current"),
    1: ("nächst", "kommend", "naechst", "next", "coming"),
}
_SHIFTS = {word: shift for shift, words in _SHIFT.items() for word in words}
_RELATIVE = re.compile(
    rf"\b(?P<which>{'|'.join(_SHIFTS)})(?:e[mnrs]?)?\s(?P<unit>{'|'.join(_UNITS)}|woche|week)\b"
    r"|\b(?P<day>vorgestern|gestern|yesterday|heuer|vorjahr(?:e?s)?)\b"
    rf"|\bvor\s(?P<ago>{_COUNT})\s(?P<span>{'|'.join(_UNITS)})\b"
    rf"|\b(?P<many>{_COUNT})\s(?P<units>{'|'.join(_UNITS)})\sago\b"
    rf"|\b(?:letzten|vergangenen|last|past)\s(?P<lasting>{_COUNT})\s(?P<lasts>{'|'.join(_UNITS)})\b",
    re.IGNORECASE,
)


class FoundPeriod(NamedTuple):
    """A time and the half-open range of code points that names it."""

    start: int
    end: int
    period: Period


def find_periods(text: str, today: date | None) -> Iterator[FoundPeriod]:
    """The times that `text` names, in order and without overlap; longer names win.

    What is relative counts from `today`, or is none without it. A month or quarter without a year
    is the last one that had begun by then. Words of one time must be a single space apart.

    >>> [str(found.period) for found in find_periods("im Februar 2026 und 2027", date.today())]
    ['2026-02', '2027']
    """
    found = [FoundPeriod(*each) for each in find_dates(text)]
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            if (period := read(match)) is not None:
                found.append(FoundPeriod(match.start(), match.end(), period))
    if today is not None:
        for pattern, relate in _RELATIVE_READERS:
            for match in pattern.finditer(text):
                if (period := relate(match, today)) is not None:
                    found.append(FoundPeriod(match.start(), match.end(), period))
    end = 0
    for each in sorted(found, key=lambda f: (f.start, -f.end)):
        if each.start >= end:
            end = each.end
            yield each


def months(year: int, month: int, count: int) -> Period:
    """`count` months from a month on; `month` may lie outside 1 to 12, the calendar holds it."""
    start = min(max(year * 12 + month - 1, 12 * date.min.year), 12 * date.max.year - count)
    first, after = (date(n // 12, n % 12 + 1, 1) for n in (start, start + count))
    return Period(first, after - timedelta(days=1))


def _year(match: re.Match[str]) -> Period:
    return months(int(match[0]), 1, 12)


def _years(match: re.Match[str]) -> Period | None:
    first = int(match["season"] or match["from"] or match["after"])
    following = match["next"] or match["to"] or match["before"]
    last = int(following) if len(following) == 4 else first // 100 * 100 + int(following)
    return Period(date(first, 1, 1), date(last, 12, 31)) if first <= last else None


def _part_of_year(match: re.Match[str]) -> Period | None:
    month, size = _part(match)
    return months(int(match["year"]), month, size) if month <= 12 else None


def _beginning(match: re.Match[str]) -> Period | None:
    size = _count(match["count"]) * _UNITS[match["unit"].lower()]
    return months(int(match["year"]), 1, size) if 0 < size <= 12 else None


def _bare_part(match: re.Match[str], today: date) -> Period | None:
    month, size = _part(match)
    return _last_begun(month, size, today) if month <= 12 else None


def _part(match: re.Match[str]) -> tuple[int, int]:
    """First month and length of a quarter or half-year; a third half begins after month 12."""
    word = (match["short"] or match["digit"] or match["word"] or match["english"]).lower()
    number = int(word[0]) if word[0].isdigit() else _ORDINAL[word]
    name = (match["kind"] or match["name"]).lower()
    size = 3 if name in {"q", "quartal", "jahresviertel", "quarter"} else 6
    return (number - 1) * size + 1, size


def _bare_month(match: re.Match[str], today: date) -> Period:
    return _last_begun(_MONTH[match["month"].lower()], 1, today)


def _last_begun(month: int, size: int, today: date) -> Period:
    return months(today.year - (month > today.month), month, size)


def _relative(match: re.Match[str], today: date) -> Period:
    if day := match["day"]:
        return _day(day.lower(), today)
    if count := match["ago"] or match["many"]:
        size = _UNITS[(match["span"] or match["units"]).lower()]
        return _shifted(-_count(count), size, today)
    if count := match["lasting"]:
        size = _UNITS[match["lasts"].lower()]
        return Period(months(today.year, today.month - size * _count(count), 1).first, today)
    shift, unit = _SHIFTS[match["which"].lower()], match["unit"].lower()
    if unit in {"woche", "week"}:
        monday = today - timedelta(days=today.weekday() - 7 * shift)
        return Period(monday, monday + timedelta(days=6))
    return _shifted(shift, _UNITS[unit], today)


def _day(name: str, today: date) -> Period:
    if name.startswith("vorjahr"):
        return _shifted(-1, 12, today)
    if name == "heuer":
        return _shifted(0, 12, today)
    day = today - timedelta(days=2 if name == "vorgestern" else 1)
    return Period(day, day)


def _shifted(shift: int, size: int, today: date) -> Period:
    """The year, quarter or month that lies `shift` of its kind after that of `today`."""
    return months(today.year, (today.month - 1) // size * size + 1 + shift * size, size)


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBER_WORDS[word.lower()]


_READERS = (
    (_YEAR, _year),
    (_YEARS, _years),
    (_PART_OF_YEAR, _part_of_year),
    (_BEGINNING, _beginning),
)
_RELATIVE_READERS = (
    (_BARE_PART, _bare_part),
    (_BARE_MONTH, _bare_month),
    (_RELATIVE, _relative),
)
