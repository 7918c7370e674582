"""What the command line prints: data to stdout, talk to stderr, nothing that steers a terminal."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent, shorten
from typing import TYPE_CHECKING, Any

from rag.answer.frame import also_in, as_of, closest, translated
from rag.types import Answer, Document, DocumentInfo, Hit

if TYPE_CHECKING:
    from rag.search.query import Query
    from rag.search.retriever import Explanation
    from rag.search.time import TimeIntent

CLOSEST = 3  # passages shown where there is no answer
PREVIEW = 300  # characters of a passage that is no answer
MARGIN = "    "

# Control characters but for line ends and tabs, directions of writing, halves of characters.
_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_COLUMNS = ("feature", "value", "weight", "contribution")


def say(text: str) -> None:
    """A line; the name of a file in it may hold line ends, and must not look like another."""
    print(_told(text), file=sys.stderr)


def _told(text: str) -> str:
    return _STEERING.sub("", " ".join(text.splitlines()))


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """A message may quote an article or another server; a trace keeps its lines."""
        line = _told(record.getMessage())
        if not record.exc_info:
            return line
        return _STEERING.sub("", f"{line}\n{self.formatException(record.exc_info)}")


def start_logging() -> None:
    """Warnings go to stderr, a line each, and steer no terminal."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def show(text: str) -> None:
    print(_STEERING.sub("", text))


def typed() -> Iterator[str]:
    """The lines of standard input up to an empty one or Ctrl-C; at a terminal, after a prompt."""
    while True:
        if sys.stdin.isatty():
            print("\n? ", end="", file=sys.stderr, flush=True)
        try:
            line = sys.stdin.readline().strip()
        except KeyboardInterrupt:
            return
        if not line:
            return
        yield line
        sys.stdout.flush()


def show_json(value: Any) -> None:
    """What would steer a terminal is escaped, so that a reader gets every code point."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    print(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def show_answers(answers: Iterable[Answer]) -> None:
    """An answer as it grows: at a terminal each sentence as soon as it is there."""
    shown: tuple[str, ...] = ()
    for answer in answers:
        lines = _sentence_lines(answer)
        if sys.stdout.isatty() and lines[: len(shown)] == shown:
            _show_lines(lines[len(shown) :])
            shown = lines
    if shown and lines == shown:
        _show_frame(answer)
    else:  # it did not grow, or it ended otherwise than it began
        show_answer(answer)


def show_answer(answer: Answer) -> None:
    """Heading, sentences with marks, notices, then the sources or the closest passages."""
    _show_lines(_sentence_lines(answer))
    _show_frame(answer)


def _sentence_lines(answer: Answer) -> tuple[str, ...]:
    """The heading and a line for each sentence."""
    lines = []
    for sentence in answer.sentences:
        marks = "".join(f"[{c.number}]" for c in sentence.citations)
        lines.append(f"- {_line(sentence.text)} {marks}")
    return (answer.heading, *lines)


def _show_lines(lines: Iterable[str]) -> None:
    for line in lines:
        show(line)
    sys.stdout.flush()


def _show_frame(answer: Answer) -> None:
    said = {_line(sentence.text) for sentence in answer.sentences}
    for notice in answer.notices:
        show(notice)
    if not answer.sentences and answer.evidence.hits:
        show(f"\n{closest(answer.language)}:")
        for hit in answer.evidence.hits[:CLOSEST]:
            show(f"- {_origin(hit.document)}")
            _show_inside(shorten(hit.text, PREVIEW, placeholder=" …"))
            _show_copies(hit.copies, answer.language)
    if answer.citations:
        show("")
    for citation in answer.citations:
        document = citation.document
        parts = (document.title, document.source, as_of(document, answer.language), document.doc_id)
        show(f"[{citation.number}] {_joined(parts)}")
        if _line(citation.quote) not in said:
            _show_inside(_line(citation.quote))
        if citation.translation:
            _show_inside(f"{translated(answer.language)}: {_line(citation.translation)}")
        copies = {copy.doc_id: copy for hit in answer.passages(citation) for copy in hit.copies}
        _show_copies(copies.values(), answer.language)


def show_hits(hits: Iterable[Hit]) -> None:
    """Each passage under its rank and origin."""
    for number, hit in enumerate(hits, 1):
        ranks = ", ".join(f"{name} {rank or '-'}" for name, rank in hit.ranks.items())
        show(f"{number}. {_origin(hit.document)}  ({ranks})")
        _show_inside(hit.text)
        _show_copies(hit.copies, "en")


def show_documents(documents: Iterable[DocumentInfo]) -> None:
    """A line each: id, date, language, publisher and title, with tabs between."""
    for info in documents:
        published = str(info.published or "undated")
        parts = (info.doc_id, published, info.language, info.source or "-", info.title)
        show("\t".join(_line(part) for part in parts))


def show_document(document: Document) -> None:
    show(_origin(document))
    show("")
    show(document.text)


def show_explanation(explanation: Explanation) -> None:
    """What the question became, then why each passage stands where it does."""
    for name, value in _query_rows(explanation.query):
        show(f"{name:10} {value}")
    for number, hit in enumerate(explanation.hits, 1):
        document = hit.document
        show("")
        parts = (document.title, document.source, str(document.published or "undated"))
        show(f"{number}. {_joined((*parts, hit.chunk.chunk_id))}")
        _show_inside(_line(hit.best.of(document.text)))
        _show_copies(hit.copies, "en")
        _show_inside("\n".join(_feature_table(hit)))


def _query_rows(query: Query) -> Iterator[tuple[str, str]]:
    yield "question", query.text
    yield "language", query.language
    for language, terms in sorted(query.terms.items()):
        yield f"terms {language}", " ".join(terms) or "-"
    yield "asks for", "a number" if query.asks_number else "anything"
    yield "time", _time(query.time) if query.time else "-"


def _time(intent: TimeIntent) -> str:
    """`2026, latest`; with the range that is meant where it is another."""
    parts = [
        str(named) if named == within else f"{named} ({within})"
        for named, within in zip(intent.named, intent.within, strict=True)
    ]
    return ", ".join([*parts, *([intent.order] if intent.order else [])])


def _feature_table(hit: Hit) -> Iterator[str]:
    """One line per feature, the largest share first; the contributions add up to the score."""
    names = {**hit.contributions, **hit.features}
    width = max(map(len, (*names, _COLUMNS[0])))
    name, value, weight, contribution = _COLUMNS
    yield f"{name:{width}} {value:>8} {weight:>8} {contribution:>13}"
    for name in sorted(names, key=lambda name: -abs(hit.contributions.get(name, 0.0))):
        yield f"{name:{width}} {_cells(name, hit.features, hit.contributions)}"
    yield f"{'score':{width}} {hit.score:31.4f}"


def _cells(name: str, features: Mapping[str, float], contributions: Mapping[str, float]) -> str:
    """Value, weight and contribution. The model is linear: a weight shows where a value does."""
    share = contributions.get(name, 0.0)
    value = features.get(name)
    if not value:
        shown = "-" if value is None else f"{value:.3f}"
        return f"{shown:>8} {'-':>8} {share:13.4f}"
    return f"{value:8.3f} {share / value:8.3f} {share:13.4f}"


def _show_copies(copies: Iterable[DocumentInfo], language: str) -> None:
    for copy in copies:
        _show_inside(f"{also_in(language)}: {_origin(copy)}")


def _origin(document: Document | DocumentInfo) -> str:
    date = str(document.published or "")
    return _joined((document.title, document.source, date, document.doc_id))


def _joined(parts: Iterable[str | None]) -> str:
    return " · ".join(_line(part) for part in parts if part)


def _line(text: str) -> str:
    return " ".join(text.split())


def _show_inside(text: str) -> None:
    show(indent(text, MARGIN))
