"""Answers and hits as plain JSON values. `docs/json.md` documents the form; it only ever grows."""

from __future__ import annotations

from typing import Any

from rag.types import Answer, Citation, Document, DocumentInfo, Hit, SyncReport

FORM = 1


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
        "score": round(hit.score, 6),
        "ranks": dict(hit.ranks),
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
    }
