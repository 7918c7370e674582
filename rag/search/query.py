"""What a question becomes before retrieval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.language.analysis import analyse
from rag.language.detect import detect_language
from rag.store import Terms


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its language and, for each language of the index, its terms."""

    text: str
    language: str
    terms: Terms


def analyse_question(question: str, languages: Iterable[str]) -> Query:
    """Analyse `question` in every language that the index holds."""
    text = " ".join(question.split())
    terms = {language: analyse(text, language) for language in languages}
    return Query(text, detect_language(text), terms)
