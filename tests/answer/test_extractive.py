"""The extractive reader on evidence made by hand, where the right answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.extractive import MOST, ExtractiveReader, confidence
from rag.search.query import analyse_question
from rag.types import (
    Abstention,
    Answer,
    Chunk,
    Document,
    Evidence,
    EvidenceSentence,
    Hit,
    Period,
    Span,
)

QUESTION = "Wie viele Autos liefert die Firma aus?"


def evidence(
    *articles: Sequence[tuple[str, float]], documents: int | None = None, language: str = "de"
) -> Evidence:
    """Each article a list of sentences with their cosine to the question; a chunk each."""
    hits: list[Hit] = []
    sentences: list[EvidenceSentence] = []
    cosines: list[float] = []
    for number, article in enumerate(articles):
        text = " ".join(sentence for sentence, _ in article)
        spans, at = [], 0
        for sentence, cosine in article:
            spans.append(Span(at, at + len(sentence)))
            at += len(sentence) + 1
            cosines.append(cosine)
        document = Document(
            f"a{number}", text, f"Artikel {number}", "Zeitung", Period.parse("2026-02"), language
        )
        chunk = Chunk(f"a{number}#0", f"a{number}", Span(0, len(text)), tuple(spans))
        ranks: dict[Literal["dense", "lexical"], int | None] = {
            "dense": number + 1,
            "lexical": None,
        }
        hits.append(Hit(chunk, document, 0.85 - number / 1000, ranks, spans[0]))
        sentences += [EvidenceSentence(number, span) for span in spans]
    size = len(cosines) + 1  # an axis each, so that no two sentences repeat each other
    vectors = np.zeros((len(cosines), size), np.float32)
    for row, cosine in enumerate(cosines):
        vectors[row, 0], vectors[row, row + 1] = cosine, np.sqrt(1 - cosine**2)
    query = np.eye(1, size, dtype=np.float32)[0]
    return Evidence(
        tuple(hits),
        tuple(sentences),
        vectors,
        query,
        len(articles) if documents is None else documents,
        len(articles),
    )


def read(found: Evidence, question: str = QUESTION) -> Answer:
    return ExtractiveReader().read(analyse_question(question, {"de", "en"}), found)


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def test_the_sentence_that_stands_out_is_the_answer() -> None:
    answer = read(evidence([("Die Firma liefert 500 Autos aus.", 0.93), ("Es regnet oft.", 0.75)]))
    assert (answer.kind, answer.abstention) == ("fact", None)
    assert answer.text == "Die Firma liefert 500 Autos aus.[1]"
    assert answer.heading == "Antwort"


def test_sentences_close_to_the_best_come_along_best_first() -> None:
    answer = read(
        evidence(
            [("Die Firma liefert 300 Autos aus.", 0.925), ("Es regnet oft.", 0.7)],
            [("Die Firma liefert 500 Autos aus.", 0.93)],
        )
    )
    assert answer.kind == "list"
    assert quotes(answer) == [
        "Die Firma liefert 500 Autos aus.",
        "Die Firma liefert 300 Autos aus.",
    ]


def test_never_more_than_five_sentences() -> None:
    answer = read(evidence([(f"Die Firma liefert {n}00 Autos aus.", 0.93) for n in range(1, 9)]))
    assert len(answer.sentences) == MOST


def test_an_article_that_confirms_is_cited_with_the_sentence() -> None:
    found = evidence(
        [("Die Firma liefert 500 Autos aus.", 0.93)], [("Sie liefert 500 Autos aus.", 0.93)]
    )
    found.sentence_vectors[1] = found.sentence_vectors[0]
    answer = read(found)
    assert answer.text == "Die Firma liefert 500 Autos aus.[1][2]"
    assert [c.document.doc_id for c in answer.citations] == ["a0", "a1"]


def test_an_article_with_another_number_does_not_confirm() -> None:
    found = evidence(
        [("Die Firma liefert 500 Autos aus.", 0.93)], [("Sie liefert 700 Autos aus.", 0.93)]
    )
    found.sentence_vectors[1] = found.sentence_vectors[0]
    assert "[1][2]" not in read(found).text


@pytest.mark.parametrize(
    "other",
    [
        "Das Werk wird im Juni eröffnet.",
        "Das Werk wird nicht im März eröffnet.",
        "Wird das Werk im März eröffnet?",
    ],
)
def test_what_contradicts_or_asks_does_not_confirm(other: str) -> None:
    found = evidence([("Das Werk wird im März eröffnet.", 0.93)], [(other, 0.93)])
    found.sentence_vectors[1] = found.sentence_vectors[0]
    answer = read(found)
    assert answer.text == "Das Werk wird im März eröffnet.[1]"


def test_a_day_at_the_beginning_belongs_to_the_quote() -> None:
    answer = read(evidence([("20. Juni 2026 beginnt der Verkauf.", 0.95), ("Es regnet.", 0.7)]))
    assert quotes(answer) == ["20. Juni 2026 beginnt der Verkauf."]


def test_a_lone_sentence_among_headings_does_not_answer_everything() -> None:
    headings = [(f"## Abschnitt {n} im Text", 0.8) for n in range(6)]
    assert read(evidence([*headings, ("Es regnet heute in Rom.", 0.78)])).abstention


def test_a_repeat_within_an_article_is_left_out() -> None:
    found = evidence([("Die Firma liefert 500 Autos aus.", 0.93), ("Es sind 500 Autos.", 0.93)])
    found.sentence_vectors[1] = found.sentence_vectors[0]
    assert len(read(found).citations) == 1


@pytest.mark.parametrize("text", ["## Die Firma liefert aus", "Liefert die Firma 500 Autos aus?"])
def test_headings_and_questions_of_the_article_do_not_answer(text: str) -> None:
    answer = read(evidence([(text, 0.99), ("Die Firma liefert 500 Autos aus.", 0.9)]))
    assert text not in quotes(answer)


def test_a_list_mark_is_not_part_of_the_quote() -> None:
    answer = read(evidence([("- Die Firma liefert 500 Autos aus.", 0.95), ("Nein, nie.", 0.7)]))
    assert quotes(answer) == ["Die Firma liefert 500 Autos aus."]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (evidence(documents=0), Abstention.EMPTY_INDEX),
        (evidence(documents=3), Abstention.NOTHING_RELEVANT),
        (evidence([("Es regnet heute in Rom.", 0.70)]), Abstention.NOTHING_RELEVANT),
        (
            evidence([(f"Die Bahn fährt um {n} Uhr.", 0.866) for n in range(9)]),
            Abstention.NOT_ANSWERED,
        ),
    ],
)
def test_an_abstention_says_why_and_cites_nothing(found: Evidence, why: Abstention) -> None:
    answer = read(found)
    assert (answer.kind, answer.abstention, answer.sentences) == ("abstention", why, ())
    assert answer.text == ""
    assert answer.notices


def test_the_frame_is_in_the_language_of_the_question() -> None:
    found = evidence([("Es regnet heute in Rom.", 0.7)])
    assert read(found).heading == "Keine Antwort in den Artikeln"
    assert read(found, "How many cars are there?").heading == "No answer in the articles"


def test_standing_out_adds_to_confidence() -> None:
    alone = np.array([0.9, 0.7, 0.7], np.float32)
    crowded = np.array([0.9, 0.9, 0.9], np.float32)
    assert confidence(alone) > confidence(crowded) == pytest.approx(0.9)
    assert confidence(np.array([0.9], np.float32)) == pytest.approx(0.9)


SENTENCE = st.sampled_from(
    [
        "Die Firma liefert 500 Autos aus.",
        "- Punkt eins ist wichtig.",
        "## Kopf",
        "🙂 مرحبا 1.",
        "1.",
    ]
)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(SENTENCE, st.floats(0, 0.99)), min_size=1, max_size=4), max_size=4)
)
def test_every_quote_is_exact_and_every_sentence_cites(
    articles: list[list[tuple[str, float]]],
) -> None:
    answer = read(evidence(*articles))
    assert 0 <= answer.probability <= 1
    assert (
        (answer.kind == "abstention") == (answer.abstention is not None) == (not answer.sentences)
    )
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    for sentence in answer.sentences:
        assert sentence.citations
        for citation in sentence.citations:
            assert citation.span.of(citation.document.text) == citation.quote != ""


def test_the_year_that_was_asked_for_is_no_number_that_answers() -> None:
    found = evidence(
        [("Im Jahr 2026 baut die Firma Autos aus.", 0.95), ("Sie baut 500 Autos im Jahr.", 0.95)]
    )
    answer = read(found, "Wie viele Wagen fertigt man 2026?")
    assert quotes(answer)[0] == "Sie baut 500 Autos im Jahr."
