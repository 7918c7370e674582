"""The words around an answer, in the question's language. Quotes stay in the article's."""

from __future__ import annotations

from dataclasses import replace

from rag.language.dates import spoken
from rag.types import Abstention, Answer, AnswerKind, Document, Evidence

FRAME_LANGUAGES = ("de", "en")

_TEXT = {
    "fact": {"de": "Antwort", "en": "Answer"},
    "list": {"de": "Aus den Artikeln", "en": "From the articles"},
    "conflict": {"de": "Die Angaben unterscheiden sich", "en": "Sources differ"},
    "abstention": {"de": "Keine Antwort in den Artikeln", "en": "No answer in the articles"},
    Abstention.EMPTY_INDEX: {
        "de": "Der Index ist leer. Fügen Sie zuerst Artikel hinzu.",
        "en": "The index is empty. Add articles first.",
    },
    Abstention.NOTHING_RELEVANT: {
        "de": "In den Artikeln steht nichts zu diesem Thema.",
        "en": "The articles say nothing about this topic.",
    },
    Abstention.NOT_ANSWERED: {
        "de": "Die Artikel berühren das Thema, aber keine Stelle beantwortet die Frage.",
        "en": "The articles touch the topic, but no passage answers the question.",
    },
    "also in": {"de": "auch in", "en": "also in"},
    "closest": {"de": "Am nächsten kommen", "en": "Closest passages"},
    "as of": {"de": "Stand: {}", "en": "As of {}"},
    "undated": {"de": "Stand: unbekannt", "en": "Undated"},
    "undated left out": {
        "de": "Der Datumsfilter lässt {} Artikel ohne Datum aus.",
        "en": "The date filter leaves out {} undated articles.",
    },
    "none permitted": {
        "de": "Der Filter lässt keinen Artikel zu.",
        "en": "The filter permits no article.",
    },
    "degraded": {
        "de": "Der Suchindex fehlt oder ist beschädigt, daher dauert es länger: rag index",
        "en": "The search caches are damaged or missing, so this takes longer; run: rag index",
    },
    "translation": {"de": "Übersetzung", "en": "Translation"},
    "read as": {"de": "Gelesen als: {}", "en": "Read as: {}"},
    "third language": {  # never asked in German
        "en": "Questions are best asked in German or English; this one was read as “{}”.",
    },
}


def frame_language(language: str) -> str:
    """German for German, else English."""
    return language if language in FRAME_LANGUAGES else "en"


def heading(kind: AnswerKind, language: str) -> str:
    return _TEXT[kind][frame_language(language)]


def reason(abstention: Abstention, language: str) -> str:
    return _TEXT[abstention][frame_language(language)]


def translated(language: str) -> str:
    """Before what a language model made of a quote in another language."""
    return _TEXT["translation"][frame_language(language)]


def also_in(language: str) -> str:
    """Before the other articles that print a passage."""
    return _TEXT["also in"][frame_language(language)]


def closest(language: str) -> str:
    """The words above passages that are shown without being an answer."""
    return _TEXT["closest"][frame_language(language)]


def as_of(document: Document, language: str) -> str:
    """`Stand: 1. Februar 2026`; an undated article says so."""
    if document.published is None:
        return _TEXT["undated"][frame_language(language)]
    return _TEXT["as of"][frame_language(language)].format(spoken(document.published, language))


def read_as(answer: Answer, question: str, read: str) -> Answer:
    """The answer to `question`, with a notice if it was read as another one."""
    if read == question:
        return answer
    notice = _TEXT["read as"][frame_language(answer.language)].format(read)
    typed = " ".join(question.split())
    return replace(answer, question=typed, read=read, notices=(*answer.notices, notice))


def notices(language: str, evidence: Evidence) -> tuple[str, ...]:
    """What the reader of an answer should know besides."""
    frame = frame_language(language)
    found = []
    if evidence.documents and not evidence.permitted:
        found.append(_TEXT["none permitted"][frame])
    if evidence.undated:
        found.append(_TEXT["undated left out"][frame].format(evidence.undated))
    if evidence.degraded:
        found.append(_TEXT["degraded"][frame])
    if language not in FRAME_LANGUAGES:
        found.append(_TEXT["third language"][frame].format(language))
    return tuple(found)
