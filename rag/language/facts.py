"""Words that carry a fact: numbers, dates and denials.

    facts("Am 30. April waren es nicht 4.900 Fälle") == ("30", "april", "nicht", "4.900")

The lists lean to too much: a word wrongly taken for a fact costs little, one that is missed may
hide a contradiction.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(
    r"(?:(?<!\S)[-−–+])?\d+(?:[.,:/]\d+){0,6}|[^\W\d]\w*(?:[-'’]\w+)*|[%‰°€$£¥<>≤≥±]"
)
# All in the form that casefold gives: `ss` for `ß`.
_NUMBERS = (
    r"(?:eine?|zwei|zwo|drei|vier|fünf|sechs?|sieb(?:en)?|acht|neun|zehn|elf|zwölf|zwan|zig|ssig"
    r"|hundert|tausend|und|million(?:en)?|milliarden?|billion(?:en)?)+"
    r"(?:fach|mal|tel|s?te[mnrs]?|er|en|e|s)?",
    r"(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|hundred|thousand|million|billion|trillion|dozen)-?)+(?:s|th|fold)?",
    r"first|second|third|fifth|eighth|ninth|twelfth|once|twice|mio|mrd|tsd|bn|mn|(?:andert)?halb\w*|hälften?",
    r"drittel\w*|viertel\w*|dutzend\w*|doppelt\w*|verdoppel\w*|half|halves|halv\w+|thirds",
    r"quarters?|doubl\w*|tripl\w*",
)
_DATES = (
    r"januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember",
    r"january|february|march|may|june|july|october|december",
    r"jan|feb|mär|mar|apr|jun|jul|aug|sept?|okt|oct|nov|dez|dec",
    r"(?:mon|diens|donners|frei|sams|sonn)tage?[ns]?|sonnabende?[ns]?|mittwochs?",
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|heut\w*|gestr\w*|gestern|vorgestern|morgen",
    r"übermorgen|today|yesterday|tomorrow|tonight|\w*jahr\w*|jährlich\w*|monat\w*|woche\w*|years?",
    r"yearly|annual\w*|months?|monthly|weeks?|weekly|spring|summer|autumn|winter",
)
_DENIALS = (
    r"nicht|nichts|nie|niemals|niemand\w*|ohne|kein\w*|weder|kaum|un(?!ter)\w{5,}|not|never|no|none",
    r"nobody|nothing|without|neither|nor|cannot|hardly|\w+n['’]t|dementier\w*|bestr[ei]\w*",
    r"abgelehnt|lehnt\w*|abgesagt|gestoppt|deny|denie[sd]|reject\w*|refus\w*|cancel\w*",
)
_NUMBER = re.compile("|".join(_NUMBERS))
_DATE_OR_DENIAL = re.compile("|".join((*_DATES, *_DENIALS)))
_DENIAL = re.compile("|".join(_DENIALS))
_VAGUE = re.compile(r"un\w+")  # may also be no denial: `ungefähr`, `unseren`
_ARTICLE = re.compile(r"eine?[mnrs]?|und")  # would be numbers


def words(text: str) -> list[str]:
    """Words, numbers with their separators, and signs such as `%`, in order and as written."""
    return list(each_word(text))


def each_word(text: str) -> Iterator[str]:
    """The same one by one, for texts that are millions of them."""
    for match in _WORD.finditer(unicodedata.normalize("NFC", text.replace("\xad", ""))):
        yield match[0]


def facts(text: str) -> tuple[str, ...]:
    """The casefolded words of `text` that are facts, in order."""
    return tuple(word for word in map(str.casefold, words(text)) if is_fact(word))


def denials(text: str) -> tuple[str, ...]:
    """The casefolded words of `text` that deny, in order; `nicht nur` denies nothing."""
    found = [word.casefold() for word in words(text)]
    pairs = itertools.pairwise((*found, ""))
    return tuple(
        word
        for word, following in pairs
        if _DENIAL.fullmatch(word)
        and not _VAGUE.fullmatch(word)
        and following not in ("nur", "only", "zuletzt", "least")
    )


@functools.lru_cache(maxsize=1 << 16)
def is_fact(word: str) -> bool:
    """Whether a casefolded word is a number, a date or a denial."""
    return is_number(word) or _DATE_OR_DENIAL.fullmatch(word) is not None


@functools.lru_cache(maxsize=1 << 16)
def is_number(word: str) -> bool:
    """Whether a casefolded word is a number, in digits or spelled out, or a sign."""
    if any(c.isnumeric() for c in word) or not word[0].isalpha():
        return True
    return _NUMBER.fullmatch(word) is not None and _ARTICLE.fullmatch(word) is None
