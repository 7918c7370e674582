"""What one sentence claims, in a form in which two sentences can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rag.language.analysis import analyse
from rag.language.facts import denials
from rag.language.former import is_former, may_revise
from rag.language.names import Names, names
from rag.language.quantities import Quantity, quantities
from rag.search.periods import find_periods, months
from rag.types import Document, Period

MONTH = 31  # days
_ANY = re.IGNORECASE
_MONTHS = (
    ("jan",),
    ("feb",),
    ("mär", "mar"),
    ("apr",),
    ("mai", "may"),
    ("jun",),
    ("jul",),
    ("aug",),
    ("sep",),
    ("okt", "oct"),
    ("nov",),
    ("dez", "dec"),
)
_NAMED = r"(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|o[kc]t|nov|de[zc])[a-zä]*"
_DAY = re.compile(  # without a year
    rf"\b(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s(?:of\s)?(?P<month>{_NAMED})\b(?!\.?,?\s?\d)"
    rf"|\b(?P<name>{_NAMED})\s(?P<number>\d{{1,2}})(?:st|nd|rd|th)?\b(?!,?\s?\d)",
    _ANY,
)
_DECADE = re.compile(
    r"\s(?:of the|of this|des|dieses)\s(?:decade|century|season|jahrzehnts|jahrhunderts|saison)",
    _ANY,
)
_WEEKDAYS = (("mo",), ("di", "tu"), ("mi", "we"), ("do", "th"), ("fr",), ("sa",), ("so", "su"))
_WEEKDAY = re.compile(
    r"\b(?:mon|diens|donners|frei|sams|sonn)tags?\b|\b(?:mittwoch|sonnabend)s?\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
    _ANY,
)
_DENIED = re.compile(
    r"\b(?:bestreit\w*|bestritt\w*|dementier\w*|widersprach\w*|widerspricht|zurückgewiesen|haltlos\w*"
    r"|abgesagt\w*|abgelehnt\w*|abgeblasen|gestoppt\w*|gestrichen\w*|gescheitert|verzicht\w*"
    r"|aufgegeben|den(?:y|ies|ied|ying)|reject\w*|refut\w*|dismiss\w*|cancel\w*|scrap(?:s|ped)?"
    r"|call(?:s|ed) off|abandon\w*|untrue|unfounded|false)\b"
    r"|\b(?:weist|wies|weisen|wiesen)\b.{0,200}\bzurück\b|\blehn(?:t|te|en|ten)\b.{0,200}\bab\b"
    r"|\bsag(?:t|te|en|ten)\b.{0,200}\bab\b",
    _ANY,
)
_ENDED = re.compile(  # what was there no longer is, or will not be
    r"\b(?:schlie(?:ß|ss)(?:t|en)|geschlossen|beurlaubt|entlassen|beendet|eingestellt|abgezogen|entfällt"
    r"|entfallen|zurückgezogen|verworfen|beerdigt|verlässt|clos(?:e|es|ed|ing)|shut|sacked|dismissed"
    r"|ends?|ended|withdr[ae]wn?|leaves|dropped|stop(?:s|ped)?|axed|vom Tisch|off the table)\b"
    r"|\bz(?:ieht|og)\b.{0,200}\bzurück\b|\bf(?:ällt|iel|allen)\b.{0,200}\b(?:aus|weg)\b",
    _ANY,
)
_NOT = re.compile(
    r"\b(?:nicht|kein\w*|nie|niemals|weder|not|no|never|neither|cannot)\b|n['’]t\b", _ANY
)
_CLAUSE = re.compile(r"[,;:]\s|\s[–—]\s|\s(?:und|and|aber|but)\s")
_PLAN = re.compile(
    r"\b(?:will|wollen|wolle|wollte|soll|sollen|solle|plant|planen|peilt|erwartet|erwarten|rechnet"
    r"|möchte|strebt|ziel\w*|\w+ziel|prognose\w*|target\w*|aims?|aiming|plans?|planned|expect\w*"
    r"|forecast\w*|wants?|hopes?|intends?|would)\b",
    _ANY,
)
_PAST = re.compile(
    r"\b(?:wurden?|waren?|hatten?|(?:kam|gab|ging|begann|nahm|fand|stieg|sank|fiel|lag|stand"
    r"|hielt|zog|verlor|gewann|trat)(?:en)?|was|were|had|sold|made|came|rose|fell|drew|began|took"
    r"|went|gave|grew|lost|won|paid"
    r"|[a-zäöü]{3,}(?<!soll)(?<!woll)(?<!könn)(?<!heu)(?<!letz)(?<!möch)(?<!ers)(?<!zwei)(?<!drit)te"
    r"|[a-z]{3,}ed)\b"
)
_PERFECT = re.compile(r"\b(?:has|have|ist|sind)\b")  # the result holds now
_POSTPONED = (  # parts of words
    "verschob",
    "verschieb",
    "vorgezogen",
    "verzöger",
    "später als",
    "früher als",
    "postpon",
    "delay",
    "brought forward",
    "pushed back",
    "later than",
    "earlier than",
)


@dataclass(frozen=True)
class Claim:
    """A sentence of an article; its parts are found when they are asked for."""

    text: str
    document: Document

    @cached_property
    def amounts(self) -> tuple[Quantity, ...]:
        """Those that hold."""
        return tuple(each for each in self._quantities if not each.former)

    @cached_property
    def former_amounts(self) -> tuple[Quantity, ...]:
        """Those that the sentence gives as what it was, as in "statt 5,5 Millionen"."""
        return tuple(each for each in self._quantities if each.former)

    @cached_property
    def times(self) -> tuple[Period, ...]:
        return tuple(period for period, _, former in self._times if not former)

    @cached_property
    def former_times(self) -> tuple[Period, ...]:
        return tuple(period for period, _, former in self._times if former)

    @cached_property
    def happens(self) -> bool | None:
        """Whether what it gives its first time for is planned, as `is_plan` says."""
        return is_plan(self.text, next((at for _, at, former in self._times if not former), 0))

    @cached_property
    def weekdays(self) -> frozenset[int]:
        found = {match[0][:2].lower() for match in _WEEKDAY.finditer(self.text)}
        return frozenset(n for n, forms in enumerate(_WEEKDAYS) if found.intersection(forms))

    @cached_property
    def names(self) -> Names:
        """Without numbers."""
        found = names(self.text, self.document.language)
        words = frozenset(word for word in found.words if not word[0].isdigit())
        return Names(words, found.places)

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(analyse(self.text, self.document.language))

    @cached_property
    def postpones(self) -> bool:
        lowered = self.text.lower()
        return any(part in lowered for part in _POSTPONED)

    @cached_property
    def article(self) -> str:
        """Title and text of its article."""
        return f"{self.document.title} {self.document.text}"

    @property
    def date(self) -> date:
        """The last day on which it may have been published; the first of all days if undated."""
        published = self.document.published
        return published.last if published else date.min

    @property
    def may_replace(self) -> bool:
        """Whether it may say what it replaces: quick, and often wrong."""
        return self.postpones or may_revise(self.text)

    @cached_property
    def _quantities(self) -> tuple[Quantity, ...]:
        return quantities(self.text, self.document.language)

    @cached_property
    def _times(self) -> tuple[tuple[Period, int, bool], ...]:
        return tuple(_times(self.text, self.document.published))

    def denies(self, about: frozenset[str]) -> bool:
        """Whether it denies what it speaks of, in the clause with most of the words `about`.

        A verb such as "dementiert" counts anywhere.
        """
        if _DENIED.search(self.text):
            return True
        clauses = _CLAUSE.split(self.text)
        best = max(clauses, key=lambda clause: sum(word in clause.lower() for word in about))
        return (_NOT.search(best) is not None) != (_ENDED.search(best) is not None)


def is_plan(text: str, place: int = 0) -> bool | None:
    """Whether the clause at a place speaks of a plan; False of the past, None of what is."""
    start = max((m.end() for m in _CLAUSE.finditer(text, 0, place)), default=0)
    end = _CLAUSE.search(text, place)
    clause = text[start : end.start() if end else len(text)]
    if _PLAN.search(clause):
        return True
    return False if _PAST.search(clause) and not _PERFECT.search(clause) else None


def agreeing(one: Claim, other: Claim) -> bool:
    """Whether each holds the amounts, times and denials of the other, however they are written."""
    return (
        _matched(one.amounts, other.amounts)
        and _matched(one.former_amounts, other.former_amounts)
        and all(any(overlap(a, b) for b in other.times) for a in one.times)
        and all(any(overlap(a, b) for b in one.times) for a in other.times)
        and one.weekdays == other.weekdays
        and len(denials(one.text)) == len(denials(other.text))
    )


def overlap(one: Period, other: Period) -> bool:
    return one.first <= other.last and other.first <= one.last


def _matched(one: Sequence[Quantity], other: Sequence[Quantity]) -> bool:
    return all(any(x.agrees(y) for y in other) for x in one) and all(
        any(x.agrees(y) for x in one) for y in other
    )


def _times(text: str, published: Period | None) -> Iterator[tuple[Period, int, bool]]:
    """Each time that is named, where it stands, and whether it no longer holds.

    A month or a day without a year is both the last one and the next one, seen from publication.
    """
    today = published.first if published else None
    for start, end, period in find_periods(text, today):
        if _DECADE.match(text, end):
            continue
        former = is_former(text, start, end)
        month = (period.last - period.first).days <= MONTH
        if today is not None and month and not any(c.isdigit() for c in text[start:end]):
            yield months(today.year, period.first.month, 1), start, former
            away = 1 if period.first.month <= today.month else -1
            yield months(today.year + away, period.first.month, 1), start, former
        else:
            yield period, start, former
    if today is None:
        return
    for match in _DAY.finditer(text):
        short = (match["month"] or match["name"]).lower()[:3]
        month_number = next(n for n, forms in enumerate(_MONTHS, 1) if short in forms)
        day = int(match["day"] or match["number"])
        former = is_former(text, match.start(), match.end())
        for year in (today.year - 1, today.year, today.year + 1):
            if 0 < day <= 28:
                exact = date(year, month_number, day)
                yield Period(exact, exact), match.start(), former
