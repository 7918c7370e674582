"""Learning the networks: they find what a weighted sum cannot, and the same each time."""

from __future__ import annotations

import numpy as np

from eval.network import Recipe, fit_logistic, fit_ranking

RECIPE = Recipe(hidden=16, epochs=60, decay=0.01, dropout=0.0, rate=1e-2, batch=32)
CHANCE = np.random.default_rng(4)


def unlike(rows: np.ndarray) -> np.ndarray:
    """The exclusive or of two signs, which no weighted sum tells."""
    return np.asarray((rows[:, 0] > 0) != (rows[:, 1] > 0))


def told(rows: np.ndarray) -> dict[str, np.ndarray]:
    return {"a": rows[:, 0], "b": rows[:, 1], "still": rows[:, 2]}


def made(count: int) -> np.ndarray:
    return np.column_stack([CHANCE.normal(size=(count, 2)), np.ones(count)])


def test_odds_are_learned_that_no_sum_tells() -> None:
    rows, unseen = made(600), made(300)
    net = fit_logistic(("a", "b", "still"), rows, unlike(rows), np.ones(600), RECIPE)
    assert np.mean((net(told(unseen)) > 0) == unlike(unseen)) > 0.9


def test_the_right_one_of_each_question_is_learned() -> None:
    sizes = np.full(200, 5)
    rows = made(1000)
    right = unlike(rows)
    right[::5] |= ~right.reshape(-1, 5).any(axis=1)
    net = fit_ranking(("a", "b", "still"), rows, right, sizes, np.ones(200), RECIPE)
    best = net(told(rows)).reshape(-1, 5).argmax(axis=1)
    assert np.mean(right.reshape(-1, 5)[np.arange(200), best]) > 0.9


def test_a_heavier_row_decides() -> None:
    rows = made(64)
    right = np.arange(64) % 2 == 0
    light = fit_logistic(("a", "b", "still"), rows, right, np.where(right, 0.1, 1.0), RECIPE)
    heavy = fit_logistic(("a", "b", "still"), rows, right, np.where(right, 1.0, 0.1), RECIPE)
    assert np.median(light(told(rows))) < 0 < np.median(heavy(told(rows)))


def test_learning_again_gives_the_same() -> None:
    rows = made(200)
    once, again = (
        fit_logistic(
            ("a", "b", "still"), rows, unlike(rows), np.ones(200), Recipe(4, 3, 0.1, 0.3, several=2)
        )
        for _ in range(2)
    )
    assert once.form() == again.form()
    assert once.inner.shape == (8, 2)


def test_what_never_changes_is_left_out() -> None:
    rows = made(64)
    assert fit_logistic(("a", "b", "still"), rows, unlike(rows), np.ones(64), RECIPE).names == (
        "a",
        "b",
    )
