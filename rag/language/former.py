"""What a text gives as no longer so: `statt 5,5 Millionen`, `von 490 auf 435`."""

from __future__ import annotations

import re

BEFORE = 40  # code points before a value that may say so
_MARKS = (  # beginnings of words
    *("statt", "anstatt", "anstelle von", "nicht mehr", "bisher", "bislang", "zuvor", "vorher"),
    *("ursprünglich", "zunächst", "einst", "früher", "versprochen", "geplant", "instead of"),
    *("rather than", "no longer", "previous", "former", "original", "earlier", "initial"),
    *("promised", "planned"),
)
_PAIRS = (("von ", " auf "), ("from ", " to "))
_ANY = re.IGNORECASE
_FORMER = re.compile(rf"\b(?:{'|'.join(_MARKS)})\w*\s(?:[^\W\d]+\s){{0,3}}$", _ANY)
_FROM = re.compile(r"\b(?:von|from)\s(?:[^\W\d]+\s){0,2}$", _ANY)
_TO = re.compile(r"(?:\.?\s[^\W\d][\w-]*){0,4}\s(?:auf|to)\s(?:[^\W\d]+\s){0,2}[€$£]?\d", _ANY)


def may_revise(text: str) -> bool:
    """Whether a text may say what it replaces: quick, and often wrong."""
    lowered = text.lower()
    if any(old in lowered and new in lowered for old, new in _PAIRS):
        return True
    return any(mark in lowered for mark in _MARKS)


def is_former(text: str, start: int, end: int) -> bool:
    """Whether the words around a value in `text` say that it no longer holds."""
    before = text[max(0, start - BEFORE) : start]
    if _FORMER.search(before):
        return True
    return _FROM.search(before) is not None and _TO.match(text, end) is not None
