"""Questions with their gold quotes, and where these stand in the indexed documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rag.errors import RagError
from rag.types import Document, Span

HERE = Path(__file__).parent
ARTICLES = HERE / "articles"
QUESTIONS = HERE / "questions.jsonl"
CORPUS = HERE / "corpus.json"
TRAINING = HERE / "training"

FIELDS = {
    "id": str,
    "question": str,
    "language": str,
    "split": str,
    "category": str,
    "answerable": bool,
    "documents": list,
    "quotes": list,
    "answer": str,
}
NEEDED = ("id", "question")


class DatasetError(RagError):
    """A question file cannot be read, or does not fit the collection."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what its answer must cite; `answerable` is None where nobody said."""

    id: str
    question: str
    language: str = ""
    split: str = ""
    category: str = ""
    answerable: bool | None = None
    documents: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Gold:
    """One place that answers. `text` is the quote, or empty where the whole document is meant."""

    doc_id: str
    span: Span
    text: str


def read_questions(path: Path) -> tuple[Question, ...]:
    """The rows of a JSONL file. Raises DatasetError with the line of the first fault."""
    questions: dict[str, Question] = {}
    for place, row in read_jsonl(path):
        question = _question(row, place)
        if question.id in questions:
            raise DatasetError(f"{place}: the id {question.id!r} is used twice; ids are unique")
        questions[question.id] = question
    if not questions:
        raise DatasetError(f"{path}: no question in it; see eval/README.md for the format")
    return tuple(questions.values())


def read_jsonl(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """`file:line` and the object of each line that is not blank. Raises DatasetError."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; name a JSONL file") from None
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: {error}; save it in UTF-8") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DatasetError(f"{place}: not JSON: {error.msg}; one object a line") from None
        if not isinstance(row, dict):
            raise DatasetError(f"{place}: a {type(row).__name__}; write an object a line")
        yield place, row


def _question(row: dict[str, Any], place: str) -> Question:
    for key in NEEDED:
        if not row.get(key):
            raise DatasetError(f"{place}: no {key}; every row needs {' and '.join(NEEDED)}")
    for key, value in row.items():
        if key not in FIELDS:
            raise DatasetError(f"{place}: unknown field {key!r}; known are {', '.join(FIELDS)}")
        if not isinstance(value, FIELDS[key]):
            kind = type(value).__name__
            raise DatasetError(f"{place}: {key} is a {kind}; write a {FIELDS[key].__name__}")
    values: dict[str, Any] = {
        key: tuple(map(str, value)) if isinstance(value, list) else value
        for key, value in row.items()
    }
    if "answerable" not in values and values.get("documents"):
        values["answerable"] = True
    if values.get("quotes") and not values.get("documents"):
        raise DatasetError(f"{place}: quotes without documents; name where they stand")
    return Question(**values)


def resolve(name: str, doc_ids: Iterable[str]) -> str:
    """The document of this name: its id, or the file it comes from, with or without suffix.

    `resolve("a", ["articles/a.md"])` is `articles/a.md`. Raises DatasetError where none or several
    documents fit.
    """
    ids = set(doc_ids)
    if name in ids:
        return name
    paths = [PurePosixPath(doc_id) for doc_id in ids]
    fitting = [str(path) for path in paths if name in (path.name, path.stem)]
    if len(fitting) != 1:
        reason = f"{len(fitting)} documents have this name" if fitting else "no such document"
        raise DatasetError(f"{name}: {reason}; write its id as the index lists it")
    return fitting[0]


def locate(question: Question, documents: Mapping[str, Document]) -> tuple[Gold, ...]:
    """Where the gold quotes stand, in the documents that the question names.

    A quote counts in each of these documents that has it, and at each place: near-copies are
    equally right. Without quotes, each named document counts as a whole. Raises DatasetError for
    a document that does not exist and for a quote that stands in none of those named.
    """
    doc_ids = [resolve(name, documents) for name in question.documents]
    if not question.quotes:
        return tuple(Gold(i, Span(0, len(documents[i].text)), "") for i in doc_ids)
    found = []
    for quote in dict.fromkeys(question.quotes):
        places = [Gold(i, s, quote) for i in doc_ids for s in _places(quote, documents[i].text)]
        if not places:
            raise DatasetError(f"{question.id}: no named document holds the quote {quote!r}")
        found += places
    return tuple(found)


def _places(quote: str, text: str) -> Iterator[Span]:
    start = text.find(quote)
    while start >= 0:
        yield Span(start, start + len(quote))
        start = text.find(quote, start + 1)
