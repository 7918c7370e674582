"""What the reader knows of each sentence: laws that hold for any evidence, and known cases."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.answer.features import FAR, WINDOWS, Inputs, inputs
from rag.answer.model import sentence_columns
from rag.types import Evidence, EvidenceSentence, Vectors
from tests.answer.made import QUESTION, asked, built, scattered, told

STRANGE = [
    "Die Firma liefert 500 Autos aus.",
    "Wie viele sind es?",
    "## Autos der Firma",
    "Im Einzelnen:",
    "- Punkt eins",
    "🙂👩‍👩‍👧",
    "مرحبا بالعالم ١٢٣",
    "\x00\x00",
    " ",
    "9" * 400,
    "1e309 -∞ 10.000.000,00 €",
    "ǅ ﬁ ß İ",
]
SENTENCE = st.one_of(st.sampled_from(STRANGE), st.text(min_size=1, max_size=30))
ARTICLE = st.lists(st.lists(SENTENCE, min_size=1, max_size=4), min_size=1, max_size=3)
ARTICLES = st.lists(ARTICLE, min_size=1, max_size=4)
SEED = st.integers(0, 1000)
# What tells of a sentence beside the rest of the evidence. All else is its article's own.
RELATIVE = {
    "spread",
    "rank",
    "to best",
    "to best three",
    "best",
    "second",
    "best five",
    "middle",
    "words",
    "words around",
    "words seen",
    "heading, words",
    "opener, words",
    "names seen",
    "sentences",
    "runs",
    "articles",
    "passage rank",
    "repeated",
}


def columns(evidence: Evidence, question: str = QUESTION) -> dict[str, NDArray[np.float64]]:
    """The features in the order of the evidence's sentences."""
    found = inputs(asked(question), evidence)
    back = np.argsort(found.order)
    return {name: column[back] for name, column in sentence_columns(found).items()}


def is_relative(name: str) -> bool:
    return name.removeprefix("answer, ") in RELATIVE or name.endswith("below best")


def check_form(found: Inputs, evidence: Evidence) -> None:
    """The laws of `Inputs`."""
    count = len(evidence.sentences)
    assert sorted(found.order.tolist()) == list(range(count))
    assert found.features.shape == (count, len(found.names))
    assert len(set(found.names)) == len(found.names)
    assert np.isfinite(found.features).all()
    ends = [0, *(end for _, end in found.runs)]
    assert list(found.runs) == list(pairwise(ends))  # they tile the rows, without an empty one
    assert ends[-1] == count
    assert all(start < end for start, end in found.runs)


# --- any evidence ---


@settings(deadline=None, max_examples=60)
@given(ARTICLES, SEED, st.sampled_from([QUESTION, "Berlin 2026?", "?", "\x00", "🙂 " * 50]))
def test_features_are_finite_and_runs_tile_the_sentences(
    articles: list[list[list[str]]], seed: int, question: str
) -> None:
    evidence = scattered(articles, seed)
    check_form(inputs(asked(question), evidence), evidence)


@pytest.mark.parametrize("cosine", [-1.0, 0.0, 1.0])
def test_one_sentence_has_features(cosine: float) -> None:
    evidence = told([("Nein.", cosine)])
    check_form(inputs(asked(), evidence), evidence)


def test_vectors_that_cancel_out_have_features() -> None:
    vectors = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], np.float32)
    evidence = built([[["Eins.", "Zwei.", "Drei.", "Vier."]]], vectors, vectors[0])
    check_form(inputs(asked(), evidence), evidence)


def test_ten_thousand_sentences_have_features() -> None:
    articles = [[[f"Satz {n} nennt {n * 7} Autos." for n in range(2500)] for _ in range(4)]]
    evidence = scattered(articles)
    check_form(inputs(asked(), evidence), evidence)


@settings(deadline=None, max_examples=60)
@given(ARTICLES, SEED)
def test_the_products_of_a_sentence_sum_to_its_cosine(
    articles: list[list[list[str]]], seed: int
) -> None:
    evidence = scattered(articles, seed)
    found = inputs(asked(), evidence)
    cosines = evidence.sentence_vectors @ evidence.query_vector
    assert np.allclose(found.products.sum(axis=1), cosines[found.order], atol=1e-6)
    for name in ("cosine", "answer, cosine"):
        assert np.allclose(sentence_columns(found)[name], cosines[found.order], atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(ARTICLES, SEED)
def test_a_question_that_is_read_for_its_answer_tells_its_own_nearness(
    articles: list[list[list[str]]], seed: int
) -> None:
    evidence = scattered(articles, seed)
    question = -evidence.query_vector[::-1]
    found = inputs(asked(), replace(evidence, question_vector=question))
    told = sentence_columns(found)
    for name, vector in (("cosine", evidence.query_vector), ("answer, cosine", question)):
        near = evidence.sentence_vectors @ vector
        assert np.allclose(told[name], near[found.order], atol=1e-6)
    assert np.allclose(found.products.sum(axis=1), told["answer, cosine"], atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(ARTICLES, SEED)
def test_the_order_of_the_hits_changes_nothing_but_ranks(
    articles: list[list[list[str]]], seed: int
) -> None:
    evidence = scattered(articles, seed)
    hits = list(range(len(evidence.hits)))
    random.Random(seed).shuffle(hits)
    rows = [n for hit in hits for n, each in enumerate(evidence.sentences) if each.hit == hit]
    place = {hit: position for position, hit in enumerate(hits)}
    sentences = (evidence.sentences[row] for row in rows)
    shuffled = replace(
        evidence,
        hits=tuple(evidence.hits[hit] for hit in hits),
        sentences=tuple(EvidenceSentence(place[each.hit], each.span) for each in sentences),
        sentence_vectors=evidence.sentence_vectors[rows],
    )
    before, after = columns(evidence), columns(shuffled)
    for name in before.keys() - {"passage rank"}:
        assert np.allclose(before[name][rows], after[name], atol=1e-5), name


@settings(deadline=None, max_examples=60)
@given(ARTICLES, ARTICLE, SEED)
def test_another_article_changes_only_what_tells_of_a_sentence_beside_the_rest(
    articles: list[list[list[str]]], other: list[list[str]], seed: int
) -> None:
    more = scattered([*articles, other], seed)
    count = sum(len(passage) for article in articles for passage in article)
    passages = sum(map(len, articles))
    fewer = replace(
        more,
        hits=more.hits[:passages],
        sentences=more.sentences[:count],
        sentence_vectors=more.sentence_vectors[:count],
    )
    before, after = columns(fewer), columns(more)
    for name in before:
        if not is_relative(name):
            assert np.allclose(before[name], after[name][:count], atol=1e-5), name


@settings(deadline=None, max_examples=60)
@given(ARTICLES, SEED)
def test_what_tells_of_the_whole_evidence_is_one_number(
    articles: list[list[list[str]]], seed: int
) -> None:
    found = columns(scattered(articles, seed))
    whole = {"best", "second", "best five", "middle", "names seen"}
    whole |= {"sentences", "runs", "articles"} | {n for n in found if n.startswith("q:")}
    assert all(np.ptp(found[name]) == 0 for name in whole)
    for name in found:
        if name.endswith(", below best") and not name.startswith(("heading", "opener")):
            assert found[name].max() == pytest.approx(0, abs=1e-6)
            assert found[name].min() <= 0


# --- against a plain computation ---


@settings(deadline=None, max_examples=60)
@given(ARTICLES, SEED)
def test_windows_and_runs_are_cosines_of_sums_that_stay_in_the_run(
    articles: list[list[list[str]]], seed: int
) -> None:
    evidence = scattered(articles, seed)
    found = inputs(asked(), evidence)
    vectors = evidence.sentence_vectors[found.order].astype(np.float64)
    got = sentence_columns(found)
    for start, end in found.runs:
        for row in range(start, end):
            for name, (before, after) in WINDOWS.items():
                near = vectors[max(start, row - before) : min(end, row + after + 1)]
                assert got[name][row] == pytest.approx(_cosine(near, evidence), abs=1e-5)
            assert got["run"][row] == pytest.approx(_cosine(vectors[start:end], evidence), abs=1e-5)
            assert got["sentences before"][row] == pytest.approx(math.log1p(row - start))
            assert got["sentences after"][row] == pytest.approx(math.log1p(end - 1 - row))


def _cosine(rows: Vectors | NDArray[np.float64], evidence: Evidence) -> float:
    total = rows.sum(axis=0)
    return float(total @ evidence.query_vector / np.linalg.norm(total))


# --- known cases ---


def test_a_run_is_of_neighbours_in_one_article() -> None:
    evidence = scattered([[["A b."], ["C d.", "E f."], ["G h."]], [["I j."]]])
    assert inputs(asked(), evidence).runs == ((0, 4), (4, 5))
    gap = _without(evidence, 1)
    assert inputs(asked(), gap).runs == ((0, 1), (1, 2), (2, 3))


def _without(evidence: Evidence, hit: int) -> Evidence:
    """As if that passage had not been found."""
    rows = [row for row, each in enumerate(evidence.sentences) if each.hit != hit]
    left = [evidence.sentences[row] for row in rows]
    return replace(
        evidence,
        hits=(*evidence.hits[:hit], *evidence.hits[hit + 1 :]),
        sentences=tuple(EvidenceSentence(s.hit - (s.hit > hit), s.span) for s in left),
        sentence_vectors=evidence.sentence_vectors[rows],
    )


def test_the_tenth_passage_comes_after_the_ninth() -> None:
    found = inputs(asked(), scattered([[[f"Satz {n}."] for n in range(12)]]))
    assert found.order.tolist() == list(range(12))


def test_a_word_that_few_sentences_hold_counts_for_more() -> None:
    others = [(f"Die Firma ist in Ort {n}.", 0.5) for n in range(8)]
    article = [*others, ("Es gibt Autos.", 0.5), ("Es regnet.", 0.5)]
    found = columns(told(article))
    words = found["words"]
    assert found["words held"][0] == found["words held"][8]
    assert words[8] > words[0] > words[9] == 0
    assert words.max() <= 1


def test_the_words_around_a_sentence_are_those_of_two_before_to_two_after() -> None:
    quiet = [("Es regnet.", 0.5)] * 3
    found = columns(told([*quiet, ("Die Firma liefert Autos aus.", 0.5), *quiet]))
    assert (found["words around"] > 0).tolist() == [False, True, True, True, True, True, False]


def test_a_name_counts_in_the_sentence_in_its_passage_and_anywhere() -> None:
    question = "Wie viele Autos baut Lantor in Kiel?"
    evidence = told(
        [("Lantor baut 500 Autos.", 0.9), ("Das sind viele.", 0.8)], [("Es regnet.", 0.7)]
    )
    found = columns(evidence, question)
    assert found["names"].tolist() == [0.5, 0, 0]
    assert found["names near"].tolist() == [0.5, 0.5, 0]
    assert found["names seen"].tolist() == [0.5] * 3
    assert columns(evidence, "wie viele?")["names"].tolist() == [1, 1, 1]


def test_a_sentence_knows_the_heading_and_the_colon_it_stands_under() -> None:
    found = columns(
        told(
            [
                ("Ein Satz, der ohne eine Überschrift da steht und lang genug ist.", 0.5),
                ("## Autos der Firma", 0.9),
                ("Die Firma liefert die folgenden Wagen aus:", 0.8),
                ("Ein Satz, der unter der Überschrift steht und lang genug ist.", 0.6),
            ],
            [("Ein Satz in einem anderen Artikel, der keine Überschrift hat.", 0.7)],
        )
    )
    distance = np.expm1(found["opener, distance"])
    assert distance.tolist() == pytest.approx([FAR, FAR, 1, 1, FAR])
    assert found["opener, below best"][2:4].tolist() == pytest.approx([0, -0.1], abs=1e-6)
    assert found["heading, below best"][3] == pytest.approx(-0.1, abs=1e-6)
    assert found["opener, words"][2] > 0
    assert found["opener, below best"][4] == found["opener, below best"][0] < -0.1
    first = columns(told([("## Autos", 0.9), ("Ein Satz, der nicht kurz ist.", 0.6)]))
    assert np.expm1(first["heading, distance"]).tolist() == pytest.approx([FAR, 1])


def test_what_was_said_before_is_a_repeat() -> None:
    found = columns(told([("Es regnet.", 0.5), ("Es schneit.", 0.5)], [("Es regnet. ", 0.5)]))
    assert found["repeated"].tolist() == [0, 0, 1]


def test_the_language_of_article_and_question_are_told() -> None:
    english = told([("It rains.", 0.5)], language="en")
    assert columns(english)["same language"].tolist() == [0]
    assert columns(english, "How many cars are there?")["same language"].tolist() == [1]
    assert columns(english)["german"].tolist() == [0]
