"""Which questions need the one before them, and what for. Rules for German and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.language.anaphora import refers_back
from rag.language.detect import detect_language
from rag.language.mentions import find_mentions, words
from rag.search.conversation import ASPECT, SMALL_WORDS
from rag.search.swap import PREPOSITIONS, times

Kind = Literal[
    "fragment",  # Und 2027? Und Tesla? takes the place of its like
    "detail",  # Und ohne Vertrag? adds to the question
    "aspect",  # Und der Preis? Welche Farben? of what the question was about
    "whole",  # Warum? of all that was asked
    "thing",  # Was kostet er?
    "event",  # Stimmt das?
]

LONGEST = 500  # characters of a question that can be a follow-up
MOST_WORDS = 7  # of a fragment

OPENING = re.compile(
    r"(?:(?:ok(?:ay)?|ja|gut|yes|well|danke|thanks)[,.!]?\s)?(?:und|aber|and|but)\b,?\s",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:was\s(?:ist|war|wäre)\s(?:denn\s)?mit|wie\s(?:sieht|sähe|steht|ist)\s(?:es|das)(?:\sdenn)?"
    r"(?:\smit|\sum|(?=\s(?:in|im|bei|beim|für)\s))|gilt\s(?:das|dies)(?:\sauch|\sgenauso"
    r"|(?=\s(?:in|im|bei|beim|für)\s))|what\sabout|how\sabout|what's\swith"
    r"|does\s(?:that|this|it|the\ssame)\s(?:also\s)?(?:apply|hold)(?:\salso)?(?:\sto|\sfor)?"
    r"|is\s(?:that|it)\sthe\ssame)\s",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"\s(?:aus|auch|too|as\swell|then|denn|genau|exactly)$", re.IGNORECASE)
WHY = re.compile(
    r"(?:(?:seit|bis|ab)\swann|wann|warum|wieso|weshalb|wo|woher|wohin|(?:since|until|by)\swhen"
    r"|when|why|where)(?:\s(?:nicht|not|denn|then|genau|exactly|so\s\w+))?",
    re.IGNORECASE,
)
_LED = r"(?:auf|zu|in|an|bei|mit|von|für|um|seit|ab|bis|aus|by|with|for|to|at|from|since|until|on)"
_WHO = re.compile(
    rf"(?:{_LED}\s)?(?:wer|wen|wem|who|whom|wie\s(?!bitte)\w+|how\s\w+)(?:\s(?:genau|exactly))?",
    re.IGNORECASE,
)
_WHICH = re.compile(
    rf"(?:{_LED}\s)?(?:wie\sviele?|welche[mnrs]?|was\sfür|how\smany|how\smuch|which|what(?:\skind\sof)?)"
    r"((?:\s\w+){1,2})",
    re.IGNORECASE,
)
QUESTION_WORD = re.compile(
    r"\b(?:w(?:er|en|em|as|ie|ann|o|arum|ieso|eshalb|oher|ohin|elche[mnrs]?)"
    r"|who|whom|whose|what|when|where|why|which|how)\b",
    re.IGNORECASE,
)
_TALK = re.compile(  # no question about the articles
    r"echt|wirklich|sicher|ernsthaft|danke|bitte|hallo|wie bitte|really|seriously|sure|thanks"
    r"|please|hello|ok(?:ay)?|ja|nein|yes|no",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"(?:wie\sviele|how\smany)\s(?:sind|waren|wurden?|werden|haben|are|were|will|have)\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:ist|sind|war|waren|wird|werden|wurden?|hat|haben|hatten?|kann|können|soll(?:en|te)?|will"
    r"|wollen|darf|dürfen|muss|müssen|gibt|gab|kommt|kommen|is|are|was|were|would|can|could"
    r"|should|do|does|did|has|have|had)\b",
    re.IGNORECASE,
)
_COMPLEMENT = re.compile(r"\w\s(?:de[rs]|von|vom|of)\s(?=\S)")
_ARTICLE = re.compile(
    r"(?:de[rmn]|die|das|the|an?|eine?[mnrs]?|seine?[mnrs]?|ihre?[mnrs]?|its|his|her|their)\s",
    re.IGNORECASE,
)
_SAID = (
    r"(?:ge)?(?:stimmt|sagt|bestätigt|behauptet|begründet|bedeutet|heißt|liegt)|sagen|warum|wieso|why"
    r"|true|false|says?|said|mean|confirm(?:s|ed)?|den(?:y|ies|ied)|claim(?:s|ed)?|happen(?:s|ed)?"
)
_INDEFINITE = re.compile(r"ein|eine[mnrs]?|an?", re.IGNORECASE)
_STATEMENT = re.compile(  # `das` is then what was said, not a thing
    r"\b(?:dazu|darüber|daran|dagegen)\b|\bit\b.*\b(?:true|false|confirmed|denied)\b"
    rf"|\b(?:das|dies|that|this)\b.*\b(?:{_SAID})\b|\b(?:{_SAID})\b.*\b(?:das|dies|that|this)\b",
    re.IGNORECASE,
)
_INFLECTED = re.compile(r"e[mnrs]?$")


@dataclass(frozen=True, slots=True)
class Followup:
    """A question that needs the one before it; `core` is it without `und` and the like."""

    kind: Kind
    text: str
    core: str
    language: str


def parse(question: str, today: date) -> Followup | None:
    """What of it needs an earlier question; None where it stands alone."""
    if len(question) > LONGEST:
        return None
    asked = " ".join(question.split())
    text = opened(asked)
    about = _without(_ABOUT, text)
    core = _CLOSING.sub("", about.rstrip(" ?.!…"))
    if not core or _TALK.fullmatch(core):
        return None
    language = detect_language(asked)
    kind: Kind | None
    if WHY.fullmatch(core) or _WHO.fullmatch(core):
        kind = "whole"
    elif (which := _WHICH.fullmatch(core)) and not _is_sentence(which[1], language):
        kind = "aspect"
    else:
        kind = _fragment(core, asked, about != asked, language, today)
    if kind is None and refers_back(text, language):
        kind = "event" if _STATEMENT.search(text) else "thing"
    if kind is None and _HOW_MANY.match(core) and not find_mentions(core, language):
        kind = "thing"
    return Followup(kind, asked, core, language) if kind else None


def _is_sentence(text: str, language: str) -> bool:
    """Whether words of grammar, a name or a verb are among these."""
    tokens = text.split()
    return (
        any(token.casefold() in SMALL_WORDS for token in tokens)
        or bool(find_mentions(text, language))
        or (language == "de" and tokens[-1].islower() and text != text.lower())
    )


def _fragment(core: str, asked: str, led: bool, language: str, today: date) -> Kind | None:
    """`fragment` for times, places and names alone, else `aspect` or `detail` of what was asked."""
    if len(core.split()) > MOST_WORDS or QUESTION_WORD.search(core) or _VERB.search(core):
        return None
    if ASPECT.fullmatch(core):
        return "aspect" if led or asked.endswith("?") else None
    when = times(core, today)
    rest = _blank(core, when)
    named = find_mentions(rest, language, fragment=led)
    rest = _blank(rest, [(mention.start, mention.end) for mention in named])
    other = [word[0] for word in words(rest) if word[0].casefold() not in SMALL_WORDS]
    if not other:
        return _swap_kind(asked, led, bool(named), bool(when))
    own = any(mention.kind != "place" for mention in named)
    if led and own and PREPOSITIONS.fullmatch(core.split(maxsplit=1)[0]):
        return "detail"  # im Vergleich zum Golf
    if own and not all(word.islower() and _INFLECTED.search(word) for word in other):
        return None  # it names what it is about
    if own:
        return "fragment" if led else None  # der neue KX5
    if _COMPLEMENT.search(core) or (language == "de" and _holds_verb(core, other)):
        return None
    if led:
        return "aspect" if _names_aspect(core, asked, language) else "detail"
    return "aspect" if asked.endswith("?") and len(_ARTICLE.sub("", core).split()) == 1 else None


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + "_" * (end - start) + text[end:]
    return text


def _names_aspect(core: str, asked: str, language: str) -> bool:
    """`der Preis`, not `ohne Vertrag`, `danach`, `ein Roller`, which add to what was asked."""
    first = core.split(maxsplit=1)[0]
    if PREPOSITIONS.fullmatch(first) or _INDEFINITE.fullmatch(first):
        return False
    bare = " " not in core and (language != "de" or core.islower())
    return not bare or _ABOUT.search(asked) is not None


def _swap_kind(asked: str, led: bool, named: bool, when: bool) -> Kind | None:
    """Without `und` before it, only a few words with a question mark are a fragment, or a time."""
    if not led and (len(asked.split()) > 3 or named == when or not (when or asked.endswith("?"))):
        return None
    return "fragment" if named or when else None


def _holds_verb(core: str, other: list[str]) -> bool:
    """`Tesla baut aus`: in German a small word that is no adjective before a noun is a verb."""
    if core == core.lower():
        return len(other) > 2
    verbs = (
        word.islower() and (core.endswith(word) or _INFLECTED.search(word) is None)
        for word in other
    )
    return len(other) > 1 and any(verbs)


def opened(question: str) -> str:
    """Without the `und` that it begins with."""
    return _without(OPENING, question)


def _without(opening: re.Pattern[str], text: str) -> str:
    found = opening.match(text)
    return text[found.end() :] if found else text
