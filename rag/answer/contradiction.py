"""Whether two claims contradict each other as answers to a question.

They are about the same thing and the same time, and their answers cannot both be true; the rules
are those of `rag.answer.conflicts`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from rag.answer.asked import Asked
from rag.answer.claims import Claim, is_plan, overlap
from rag.answer.sameness import on_topic, one_name, same_statement, same_thing
from rag.language.names import folded
from rag.language.quantities import Quantity
from rag.types import Period

TIMES = 2.0  # by which two figures for one thing may differ

_NEW_PLACE = re.compile(
    r"\b(?:nun|doch|statt(?=\s\w)|stattdessen|verlegt|verlagert|künftig|nicht mehr|moved?|instead"
    r"|relocat\w*|no longer|shifted)\b",
    re.IGNORECASE,
)
_ALSO = re.compile(r"\b(?:auch|also|too|zudem|außerdem)\b", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:[Ii]n|[Nn]ach|[Bb]ei|to|[Aa]t|[Nn]ear|[Vv]on|from)\s([A-ZÄÖÜ][\w-]+)")


def replaces(asked: Asked, newer: Claim, older: Claim) -> bool:
    """Whether one says that it replaces the answer that the other gives as current."""
    if not newer.may_replace or newer.date < older.date:
        return False
    if asked.when:
        told = newer.postpones or any(
            overlap(x, y) for x in newer.former_times for y in older.times
        )
        replaced = told and _apart(newer.times, older.times)
    else:
        replaced = asked.amount and _other_than_former(asked, newer, older)
    return replaced and one_name(asked, newer, older) and on_topic(asked, newer, older)


def contradict(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether both answer, and not the same."""
    if asked.when:
        differ = _apart(one.times, other.times)
        differ = differ and not _planned_and_past(asked.planned, one.happens, other.happens)
        differ = differ and same_statement(asked, one, other)
    elif asked.whether:
        differ = one.denies(asked.words) != other.denies(asked.words)
        differ = differ and same_statement(asked, one, other)
    elif asked.where:
        differ = _moved(asked, one, other)
    else:
        differ = _other_amount(asked, one, other)
    return differ and same_thing(asked, one, other)


def same_answer(asked: Asked, one: Claim, other: Claim) -> bool:
    if asked.when:
        same = any(overlap(x, y) for x in one.times for y in other.times)
    elif asked.whether:
        same = one.denies(asked.words) == other.denies(asked.words)
        same = same and same_statement(asked, one, other)
    elif asked.where:
        same = _places(asked, one) == _places(asked, other)
    else:
        left, right = _wanted(asked, one.amounts), _wanted(asked, other.amounts)
        same = any(x.agrees(y) for x in left for y in right) and _same_time(one, other)
    return same and same_thing(asked, one, other)


def _other_than_former(asked: Asked, newer: Claim, older: Claim) -> bool:
    """Whether what `older` gives is what `newer` calls former, and something else holds now."""
    current = _wanted(asked, newer.amounts)
    return any(
        former.agrees(old) and any(c.comparable(old) and not c.agrees(old) for c in current)
        for former in _wanted(asked, newer.former_amounts)
        for old in _wanted(asked, older.amounts)
    ) and (_means(asked, newer) and _means(asked, older))


def _other_amount(asked: Asked, one: Claim, other: Claim) -> bool:
    wanted = itertools.product(_wanted(asked, one.amounts), _wanted(asked, other.amounts))
    pairs = [(x, y) for x, y in wanted if x.comparable(y)]
    near = [(x, y) for x, y in pairs if _near(x, y)]
    if any(x.agrees(y) for x, y in pairs):
        return False
    if not (near and _means(asked, one) and _means(asked, other) and _same_time(one, other)):
        return False
    return any(
        not _planned_and_past(is_plan(one.text, x.start), is_plan(other.text, y.start))
        for x, y in near
    )


def _wanted(asked: Asked, amounts: Sequence[Quantity]) -> list[Quantity]:
    return [each for each in amounts if asked.units is None or each.unit in asked.units]


def _near(one: Quantity, other: Quantity) -> bool:
    small, large = sorted((one.middle, other.middle))
    return large <= TIMES * small and not math.isinf(large)


def _planned_and_past(*planned: bool | None) -> bool:
    """Whether one speaks of a plan and another of the past."""
    return {True, False} <= set(planned)


def _means(asked: Asked, claim: Claim) -> bool:
    """Whether a claim may be about the time of the question, if that names one.

    What names none and tells of the past is not about what came after its article.
    """
    published = claim.document.published
    if asked.within and not claim.times and published and claim.happens is False:
        return any(whole.first <= published.last for whole in asked.within)
    return not (asked.within and claim.times) or any(
        whole.first <= time.first and time.last <= whole.last
        for time in claim.times
        for whole in asked.within
    )


def _same_time(one: Claim, other: Claim) -> bool:
    if one.weekdays and other.weekdays and not one.weekdays & other.weekdays:
        return False
    if one.times and other.times:
        return not set(one.times).isdisjoint(other.times)
    named, published = (
        (one.times, other.document.published)
        if one.times
        else (other.times, one.document.published)
    )
    return not named or published is None or any(overlap(each, published) for each in named)


def _apart(one: Sequence[Period], other: Sequence[Period]) -> bool:
    return bool(one and other) and not any(overlap(a, b) for a in one for b in other)


def _moved(asked: Asked, one: Claim, other: Claim) -> bool:
    if not any(
        _NEW_PLACE.search(each.text) and not _ALSO.search(each.text) for each in (one, other)
    ):
        return False
    here, there = _places(asked, one), _places(asked, other)
    return bool(here and there and here != there)


def _places(asked: Asked, claim: Claim) -> set[str]:
    return {folded(place) for place in _PLACE.findall(claim.text)} - asked.names.words
