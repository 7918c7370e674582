"""Answers made by hand, and what a browser would make of HTML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import numpy as np

from rag.types import (
    Abstention,
    Answer,
    AnswerSentence,
    Chunk,
    Citation,
    Document,
    DocumentInfo,
    Evidence,
    Hit,
    Period,
    Span,
)

TEXT = "Der Turm steht seit 1901. Er misst 47 Meter.\nIm Mai wird er gestrichen."
QUOTE = Span(26, 44)  # Er misst 47 Meter.


def document(text: str = TEXT, **values: str | None) -> Document:
    """An article of 2026-01-02; `values` are its other fields."""
    fields: dict[str, str | None] = {"title": "Der Turm", "source": "Bote", "url": None, **values}
    return Document(
        doc_id="turm",
        text=text,
        title=fields["title"] or "",
        source=fields["source"],
        published=Period.parse("2026-01-02"),
        language="de",
        url=fields["url"],
    )


def citation(article: Document, number: int = 1, span: Span = QUOTE) -> Citation:
    return Citation(number, article, span, span.of(article.text))


def hit(article: Document, passage: Span, number: int = 0) -> Hit:
    """A passage that two features speak for, one against and one not at all."""
    features = {"best sentence": 0.9, "title": 0.5, "drift": 0.0, "length": 0.65}
    contributions = {"best sentence": 0.7, "title": 0.35, "drift": 0.0, "length": -0.05}
    chunk = Chunk(f"turm#{number}", "turm", passage, (passage,))
    score = sum(contributions.values())
    return Hit(chunk, article, score, {}, passage, features, contributions)


def copy(**values: str | None) -> DocumentInfo:
    """What is known of an article of May 2026 that prints the same; `values` as in `document`."""
    fields: dict[str, str | None] = {"doc_id": "kopie", "source": "Blatt", "url": None, **values}
    return DocumentInfo(
        doc_id=fields["doc_id"] or "",
        title=fields.get("title") or "Ein Turm",
        source=fields["source"],
        published=Period.parse("2026-05"),
        language="de",
        url=fields["url"],
        characters=44,
        chunks=1,
    )


def evidence(*hits: Hit) -> Evidence:
    none = np.empty((0, 2), np.float32)
    return Evidence(hits, (), none, np.zeros(2, np.float32), documents=1, permitted=1)


def answer(
    *citations: Citation,
    passage: Span | None = None,
    groups: tuple[tuple[int, ...], ...] = (),
    language: str = "de",
    copies: tuple[DocumentInfo, ...] = (),
) -> Answer:
    """A sentence for each citation; the evidence holds one passage, by default the article."""
    article = citations[0].document
    shown = hit(article, passage or Span(0, len(article.text)))
    return Answer(
        question="Wie hoch ist der Turm?",
        language=language,
        kind="conflict" if groups else "fact",
        heading="Antwort",
        sentences=tuple(AnswerSentence(c.quote, (c,)) for c in citations),
        groups=groups,
        probability=0.9,
        evidence=evidence(replace(shown, copies=copies)),
        abstention=None,
        reader="hand",
    )


def abstention(article: Document, *passages: Span, copies: tuple[DocumentInfo, ...] = ()) -> Answer:
    hits = [replace(hit(article, span, n), copies=copies) for n, span in enumerate(passages)]
    return Answer(
        question="How old is the tower?",
        language="en",
        kind="abstention",
        heading="No answer in the articles",
        sentences=(),
        groups=(),
        probability=0.1,
        evidence=evidence(*hits),
        abstention=Abstention.NOT_ANSWERED,
        reader="hand",
        notices=("No passage <answers> it.",),
    )


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Parsed(HTMLParser):
    """Every element with the text inside it."""

    html: str
    elements: list[Element] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for element in self._open:
            element.text += data

    def all(self, tag: str, kind: str = "") -> list[Element]:
        """Elements with this tag and, if given, this class."""
        return [
            e
            for e in self.elements
            if e.tag == tag and (not kind or kind in e.attributes.get("class", "").split())
        ]
