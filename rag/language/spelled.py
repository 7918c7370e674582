"""Numbers spelled out, in German and English → their value.

    spelled("dreiundzwanzig") == spelled("twenty-three") == 23
    spelled("dritten") == spelled("third") == 3

Ordinals have the value of their number. `ein`, `eine` and `one` alone are no numbers here: they are
articles and pronouns far more often.
"""

from __future__ import annotations

import functools
import re

_UNITS = {
    "de": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
}
_TENS = {
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
}
_VALUE = {word: n for words in _UNITS.values() for n, word in enumerate(words.split())}
_VALUE |= {word: 10 * n for words in _TENS.values() for n, word in enumerate(words.split(), 2)}
_VALUE |= {"eins": 1, "eine": 1, "einer": 1, "zwo": 2, "fuenf": 5, "zwoelf": 12, "dreissig": 30}
_VALUE |= {"fuenfzig": 50, "dutzend": 12, "dozen": 12, "dozens": 12}
_ORDINAL = {
    "first": "one",
    "second": "two",
    "third": "three",
    "fifth": "five",
    "eighth": "eight",
    "ninth": "nine",
    "twelfth": "twelve",
    "ers": "ein",
    "drit": "drei",
    "sieb": "sieben",
    "ach": "acht",
}
_ENDING = re.compile(r"(?:s?te[nmrs]?|ths?)$")
_ALONE = frozenset(("ein", "eine", "einer", "eins", "one", "null", "zero"))


@functools.lru_cache(maxsize=1 << 12)
def spelled(word: str) -> int | None:
    """The value of one word in lower case, or None where it is no number."""
    if word in _ALONE:
        return None
    value = _cardinal(word)
    return value if value is not None else _ordinal(word)


def _ordinal(word: str) -> int | None:
    if word in _ORDINAL:
        return _cardinal(_ORDINAL[word])
    match = _ENDING.search(word)
    if match is None:
        return None
    stem = word[: match.start()]
    stem = _ORDINAL.get(stem, stem)
    if stem.endswith("ie"):  # twentieth
        stem = f"{stem[:-2]}y"
    return _cardinal(stem)


def _cardinal(word: str) -> int | None:
    """`zweihundertfünf`, `twenty-one`, `einundzwanzig`, `zwölftausend`."""
    for name, factor in (("tausend", 1000), ("thousand", 1000), ("hundert", 100), ("hundred", 100)):
        before, found, after = word.partition(name)
        if found:
            head = _cardinal(before) if before else 1
            tail = _cardinal(after.removeprefix("und")) if after else 0
            return None if head is None or tail is None else head * factor + tail
    if word in _VALUE:
        return _VALUE[word]
    tens, _, units = word.partition("-")  # twenty-three
    if not units:
        units, _, tens = word.partition("und")  # dreiundzwanzig
    high, low = _VALUE.get(tens), _VALUE.get(units)
    if high is None or low is None or not 20 <= high < 100 or not 0 < low < 10:
        return None
    return high + low
