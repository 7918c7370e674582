"""The intervals and p-values, against exact values and the laws they obey."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.significance import SAMPLES, bootstrap, randomisation

columns = st.lists(st.integers(-5, 5).map(lambda n: n / 5), min_size=2, max_size=9)


def column(values: list[float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(values)[:, None]


@given(columns)
def test_p_is_that_of_all_ways_to_swap_sides(values: list[float]) -> None:
    ways = [abs(np.dot(w, values)) for w in product((-1, 1), repeat=len(values))]
    exact = np.mean(np.array(ways) >= abs(sum(values)) - 1e-9)
    assert randomisation(column(values)) == pytest.approx(exact, abs=0.03)


def test_no_difference_has_p_1_and_a_clear_one_the_smallest() -> None:
    assert randomisation(column([0.0] * 5)) == 1
    assert randomisation(column([0.3] * 40)) == pytest.approx(1 / (SAMPLES + 1))


def test_the_interval_is_that_of_the_normal_law_where_queries_are_many() -> None:
    values = column([0.0, 1.0] * 200)
    low, high = bootstrap(values)
    assert low == pytest.approx(0.5 - 1.96 * 0.5 / 20, abs=0.004)
    assert high == pytest.approx(0.5 + 1.96 * 0.5 / 20, abs=0.004)


@given(columns, st.integers(2, 4))
def test_repeated_queries_of_a_group_add_no_certainty(values: list[float], times: int) -> None:
    names = [str(n) for n in range(len(values))]
    repeated = column(values * times)
    assert np.allclose(bootstrap(column(values), names), bootstrap(repeated, names * times))
    assert np.allclose(randomisation(column(values), names), randomisation(repeated, names * times))


def test_each_column_is_judged_by_itself_and_each_run_alike() -> None:
    both = np.array([[0.0, 0.3], [0.1, -0.2], [0.9, 0.4]])
    for n in (0, 1):
        assert np.allclose(np.array(bootstrap(both))[:, n], np.ravel(bootstrap(both[:, [n]])))
        assert randomisation(both)[n] == randomisation(both[:, [n]])[0]


def test_with_weights_it_is_the_interval_of_a_mean_over_some_queries() -> None:
    draw = np.random.default_rng(3)
    some, rest = draw.random((60, 2)), np.zeros((60, 2))
    groups = [str(n) for n in range(60)] * 2
    values, weights = np.vstack([some, rest]), np.vstack([rest + 1, rest])
    weighted = bootstrap(values, groups, weights)
    assert np.allclose(weighted, bootstrap(some, groups[:60]))
    assert np.array_equal(bootstrap(rest, None, rest), np.zeros((2, 2)))
