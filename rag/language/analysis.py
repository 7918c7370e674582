"""Text → terms for lexical search.

    analyse("Die Elektroautos für 550.000 Euro", "de")
        == ["elektroauto", "elektro", "auto", "550000", "euro"]

Upper and lower case, `ß`/`ss` and `ä`/`ae` meet in one term, and so do the spellings of a number.
A compound is a term and so are its parts, in texts and in questions alike: eval/RESULTS.md has the
gain.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from rag.language.compounds import split_compound
from rag.language.numbers import NUMBER, number_terms, scale_term, scaled
from rag.language.stems import STEMMED, stems

ANALYSIS_VERSION = "3"  # stored in the catalog: another one means that terms are made anew

_STOP_LISTS = {
    "de": (
        "aber als also am an auch auf aus bei beim bin bis bist da damit das dass dem den denn "
        "der des die dies diese diesem diesen dieser dieses doch du durch ein eine einem einen "
        "einer eines er es etwa für gegen haben hat hatte hatten ich ihm ihn ihr ihre ihrem "
        "ihren ihrer im in ins ist ja je kann man mein mit nach nicht noch nun nur ob oder ohne "
        "sehr sein seine seinem seinen seiner sich sie sind so über um und uns unter vom von vor "
        "wann war waren warum was welche welchem welchen welcher welches wem wen wenn wer "
        "weshalb wie wieso wir wird wo wofür woher wohin womit wurde wurden zu zum zur fuer "
        "ueber wofuer"
    ),
    "en": (
        "a an and are as at be been but by can did do does for from had has have he her his how i "
        "if in into is it its no not of on or our she so than that the their them then there "
        "these they this those to was we were what when where which who why will with would you "
        "your"
    ),
}
_STOP_WORDS = {code: frozenset(words.split()) for code, words in _STOP_LISTS.items()}
_SIGNS = {
    "de": {"%": " prozent ", "€": " euro ", "$": " dollar ", "£": " pfund "},
    "en": {"%": " percent ", "€": " euro ", "$": " dollar ", "£": " pound "},
}

# A number, or a word, which may hold digits, hyphens and apostrophes.
_TOKEN = re.compile(rf"{NUMBER}|[^\W_]+(?:[-'’][^\W_]+)*")
_JOINT = re.compile(r"[-'’]")
_GENDERED = re.compile(r"(?<=[^\W\d_]{3})[*:_/]-?in(?:nen)?(?!\w)")  # Schüler:innen, Fahrer/-in
_LONGEST = 100  # characters; what is longer is no word, and tantivy limits a term
_KEPT = 1 << 15  # words whose terms are remembered, some 10 MB: the vocabulary of 1,000 articles

_ACCENTS = {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for code in range(0xE0, 0x180)
    if len(unicodedata.normalize("NFD", chr(code))) > 1
} | {0xDF: "ss", 0xAD: None}  # ß; a soft hyphen is no character of the word
_FOLDED = {
    # The German stemmer reads `ae` as `ä` and folds `ä` itself, at its end.
    "de": {code: to for code, to in _ACCENTS.items() if chr(code) not in "äöü"},
    "en": _ACCENTS,
}


def analyse(text: str, language: str) -> list[str]:
    """Terms of `text` in order, repeats kept; none is empty or holds white space.

    German and English terms are stemmed and lose stop words, unless there is nothing else; terms
    of other languages are only folded. What is longer than 100 characters gives no term.
    """
    plain = unicodedata.normalize("NFKC", text).lower().translate(_FOLDED.get(language, _ACCENTS))
    for sign, name in _SIGNS.get(language, {}).items():
        plain = plain.replace(sign, name)
    if language == "de":
        plain = _GENDERED.sub("", plain)
    return list(_terms(plain, language, False)) or list(_terms(plain, language, True))


def _terms(plain: str, language: str, stop_words: bool) -> Iterator[str]:
    for match in _TOKEN.finditer(plain):
        number, scale, word, counted = match.groups()
        if number and not scale:
            yield from (term for term in number_terms(number, language) if len(term) <= _LONGEST)
        elif number or word:
            yield from _counted(number or word, scale or counted, language)
        else:
            terms = _remembered if len(match[0]) <= _LONGEST else _word_terms
            yield from terms(match[0], language, stop_words)


def _counted(number: str, scale: str, language: str) -> Iterator[str]:
    """`8,6 mrd` → `8.6`, `milliard`, `8600000000`."""
    if len(number) <= _LONGEST // 2:  # with all its zeros it is still a term
        yield from number_terms(number, language) if number[0].isdecimal() else ()
        yield from _word_terms(scale_term(scale, language), language, True)
        yield scaled(number, scale, language)


def _word_terms(token: str, language: str, stop_words: bool) -> tuple[str, ...]:
    """Terms of one word: `e-auto` → `eauto`, `auto`; `kursziele` → `kursziel`, `kurs`, `ziel`.

    With a hyphen it is the whole joined, then the terms of its parts of two letters or more.
    """
    parts = _JOINT.split(token)
    words = [token] if len(parts) == 1 else ["".join(parts), *(p for p in parts if len(p) > 1)]
    found: list[str] = []
    for number, word in enumerate(words):
        if len(word) > _LONGEST or (not stop_words and word in _STOP_WORDS.get(language, ())):
            continue
        found.append(word)
        if language == "de" and (number > 0 or len(parts) == 1):
            found += split_compound(word)
    return tuple(stems(found, language)) if language in STEMMED else tuple(found)


_remembered = functools.lru_cache(_KEPT)(_word_terms)


def forget() -> None:
    """Drop the remembered terms: for measurements that change a step of the analysis."""
    _remembered.cache_clear()
