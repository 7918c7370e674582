"""Evidence made by hand or at random, for the tests of the extractive reader."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.search.query import Query, analyse_question
from rag.types import (
    Chunk,
    Document,
    Evidence,
    EvidenceSentence,
    Hit,
    Period,
    Span,
    Vectors,
)

QUESTION = "Wie viele Autos liefert die Firma aus?"
EMBEDDER = "made by hand"

Passage = Sequence[str]  # sentences
Told = tuple[str, float]  # a sentence and its cosine to the question


def asked(question: str = QUESTION) -> Query:
    return analyse_question(question, {"de", "en"})


def document(
    number: int, sentences: Sequence[str], language: str = "de", published: str | None = "2026-02"
) -> tuple[Document, list[Span]]:
    """An article of these sentences, a space between them, and where they stand."""
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    period = Period.parse(published) if published else None
    text = " ".join(sentences)
    made = Document(f"a{number}", text, f"Artikel {number}", "Zeitung", period, language)
    return made, spans


def built(
    articles: Sequence[Sequence[Passage]],
    vectors: Vectors,
    question: Vectors,
    *,
    first: int = 0,
    languages: Sequence[str] = ("de",),
    given: bool = False,
    model: str = EMBEDDER,
) -> Evidence:
    """Articles of passages of sentences; each passage is a hit, the first scores best.

    `vectors` has a row per sentence. `given` is what a filter on the one article makes of it.
    """
    hits: list[Hit] = []
    sentences: list[EvidenceSentence] = []
    for number, passages in enumerate(articles, first):
        language = languages[number % len(languages)]
        made, spans = document(number, [each for one in passages for each in one], language)
        for position, passage in enumerate(passages):
            own, spans = tuple(spans[: len(passage)]), spans[len(passage) :]
            span = Span(own[0].start, own[-1].end)
            chunk = Chunk(f"{made.doc_id}#{position}", made.doc_id, span, own)
            sentences += [EvidenceSentence(len(hits), each) for each in own]
            score = 0.85 - number / 100 - position / 1000
            hits.append(Hit(chunk, made, score, {"dense": number + 1, "lexical": None}, own[0]))
    count = 9 if not given else 1
    return Evidence(
        tuple(hits), tuple(sentences), vectors, question, 9, count, model=model, whole=given
    )


def told(*articles: Sequence[Told], given: bool = False, language: str = "de") -> Evidence:
    """Articles of one passage each; an axis per sentence, so that none repeats another."""
    texts = [[[sentence for sentence, _ in article]] for article in articles]
    cosines = [cosine for article in articles for _, cosine in article]
    rows = np.zeros((len(cosines), len(cosines) + 1), np.float32)
    for row, cosine in enumerate(cosines):
        rows[row, 0], rows[row, row + 1] = cosine, np.sqrt(1 - cosine**2)
    question = np.eye(1, rows.shape[1], dtype=np.float32)[0]
    return built(texts, rows, question, languages=(language,), given=given)


def scattered(
    articles: Sequence[Sequence[Passage]], seed: int = 0, dim: int = 8, *, given: bool = False
) -> Evidence:
    """Unit vectors at random, as near to the question as e5's are."""
    random = np.random.default_rng(seed)
    count = sum(len(passage) for passages in articles for passage in passages)
    rows = random.normal(size=(count + 1, dim)) / np.sqrt(dim)
    rows[:, 0] += 2
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    vectors = rows.astype(np.float32)
    return built(articles, vectors[:-1], vectors[-1], languages=("de", "en"), given=given)
