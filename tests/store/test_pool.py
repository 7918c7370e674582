"""The pool of candidates that every engine makes."""

from __future__ import annotations

import pytest

from rag.store import pool


@pytest.mark.parametrize("german", [["b", "a"], ["a", "b"]])
def test_of_equal_chunks_each_is_chosen_once_whichever_comes_first(german: list[str]) -> None:
    nearest = {"de": [(0.5, chunk) for chunk in german], "en": [(0.9, f"c{n}") for n in range(7)]}
    chosen = pool.best(nearest, 8)
    assert chosen[:8] == [*(f"c{n}" for n in range(7)), "a"]
    assert chosen[8:] == ["b"]  # the fourth part of eight


def test_a_language_gets_no_more_than_it_lacks() -> None:
    nearest = {"de": [(0.8, n) for n in range(8)], "en": [(0.9, n) for n in range(10, 18)]}
    assert pool.best(nearest, 8) == [*range(10, 18), 0, 1]
    assert pool.best(nearest, 3) == [10, 11, 12]
