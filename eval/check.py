"""Proof that the sample questions fit the sample articles. Needs no model and no index."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from eval.datasets import FIELDS, DatasetError, Question, locate, read_jsonl, read_questions
from rag.config import Config
from rag.ingest import read_file
from rag.types import Document

CATEGORIES = {
    "fact": True,
    "list": True,
    "conflict": True,
    "typo": True,
    "unanswerable-lookalike": False,
    "unanswerable-other": False,
}


def problems(questions: Path, articles: Path, corpus: Path) -> list[str]:
    """Each fault of the three as one line; empty when all is well."""
    found = [
        f"{place}: has no {name}; every sample question has all fields"
        for place, row in read_jsonl(questions)
        for name in FIELDS
        if name not in row
    ]
    try:
        rows = read_questions(questions)
    except DatasetError as error:
        return [*found, str(error)]
    splits: dict[str, list[str]] = json.loads(corpus.read_text(encoding="utf-8"))["split"]
    halves = {stem: half for half, stems in splits.items() for stem in stems}
    raw = {path.stem: path.read_text(encoding="utf-8") for path in sorted(articles.glob("*.md"))}
    if set(halves) != set(raw):
        found.append(f"{corpus}: split and articles differ: {sorted(set(halves) ^ set(raw))}")
    indexed = documents(articles)
    for question in rows:
        found += [f"{question.id}: {p}" for p in _problems(question, raw, indexed, halves)]
    asked = {name for question in rows for name in question.documents}
    found += [f"{stem}: no question asks for this article" for stem in sorted(set(raw) - asked)]
    return found


def documents(articles: Path) -> dict[str, Document]:
    """The articles as they are indexed: cleaned, by id."""
    limit = Config().max_file_bytes
    readings = [read_file(p, f"articles/{p.name}", limit) for p in sorted(articles.glob("*.md"))]
    return {document.doc_id: document for reading in readings for document, _ in reading.documents}


def _problems(
    question: Question,
    raw: Mapping[str, str],
    indexed: Mapping[str, Document],
    halves: Mapping[str, str],
) -> Iterator[str]:
    answerable = CATEGORIES.get(question.category)
    if answerable is None:
        yield f"unknown category {question.category!r}; use one of {', '.join(CATEGORIES)}"
    elif question.answerable is not answerable:
        yield f"category {question.category} does not go with answerable {question.answerable}"
    if question.language not in ("de", "en"):
        yield f"language is {question.language!r}; use de or en"
    if question.split not in ("dev", "test"):
        yield f"split is {question.split!r}; use dev or test"
    if not question.answerable:
        if question.documents or question.quotes or question.answer:
            yield "unanswerable, but it has documents, quotes or an answer"
        return
    if not question.answer or not question.quotes or question.answer not in question.quotes[0]:
        yield f"the answer {question.answer!r} does not stand in the first quote"
    yield from _misplaced(question, raw, halves)
    try:
        gold = locate(question, indexed)
    except DatasetError as error:
        yield f"in the indexed text: {error}"
        return
    for name in question.documents:
        if not any(g.doc_id == f"articles/{name}.md" for g in gold):
            yield f"in the indexed text: {name} holds none of the quotes"
    if question.category == "conflict":
        dates = [indexed[f"articles/{name}.md"].published for name in question.documents]
        days = [date.first for date in dates if date]
        if len(days) < 2 or days != sorted(days, reverse=True):
            yield "a conflict needs two dated documents, newest first"


def _misplaced(
    question: Question, raw: Mapping[str, str], halves: Mapping[str, str]
) -> Iterator[str]:
    for name in question.documents:
        if name not in raw:
            yield f"{name}: no such article"
        elif halves.get(name) != question.split:
            yield f"is of the {question.split} half, but {name} is not"
    for quote in dict.fromkeys(question.quotes):
        holders = [stem for stem, text in raw.items() if quote in text]
        if not set(holders) & set(question.documents):
            yield f"no named article holds the quote {quote!r}"
        for stem in sorted(set(holders) - set(question.documents)):
            yield f"{stem} holds the quote too, but is not named: {quote!r}"


def counts(questions: Sequence[Question]) -> str:
    """How many questions there are by category, language and half."""
    kinds = Counter((q.category, q.language, q.split) for q in questions)
    columns = [(language, half) for language in ("de", "en") for half in ("dev", "test")]
    lines = [f"{'':23}" + "".join(f"{' '.join(column):>9}" for column in columns)]
    for category in CATEGORIES:
        numbers = "".join(f"{kinds[(category, *column)]:9}" for column in columns)
        lines.append(f"{category:23}{numbers}")
    return "\n".join(lines)
