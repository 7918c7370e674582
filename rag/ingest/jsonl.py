"""Rows, of JSONL or Parquet: each is an article with its own id, and its text is kept as given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from rag.errors import UnreadableFile
from rag.ingest.metadata import Metadata, read_metadata, title_of
from rag.language.detect import detect_language
from rag.types import Document

MOST_SKIPPED = 1_000  # rows reported one by one

_FIELDS = ("title", "source", "published", "language", "url")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def read_lines(text: str, path: str) -> tuple[list[Document], list[UnreadableFile]]:
    """The articles of a JSONL file, as `read_rows` reads them."""
    lines = enumerate(text.split("\n"), start=1)
    return read_rows(((number, line) for number, line in lines if line.strip()), path)


def read_rows(
    rows: Iterable[tuple[int, str | dict[str, Any]]], path: str
) -> tuple[list[Document], list[UnreadableFile]]:
    """The articles of numbered rows (JSON or read already) and the rows that are none.

    A row has `id` and `text` and perhaps title, source, published, language and url; of its other
    keys, text, numbers and booleans go to `extra`. A row is left out when it is no JSON object,
    lacks a field, has one of a wrong type, repeats an id or holds half a surrogate pair, which no
    file can store; the reason comes with `path:number`.
    """
    documents: dict[str, Document] = {}
    skipped: list[UnreadableFile] = []
    unlisted = 0
    for number, row in rows:
        try:
            document = _document(_row(row) if isinstance(row, str) else row)
            if document.doc_id in documents:
                raise ValueError(f"id {document.doc_id!r} stands in this file already")
            documents[document.doc_id] = document
        except ValueError as error:
            if len(skipped) < MOST_SKIPPED:
                skipped.append(UnreadableFile(f"{path}:{number}", str(error)))
            else:
                unlisted += 1
    if unlisted:
        skipped.append(UnreadableFile(path, f"{unlisted} more rows are no articles either"))
    return list(documents.values()), skipped


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if "\\u" in line:
            json.dumps(row, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("not an article: nested too deeply") from None
    except UnicodeEncodeError:
        raise ValueError(
            "half a surrogate pair (\\ud800 to \\udfff); write the whole one"
        ) from None
    if not isinstance(row, dict):
        raise ValueError(f"a row is a JSON object with id and text, not {_name(row)}")
    return row


def _document(row: dict[str, Any]) -> Document:
    doc_id, text = _string(row, "id"), _string(row, "text")
    if doc_id is None or text is None:
        raise ValueError(f"no {'id' if doc_id is None else 'text'}; a row needs id and text")
    if not doc_id.strip() or _CONTROL.search(doc_id):
        raise ValueError(f"id is {doc_id!r}; it needs characters that can be read")
    if not text.strip():
        raise ValueError("text is empty")
    said = _metadata(row)
    return Document(
        doc_id=doc_id,
        text=text,
        title=said.title or title_of(text),
        source=said.source,
        published=said.published,
        language=said.language or detect_language(text),
        url=said.url,
        extra=said.extra,
    )


def _metadata(row: dict[str, Any]) -> Metadata:
    if type(row.get("published")) is int:  # a year
        row = row | {"published": str(row["published"])}
    values = {key: value for key in _FIELDS if (value := _string(row, key)) is not None}
    extra = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in row.items()
        if key not in ("id", "text", *_FIELDS) and isinstance(value, str | int | float)
    }
    return read_metadata(values, extra)


def _string(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"{key} is {_name(value)}; write it as a string")


def _name(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), "a number")
