"""Evidence made by hand, and a reader that quotes the first sentence of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.llm import LlmClient, LlmReader
from rag.language import detect_language
from rag.search.query import Query, analyse_question
from rag.types import (
    Abstention,
    Answer,
    AnswerSentence,
    Chunk,
    Citation,
    Document,
    Evidence,
    EvidenceSentence,
    Hit,
    Period,
    Span,
    Vectors,
)


def article(
    number: int, *sentences: str, title: str = "Artikel", source: str = "Zeitung"
) -> tuple[Hit, list[Span]]:
    """A hit whose passage is the whole article, and the spans of its sentences."""
    text = " ".join(sentences)
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    language = "de" if detect_language(text) == "de" else "en"
    document = Document(f"a{number}", text, title, source, Period.parse("2026-05-04"), language)
    chunk = Chunk(f"a{number}#0", f"a{number}", Span(0, len(text)), tuple(spans))
    return Hit(chunk, document, 0.8, {}, spans[0]), spans


def evidence(*articles: tuple[str, ...], title: str = "Artikel") -> Evidence:
    """An article of each row of sentences."""
    return found(*(article(n, *sentences, title=title) for n, sentences in enumerate(articles)))


def found(*made: tuple[Hit, list[Span]]) -> Evidence:
    """Each a hit with its sentences, as `article` makes them."""
    sentences = [EvidenceSentence(n, span) for n, (_, spans) in enumerate(made) for span in spans]
    vectors = np.eye(max(1, len(sentences)), dtype=np.float32)
    return Evidence(
        tuple(hit for hit, _ in made),
        tuple(sentences),
        vectors[: len(sentences)],
        vectors[0],
        len(made),
        len(made),
    )


def question(text: str) -> Query:
    return analyse_question(text, {"de", "en"})


@dataclass(frozen=True)
class Quoter:
    """Quotes the first `most` sentences of the evidence, or abstains."""

    most: int = 1
    abstention: Abstention | None = None
    name: str = "quoter"

    def read(self, query: Query, evidence: Evidence) -> Answer:
        quoted = [] if self.abstention else evidence.sentences[: self.most]
        sentences = []
        for number, each in enumerate(quoted, 1):
            document = evidence.hits[each.hit].document
            citation = Citation(number, document, each.span, each.span.of(document.text))
            sentences.append(AnswerSentence(citation.quote, (citation,)))
        why = self.abstention or (None if sentences else Abstention.NOTHING_RELEVANT)
        return Answer(
            question=query.text,
            language=query.language,
            kind="abstention" if why else "list" if len(sentences) > 1 else "fact",
            heading="Antwort",
            sentences=tuple(sentences),
            groups=(),
            probability=0.7,
            evidence=evidence,
            abstention=why,
            reader=self.name,
        )


def reader(url: str, quoter: Quoter | None = None, timeout: float = 5) -> LlmReader:
    """One that takes all texts to mean the same, so that the other checks show."""
    return LlmReader(LlmClient(url, "double", timeout=timeout), quoter or Quoter(), alike)


def alike(texts: Sequence[str]) -> Vectors:
    return np.tile(np.eye(1, 384, dtype=np.float32), (len(texts), 1))


def assert_exact(answer: Answer) -> None:
    """What holds for every answer, whoever wrote it."""
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert (answer.kind == "abstention") == (not answer.sentences)
    for sentence in answer.sentences:
        assert sentence.citations
        for citation in sentence.citations:
            assert citation.span.of(citation.document.text) == citation.quote != ""
