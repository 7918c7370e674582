"""Whether two claims contradict each other as answers to a question.

They are about the same thing and the same time, and their answers cannot both be true; the rules
are those of `rag.answer.conflicts`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence

from rag.answer.asked import Asked
from rag.answer.claims import Claim, is_plan, overlap
from rag.language.names import Names, folded, held, names
from rag.language.quantities import COUNT, Quantity
from rag.types import Period

TIMES = 2.0  # by which two figures for one thing may differ
SEVERAL = 0.95  # cosine from which sentences with several amounts of the kind are compared
YEAR = 4  # digits
ALIKE = 0.4  # share of the words of the shorter of two sentences that say or deny the same


_NEW_PLACE = re.compile(
    r"\b(?:nun|doch|statt(?=\s\w)|stattdessen|verlegt|verlagert|künftig|nicht mehr|moved?|instead"
    r"|relocat\w*|no longer|shifted)\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"\b[Ii]n\s([A-ZÄÖÜ][\w-]+)")
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
    return replaced and _one_name(asked, newer, older) and _on_topic(asked, newer, older)


def contradict(asked: Asked, one: Claim, other: Claim, similar: float) -> bool:
    """Whether both answer, and not the same; `similar` is the cosine of the two."""
    if asked.when:
        differ = _apart(one.times, other.times)
        differ = differ and {True, False} != {asked.planned, one.happens, other.happens} - {None}
        differ = differ and _same_statement(asked, one, other)
    elif asked.whether:
        differ = one.denies(asked.words) != other.denies(asked.words)
        differ = differ and _same_statement(asked, one, other)
    elif asked.where:
        differ = _moved(asked, one, other)
    else:
        differ = _other_amount(asked, one, other, similar)
    return differ and same_thing(asked, one, other)


def same_answer(asked: Asked, one: Claim, other: Claim) -> bool:
    if asked.when:
        same = any(overlap(x, y) for x in one.times for y in other.times)
    elif asked.whether:
        same = one.denies(asked.words) == other.denies(asked.words)
        same = same and _same_statement(asked, one, other)
    elif asked.where:
        same = _places(asked, one) == _places(asked, other)
    else:
        left, right = _wanted(asked, one.amounts), _wanted(asked, other.amounts)
        same = any(x.agrees(y) for x in left for y in right) and _same_time(one, other)
    return same and same_thing(asked, one, other)


def same_thing(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether nothing tells apart what two claims are about: see rule 2."""
    if not (_one_name(asked, one, other) and _on_topic(asked, one, other)):
        return False
    for claim in (one, other):
        # In another language a name may be another word.
        at_home = claim.document.language == asked.language
        if at_home and len(held(asked.names, claim.article)) < len(asked.names):
            return False
    if asked.where:
        return True
    if _elsewhere(one, other) or _elsewhere(other, one):
        return False
    if _instead(asked, one, other) or _instead(asked, other, one):
        return False
    return not _other_variant(_variants(asked, one), _variants(asked, other))


def _same_statement(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether two claims are about the same, true or not: by their words, or between languages by
    a name of the question.
    """
    if one.document.language != other.document.language:
        return not held(asked.names, one.text).isdisjoint(held(asked.names, other.text))
    shared = len(one.terms & other.terms)
    return shared >= ALIKE * min(len(one.terms), len(other.terms))


def _one_name(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether both articles hold the same name of the question, if it has any."""
    if not asked.names:
        return True
    return not held(asked.names, one.article).isdisjoint(held(asked.names, other.article))


def _on_topic(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether what is counted may be what the question asks for: some word besides its names tells.

    Units tell by themselves, and between languages words do not.
    """
    counts = asked.amount and (asked.units is None or COUNT in asked.units)
    if not counts or {one.document.language, other.document.language} != {asked.language}:
        return True
    return any(not held(asked.names, w) for w in asked.words & (one.terms | other.terms))


def _instead(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether `one` says a name of the question and `other` another name in its place."""
    missing = held(asked.names, one.text) - held(asked.names, other.text)
    return bool(missing) and _strange(other.names, one.article)


def _strange(named: Names, article: str) -> bool:
    """Whether some name does not stand in an article."""
    return len(held(named, article)) < len(named)


def _elsewhere(one: Claim, other: Claim) -> bool:
    """Whether `one` is confined to a place, and `other` to another or its article knows none."""
    named = [
        [names(f"in {place}", each.document.language) for place in _WITHIN.findall(each.text)]
        for each in (one, other)
    ]
    here, there = ([place for place in places if place] for places in named)
    if here and there:
        return not any(held(place, other.text) for place in here)
    return any(_strange(place, other.article) for place in here)


def _variants(asked: Asked, claim: Claim) -> dict[str, str]:
    """What stands right behind a name of the question, as `Ultra` in `SU7 Ultra`."""
    amounts = {each.start for each in (*claim.amounts, *claim.former_amounts)}
    words = [m for m in re.finditer(r"\w+", claim.text) if m.start() not in amounts]
    return {
        folded(name[0]): behind[0]
        for name, behind in itertools.pairwise(words)
        if folded(name[0]) in asked.names.words
        and folded(behind[0]) not in asked.names.words
        and (_is_code(behind[0]) or folded(behind[0]) in claim.names.words)
    }


def _other_variant(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two claims are about models of one name; a code tells them apart by itself."""
    return any(
        one.get(name) != other.get(name)
        and (
            (name in one and name in other)
            or _is_code(name)
            or any(_is_code(each.get(name, "")) for each in (one, other))
        )
        for name in one.keys() | other.keys()
    )


def _is_code(word: str) -> bool:
    if word.isdigit():
        return len(word) < YEAR
    return word.isupper() or any(c.isdigit() for c in word)


def _other_than_former(asked: Asked, newer: Claim, older: Claim) -> bool:
    """Whether what `older` gives is what `newer` calls former, and something else holds now."""
    current = _wanted(asked, newer.amounts)
    return any(
        former.agrees(old) and any(c.comparable(old) and not c.agrees(old) for c in current)
        for former in _wanted(asked, newer.former_amounts)
        for old in _wanted(asked, older.amounts)
    ) and (_means(asked, newer) and _means(asked, older))


def _other_amount(asked: Asked, one: Claim, other: Claim, similar: float) -> bool:
    left, right = _wanted(asked, one.amounts), _wanted(asked, other.amounts)
    pairs = [(x, y) for x in left for y in right if x.comparable(y)]
    if not pairs or any(x.agrees(y) for x, y in pairs):
        return False
    near = [(x, y) for x, y in pairs if _near(x, y)]
    if not near or (len(near) > 1 and similar < SEVERAL):
        return False
    if not (_means(asked, one) and _means(asked, other) and _same_time(one, other)):
        return False
    return any(not _planned_and_past(one, x.start, other, y.start) for x, y in near)


def _wanted(asked: Asked, amounts: Sequence[Quantity]) -> list[Quantity]:
    return [each for each in amounts if asked.units is None or each.unit in asked.units]


def _near(one: Quantity, other: Quantity) -> bool:
    small, large = sorted((one.middle, other.middle))
    return large <= TIMES * small and not math.isinf(large)


def _planned_and_past(one: Claim, here: int, other: Claim, there: int) -> bool:
    return {is_plan(one.text, here), is_plan(other.text, there)} == {True, False}


def _means(asked: Asked, claim: Claim) -> bool:
    """Whether a claim is about the time of the question, as far as both name one."""
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
    if not (_NEW_PLACE.search(one.text) or _NEW_PLACE.search(other.text)):
        return False
    here, there = _places(asked, one), _places(asked, other)
    return bool(here and there and here != there)


def _places(asked: Asked, claim: Claim) -> set[str]:
    return {folded(place) for place in _PLACE.findall(claim.text)} - asked.names.words
