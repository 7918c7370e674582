"""What the wording of a sentence or a question shows without understanding it."""

from __future__ import annotations

import functools
import math
import re
from typing import NamedTuple

_ANY = re.IGNORECASE
_QUANTITY = re.compile(
    r"\d+(?:[.,]\d+)*|\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend"
    r"|million|milliarde|hälfte|halb|drittel|viertel|dutzend|two|three|four|five|six|seven|eight"
    r"|nine|ten|eleven|twelve|hundred|thousand|billion|half|third|quarter|dozen)",
    _ANY,
)
_MONTHS = (
    "jan(?:uar[sy]?)?|feb(?:ruar[sy]?)?|märz|mar(?:ch)?|apr(?:ils?)?|mai|may|jun[ie]?|jul[iy]?"
    "|aug(?:usts?)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|de[zc](?:ember)?"
)
_TIME = re.compile(
    rf"\b(?:1[5-9]|20)\d\d\b|\d{{1,2}}[:.]\d\d\b|\b\d{{1,2}}\. ?\w|\buhr\b|\b(?:{_MONTHS})\b"
    r"|\b(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:jahr|monat|woche|tag|stunde|minute)"
    r"|\b(?:year|month|week|day|hour|century)|jahrhundert",
    _ANY,
)
_PLACE = re.compile(
    r"\b(?:in|im|bei|aus|nach|at|from|near|to)\s+(?:d\w\w\s+)?[A-ZÄÖÜ]|\b\d{5}\s+[A-Z]"
)
_MONEY = re.compile(
    r"[€$£¥]|\b(?:euro|dollar|yuan|cent|kosten|kostet|gebühr|preis|price|cost|fee)", _ANY
)
_CONTACT = re.compile(
    r"@|www\.|https?:|\btel\b|telefon|\bphone|\bfax\b|\b0\d{2,5}[ /-]?\d{3,}|\b\d{5} [A-ZÄÖÜ]"
    r"|(?:straße|str\.|platz|weg) \d",
    _ANY,
)
_PERSON = re.compile(r"(?<![.!?:] )(?<!^)\b[A-ZÄÖÜ][\w-]+ (?:[a-z]{2,3} )?[A-ZÄÖÜ][\w-]+")
_LIST = re.compile(r"\s*(?:[-*•–>]|\d{1,2}[.)]\s)")

KINDS = {
    "number": r"\bwie ?viele?\b|\bwie (?:hoch|groß|lang|weit|schnell|oft|stark|alt|schwer)\b"
    r"|\bhow (?:many|much|high|large|long|far|fast|often|big|old|heavy|strong)\b",
    "time": r"\bwann\b|\bwhen\b|öffnungszeit|opening|wie lange|how long|\bjahr\b|\byear\b|datum"
    r"|\bdate\b",
    "place": r"\bwo\b|\bwohin\b|\bwoher\b|\bwhere\b|adresse|address",
    "person": r"\bwer\b|\bwen\b|\bwem\b|\bwho\b|\bwhom\b|\bwhose\b|\bwessen\b",
    "how": r"^\W*(?:wie|how)\b",
    "what": r"^\W*(?:was|what)\b",
    "which": r"\bwelche\w*|^\W*which\b|what kind|what type",
    "cost": r"kost|teuer|preis|gebühr|cost|price|\bfees?\b|expensive",
    "contact": r"kontakt|erreich|contact|reach|telefon|anmeld|regist|apply|bewerb",
    "whether": r"^\W*(?:ist|sind|kann|können|darf|muss|müssen|gibt|hat|haben|wird|werden|soll"
    r"|bietet|is|are|can|do|does|did|may|must|has|have|will|were)\b",
    "why": r"warum|wieso|weshalb|\bwhy\b",
    "need": r"brauch|benötig|voraussetz|need|require|dokument|document",
}
_KINDS = {name: re.compile(pattern, _ANY) for name, pattern in KINDS.items()}
# What a sentence should hold where a question of this kind is asked.
_HELD = {
    "number": _QUANTITY,
    "time": _TIME,
    "place": _PLACE,
    "person": _PERSON,
    "cost": _MONEY,
    "contact": _CONTACT,
}


def kinds(question: str) -> tuple[str, ...]:
    """The kinds of question that the wording fits, of `KINDS`."""
    return tuple(name for name, pattern in _KINDS.items() if pattern.search(question))


def fits(question_kinds: tuple[str, ...], said: frozenset[str], sentence: str) -> float:
    """1 where a sentence holds what the kinds ask for, -1 where it does not, 0 where none does.

    Numbers and names that the question says itself, `said`, do not count.
    """
    asked = [_HELD[kind] for kind in question_kinds if kind in _HELD]
    if not asked:
        return 0.0
    found = [any(m[0].lower() not in said for m in pattern.finditer(sentence)) for pattern in asked]
    return 2.0 * sum(found) / len(found) - 1


class Signs(NamedTuple):
    """The form of one sentence."""

    length: float  # logarithm of its characters
    words: float  # in tens
    question: bool
    colon: bool
    stop: bool
    item: bool  # begins with a list mark
    heading: bool
    digits: float
    capitals: float  # share of its words
    commas: float
    contact: bool
    time: bool
    money: bool


@functools.lru_cache(maxsize=1 << 14)
def signs(sentence: str) -> Signs:
    stripped = sentence.strip()
    words = stripped.split()
    end = stripped[-1:]
    return Signs(
        length=math.log1p(len(stripped)),
        words=len(words) / 10,
        question=end == "?",
        colon=end == ":",
        stop=end in ".!",
        item=_LIST.match(sentence) is not None,
        heading=stripped.startswith("#")
        or end in "?:"
        or (len(stripped) < 60 and end not in ".!;,"),
        digits=math.log1p(sum(c.isdigit() for c in stripped)),
        capitals=sum(word[0].isupper() for word in words) / max(1, len(words)),
        commas=math.log1p(stripped.count(",")),
        contact=_CONTACT.search(stripped) is not None,
        time=_TIME.search(stripped) is not None,
        money=_MONEY.search(stripped) is not None,
    )
