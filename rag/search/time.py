"""Which time a question asks about, and how well the date of a passage fits.

The rules of German and English apply to every question: they do not collide, and questions mix
the languages.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rag.search.periods import find_periods, months
from rag.types import Period

Order = Literal["latest", "earliest"]

NEUTRAL = 0.5  # nothing is known for or against
FITS = 0.9  # the passage names the time, or was published in it; both: 1
VAGUE = 0.7  # it names only the year of the month, or a time within "since …"
BESIDE = 0.4  # neither: at most this, and less the further away
NEWER = 0.2  # without any intent: what an article of 2050 has before one of 1950
DAYS_A_YEAR = 365.25
WHOLE_YEAR = 365  # days
MENTIONS = 20  # years in a passage that are looked at

_LATEST = re.compile(
    r"\b(?:zuletzt|aktuell(?:e[mnrs]?|st\w*)?|derzeit(?:ig\w*)?|zurzeit|zur\szeit|jetzt"
    r"|heut(?:e|ig\w*)|momentan\w*|gegenwärtig\w*|inzwischen|mittlerweile|bislang|bisher"
    r"|neue?ste[mnrs]?|jüngst(?:e[mnrs]?)?|latest|newest|now|nowadays|today|most\srecent(?:ly)?"
    r"|recently|at\spresent|currently|so\sfar"
    r"|(?<!charging\s)(?<!alternating\s)(?<!direct\s)(?<!electric\s)current(?!\syear))\b",
    re.IGNORECASE,
)
_EARLIEST = re.compile(
    r"\b(?:ursprünglich\w*|urspruenglich\w*|zunächst|zunaechst|anfangs|anfänglich\w*|zuerst"
    r"|original(?:ly)?|initial(?:ly)?|at\sfirst|to\sbegin\swith)\b",
    re.IGNORECASE,
)
_LEAD = (
    r"(?:\s(?:dem|der|das|the|jahr|jahre|year|zum|zu|ende|anfang|mitte|end|of|late|early)){0,3}\s$"
)
_OPEN = {
    "from": re.compile(rf"\b(?:seit|ab|since|from){_LEAD}", re.IGNORECASE),
    "after": re.compile(rf"\b(?:nach|after){_LEAD}", re.IGNORECASE),
    "until": re.compile(rf"\b(?:bis|until|till|by|through){_LEAD}", re.IGNORECASE),
    "before": re.compile(rf"\b(?:vor|before|prior\sto){_LEAD}", re.IGNORECASE),
}
_BEFORE = 40  # code points before a time that may say "since" or "until"
# What comes before is looked at last, for speed: these run over every candidate.
_NAMED_YEAR = re.compile(r"(?:19|20)\d\d(?<!\w\d{4})(?<!\d,\d{4})(?![\w€%]|[.,]\d)")
_YEAR_WORD = re.compile(r"[jJyY][ae][ha]r")
_NEXT = re.compile(r"\b(?:(?:kommend|nächst)e[mnrs]?|next|coming)\s$", re.IGNORECASE)
_LAST = re.compile(
    r"\b(?:(?:letzt|vergangen|vorig)e[mnrs]?\s|(?:last|previous|past)\s|vor)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TimeIntent:
    """What a question says of time.

    `named` are the times as written, `within` what they mean: "bis 2030" names the year 2030 and
    means all until its end. `today` is the day of the question.
    """

    named: tuple[Period, ...]
    within: tuple[Period, ...]
    order: Order | None
    today: date


def time_intent(question: str, today: date) -> TimeIntent | None:
    """None where the question says nothing of time.

    >>> time_intent("Wie hoch war das Ziel im Jahr 2025?", date(2026, 11, 22)).order is None
    True
    """
    text = " ".join(question.split())
    found = list(find_periods(text, today))
    order: Order | None = None
    if _EARLIEST.search(text):
        order = "earliest"
    elif _LATEST.search(text):
        order = "latest"
    if not found and order is None:
        return None
    return TimeIntent(
        named=tuple(each.period for each in found),
        within=tuple(_meant(text[max(0, f.start - _BEFORE) : f.start], f.period) for f in found),
        order=order,
        today=today,
    )


def time_feature(intent: TimeIntent | None, published: Period | None, passage: str = "") -> float:
    """How well an article's date, and the years that its passage names, fit; in [0, 1].

    With times in the question, the best of:
    - 0.9 if the passage names that time; 0.7 if only its year, or a time that "since …" holds;
    - 0.9 if the article was published then, and 1 if the passage names it as well;
    - else 0.4 / (1 + years between publication and the time), and 0.5 without a date.
    A year asked for may be that of the event or that of the report, so either will do. "Next year"
    and "last year" in a passage count from its publication.

    With "latest": 1 / (1 + age in years) at the day of the question, so that a month counts among
    new articles and hardly among old ones; with "earliest" 1 minus that; 0.5 without a date. With
    times as well as an order, the mean of both.

    Without an intent: 0.5 at the year 2000, rising by 0.002 a year; 0.5 without a date.
    """
    if intent is None:
        return NEUTRAL + _newer(published)
    parts = []
    if intent.named:
        named = _named_fit(intent, published, passage)
        told = _published_fit(intent, published)
        parts.append(1.0 if named and told == FITS else max(named, told))
    if intent.order is not None:
        parts.append(_order_fit(intent, published))
    return sum(parts) / len(parts)


def _meant(before: str, period: Period) -> Period:
    """The range that a word such as "since" in front of a time makes of it."""
    opening = next((name for name, pattern in _OPEN.items() if pattern.search(before)), None)
    if opening == "from":
        return Period(period.first, date.max)
    if opening == "after":
        return Period(min(period.last, date.max - timedelta(1)) + timedelta(1), date.max)
    if opening == "until":
        return Period(date.min, period.last)
    if opening == "before":
        return Period(date.min, max(period.first, date.min + timedelta(1)) - timedelta(1))
    return period


def _named_fit(intent: TimeIntent, published: Period | None, passage: str) -> float:
    best = 0.0
    for mentioned in _mentioned(intent, published, passage):
        if any(_inside(mentioned, named) for named in intent.named):
            return FITS
        if any(_overlap(mentioned, each) for each in (*intent.named, *intent.within)):
            best = VAGUE
    return best


def _mentioned(intent: TimeIntent, published: Period | None, passage: str) -> Iterator[Period]:
    """Times in a passage: the years, and their parts where a part of that year is asked for.

    Only there is it looked at closely: that keeps it to some microseconds a passage.
    """
    parts = {p.first.year for p in intent.named if p.last - p.first < timedelta(WHOLE_YEAR)}
    for match in itertools.islice(_NAMED_YEAR.finditer(passage), MENTIONS):
        year = int(match[0])
        if year in parts:
            around = passage[max(0, match.start() - _BEFORE) : match.end() + len("-12-31")]
            yield from (found.period for found in find_periods(around, None))
        else:
            yield months(year, 1, 12)
    if published is None:
        return
    for match in itertools.islice(_YEAR_WORD.finditer(passage), MENTIONS):
        before = passage[max(0, match.start() - _BEFORE) : match.start()]
        shift = 1 if _NEXT.search(before) else -1 if _LAST.search(before) else 0
        if shift:
            yield months(published.first.year + shift, 1, 12)


def _published_fit(intent: TimeIntent, published: Period | None) -> float:
    if published is None:
        return NEUTRAL
    if any(_overlap(published, each) for each in intent.within):
        return FITS
    gaps = [
        max((each.first - published.last).days, (published.first - each.last).days)
        for each in intent.within
    ]
    return BESIDE / (1 + min(gaps) / DAYS_A_YEAR)


def _order_fit(intent: TimeIntent, published: Period | None) -> float:
    if published is None:
        return NEUTRAL
    age = max(0, (intent.today - published.last).days) / DAYS_A_YEAR
    fresh = 1 / (1 + age)
    return fresh if intent.order == "latest" else 1 - fresh


def _newer(published: Period | None) -> float:
    if published is None:
        return 0.0
    years = (published.last - date(2000, 1, 1)).days / DAYS_A_YEAR
    return NEWER * min(0.5, max(-0.5, years / 100))


def _inside(inner: Period, outer: Period) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last


def _overlap(one: Period, other: Period) -> bool:
    return one.first <= other.last and other.first <= one.last
