"""Amounts in a text: a value with what it is a value of, comparable between German and English.

    quantities("rund 8,6 Mrd. Euro", "de")[0].agrees(quantities("8.61 billion euros", "en")[0])

An amount is an interval, as exact as it is written: `8,6` is 8.55 to 8.65, `rund 200.000` is
190,000 to 210,000, `mehr als 5.000` has no upper end. Units are converted within a dimension;
currencies are not. What has no unit is a count. Years, dates, times and what tells items apart
(`SU7`, `Linie 7`) are no amounts. Of numbers in words, two to twelve are read.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.language.dates import find_dates
from rag.language.former import is_former
from rag.language.numbers import COUNTED_WORDS, NUMBER, number_terms, scaled
from rag.language.units import RATES, UNITS, Unit, unit

COUNT = "count"
EXACT = 0.025  # share of a value that its trailing zeros may hide
HEDGED = 0.05  # the same behind "about"
UNEVEN = 0.02  # share by which months differ in days
BEFORE = 40  # code points before a number that are looked at
AFTER = 12

_ANY = re.IGNORECASE
_NAMES = "|".join(re.escape(word) for word in sorted(UNITS, key=len, reverse=True))
_PLAIN = "|".join(word for word, value in COUNTED_WORDS.items() if value not in ("1", "0.5"))
_VALUE = re.compile(
    rf"(?<![\w.][-–/.])(?<![A-Za-z])(?P<sign>[€$£]\s?)?"
    rf"(?:{NUMBER}|(?<!\w)(?P<plain>{_PLAIN})(?!\w))"
    rf"(?:\.?[\s-]?(?:us[ -]|us-)?(?P<unit>{_NAMES})(?!\w))?",
    _ANY,
)
_RATE = re.compile(  # perhaps behind what is measured: `400 Kubikmeter Wasser pro Tag`
    r"(?:\s[^\W\d][\w-]*)?(?:(?P<per>\s?(?:pro|je|per|/))|\s(?:im|an?|in der|in the|every|each)\s)"
    r"\s?(?P<unit>[^\W\d]+(?:-[^\W\d]+)?)(?!\s\d|\w)",
    _ANY,
)
_HEDGE = re.compile(
    r"\b(?:rund|etwa|ca\.?|circa|zirka|ungefähr|knapp|gut|fast|beinahe|um die|about|around|some"
    r"|etwas (?:mehr|weniger) als|roughly|nearly|almost|approximately|just (?:over|under))\s$",
    _ANY,
)
_LEAST = re.compile(
    r"\b(?:mehr als|über|mindestens|wenigstens|ab|more than|over|at least|above|from)\s$", _ANY
)
_MOST = re.compile(
    r"\b(?:weniger als|unter|höchstens|maximal|bis zu|less than|fewer than|under|up to|at most"
    r"|below)\s$",
    _ANY,
)
_UNTIL = re.compile(r"\s(?:bis|to)\s|\s?[–-]\s?", _ANY)
_AND = re.compile(r"\s(?:und|and)\s", _ANY)
_BETWEEN = re.compile(r"\b(?:zwischen|between)\s$", _ANY)
_LINK = re.compile(r"\s(?:bis|to|auf|und|and)\s|\s?[–-]\s?", _ANY)
_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_MONTH = (
    r"(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|o[kc]t|nov|de[cz])"
    r"(?:uary|uar|z|ch|il|i|y|e|ust|t|tember|ober|ember)?\b"
)
_DAY_OR_TIME = re.compile(rf"\.\s?\w|\s?(?:uhr|[ap]\.?m\b|{_MONTH})", _ANY)
_BEHIND_MONTH = re.compile(rf"\b{_MONTH}\s$", _ANY)
_BEHIND_NAME = re.compile(r"(?:(?<=\w\s)|^)[A-ZÄÖÜ][\w-]*\s$")
_NOUN = re.compile(r"\s[A-ZÄÖÜ]")
_SHORT = 4  # digits from which a number does not tell items apart
_FLOWS = {COUNT, "energy", "volume", "mass"}  # what may be counted by the day


@dataclass(frozen=True, slots=True)
class Quantity:
    """`low` to `high` of a unit such as `euro`, `length` or `count`, perhaps per `rate`.

    `former` says that the text gives it as what it was, as in "statt 5,5 Millionen".
    `start` and `end` are where it stands.
    """

    low: float
    high: float
    unit: str
    rate: str
    former: bool
    start: int
    end: int

    def comparable(self, other: Quantity) -> bool:
        return (self.unit, self.rate) == (other.unit, other.rate)

    def agrees(self, other: Quantity) -> bool:
        """Whether both may be true of one thing."""
        return self.comparable(other) and self.low <= other.high and other.low <= self.high

    @property
    def middle(self) -> float:
        if math.isinf(self.high):
            return self.low
        return (self.low + self.high) / 2 if self.low else self.high


@functools.lru_cache(maxsize=1 << 12)
def quantities(text: str, language: str) -> tuple[Quantity, ...]:
    """The amounts of `text`, in order."""
    adverb = next((RATES[w] for w in _WORD.findall(text.lower()) if w in RATES), None)
    return tuple(
        replace(each, rate=_name(adverb))
        if adverb and not each.rate and each.unit in _FLOWS
        else each
        for each in _ranges(_single(text, language)[::-1], text)
    )


def _single(text: str, language: str) -> list[Quantity]:
    """Each number with its unit, the last first: in "von 490 auf 435 Liter" it serves both."""
    dates = [(each.start, each.end) for each in find_dates(text)]
    found: list[Quantity] = []
    after: re.Match[str] | None = None
    for match in reversed(list(_VALUE.finditer(text))):
        if any(match.start() < end and start < match.end() for start, end in dates):
            continue
        year = _YEAR.fullmatch(match[0]) is not None
        if after and (year or not _LINK.fullmatch(text, match.end(), after.start())):
            after = None
        named = match["unit"] or match["sign"] or (after and after["unit"])
        scale = match["scale"] or match["counted"] or (after and after["scale"])
        rate = _rate(text, match.end()) or (found[-1].rate if after and found else "")
        value = _value(match, scale or "", language)
        if value is not None and (named or scale or not _is_label(match, text)):
            low, high = _interval(match, value, text, exact=not scale)
            measure = (unit(named.strip()) if named else None) or Unit(COUNT, 1.0)
            if named and named.lower().startswith("mon"):
                low, high = low * (1 - UNEVEN), high * (1 + UNEVEN)
            found.append(
                Quantity(
                    low=low * measure.factor,
                    high=high * measure.factor,
                    unit=measure.dimension,
                    rate=rate,
                    former=is_former(text, match.start(), match.end()),
                    start=match.start(),
                    end=match.end(),
                )
            )
        after = match
    return found


def _is_label(match: re.Match[str], text: str) -> bool:
    """A year, a time, an ordinal, or what tells items apart: `Viro 3 lädt`, `Linie 7 wird`."""
    before = text[max(0, match.start() - BEFORE) : match.start()]
    after = text[match.end() : match.end() + AFTER]
    if _YEAR.fullmatch(match[0]) or _DAY_OR_TIME.match(after) or _BEHIND_MONTH.search(before):
        return True
    return len(match[0]) < _SHORT and bool(_BEHIND_NAME.search(before)) and not _NOUN.match(after)


def _value(match: re.Match[str], scale: str, language: str) -> float | None:
    """None for a time or a version, which is no number."""
    written = (match["digits"] or match["word"] or match["plain"]).lower()
    if scale:
        return float(scaled(written, scale.lower(), language))
    readings = number_terms(written, language) if match["digits"] else [COUNTED_WORDS[written]]
    return float(readings[0]) if len(readings) < 3 else None


def _interval(match: re.Match[str], value: float, text: str, *, exact: bool) -> tuple[float, float]:
    """What the number may stand for; `exact` where its decimals are those of the value."""
    before = text[max(0, match.start() - BEFORE) : match.start()]
    if _LEAST.search(before):
        return value, math.inf
    if _MOST.search(before):
        return 0.0, value
    cents = re.search(r"[.,](\d\d?)$", match["digits"] or "") if exact else None
    digits = f"{value:.0f}"
    zeros = len(digits) - len(digits.rstrip("0"))
    shown = 10.0 ** -len(cents[1]) if cents else 10.0**zeros if zeros else 0.0
    slack = min(shown / 2, EXACT * value)
    if _HEDGE.search(before):
        slack = max(slack, HEDGED * value)
    return value - slack, value + slack


def _rate(text: str, end: int) -> str:
    match = _RATE.match(text, end)
    if match is None:
        return ""
    known = unit(match["unit"])
    if known is not None:
        return _name(known)
    return match["unit"].lower() if match["per"] else ""


def _name(rate: Unit) -> str:
    return f"{rate.dimension} {rate.factor}"


def _ranges(found: list[Quantity], text: str) -> Iterator[Quantity]:
    """`800 bis 1.000` and `between 800 and 1,000` are one amount each."""
    last: Quantity | None = None
    for each in found:
        if last is not None and last.unit == each.unit and not last.former and last.low < each.high:
            between = _BETWEEN.search(text[max(0, last.start - BEFORE) : last.start])
            mark = text[last.end : each.start]
            if _UNTIL.fullmatch(mark) or (between and _AND.fullmatch(mark)):
                last = replace(each, low=last.low, start=last.start)
                continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last
