"""The extractive reader on evidence made by hand, where the right answer is known.

Most tests read with weights made by hand as well, by which the nearest sentence is the best: what
they hold must be so whatever is learned. The last ones ask the sample articles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.collection import reindexed
from eval.datasets import ARTICLES, QUESTIONS, locate, read_questions
from rag.answer.extractive import MARGIN, MOST, ExtractiveReader
from rag.answer.model import ANSWERED, Linear, Model, default_model
from rag.assistant import Assistant
from rag.types import Abstention, Answer, Evidence, Period
from tests.answer.made import QUESTION, Told, asked, scattered, told

STEEP = 60.0  # score of a cosine of 1
FAR = MARGIN / STEEP + 0.01  # below the best cosine: too far for an answer after a search
BEST = ("Die Firma liefert 500 Autos aus.", 0.93)
RAIN = ("Es regnet oft.", 0.7)


def nearest(answered: float = 0.85, member: float = 0.85) -> Model:
    """The nearest sentence is the best; from these cosines on it answers, or is one of a list."""
    good = Linear(("cosine, best",), (100.0,), -100 * answered)
    return Model(
        sentence=Linear(("cosine",), (STEEP,), 0.0),
        member=Linear(("cosine",), (100.0,), -100 * member),
        answered=dict.fromkeys(ANSWERED, good),
        agreement=np.zeros(0),
        embedder="none",
    )


def read(found: Evidence, question: str = QUESTION, model: Model | None = None) -> Answer:
    return ExtractiveReader(model or nearest()).read(asked(question), found)


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def alike(found: Evidence, *rows: int) -> Evidence:
    """With these sentences saying the same by their vectors."""
    vectors = found.sentence_vectors.copy()
    vectors[list(rows)] = vectors[rows[0]]
    return replace(found, sentence_vectors=vectors)


def dated(found: Evidence, *published: str | None) -> Evidence:
    """With a date for each hit."""
    hits = []
    for hit, text in zip(found.hits, published, strict=True):
        period = Period.parse(text) if text else None
        hits.append(replace(hit, document=replace(hit.document, published=period)))
    return replace(found, hits=tuple(hits))


# --- after a search ---


def test_the_sentence_that_stands_out_is_the_answer() -> None:
    answer = read(told([BEST, RAIN]))
    assert (answer.kind, answer.abstention) == ("fact", None)
    assert answer.text == "Die Firma liefert 500 Autos aus.[1]"
    assert answer.heading == "Antwort"


def test_sentences_close_to_the_best_come_along() -> None:
    near, far = ("Dazu kommen Busse.", 0.93 - FAR + 0.02), ("Es gibt Räder.", 0.93 - FAR)
    answer = read(told([BEST, near, far]))
    assert answer.kind == "list"
    assert answer.heading == "Aus den Artikeln"
    assert quotes(answer) == [BEST[0], near[0]]


def test_articles_come_by_their_best_sentence_and_a_text_in_its_own_order() -> None:
    first = [("Zuerst kommt der Bus.", 0.921), ("Danach kommt der Zug.", 0.925)]
    answer = read(told([("Die Bahn fährt auch.", 0.924)], first, [BEST, RAIN]))
    assert quotes(answer) == [BEST[0], first[0][0], first[1][0], "Die Bahn fährt auch."]


def test_never_more_than_five_sentences_after_a_search() -> None:
    many = [(f"Die Firma liefert {n}00 Autos aus.", 0.93) for n in range(1, 9)]
    assert len(read(told(many)).sentences) == MOST
    assert len(read(told(*([each] for each in many))).sentences) <= MOST


def test_an_article_that_confirms_is_cited_with_the_sentence() -> None:
    found = alike(told([BEST, RAIN], [("Sie liefert 500 Autos aus.", 0.93)]), 0, 2)
    answer = read(found)
    assert answer.text == "Die Firma liefert 500 Autos aus.[1][2]"
    assert [c.document.doc_id for c in answer.citations] == ["a0", "a1"]
    assert answer.kind == "fact"


def test_the_same_words_confirm_whatever_their_vectors() -> None:
    answer = read(told([BEST], [BEST]))
    assert answer.text == "Die Firma liefert 500 Autos aus.[1][2]"


def test_an_article_with_another_number_does_not_confirm() -> None:
    found = alike(told([BEST], [("Sie liefert 700 Autos aus.", 0.93)]), 0, 1)
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
    found = told([("Das Werk wird im März eröffnet.", 0.93)], [(other, 0.93)])
    assert read(alike(found, 0, 1)).text == "Das Werk wird im März eröffnet.[1]"


def test_a_repeat_within_an_article_is_left_out() -> None:
    found = told([BEST, ("Es sind 500 Autos.", 0.93)])
    assert quotes(read(alike(found, 0, 1))) == [BEST[0]]


@pytest.mark.parametrize(
    "text", ["## Die Firma liefert aus", "Liefert die Firma 500 Autos aus?", "Autos:"]
)
def test_a_heading_a_question_and_a_single_word_are_no_answer(text: str) -> None:
    answer = read(told([(text, 0.99), ("Die Firma liefert 500 Autos aus.", 0.9)], [RAIN]))
    assert quotes(answer) == ["Die Firma liefert 500 Autos aus."]


def test_where_there_is_nothing_else_the_best_heading_is_shown() -> None:
    answer = read(told([("## Zum Wetter", 0.8), ("## Die Firma liefert aus", 0.93)]))
    assert quotes(answer) == ["Die Firma liefert aus"]


def test_articles_that_differ_are_both_shown_with_the_newest_first() -> None:
    one = [("Lantor will 2026 rund 200.000 Autos verkaufen.", 0.93), RAIN]
    other = [("Lantor will 2026 rund 160.000 Autos verkaufen.", 0.925), RAIN]
    found = alike(dated(told(one, other), "2026-01", "2026-08"), 0, 2)
    answer = read(found, "Wie viele Autos will Lantor 2026 verkaufen?")
    assert answer.kind == "conflict"
    assert answer.heading == "Die Angaben unterscheiden sich"
    assert quotes(answer) == [other[0][0], one[0][0]]
    assert answer.groups == ((0,), (1,))


def test_a_sentence_that_is_far_from_the_best_contradicts_nothing() -> None:
    one = [("Lantor will 2026 rund 200.000 Autos verkaufen.", 0.99)]
    other = [("Lantor will 2026 rund 160.000 Autos verkaufen.", 0.85)]
    answer = read(told(one, other), "Wie viele Autos will Lantor 2026 verkaufen?")
    assert quotes(answer) == [one[0][0]]


# --- a given article ---


def test_the_lines_of_a_given_article_that_answer_come_in_its_order_however_many() -> None:
    lines = [(f"Punkt {n} gehört dazu.", 0.93 - (n % 3) / 100) for n in range(1, 9)]
    article = [lines[0], RAIN, *lines[1:], RAIN]
    answer = read(told(article, given=True))
    assert answer.kind == "list"
    assert quotes(answer) == [text for text, _ in lines]


def test_each_regime_has_its_own_threshold() -> None:
    for regime, least in ANSWERED.items():
        for probability in (least - 0.01, least + 0.01):
            logit = float(np.log(probability / (1 - probability)))
            sums = dict.fromkeys(ANSWERED, Linear((), (), -9.0)) | {regime: Linear((), (), logit)}
            model = replace(nearest(), answered=sums)
            found = read(told([BEST], given=regime == "page"), model=model)
            assert found.probability == pytest.approx(probability)
            expected = None if probability > least else Abstention.NOT_ANSWERED
            assert found.abstention is expected


# --- quotes ---


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("line", "quote"),
    [
        ("- Die Firma liefert aus.", "Die Firma liefert aus."),
        ("• – Die Firma liefert aus.", "Die Firma liefert aus."),
        ("12) Die Firma liefert aus.", "Die Firma liefert aus."),
        ("20. Juni 2026 beginnt der Verkauf.", "20. Juni 2026 beginnt der Verkauf."),
        ("-5 Grad werden es.", "-5 Grad werden es."),
    ],
)
def test_a_list_mark_is_no_part_of_a_quote_and_a_day_is(line: str, quote: str, whole: bool) -> None:
    answer = read(told([(line, 0.95), RAIN], given=whole))
    assert quotes(answer) == [quote]
    check_answer(answer)


# --- abstaining ---


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (replace(told([RAIN]), sentences=(), documents=0), Abstention.EMPTY_INDEX),
        (replace(told([RAIN]), sentences=(), documents=3), Abstention.NOTHING_RELEVANT),
        (told([("Es regnet heute in Rom.", 0.7)]), Abstention.NOTHING_RELEVANT),
        (told([("Die Bahn fährt um neun Uhr.", 0.89)]), Abstention.NOT_ANSWERED),
        (told([("Die Bahn fährt um neun Uhr.", 0.89)], given=True), Abstention.NOT_ANSWERED),
    ],
)
def test_an_abstention_says_why_and_cites_nothing(found: Evidence, why: Abstention) -> None:
    answer = read(found, model=nearest(answered=0.9))
    assert (answer.kind, answer.abstention, answer.sentences) == ("abstention", why, ())
    assert answer.text == ""
    assert answer.probability < 0.5
    assert answer.notices


def test_the_same_cosine_says_more_of_a_question_in_english_than_of_one_in_german() -> None:
    found = told([("Die Bahn fährt um neun Uhr.", 0.835)])
    why = [
        read(found, question, model=nearest(answered=0.9)).abstention
        for question in ("When does the train leave?", "Wann fährt die Bahn heute ab?")
    ]
    assert why == [Abstention.NOT_ANSWERED, Abstention.NOTHING_RELEVANT]


def test_the_frame_is_in_the_language_of_the_question() -> None:
    found = told([("Es regnet heute in Rom.", 0.7)])
    assert read(found).heading == "Keine Antwort in den Artikeln"
    assert read(found, "How many cars are there?").heading == "No answer in the articles"


# --- any evidence ---

SENTENCE = st.sampled_from(
    [
        "Die Firma liefert 500 Autos aus.",
        "Die Firma liefert 2026 rund 700 Autos aus.",
        "- Punkt eins ist wichtig.",
        "## Kopf",
        "Wer weiß?",
        "🙂 مرحبا 1.",
        "\x00 \x00",
        "- ",
        "1.",
        " ",
    ]
)


def check_answer(answer: Answer) -> None:
    """The laws of an answer."""
    assert 0 <= answer.probability <= 1
    assert (
        (answer.kind == "abstention") == (answer.abstention is not None) == (not answer.sentences)
    )
    assert (answer.kind == "conflict") == bool(answer.groups)
    if answer.kind == "conflict":
        grouped = [number for group in answer.groups for number in group]
        assert grouped == list(range(len(answer.sentences)))
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    places = [(c.document.doc_id, c.span) for c in answer.citations]
    assert len(set(places)) == len(places)
    for sentence in answer.sentences:
        assert sentence.citations
        assert sentence.text == sentence.citations[0].quote
        for citation in sentence.citations:
            assert citation.span.of(citation.document.text) == citation.quote != ""


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(st.tuples(SENTENCE, st.floats(0, 0.99)), min_size=1, max_size=4), max_size=4),
    st.booleans(),
    st.sampled_from([QUESTION, "How many cars does it deliver in 2026?", "?"]),
    st.sampled_from([nearest(answered=0), nearest(), default_model()]),
)
def test_every_quote_is_exact_and_every_sentence_cites(
    articles: list[list[Told]], whole: bool, question: str, model: Model
) -> None:
    found = told(*articles, given=whole)
    answer = read(found, question, model)
    check_answer(answer)
    if not whole and answer.kind == "list":
        assert len(answer.sentences) <= MOST


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.lists(st.lists(SENTENCE, min_size=1, max_size=4), min_size=1, max_size=3),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 1000),
    st.booleans(),
)
def test_the_answer_does_not_depend_on_where_the_sentences_stand_in_the_evidence(
    articles: list[list[list[str]]], seed: int, whole: bool
) -> None:
    found = scattered(articles[:1] if whole else articles, seed, given=whole)
    rows = np.random.default_rng(seed).permutation(len(found.sentences)).tolist()
    mixed = replace(
        found,
        sentences=tuple(found.sentences[row] for row in rows),
        sentence_vectors=found.sentence_vectors[rows],
    )
    one, other = read(found, model=nearest(answered=0)), read(mixed, model=nearest(answered=0))
    assert (one.kind, quotes(one)) == (other.kind, quotes(other))
    check_answer(one)


# --- the sample articles ---

ANSWERED_QUESTIONS = ["de-001", "de-003", "de-022", "de-031", "en-010", "en-035"]


@pytest.fixture(scope="module")
def samples() -> Iterator[Assistant]:
    with reindexed([ARTICLES]) as assistant:
        yield assistant


@pytest.mark.slow
@pytest.mark.parametrize("number", ANSWERED_QUESTIONS)
def test_a_question_on_the_samples_is_answered_with_the_gold_quote(
    samples: Assistant, number: str
) -> None:
    question = next(q for q in read_questions(QUESTIONS) if q.id == number)
    assert question.split == "dev"
    answer = samples.ask(question.question)
    documents = {info.doc_id: samples.document(info.doc_id) for info in samples.documents()}
    gold = locate(question, documents)
    assert any(
        citation.document.doc_id == each.doc_id
        and citation.span.start < each.span.end
        and each.span.start < citation.span.end
        for citation in answer.citations
        for each in gold
    )
    assert len(answer.sentences) <= MOST


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    ["Wer hat die Zauberflöte komponiert?", "Who won the football World Cup in 1998?"],
)
def test_a_foreign_topic_is_not_answered(samples: Assistant, question: str) -> None:
    answer = samples.ask(question)
    assert answer.abstention in (Abstention.NOTHING_RELEVANT, Abstention.NOT_ANSWERED)
    assert answer.probability < ANSWERED["search"]


@pytest.mark.slow
def test_the_packaged_weights_are_for_the_packaged_model(samples: Assistant) -> None:
    held = default_model()
    assert held.embedder == samples.embedder.name
    assert held.agreement.shape == (samples.embedder.dim,)
