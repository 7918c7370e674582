"""Numbers → terms that are equal however a number is written.

    number_terms("550.000", "de") == number_terms("550 000", "de") == ["550000"]
    scaled("8,6", "Mrd", "de") == scaled("8.6", "billion", "en") == "8600000000"

Numbers are written as Python does, without needless zeros: `8.6`. A comma before three digits is a
decimal mark in German and divides thousands in English, but people mix them up; what is the decimal
mark of its language there gives both readings.
"""

from __future__ import annotations

import re

_DECIMAL_MARK = {"de": ",", "en": "."}
_ZEROS = {
    3: "tausend tsd thousand",
    6: "mio million millionen millions mn",
    9: "mrd mia milliarde milliarden bn billions",
    12: "billionen trillion trillions tn",
}
_SCALES = {word: zeros for zeros, words in _ZEROS.items() for word in words.split()}
_SCALE_TERMS = {  # the abbreviations become words, so that these meet too
    "de": {3: "tausend", 6: "millionen", 9: "milliarden", 12: "billionen"},
    "en": {3: "thousand", 6: "million", 9: "billion", 12: "trillion"},
}
_COUNTED = (
    "ein eine einer einem einen one a",
    "zwei two",
    "drei three",
    "vier four",
    "fünf fuenf five",
    "sechs six",
    "sieben seven",
    "acht eight",
    "neun nine",
    "zehn ten",
    "elf eleven",
    "zwölf zwoelf twelve",
)
COUNTED_WORDS = {word: str(n) for n, words in enumerate(_COUNTED, 1) for word in words.split()}
COUNTED_WORDS |= {"halbe": "0.5", "halben": "0.5"}

_NAMES = "|".join(sorted([*_SCALES, "billion"], key=len, reverse=True))
_DIGITS = r"\d{1,3}(?: \d{3}){1,4}(?:[.,]\d{1,9})?(?![.,]?\d)|\d++(?:[.,]\d++){0,6}+"
# In lower-case text. The groups: digits or a number in words, and what it is counted in.
NUMBER = (
    rf"(?<!\w)(?:(?P<digits>{_DIGITS})(?:[ -]?(?P<scale>{_NAMES}))?"
    rf"|(?P<word>{'|'.join(COUNTED_WORDS)}) (?P<counted>{_NAMES}))(?!\w)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*(?:[.,](\d+))?")


def number_terms(digits: str, language: str) -> list[str]:
    """Every reading of a number in digits, the likeliest first; of a date its parts.

    `1,250` is `1.25` or `1250` in German and `1250` in English; `15.03.2026` is `15`, `3`, `2026`.
    """
    if " " in digits:  # perhaps thousands, perhaps several numbers
        return [*_readings(digits, language), *(p for p in digits.split() if p.strip("0"))]
    return _readings(digits, language)


def scaled(number: str, scale: str, language: str) -> str:
    """The value of a number in digits or words that is followed by a scale such as `mrd`."""
    zeros = _zeros(scale, language)
    whole, _, decimals = (COUNTED_WORDS.get(number) or _readings(number, language)[0]).partition(
        "."
    )
    decimals = decimals.ljust(zeros, "0")
    value = f"{whole}{decimals[:zeros]}.{decimals[zeros:]}".lstrip("0")
    return _plain(f"0{value}" if value.startswith(".") else value)


def scale_term(scale: str, language: str) -> str:
    """A scale's full word, where the language is German or English: `mrd` is `milliarden`."""
    return _SCALE_TERMS.get(language, {}).get(_zeros(scale, language), scale)


def _zeros(scale: str, language: str) -> int:
    if scale == "billion":
        return 9 if language == "en" else 12
    return _SCALES[scale]


def _readings(digits: str, language: str) -> list[str]:
    thousands = _THOUSANDS.fullmatch(digits)
    if thousands is None or digits[0] == "0":
        parts = re.split("[., ]", digits)
        if len(parts) == 2:
            return [_plain(".".join(parts))]
        return [part.lstrip("0") or "0" if len(part) == 2 else part for part in parts]
    separator, decimals = thousands.groups()
    whole = digits[: -len(decimals) - 1] if decimals else digits
    plain = whole.replace(separator, "")
    if decimals:
        return [_plain(f"{plain}.{decimals}")]
    mixed_up = whole.endswith("000") or whole.count(separator) > 1  # no decimals look like this
    if separator == _DECIMAL_MARK.get(language) and not mixed_up:
        return [_plain(whole.replace(separator, ".")), plain]
    return [plain]


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
