"""Text → terms for lexical search.

    analyse("Die E-Autos für 550.000 Euro", "de") == ["eauto", "auto", "550000", "euro"]

Upper and lower case, `ß`/`ss` and `ä`/`ae` meet in one term, and so do the spellings of a number.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

ANALYSIS_VERSION = "1"  # stored in the catalog: another one means that terms are made anew

_STEMMERS = {"de": "german", "en": "english"}
_STOP_LISTS = {
    "de": (
        "aber als also am an auch auf aus bei beim bin bis bist da damit das dass dem den denn "
        "der des die dies diese diesem diesen dieser dieses doch du durch ein eine einem einen "
        "einer eines er es etwa für gegen hat haben hatte hatten ich ihm ihn ihr ihre ihrem ihren "
        "ihrer im in ins ist ja je kann man mein mit nach nicht noch nun nur ob oder ohne sehr "
        "sein seine seinem seinen seiner sich sie sind so über um und uns unter vom von vor war "
        "waren was wenn wer wie wird wir wo wurde wurden zu zum zur fuer ueber"
    ),
    "en": (
        "a an and are as at be been but by can did do does for from had has have he her his how i "
        "if in into is it its no not of on or our she so than that the their them then there "
        "these they this those to was we were what when where which who why will with would you "
        "your"
    ),
}
_STOP_WORDS = {code: frozenset(words.split()) for code, words in _STOP_LISTS.items()}

# A number with separators (bounded: a run of them must not cost quadratic time), or a word, which
# may hold digits, hyphens and apostrophes.
_TOKEN = re.compile(r"(?<!\w)\d+(?:[.,]\d+){1,6}(?!\w)|[^\W_]+(?:[-'’][^\W_]+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:[.,](\d+))?")
_JOINT = re.compile(r"[-'’]")
_PLURAL = re.compile(r"(?<=\w\w\w[aiouy])s(?!\S)")  # `autos`: the German stemmer keeps this s
_LONGEST = 100  # characters; what is longer is no word, and tantivy limits a term

_ACCENTS = {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for code in range(0xE0, 0x180)
    if len(unicodedata.normalize("NFD", chr(code))) > 1
} | {0xDF: "ss", 0xAD: None}  # ß; a soft hyphen is no character of the word
# The German stemmer reads `ae` as `ä` and folds `ä` itself, at its end.
_GERMAN_ACCENTS = {code: to for code, to in _ACCENTS.items() if chr(code) not in "äöü"}


def analyse(text: str, language: str) -> list[str]:
    """Terms of `text` in order, repeats kept; none is empty or holds white space.

    German and English terms are stemmed and lose stop words, unless there is nothing else; terms
    of other languages are only folded. What is longer than 100 characters gives no term.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = plain.translate(_GERMAN_ACCENTS if language == "de" else _ACCENTS)
    words: list[str] = []
    for token in _TOKEN.findall(plain):
        if token.isalnum():
            words.append(token)
        elif token[0].isdigit() and not _JOINT.search(token):
            words.extend(_number(token))
        else:
            words.extend(_compound(token))
    words = [word for word in words if len(word) <= _LONGEST]
    if language not in _STEMMERS:
        return words
    stop_words = _STOP_WORDS[language]
    content = [word for word in words if word not in stop_words] or words
    joined = " ".join(content)
    if language == "de":
        joined = _PLURAL.sub("", joined)
    return [term for term in _stemmer(language).analyze(joined) if term]


def _number(token: str) -> list[str]:
    """`550.000` → `550000`, `8,6` → `8.6`, `1.234,5` → `1234.5`, `15.03.2026` → its parts."""
    if thousands := _THOUSANDS.fullmatch(token):
        separator, decimals = thousands.groups()
        whole = token[: -len(decimals) - 1] if decimals else token
        return [whole.replace(separator, "") + (f".{decimals}" if decimals else "")]
    parts = re.split("[.,]", token)
    return [".".join(parts)] if len(parts) == 2 else parts


def _compound(token: str) -> list[str]:
    """`e-auto` → `eauto`, `auto`: the whole joined, then its parts of two letters or more."""
    parts = _JOINT.split(token)
    return ["".join(parts), *(part for part in parts if len(part) > 1)]


@functools.cache
def _stemmer(language: str) -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.whitespace())
    return builder.filter(Filter.stemmer(_STEMMERS[language])).build()
