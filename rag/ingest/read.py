"""One file → the documents in it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import UnreadableFile
from rag.ingest.clean import clean
from rag.ingest.decode import decode
from rag.ingest.frontmatter import first_heading, split_front_matter
from rag.ingest.html import read_page
from rag.ingest.jsonl import read_lines, read_rows
from rag.ingest.metadata import Metadata, shorten, title_of
from rag.ingest.parquet import unpack
from rag.ingest.remote import too_large
from rag.language.detect import detect_language
from rag.types import Document, Removed

MOST_LINES = 100_000  # half a minute of cleaning; a long book has a tenth of that

_MARKDOWN = (".md", ".markdown")
_HTML = (".html", ".htm")
SUFFIXES = (".txt", *_MARKDOWN, *_HTML, ".jsonl", ".parquet")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: documents, each with what cleaning dropped of it, and unreadable rows."""

    documents: tuple[tuple[Document, tuple[Removed, ...]], ...]
    skipped: tuple[UnreadableFile, ...] = ()


def read_file(path: Path, doc_id: str, max_bytes: int) -> Reading:
    """Read a .txt, .md, .html, .jsonl or .parquet file; rows of the last two bring their own ids.

    Text, Markdown and HTML are cleaned; the text of a row is kept as given. Raises UnreadableFile
    for a file that is no regular one, has another suffix, more than `max_bytes` bytes, nothing in
    it, no known encoding, or no article left after cleaning.
    """
    shown = os.fsencode(path).decode("utf-8", "replace")  # a name need not be Unicode
    _suffix(shown)
    return read_data(_bytes(path, shown, max_bytes), shown, doc_id, max_bytes)


def read_data(data: bytes, shown: str, doc_id: str, max_bytes: int) -> Reading:
    """The same of a file's content; messages call the file `shown`, which ends with its suffix."""
    suffix = _suffix(shown)
    if suffix == ".parquet":
        return _rows(*read_rows(enumerate(unpack(data, shown, max_bytes), start=1), shown))
    text = decode(data, shown, html=suffix in _HTML)
    if suffix == ".jsonl":
        return _rows(*read_lines(text, shown))
    if suffix in _HTML:
        page = read_page(text, shown)
        return _cleaned(page.text, page.said, doc_id, shown)
    said = Metadata()
    if suffix in _MARKDOWN:
        said, text = split_front_matter(text, shown)
        said = replace(said, title=said.title or first_heading(text))
    return _cleaned(text, said, doc_id, shown)


def _suffix(shown: str) -> str:
    suffix = Path(shown).suffix.lower()
    if suffix not in SUFFIXES:
        kinds = ", ".join(SUFFIXES)
        raise UnreadableFile(shown, f"{suffix or 'no suffix'} is not supported; use {kinds}")
    return suffix


def _rows(documents: list[Document], skipped: list[UnreadableFile]) -> Reading:
    return Reading(tuple((document, ()) for document in documents), tuple(skipped))


def _bytes(path: Path, shown: str, max_bytes: int) -> bytes:
    try:
        _check(path.stat(), shown, max_bytes)  # a device is not even opened
        with open(path, "rb", opener=_without_waiting) as file:
            _check(os.fstat(file.fileno()), shown, max_bytes)  # it may be another by now
            return file.read(max_bytes)
    except OSError as error:
        raise UnreadableFile(shown, error.strerror or str(error)) from None


def _check(status: os.stat_result, shown: str, max_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(shown, "not a regular file")
    if status.st_size > max_bytes:
        raise UnreadableFile(shown, too_large(status.st_size, max_bytes))


def _without_waiting(path: str, flags: int) -> int:
    """Opening a pipe would wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _cleaned(text: str, said: Metadata, doc_id: str, shown: str) -> Reading:
    count = text.count("\n")
    if count > MOST_LINES:
        raise UnreadableFile(shown, f"{count} lines, more than {MOST_LINES}; split it")
    cleaned = clean(text)
    if not cleaned.text:
        empty = not text.strip()
        raise UnreadableFile(shown, "empty file" if empty else "no text left after cleaning")
    document = Document(
        doc_id=doc_id,
        text=cleaned.text,
        title=shorten(said.title) if said.title else title_of(cleaned.text, cleaned.captions),
        source=said.source,
        published=said.published or cleaned.published,
        language=said.language or detect_language(cleaned.text),
        url=said.url,
        extra=said.extra,
    )
    return Reading(((document, cleaned.removed),))
