"""Each feature is what it says, and the same whatever else was found."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.features import (
    FEATURES,
    SEVERAL,
    SHORT,
    SHORT_LOSS,
    Matrix,
    Numbers,
    features,
)
from rag.search.query import Query, analyse_question
from rag.search.time import time_feature
from rag.store import Candidate
from rag.types import Period, Vectors
from tests.search.candidates import candidate, together, toward, unit

TODAY = date(2026, 2, 1)
PLAIN = analyse_question("Wie viele Autos liefert die Firma aus?", ["de", "en"], TODAY)
LATEST = analyse_question("How many cars does the company deliver now?", ["de", "en"], TODAY)
NAMED = analyse_question("Wie viele Autos lieferte die Firma 2025 aus?", ["de", "en"], TODAY)
TEXTS = ("Im Jahr 2025 waren es 300.", "Es waren 300.", "In 2019 it was 300.")
QUESTION, NOWHERE = unit(-1 % 2**32), np.zeros(8, np.float32)
AXIS = toward(1.0)
DAYS = [None, Period.parse("2025-03-01"), Period.parse("2019"), Period.parse("2026-01")]


@st.composite
def pools(draw: st.DrawFn) -> list[Candidate]:
    """Candidates of several languages and sizes; no two sentences are alike."""
    pool, seed = [], 0
    for number in range(draw(st.integers(1, 6))):
        lengths = draw(st.lists(st.integers(1, 3 * SHORT), min_size=1, max_size=6))
        pool.append(
            candidate(
                [unit(seed + n) for n in range(len(lengths))],
                lengths=lengths,
                title=draw(st.sampled_from([unit(10**6 + number), NOWHERE])),
                language=draw(st.sampled_from(["de", "en", "fr"])),
                shared=draw(st.floats(0, 1, width=32)),
                published=draw(st.sampled_from(DAYS)),
                doc_id=str(number),
            )
        )
        seed += len(lengths)
    return pool


QUERIES = st.sampled_from([PLAIN, LATEST, NAMED])
DRIFTS = st.sampled_from([NOWHERE, unit(10**7)])


def text_of(found: Candidate) -> str:
    return TEXTS[int(found.chunk.doc_id) % len(TEXTS)]


def ranked(pool: list[Candidate], query: Query, drift: Vectors) -> tuple[Matrix, Numbers]:
    return features(together(*pool), query, QUESTION, drift, lambda n: text_of(pool[n]))


def by_hand(found: Candidate, query: Query, drift: Vectors) -> tuple[list[float], int]:
    """The row of one candidate and its nearest sentence, one feature at a time."""
    cosines = [float(vector @ QUESTION) for vector in found.vectors]
    counted = [
        cosine - SHORT_LOSS * (len(span) < SHORT)
        for cosine, span in zip(cosines, found.chunk.sentences, strict=True)
    ]
    best = sorted(cosines, reverse=True)[:SEVERAL]
    pooled = sum(found.vectors) / np.linalg.norm(sum(found.vectors))
    sides = {("en", "de"): 1, ("de", "en"): -1}
    foreign = found.language != query.language
    row = {
        "best sentence": max(counted),
        "three best": sum(best) / len(best),
        "passage": float(pooled @ QUESTION),
        "title": float(found.title @ QUESTION),
        "shared words": 0 if foreign else found.shared,
        "other language": float(foreign),
        "foreign words": found.shared if foreign else 0,
        "drift": float(pooled @ drift) * sides.get((query.language, found.language), 0),
        "length": math.log(len(found.chunk.span)) / 10,
        "time": time_feature(query.time, found.published, text_of(found)),
    }
    return [row[name] for name in FEATURES], counted.index(max(counted))


@given(pools(), QUERIES, DRIFTS)
def test_each_feature_is_what_it_says(pool: list[Candidate], query: Query, drift: Vectors) -> None:
    matrix, nearest = ranked(pool, query, drift)
    rows = [by_hand(found, query, drift) for found in pool]
    np.testing.assert_allclose(matrix, [row for row, _ in rows], atol=1e-5)
    assert nearest.tolist() == [number for _, number in rows]


@given(pools(), QUERIES, DRIFTS)
def test_a_candidate_has_the_same_features_alone_and_among_others(
    pool: list[Candidate], query: Query, drift: Vectors
) -> None:
    matrix, nearest = ranked(pool, query, drift)
    for found, row, number in zip(pool, matrix, nearest, strict=True):
        alone, (only,) = ranked([found], query, drift)
        np.testing.assert_allclose(alone[0], row, atol=1e-6)
        assert only == number


@given(pools(), QUERIES, DRIFTS)
def test_no_feature_leaves_the_scale_that_the_weights_are_made_for(
    pool: list[Candidate], query: Query, drift: Vectors
) -> None:
    matrix, _ = ranked(pool, query, drift)
    columns = dict(zip(FEATURES, matrix.T, strict=True))
    for name in ("shared words", "other language", "foreign words", "time", "length"):
        assert columns[name].min() >= 0
    assert (np.abs(matrix) <= 1 + SHORT_LOSS + 1e-5).all()


def feature(name: str, found: Candidate, query: Query = PLAIN, drift: Vectors = NOWHERE) -> float:
    matrix, _ = features(together(found), query, AXIS, drift, lambda _: "")
    return float(matrix[0, FEATURES.index(name)])


def test_a_short_sentence_must_be_nearer_to_be_the_best() -> None:
    near, nearer = toward(0.80), toward(0.84)
    pool = [candidate([near, nearer], lengths=[80, size]) for size in (SHORT - 1, SHORT)]
    matrix, nearest = features(together(*pool), PLAIN, AXIS, NOWHERE, lambda _: "")
    assert nearest.tolist() == [0, 1]
    assert matrix[:, 0].tolist() == pytest.approx([0.80, 0.84])


def test_a_passage_with_fewer_sentences_loses_nothing_by_it() -> None:
    assert feature("three best", candidate([toward(0.8)])) == pytest.approx(0.8)
    assert feature("three best", candidate([toward(0.8)] * 2)) == pytest.approx(0.8)
    four = candidate([toward(c) for c in (0.1, 0.9, 0.6, 0.3)])
    assert feature("three best", four) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("query", "language", "sign"),
    [(PLAIN, "de", 0), (PLAIN, "en", -1), (PLAIN, "fr", 0), (LATEST, "en", 0), (LATEST, "de", 1)],
)
def test_drift_is_made_up_for_between_german_and_english_only(
    query: Query, language: str, sign: int
) -> None:
    found = candidate([AXIS], language=language)
    assert feature("drift", found, query, AXIS) == pytest.approx(sign)


def test_texts_are_read_only_where_the_question_names_a_time() -> None:
    read: list[str] = []

    def text(number: int) -> str:
        read.append(pool.doc_ids[number])
        return ""

    pool = together(*(candidate([AXIS], doc_id=name) for name in "ab"))
    for query in (PLAIN, LATEST):
        features(pool, query, AXIS, NOWHERE, text)
        assert read == []
    features(pool, NAMED, AXIS, NOWHERE, text)
    assert read == ["a", "b"]
