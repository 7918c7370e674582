"""Answers and hits as plain JSON values. `docs/json.md` documents the form; it only ever grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.types import Answer, Citation, Document, DocumentInfo, Hit, Span, SyncReport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.search.query import Query
    from rag.search.retriever import Explanation
    from rag.search.time import TimeIntent

FORM = 1
DIGITS = 6  # of a score and what it is made of


def answer_form(answer: Answer) -> dict[str, Any]:
    return {
        "form": FORM,
        "question": answer.question,
        "language": answer.language,
        "kind": answer.kind,
        "heading": answer.heading,
        "text": answer.text,
        "sentences": [
            {"text": s.text, "citations": [c.number for c in s.citations]} for s in answer.sentences
        ],
        "citations": [_citation(c) for c in answer.citations],
        "probability": round(answer.probability, 4),
        "abstention": answer.abstention,
        "notices": list(answer.notices),
        "reader": answer.reader,
        "evidence": [hit_form(hit) for hit in answer.evidence.hits],
    }


def hit_form(hit: Hit) -> dict[str, Any]:
    return {
        "chunk": hit.chunk.chunk_id,
        "document": document_form(hit.document),
        "start": hit.chunk.span.start,
        "end": hit.chunk.span.end,
        "text": hit.text,
        "score": round(hit.score, DIGITS),
        "ranks": dict(hit.ranks),
        "features": _rounded(hit.features),
        "contributions": _rounded(hit.contributions),
        "copies": [document_form(copy) for copy in hit.copies],
    }


def explanation_form(explanation: Explanation) -> dict[str, Any]:
    return {
        "form": FORM,
        "query": _query(explanation.query),
        "hits": [
            {**hit_form(hit), "best": _sentence(hit.document, hit.best)} for hit in explanation.hits
        ],
    }


def document_form(document: Document | DocumentInfo) -> dict[str, Any]:
    return {
        "id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "published": document.published and str(document.published),
        "language": document.language,
        "url": document.url,
    }


def report_form(report: SyncReport) -> dict[str, Any]:
    return {
        "added": report.added,
        "updated": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "notices": list(report.notices),
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "document": document_form(citation.document),
        "start": citation.span.start,
        "end": citation.span.end,
        "quote": citation.quote,
        "translation": citation.translation or None,
    }


def _query(query: Query) -> dict[str, Any]:
    return {
        "text": query.text,
        "language": query.language,
        "terms": _terms(query.terms),
        "asks_number": query.asks_number,
        "time": query.time and _time(query.time),
    }


def _terms(terms: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {language: list(words) for language, words in sorted(terms.items())}


def _time(intent: TimeIntent) -> dict[str, Any]:
    return {
        "named": [str(period) for period in intent.named],
        "within": [str(period) for period in intent.within],
        "order": intent.order,
        "today": intent.today.isoformat(),
    }


def _sentence(document: Document, span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": span.of(document.text)}


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in values.items()}
