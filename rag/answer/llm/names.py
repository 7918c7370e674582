"""Names in a written sentence that the articles do not hold."""

from __future__ import annotations

import functools
import re

from rag.language.mentions import find_mentions
from rag.language.names import folded

SHORTEST = 6  # letters of a name from which on one wrong letter is overlooked

_WORD = re.compile(r"[^\W_]+")
_START = re.compile(r"(?:^|[.!?:]\s+|^[\"„“‚‘(\s]+)$")
_ORDINARY = re.compile(r"(?:s|ly|ing|ed|ion|ment|ness|ity|weise|lich|ig|isch\w*|t|en)$")
_ENDINGS = ("", "s", "n", "en", "er", "es", "e", "in")
_FIRST_WORDS = (  # that are no names
    "all although außerdem because before beide beides bereits both currently dabei dadurch daher "
    "damit danach demnach derzeit deshalb each earlier einige erst every first früher gemäß heute "
    "however insgesamt instead jede jeder künftig later mehrere only overall several sogar somit "
    "sowohl später stattdessen therefore three thus today together two weil weiterhin while zudem "
    "zunächst zusätzlich zuvor"
)
_OPENING = frozenset(_FIRST_WORDS.split())
_SOUNDS = (
    ("tsch", "ch"),
    ("sch", "sh"),
    ("ph", "f"),
    ("ck", "k"),
    ("w", "v"),
    ("z", "s"),
    ("c", "k"),
    ("y", "i"),
    ("j", "i"),
)


def strange_names(text: str, language: str, held: str, *, translated: bool) -> list[str]:
    """Names and codes of `text` that `held` does not hold, nor anything like them.

    A first word that is no name has its like in `held`, unless that is `translated`.
    """
    known = {folded(word) for word in _WORD.findall(held)}
    initials = "".join(word[0] for word in _WORD.findall(held)).casefold()
    found = []
    for mention in find_mentions(text, language, fragment=True):
        for match in _WORD.finditer(text, mention.start, mention.end):
            word = match[0]
            if _START.search(text[: match.start()]) and (
                word.casefold() in _OPENING or (translated and _ORDINARY.search(word))
            ):
                continue
            short = word.isupper() and 1 < len(word) < SHORTEST and word.casefold() in initials
            if not (word.islower() or short or _held(folded(word), known)):
                found.append(word)
    return found


def _held(name: str, known: set[str]) -> bool:
    if name in known:
        return True
    if any(c.isdigit() for c in name):
        return False
    sound = _sound(name)
    return any(_alike(name, sound, other) for other in known)


def _alike(name: str, sound: str, other: str) -> bool:
    """Inflected, transliterated or with one letter wrong."""
    long, short = (name, other) if len(name) > len(other) else (other, name)
    if len(short) > 2 and long.startswith(short) and long[len(short) :] in _ENDINGS:
        return True
    if abs(len(name) - len(other)) > 2 or len(short) < SHORTEST - 1:
        return False
    heard = _sound(other)
    return heard == sound or (
        len(short) >= SHORTEST and heard[0] == sound[0] and _one_edit(heard, sound)
    )


@functools.lru_cache(maxsize=1 << 14)
def _sound(name: str) -> str:
    """`selenskyj` and `zelensky` alike."""
    for written, heard in _SOUNDS:
        name = name.replace(written, heard)
    return re.sub(r"(.)\1+", r"\1", name) or name


def _one_edit(one: str, other: str) -> bool:
    """Whether one letter changed, added or left out makes one of the other."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return abs(len(one) - len(other)) <= 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:]
