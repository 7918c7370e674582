"""The measures, against values worked out by hand and against the laws they obey."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures import (
    covered,
    covers_half,
    f1,
    ndcg,
    percentile,
    precision_recall_f1,
    recall_at,
    reciprocal_rank,
    set_f1,
    union,
)
from rag.types import Span

rankings = st.lists(st.booleans(), max_size=15)
ks = st.integers(1, 15)
spans = st.tuples(st.integers(0, 40), st.integers(0, 20)).map(lambda t: Span(t[0], t[0] + t[1]))


def total_of(ranking: list[bool], more: int) -> int:
    return max(1, sum(ranking) + more)


def test_ndcg_of_one_relevant_item_is_the_discount_of_its_rank() -> None:
    assert ndcg([True], 1, 10) == 1
    assert ndcg([False, True], 1, 10) == pytest.approx(1 / math.log2(3))
    assert ndcg([False, False, True], 1, 10) == pytest.approx(0.5)
    assert ndcg([False, False, True], 1, 2) == 0


def test_ndcg_counts_relevant_items_that_were_not_found() -> None:
    # found at 1 and 3 of three: (1 + 1/2) / (1 + 1/log2 3 + 1/2)
    assert ndcg([True, False, True], 3, 10) == pytest.approx(1.5 / (1.5 + 1 / math.log2(3)))


def test_ndcg_cuts_the_ideal_ranking_too() -> None:
    assert ndcg([True, True], total=50, k=2) == 1


def test_retrieval_measures_refuse_a_question_without_relevant_items() -> None:
    with pytest.raises(ValueError, match="not defined"):
        ndcg([False], 0, 10)
    with pytest.raises(ValueError, match="not defined"):
        recall_at([False], 0, 10)


def test_recall_is_the_share_found_within_the_cut() -> None:
    assert recall_at([True, False, True], 4, 1) == 0.25
    assert recall_at([True, False, True], 4, 5) == 0.5


def test_reciprocal_rank_looks_at_the_first_relevant_hit_only() -> None:
    assert reciprocal_rank([False, True, True]) == 0.5
    assert reciprocal_rank([False, False]) == 0
    assert reciprocal_rank([]) == 0


def test_precision_recall_and_f1_of_a_decision() -> None:
    predicted = [True, True, True, False, False]
    actual = [True, False, False, True, False]
    assert precision_recall_f1(predicted, actual) == pytest.approx((1 / 3, 1 / 2, 0.4))
    assert precision_recall_f1([False], [True]) == (0, 0, 0)


def test_sentence_f1_of_two_sets_of_lines() -> None:
    assert set_f1({1, 2, 3}, {3, 4}) == pytest.approx(0.4)
    assert set_f1(set(), {3}) == 0
    assert set_f1({3}, {3}) == 1


def test_overlapping_spans_are_covered_once() -> None:
    assert covered(Span(0, 10), [Span(2, 5), Span(4, 6), Span(20, 30)]) == 4
    assert covered(Span(0, 10), []) == 0


def test_half_of_the_characters_is_enough_and_less_is_not() -> None:
    assert covers_half(Span(0, 10), [Span(5, 30)])
    assert not covers_half(Span(0, 11), [Span(6, 30)])
    assert not covers_half(Span(4, 4), [Span(0, 10)])


def test_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([30, 10, 20], 50) == 20
    assert percentile([1, 2, 3, 4], 50) == 2
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([7], 95) == 7


@given(rankings, st.integers(0, 5), ks)
def test_retrieval_measures_lie_between_0_and_1(ranking: list[bool], more: int, k: int) -> None:
    total = total_of(ranking, more)
    values = ndcg(ranking, total, k), recall_at(ranking, total, k), reciprocal_rank(ranking)
    assert all(0 <= value <= 1 + 1e-9 for value in values)


@given(rankings, st.integers(0, 5), ks, st.data())
def test_moving_a_relevant_hit_up_never_lowers_a_measure(
    ranking: list[bool], more: int, k: int, data: st.DataObject
) -> None:
    total = total_of(ranking, more)
    order = data.draw(st.permutations(ranking)) if ranking else ranking
    better = sorted(order, reverse=True)
    assert ndcg(better, total, k) >= ndcg(order, total, k) - 1e-9
    assert recall_at(better, total, k) >= recall_at(order, total, k)
    assert reciprocal_rank(better) >= reciprocal_rank(order)


@given(rankings, st.integers(0, 5), ks)
def test_a_deeper_cut_never_lowers_recall(ranking: list[bool], more: int, k: int) -> None:
    total = total_of(ranking, more)
    assert recall_at(ranking, total, k + 1) >= recall_at(ranking, total, k)


@given(st.floats(0, 1), st.floats(0, 1))
def test_f1_lies_between_precision_and_recall(precision: float, recall: float) -> None:
    assert min(precision, recall) - 1e-9 <= f1(precision, recall) <= max(precision, recall) + 1e-9


@given(spans, st.lists(spans))
def test_covered_agrees_with_counting_characters(span: Span, by: list[Span]) -> None:
    characters = {i for s in by for i in range(s.start, s.end)}
    assert covered(span, by) == len(characters & set(range(span.start, span.end)))


@given(st.lists(spans))
def test_a_union_is_disjoint_and_in_order(by: list[Span]) -> None:
    merged = union(by)
    assert all(a.end < b.start for a, b in pairwise(merged))


@given(st.lists(st.floats(0, 1000), min_size=1), st.floats(0, 100), st.floats(0, 100))
def test_percentiles_rise(values: list[float], a: float, b: float) -> None:
    assert percentile(values, min(a, b)) <= percentile(values, max(a, b))
