"""Names in a written sentence that the articles do not hold.

German common nouns are exempt, as far as the vocabulary of compounds knows them; in English a
capital tells a name, but for titles that articles may put into other words.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from rag.language.compounds import SPELT_OUT, parts_of_compounds, split_compound
from rag.language.stems import stems

SHORTEST = 6  # letters of a name from which on one wrong letter is overlooked

_WORD = re.compile(r"\w(?:[\w&.+-]*\w)?")
_START = re.compile(r"(?:^|[.!?:]\s+|^[\"„“‚‘(\s]+)$")
_TOWN = re.compile(r"(?:burg|berg|dorf|heim|hausen|furt|brück|brücken|ingen|leben|münde)s?$")
_ORDINARY = re.compile(r"(?:s|ly|ing|ed|ion|ment|ness|ity|weise|lich|ig|isch\w*|t|en)$")
_ENDINGS = ("", "s", "n", "en", "er", "es", "e", "in", "'s")
_ORDINARY_WORDS = (
    # Days and months are figures; the rest begins sentences or is written with a capital anyway.
    "i januar februar märz april mai juni juli august september oktober november dezember "
    "january february march may june july october december monday tuesday wednesday thursday "
    "friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag euro "
    "euros dollar mrd mio tsd bn prozent million millionen milliarde milliarden sie ihr ihre "
    "ihrer ihnen ihren uhr mr mrs ms dr prof herr frau president chancellor minister ministry "
    "mayor government parliament state federal university institute agency office party court "
    "council bank union street company ceo chief department association group board north south "
    "east west northern southern eastern western bundeskanzler kanzler ministerium chef "
    # First words.
    "the a an in on at of by for from with as it its this that these those there he she they we "
    "his her their our and or but if when while since because after before during until "
    "although though however also both yes no not according about around more most less some "
    "many several all each every one two three first second currently today now later earlier "
    "so far overall together instead thus therefore between under over than only even who what "
    "which where how der die das den dem des ein eine einen einem einer es er wir und oder aber "
    "wenn weil da dass als nach vor seit während bis bei mit von zu zum zur im am auf aus für "
    "über unter durch gegen ohne um an laut auch ja nein nicht sowohl beide beides mehr viele "
    "einige mehrere alle jede jeder dabei damit dafür davon demnach zudem außerdem insgesamt "
    "derzeit aktuell heute jetzt später früher erst bereits so dort hier dies diese dieser "
    "dieses diesen seine seiner sein kein keine zwischen nur sogar etwa rund wer was wo wie "
    "welche zuvor danach dadurch deshalb stattdessen somit daher gemäß zusätzlich weiterhin "
    "künftig zunächst "
)
_COMMON = frozenset(_ORDINARY_WORDS.split())
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
    known = {folded(part) for word in _WORD.findall(held) for part in _parts(word)}
    initials = "".join(word[0] for word in _WORD.findall(held)).casefold()
    return [
        word
        for word in _names(text, language, translated)
        if not all(_held(folded(part), known) for part in _significant(word, language))
        and not (word.isupper() and 1 < len(word) < 6 and word.casefold() in initials)
    ]


def folded(word: str) -> str:
    """For comparing: lower case, umlauts spelt out, no accents."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(SPELT_OUT))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _names(text: str, language: str, translated: bool) -> Iterator[str]:
    for match in _WORD.finditer(text):
        word = match[0]
        lower = word.casefold()
        if lower in _COMMON:
            continue
        code = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
        if code or sum(c.isupper() for c in word) > 1:
            if not re.match(r"\d", word):  # a number with its unit is a figure
                yield word
        elif word[0].isupper() and not (
            language == "de" and is_german_noun(lower) and not _TOWN.search(lower)
        ):
            first = _START.search(text[: match.start()]) is not None
            if not (first and translated and _ORDINARY.search(word)):
                yield word


def _significant(word: str, language: str) -> list[str]:
    """The parts of a name with hyphens, without common nouns: `Tesla-Werk` is `Tesla`."""
    parts = [part for part in re.split(r"[-&.+]", word) if part]
    names = [
        part
        for part in parts
        if part[0].isupper() or any(c.isdigit() for c in part)
        if not (language == "de" and len(parts) > 1 and is_german_noun(part.casefold()))
    ]
    return names or [word]


def _parts(word: str) -> list[str]:
    return [word, *re.split(r"[-&.+]", word)]


def _held(name: str, known: set[str]) -> bool:
    if name in known:
        return True
    if any(c.isdigit() for c in name):
        return False
    sound = _sound(name)
    return any(_alike(name, sound, other) for other in known if other)


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


@functools.lru_cache(maxsize=1 << 14)
def is_german_noun(word: str) -> bool:
    """Whether a lower-case word is in the vocabulary of compounds, or a compound itself."""
    plain = word.translate(SPELT_OUT)
    parts = parts_of_compounds()
    stem = next(iter(stems([plain], "de")), "")
    return plain in parts.lemmas or stem in parts.last or bool(split_compound(word))
