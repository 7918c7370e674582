"""Rows of OMoS-QA's form: a question, a page, and which lines of the page answer.

A row is `{"id", "question", "context", "answers"}`. The lines are those of `context.split("\\n")`,
counted from 0; without answers the page does not answer the question. Other keys are ignored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import DatasetError, read_jsonl
from eval.measures import covers_half
from rag import Answer, Span


@dataclass(frozen=True, slots=True)
class Item:
    question: str
    page: str
    lines: frozenset[int]  # that answer; none: unanswerable


def read_items(path: Path) -> dict[str, Item]:
    """The rows of a file, by id. Raises DatasetError with the line of the first fault."""
    items: dict[str, Item] = {}
    for place, row in read_jsonl(path):
        number = row.get("id")
        if isinstance(number, bool) or not isinstance(number, int | str):
            raise DatasetError(f"{place}: no id; every row needs one, a number or a string")
        if str(number) in items:
            raise DatasetError(f"{place}: the id {number!r} is used twice; ids are unique")
        page = _text(row, "context", place)
        items[str(number)] = Item(_text(row, "question", place), page, _lines(row, page, place))
    if not items:
        raise DatasetError(f"{path}: no row in it; see eval/README.md for the format")
    return items


def _text(row: dict[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise DatasetError(f"{place}: no {key}; every row needs id, question, context and answers")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise DatasetError(
            f"{place}: half a surrogate pair in {key}; write the whole one"
        ) from None
    return value


def _lines(row: dict[str, Any], page: str, place: str) -> frozenset[int]:
    lines, count = row.get("answers"), page.count("\n") + 1
    if not isinstance(lines, list) or not all(type(n) is int for n in lines):
        raise DatasetError(f"{place}: answers are {lines!r}; write a list of line numbers")
    for n in lines:
        if not 0 <= n < count:
            raise DatasetError(
                f"{place}: answer line {n}; the context has the lines 0 to {count - 1}"
            )
    return frozenset(lines)


def page_id(page: str) -> str:
    """The id of a page as a document: equal pages are one."""
    return hashlib.sha256(page.encode()).hexdigest()[:16]


def line_spans(text: str) -> Iterator[Span]:
    """Where each line of `text.split("\\n")` stands."""
    start = 0
    for line in text.split("\n"):
        yield Span(start, start + len(line))
        start += len(line) + 1


def predicted_lines(answer: Answer, page: str) -> frozenset[int]:
    """The lines of the page that the citations cover by half or more.

    Raises DatasetError where the page was indexed with another text.
    """
    own = [c for c in answer.citations if c.document.doc_id == page_id(page)]
    if any(citation.document.text != page for citation in own):
        raise DatasetError(f"{page_id(page)}: the indexed page differs; offsets would not fit")
    return covered_lines(page, [citation.span for citation in own])


def covered_lines(page: str, spans: Sequence[Span]) -> frozenset[int]:
    """The lines of which the spans cover half or more."""
    return frozenset(n for n, line in enumerate(line_spans(page)) if covers_half(line, spans))
