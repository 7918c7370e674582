"""Answers made by hand, and what a browser would make of HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np

from rag.types import (
    Abstention,
    Answer,
    AnswerSentence,
    Chunk,
    Citation,
    Document,
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


def evidence(article: Document, *passages: Span) -> Evidence:
    chunks = [Chunk(f"turm#{n}", "turm", span, (span,)) for n, span in enumerate(passages)]
    none = np.empty((0, 2), np.float32)
    hits = tuple(Hit(chunk, article, 1.0, {}) for chunk in chunks)
    return Evidence(hits, (), none, np.zeros(2, np.float32), documents=1, permitted=1)


def answer(
    *citations: Citation, passage: Span | None = None, groups: tuple[tuple[int, ...], ...] = ()
) -> Answer:
    """A sentence for each citation; the evidence holds one passage, by default the article."""
    article = citations[0].document
    shown = passage or Span(0, len(article.text))
    return Answer(
        question="Wie hoch ist der Turm?",
        language="de",
        kind="conflict" if groups else "fact",
        heading="Antwort",
        sentences=tuple(AnswerSentence(c.quote, (c,)) for c in citations),
        groups=groups,
        probability=0.9,
        evidence=evidence(article, shown),
        abstention=None,
        reader="hand",
    )


def abstention(article: Document, *passages: Span) -> Answer:
    return Answer(
        question="How old is the tower?",
        language="en",
        kind="abstention",
        heading="No answer in the articles",
        sentences=(),
        groups=(),
        probability=0.1,
        evidence=evidence(article, *passages),
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
