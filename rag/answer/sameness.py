"""Whether two claims are about the same thing: rules 1 and 2 of `rag.answer.conflicts`."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping

from rag.answer.asked import Asked
from rag.answer.claims import Claim
from rag.language.analysis import analyse
from rag.language.names import Names, folded, held, names
from rag.language.quantities import COUNT
from rag.language.units import UNITS

YEAR = 4  # digits
ALIKE = 0.4  # share of the words of the shorter of two sentences that tell of one event

SCALES = ("Tausend", "Million", "Millionen", "Milliarde", "Milliarden", "thousand", "billion")

_WITHIN = re.compile(r"\b[Ii]n\s([A-ZÄÖÜ][\w-]+)")


def same_thing(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether nothing tells apart what two claims are about: see rule 2."""
    if not (one_name(asked, one, other) and on_topic(asked, one, other)):
        return False
    for claim in (one, other):
        # In another language a name may be another word.
        at_home = claim.document.language == asked.language
        if at_home and len(held(asked.names, claim.article)) < len(asked.names):
            return False
    return asked.where or not (
        _not_there(asked, one)
        or _not_there(asked, other)
        or _elsewhere(one, other)
        or _elsewhere(other, one)
        or _instead(asked, one, other)
        or _instead(asked, other, one)
        or _other_variant(_variants(asked, one), _variants(asked, other))
    )


def same_statement(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether two claims are about the same, true or not: by their words, or between languages by
    a name of the question.
    """
    if one.document.language != other.document.language:
        return not held(asked.names, one.text).isdisjoint(held(asked.names, other.text))
    shared = len(one.terms & other.terms)
    return shared >= ALIKE * min(len(one.terms), len(other.terms))


def one_name(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether both articles hold the same name of the question, if it has any."""
    if not asked.names:
        return True
    return not held(asked.names, one.article).isdisjoint(held(asked.names, other.article))


def on_topic(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether what is counted may be what the question asks for: some word besides its names tells.

    Units tell by themselves, and between languages words do not.
    """
    languages = {one.document.language, other.document.language}
    if asked.amount and asked.language not in languages and len(languages) == 1:
        return bool((_said(one) & _said(other)) - _told(asked, one.document.language))
    counts = asked.amount and (asked.units is None or COUNT in asked.units)
    if not counts or languages != {asked.language}:
        return True
    return any(not held(asked.names, w) for w in asked.words & (one.terms | other.terms))


def _told(asked: Asked, language: str) -> frozenset[str]:
    """The terms that do not tell what is counted: units, and the parts of the question's names."""
    names_ = " ".join((*asked.names.words, *asked.names.places))
    return _units(language).union(analyse(names_, language))


@functools.cache
def _units(language: str) -> frozenset[str]:
    return frozenset(analyse(" ".join((*UNITS, *SCALES)), language))


def _said(claim: Claim) -> frozenset[str]:
    """Its words without numbers."""
    return frozenset(word for word in claim.terms if not any(c.isdigit() for c in word))


def _instead(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether `one` says a name of the question and `other` another name in its place."""
    missing = held(asked.names, one.text) - held(asked.names, other.text)
    return bool(missing) and _strange(other.names, one.article)


def _strange(named: Names, article: str) -> bool:
    """Whether some name does not stand in an article."""
    return len(held(named, article)) < len(named)


def _not_there(asked: Asked, claim: Claim) -> bool:
    """Whether a claim is confined to places, and the question to another."""
    here = [names(f"in {place}", asked.language) for place in _WITHIN.findall(asked.text)]
    there = _confined(claim)
    return any(here) and bool(there) and not any(held(place, asked.text) for place in there)


def _confined(claim: Claim) -> list[Names]:
    """The places in which a claim says that it holds."""
    found = [names(f"in {p}", claim.document.language) for p in _WITHIN.findall(claim.text)]
    return [place for place in found if place]


def _elsewhere(one: Claim, other: Claim) -> bool:
    """Whether `one` is confined to a place, and `other` to another or its article knows none."""
    here, there = _confined(one), _confined(other)
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
