"""What a question becomes before retrieval and reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rag.language.analysis import analyse
from rag.language.detect import detect_language
from rag.search.time import TimeIntent, time_intent
from rag.store import Terms

_ASKS_NUMBER = re.compile(
    r"\bwie ?viele?\b|\bwie (?:hoch|teuer|groß|lang|weit|schnell|oft|stark|alt|schwer)\b"
    r"|\bhow (?:many|much|high|large|long|far|fast|often|big|old|heavy|expensive|strong)\b"
    r"|\b(?:anzahl|preis|reichweite|prozent|kostet|kosten|umsatz|gewinn|absatz)\b|\w*ziel\b"
    r"|\b(?:number of|price of|range of|percentage|percent|costs?|revenue|profit|target)\b",
    re.IGNORECASE,
)
LONGEST = 2_000  # characters of a question that are read; the model reads no more


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its language and, for each language of the index, its terms."""

    text: str
    language: str
    terms: Terms
    asks_number: bool
    time: TimeIntent | None = None


def analyse_question(question: str, languages: Iterable[str], today: date | None = None) -> Query:
    """Analyse `question` in every language that the index holds; `today` is the day it is asked."""
    text = one_line(question)
    language = detect_language(text)
    return Query(
        text=text,
        language=language,
        terms={each: _terms(text, language, each) for each in languages},
        asks_number=_ASKS_NUMBER.search(text) is not None,
        time=time_intent(text, today or date.today()),
    )


def one_line(question: str) -> str:
    """The question as it is read, without what is too long to be."""
    return " ".join(question.split())[:LONGEST]


def _terms(text: str, asked: str, told: str) -> list[str]:
    """Terms of a question in the language `asked` for texts in the language `told`.

    Small words of the question are no words of the other language: German `die` and `war` would
    find English ones. Its numbers are read as its language writes them: `8.6 billion` is 8,6 Mrd.
    """
    if asked == told:
        return analyse(text, told)
    # Stop words are dropped beside another word only.
    content = [word for word in text.split() if analyse(f"{word} x", asked) != ["x"]]
    words = [term for term in analyse(" ".join(content), told) if not _is_number(term)]
    return [*words, *filter(_is_number, analyse(text, asked))]


def _is_number(term: str) -> bool:
    return term.replace(".", "").isdecimal()
