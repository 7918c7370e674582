"""What a question is about, said in a few words, so that the next question can lean on it."""

from __future__ import annotations

import re

from rag.language.detect import detect_language
from rag.language.exonyms import is_country
from rag.language.mentions import FUNCTION_WORDS, find_mentions, words

LONGEST_TOPIC = 120  # characters

SMALL_WORDS = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]
ASPECT = re.compile(  # what is asked of a thing, never the thing
    r"(?:\w*(?:preis|kosten|reichweite|ziel|umsatz|gewinn|größe|gewicht|höhe|länge|anzahl|zahl)e?s?"
    r"|price|cost|range|target|revenue|profit|size|weight|height|length|number|share)",
    re.IGNORECASE,
)
# Words of many questions, for a conversation that changes its language; others stay as they are.
_GLOSSARY = """
kostet cost, kosten cost, preis price, reichweite range, ziel target, umsatz revenue, gewinn profit,
absatz sales, anzahl number, autos cars, auto car, wagen car, fahrzeuge vehicles, oft often,
verkaufen sell, verkauft sold, verkaufte sold, bauen build, baut builds, gebaut built, kommt come,
startet start, beginnt begin, endet end, steigt rise, sinkt fall, werk plant, fabrik factory,
mitarbeiter employees, beschäftigte staff, menschen people, leute people, leben live, arbeiten work,
zoll tariff, zölle tariffs, strom electricity, batterie battery, akku battery, ausliefern deliver,
chef head, räder bikes, weit far, schnell fast, hoch high, teuer expensive, lange long
"""
_TO_ENGLISH = dict(pair.split() for pair in _GLOSSARY.split(","))
_TO_GERMAN = {english: german for german, english in reversed(_TO_ENGLISH.items())}

_BRACKETS = re.compile(r"\s\(([^()]*)\)\s?[?.!]*$")
_COUNTED = re.compile(
    r"^(?:und\s|and\s)?(?:wie\sviele?|how\s(?:many|much))\s"
    r"(?:[^\W\d_]+e[nrsm]?\s(?=[A-ZÄÖÜ]))?[^\W\d_]+",
    re.IGNORECASE,
)
_GERMAN_NOUN = re.compile(r"(?<=\s)[A-ZÄÖÜ][\w-]+")
_ENGLISH_NOUN = re.compile(r"\b(?:the|an?|\w+['’]s)\s(?=((?:[\w-]+\s?){1,6}))", re.IGNORECASE)
_SUBJECT = re.compile(
    r"\b(?:do|does|did|will|would|can|could|should|has|have)\s(?:the|an?|\w+['’]s)\s$",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:['’]s)?\s(?:(?:von|vom|der|des|of|the|in|im)\s){0,2}")

Range = tuple[int, int]


def topic(question: str, *, bracketed: bool = False) -> str:
    """Its names and codes with the nouns that belong to them, else its nouns; may be empty.

    What is `bracketed` at its end is the topic that `add` wrote there.

    >>> topic("Wo steht das Werk von Tesla?")
    'Werk von Tesla'
    """
    if bracketed and (brackets := _BRACKETS.search(question)):
        return brackets[1]
    mentions = find_mentions(question, detect_language(question))
    countries = [(m.start, m.end) for m in mentions if is_country(question[m.start : m.end])]
    named = [(m.start, m.end) for m in mentions if (m.start, m.end) not in countries]
    things = any(m.kind != "place" for m in mentions)
    nouns = [noun for noun in _nouns(question) if noun not in countries]
    spans = _linked(question, sorted({*named, *nouns}))
    if things:
        spans = [span for span in spans if any(_holds(span, name) for name in named)]
    found = ", ".join(question[start:end] for start, end in spans)
    return (found or content(question))[:LONGEST_TOPIC]


def content(question: str, language: str = "") -> str:
    """The words of a question that carry meaning, in order; the usual ones in `language`."""
    own = detect_language(question)
    named = [(m.start, m.end) for m in find_mentions(question, own)]
    glossary = {"en": _TO_ENGLISH, "de": _TO_GERMAN}.get(language, {}) if language != own else {}
    found = []
    for word in words(question):
        if any(_holds(each, word.span()) for each in named):
            found.append(word[0])
        elif word[0].casefold() not in SMALL_WORDS:
            found.append(glossary.get(word[0].casefold(), word[0]))
    return " ".join(found)


def add(question: str, text: str) -> str:
    """`text` in brackets at the end of `question`, if there is any."""
    if not text:
        return question
    plain = question.rstrip(" ?.!…")
    return f"{plain} ({text}){question[len(plain) :].strip() or '?'}"


def _nouns(question: str) -> list[Range]:
    """Nouns that are no aspect and not what is counted (`wie viele Autos`), unless none is left."""
    counted = _COUNTED.match(question)
    german = detect_language(question) == "de"
    for begin in (counted.end(), 0) if counted else (0,):
        if german:
            found = [match.span() for match in _GERMAN_NOUN.finditer(question, begin)]
        else:
            found = [_phrase(question, match) for match in _ENGLISH_NOUN.finditer(question, begin)]
        kept = [(start, end) for start, end in found if not ASPECT.fullmatch(question[start:end])]
        if kept:
            return [(start, end) for start, end in kept if end > start]
    return []


def _phrase(question: str, match: re.Match[str]) -> Range:
    """The words after an article up to a word of grammar, without the verb after a subject."""
    start = match.start(1)
    ends: list[int] = []
    verb = False
    for word in words(match[1]):
        if word[0].casefold() in FUNCTION_WORDS["en"]:
            verb = word[0].casefold() in ("be", "have")
            break
        ends.append(start + word.end())
    if len(ends) > 1 and not verb and _SUBJECT.search(question[:start]):
        ends.pop()
    return start, ends[-1] if ends else start


def _linked(question: str, spans: list[Range]) -> list[Range]:
    """Spans that belong together as one: `Werk von Tesla`."""
    merged: list[Range] = []
    for start, end in spans:
        if merged and (start < merged[-1][1] or _LINK.fullmatch(question[merged[-1][1] : start])):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _holds(outer: Range, inner: Range) -> bool:
    return outer[0] <= inner[0] and (inner[1] <= outer[1] or inner[0] < outer[1])
