"""The sums that were learned: laws of reading them, and whether the file fits the features."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.features import inputs
from rag.answer.model import (
    ANSWERED,
    FILE,
    Linear,
    Lines,
    Model,
    default_model,
    evidence_columns,
    expected_f1,
    likely,
    probabilities,
    score_columns,
    sentence_columns,
)
from tests.answer.made import EMBEDDER, asked, scattered, told

NUMBER = st.floats(-1e6, 1e6)
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=8)
SCORES = st.lists(st.floats(-500, 500), min_size=1, max_size=30)
ARTICLES = [[["Die Firma liefert 500 Autos aus.", "Es regnet."], ["Wer weiß?"]], [["It rains."]]]


def model(
    answered: Linear | None = None, agreement: float = 0.0, embedder: str = EMBEDDER, dim: int = 8
) -> Model:
    """What is near is good."""
    near = Linear(("cosine",), (20.0,), -15.0)
    both = dict.fromkeys(ANSWERED, answered or Linear((), (), 0.0))
    return Model(near, near, both, np.full(dim, agreement), embedder)


# --- sums ---


@given(st.dictionaries(st.text(max_size=3), st.tuples(NUMBER, NUMBER), max_size=5), NUMBER)
def test_a_sum_is_a_dot_product_and_a_constant(
    given_: dict[str, tuple[float, float]], constant: float
) -> None:
    named = {name: pair for name, pair in given_.items() if name != "constant"}
    form = {"constant": constant, **{name: weight for name, (weight, _) in named.items()}}
    values = {name: value for name, (_, value) in named.items()}
    expected = math.fsum([constant, *(weight * value for weight, value in named.values())])
    linear = Linear.of(form)
    assert float(linear({**values, "more": math.nan})) == pytest.approx(expected, abs=1e-3)
    columns = {name: np.array([value, 0.0]) for name, value in values.items()}
    if columns:
        assert linear(columns).tolist() == pytest.approx([expected, constant], abs=1e-3)


def test_a_feature_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(KeyError):
        Linear(("cosine",), (1.0,), 0.0)({})


# --- probabilities ---


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_a_probability_rises_with_its_logit_and_never_overflows(logits: list[float]) -> None:
    found = probabilities(np.sort(logits))
    assert (found >= 0).all()
    assert (found <= 1).all()
    assert (np.diff(found) >= 0).all()


@given(st.floats(-30, 30))
def test_a_probability_is_the_logistic_function(logit: float) -> None:
    assert float(probabilities(np.array(logit))) == pytest.approx(1 / (1 + math.exp(-logit)))


@given(SCORES, st.floats(-100, 100))
def test_shares_of_scores_sum_to_one_and_do_not_depend_on_their_height(
    scores: list[float], higher: float
) -> None:
    found = score_columns(np.array(scores))
    assert np.exp(found["log share"]).sum() == pytest.approx(1)
    assert found["score, below best"].max() == 0
    for name, column in score_columns(np.array(scores) + higher).items():
        assert np.allclose(column, found[name], atol=1e-9)


# --- which lines ---


def approximate_f1(chosen: tuple[float, ...], every: list[float]) -> float:
    """Twice the expected right ones over the chosen and the expected gold ones."""
    return 2 * math.fsum(chosen) / (len(chosen) + math.fsum(every))


@given(SHARES)
def test_no_other_choice_of_lines_has_a_better_expected_f1(shares: list[float]) -> None:
    rows = likely(np.array(shares))
    assert len(set(rows)) == len(rows) >= 1
    chosen = [shares[row] for row in rows]
    assert chosen == sorted(shares, reverse=True)[: len(rows)]
    sizes = range(1, len(shares) + 1)
    others = itertools.chain.from_iterable(itertools.combinations(shares, n) for n in sizes)
    best = max(approximate_f1(other, shares) for other in others)
    assert approximate_f1(tuple(chosen), shares) == pytest.approx(best)


@given(SHARES)
def test_an_expected_f1_is_a_share(shares: list[float]) -> None:
    found = expected_f1(np.array(shares))
    assert found.shape == (len(shares),)
    assert ((found >= 0) & (found <= 1)).all()
    assert expected_f1(np.array([1.0, 1.0, 0.0])).tolist() == pytest.approx([2 / 3, 1, 4 / 5])


def test_sure_lines_are_chosen_and_unlikely_ones_are_not() -> None:
    assert sorted(likely(np.array([0.9, 0.02, 0.95, 0.01, 0.9]))) == [0, 2, 4]
    assert likely(np.array([0.2, 0.2, 0.2, 0.2])) == [0, 1, 2, 3]
    assert likely(np.array([0.001, 0.002, 0.0])) == [1]


# --- reading ---


def test_a_reading_has_a_score_and_odds_for_each_row() -> None:
    found = inputs(asked(), scattered(ARTICLES))
    read = model().read(found, given=False, by=EMBEDDER)
    cosines = sentence_columns(found)["cosine"]
    assert np.allclose(read.scores, 20 * cosines - 15)
    assert np.allclose(read.odds, read.scores)
    assert read.probability == 0.5


def test_the_regime_decides_which_sum_tells_whether_anything_answers() -> None:
    regimes = {"search": Linear((), (), 2.0), "page": Linear((), (), -2.0)}
    both = replace(model(), answered=regimes)
    found = inputs(asked(), scattered(ARTICLES))
    after_search = both.read(found, given=False, by=EMBEDDER).probability
    assert after_search == pytest.approx(0.8808, abs=1e-4)
    assert both.read(found, given=True, by=EMBEDDER).probability == pytest.approx(1 - after_search)


def test_agreement_counts_for_a_given_article_and_vectors_of_its_own_model_only() -> None:
    found = inputs(asked(), scattered(ARTICLES))
    blind, sighted = model(), model(agreement=1.0)
    without = blind.read(found, given=True, by=EMBEDDER).probability
    assert sighted.read(found, given=True, by=EMBEDDER).probability > without
    assert sighted.read(found, given=True, by="another").probability == without
    assert sighted.read(found, given=False, by=EMBEDDER).probability == without
    other_size = model(agreement=1.0, embedder="another", dim=3)
    assert other_size.read(found, given=True, by=EMBEDDER).probability == without


def test_agreement_weighs_the_products_of_the_best_sentence_most() -> None:
    found = inputs(asked(), told([("Die Firma liefert aus.", 0.95), ("Es regnet.", 0.1)]))
    first = replace(model(), agreement=np.eye(3)[0])
    logit = 20 * 0.95  # the scale, times the only product of the best, whose share is all
    expected = float(probabilities(np.array(logit)))
    assert first.read(found, given=True, by=EMBEDDER).probability == pytest.approx(expected)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["Die Firma liefert 500 Autos aus.", "# Kopf", "Wer?", "🙂"]),
                st.sampled_from([-1.0, -0.5, 0.0, 0.5, 0.75, 0.9, 1.0]),
            ),
            min_size=1,
            max_size=6,
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
    st.sampled_from(["Wie viele Autos liefert die Firma aus?", "Who?", "2026", "\x00"]),
)
def test_the_packaged_weights_read_any_evidence(
    articles: list[list[tuple[str, float]]], whole: bool, question: str
) -> None:
    found = inputs(asked(question), told(*articles))
    read = default_model().read(found, given=whole, by=EMBEDDER)
    assert np.isfinite(read.scores).all()
    assert np.isfinite(read.odds).all()
    assert 0 <= read.probability <= 1


# --- the file ---


def test_the_packaged_weights_name_every_feature_and_no_other() -> None:
    held = default_model()
    found = inputs(asked(), scattered(ARTICLES))
    every = sentence_columns(found)
    assert set(held.sentence.names) <= every.keys()
    scores = held.sentence(every)
    every |= score_columns(scores)
    alone = {"runs", "articles"}  # never change in a given article, so they have no weight
    assert set(held.member.names) == every.keys() - alone
    whole = evidence_columns(Lines(every, scores, held.member(every)))
    assert held.answered.keys() == ANSWERED.keys()
    assert all(set(each.names) <= whole.keys() for each in held.answered.values())
    assert {name for each in held.answered.values() for name in each.names} == whole.keys()


def test_the_packaged_weights_are_numbers() -> None:
    held = default_model()
    sums = [held.sentence, held.member, *held.answered.values()]
    assert all(math.isfinite(w) for each in sums for w in (each.constant, *each.weights))
    assert np.isfinite(held.agreement).all()
    assert held.embedder
    form = json.loads(FILE.read_text(encoding="utf-8"))
    assert form.keys() == {"made by", "embedder", "sentence", "member", "answered", "agreement"}
