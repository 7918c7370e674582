"""What a sentence says in figures, in a form that is equal across German and English.

    figures("8,6 Milliarden Euro am 3. Mai", "de") == figures("8.6 billion euros on May 3", "en")

A claim with figures is borne out by a text that has each of them in one of its readings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from rag.language.dates import find_date, find_dates
from rag.language.numbers import NUMBER, number_terms, scaled
from rag.language.spelled import spelled

Figure = frozenset[str]  # every reading of one figure, such as {"1.25", "1250"}

_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_]{1,3}(?!\w))(?<!\w\D)")  # 500km, 3rd
_SCALE = re.compile(r"[ -](tausend|tsd|thousand|mi(?:o|lli)\w*|m(?:r)?d|bn|bi(?:llion)\w*)(?!\w)")
_NUMBER = re.compile(NUMBER)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CLOCK = re.compile(
    r"(?<![\d.,:])(?P<h>\d{1,2})(?:[:.](?P<m>\d\d))?\s?(?P<half>uhr|[ap]\.?m\b\.?)(?:\s(?P<de>\d\d)\b)?"
    r"|(?<![\d.,:])(?P<h2>\d{1,2}):(?P<m2>\d\d)(?![\d:])",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?<![\d.,])(?P<d>\d{1,2})(?:\.|st|nd|rd|th)?\s(?:of\s)?(?P<n>[A-ZÄÖÜ][^\W\d_]+)"
    r"|(?<!\w)(?P<n2>[A-ZÄÖÜ][^\W\d_]+)\s(?P<d2>\d{1,2})(?:st|nd|rd|th)?(?![\d.,]*\d)"
)
_CAPITALISED = re.compile(r"(?<!\w)[A-ZÄÖÜ][^\W\d_]{2,}")
_SHARES = {
    "half": r"hälften?|halb\w{0,3}|half|halves|halved?|halbier\w*",
    "third": r"drittel\w?|thirds|one-third|two-thirds",
    "quarter": r"viertel\w?|quartals?|quartale?n?|quarters?|quarterly|one-quarter|three-quarters",
    "double": r"doppel\w*|verdoppel\w*|doubl\w+|twice|twofold|zweifach\w*|zweimal",
    "second": r"sekunden?|seconds",
    "today": r"heut\w*|today",
    "yesterday": r"gestern|gestrig\w*|yesterday",
    "tomorrow": r"(?<!am )morgen|morgig\w*|tomorrow",
    "triple": r"verdreifach\w*|dreifach\w*|dreimal|tripl\w+|threefold|thrice",
}
_UNITS = {
    "percent": r"%|prozent\w*|percent\w*|per cent",
    "euro": r"€|euros?|eur",
    "dollar": r"\$|(?:us-)?dollars?|usd",
    "pound": r"£|pfund|pounds?|gbp",
    "yuan": r"yuan|renminbi|rmb",
    "yen": r"yen|¥",
    "franc": r"franken|francs?|chf",
}
_NAMED = {
    name: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
    for name, pattern in {**_SHARES, **_UNITS}.items()
}
_WEEKDAYS = (
    "montag monday",
    "dienstag tuesday",
    "mittwoch wednesday",
    "donnerstag thursday",
    "freitag friday",
    "samstag saturday sonnabend",
    "sonntag sunday",
)
_WEEKDAY = {word: f"weekday {n}" for n, words in enumerate(_WEEKDAYS, 1) for word in words.split()}


def figures(text: str, language: str) -> list[Figure]:
    """Numbers, shares, units, times, days, months and years, in no useful order.

    A unit is a figure of its own; a day is one with its month, and so is each year.
    """
    text = _GLUED.sub(" ", unicodedata.normalize("NFKC", text))
    found: list[Iterable[str]] = []
    rest = _blank(text, _CLOCK.finditer(text))
    found += [[_clock(match)] for match in _CLOCK.finditer(text)]
    found += _dates(rest)
    rest = _blank(rest, (m for m in _DAY.finditer(rest) if _day(m)))
    for date in find_dates(rest):
        rest = rest[: date.start] + " " * (date.end - date.start) + rest[date.end :]
    found += _numbers(rest.lower(), language)
    lower = text.lower()
    found += [[name] for name, pattern in _NAMED.items() if pattern.search(lower)]
    found += [[_WEEKDAY[word]] for each in _WORD.findall(lower) if (word := _day_name(each))]
    return list(dict.fromkeys(frozenset(readings) for readings in found))


def unsupported(claim: Iterable[Figure], known: Iterable[Figure]) -> list[Figure]:
    """The figures of `claim` that none of `known` may stand for."""
    readings = {reading for figure in known for reading in figure}
    return [figure for figure in claim if not figure & readings]


def _numbers(lower: str, language: str) -> Iterator[list[str]]:
    for match in _NUMBER.finditer(lower):
        number, scale, word, counted = match.groups()
        if scale or word:
            yield [scaled(number or word, scale or counted, language)]
        else:
            yield number_terms(number, language)
    for match in _WORD.finditer(_blank(lower, _NUMBER.finditer(lower))):
        value = spelled(match[0])
        if value is None or value == 1:  # `first` is said of much
            continue
        scale = _SCALE.match(lower, match.end())
        plain = _scaled(value, scale[1], language) if scale else str(value)
        yield [plain, match[0]] if match[0] in _SHARES else [plain]


def _scaled(value: int, scale: str, language: str) -> str:
    try:
        return scaled(str(value), scale, language)
    except KeyError:
        return str(value)


def _dates(text: str) -> Iterator[list[str]]:
    """`2026-05-03` is its year, its month and its day; a claim may leave out what it likes."""
    rest = text
    for found in find_dates(text):
        first, last = found.period.first, found.period.last
        yield [str(first.year)]
        if (last - first).days < 31:
            yield [f"month {first.month}"]
        if first == last:
            yield [f"day {first.day}.{first.month}"]
        rest = rest[: found.start] + " " * (found.end - found.start) + rest[found.end :]
    for match in _DAY.finditer(rest):
        if day := _day(match):
            yield [day]
            yield [f"month {day.rpartition('.')[2]}"]
    for match in _CAPITALISED.finditer(rest):
        month = find_date(f"{match[0]} 2024")
        if month is not None:
            yield [f"month {month.first.month}"]


def _day(match: re.Match[str]) -> str:
    """`day 3.5`, or nothing where the word is no month."""
    date = find_date(f"{match['d'] or match['d2']}. {match['n'] or match['n2']} 2024")
    return f"day {date.first.day}.{date.first.month}" if date and date.first == date.last else ""


def _clock(match: re.Match[str]) -> str:
    """`14.30 Uhr`, `14 Uhr 30` and `2:30 pm` are `14:30`."""
    hour = int(match["h"] or match["h2"])
    half = (match["half"] or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    if half.startswith("a") and hour == 12:
        hour = 0
    return f"{hour}:{match['m'] or match['m2'] or match['de'] or '00'}"


def _day_name(word: str) -> str:
    """The weekday that a word is or begins with: `montagabend`, `mondays`."""
    return next((day for day in _WEEKDAY if word.startswith(day)), "")


def _blank(text: str, matches: Iterable[re.Match[str]]) -> str:
    """The text with blanks in place of the matches."""
    for match in list(matches):
        text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    return text
