"""Calls from several threads as one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.together import Together


class Held:
    """Doubles numbers; the first run waits until it is let go."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.runs.append(list(items))
        self.begun.set()
        self.go.wait()
        if -1 in items:
            raise ValueError("negative")
        return [2 * item for item in items]


def crowd(items: Sequence[int]) -> tuple[Held, list[object]]:
    """What each of the later items got after all of them came during the first run."""
    run = Held()
    together = Together(run)
    came = threading.Semaphore(0)

    def call(item: int) -> object:
        came.release()
        try:
            return together(item)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(len(items) + 1) as pool:
        first = pool.submit(together, 100)
        run.begun.wait()
        later = [pool.submit(call, item) for item in items]
        for _ in items:
            came.acquire()
        while len(together._waiting) < len(items):
            pass
        run.go.set()
        assert first.result() == 200
        return run, [future.result() for future in later]


def test_all_that_wait_are_one_run_and_each_gets_its_own_result() -> None:
    run, results = crowd(range(8))
    assert results == [2 * item for item in range(8)]
    assert [sorted(items) for items in run.runs] == [[100], list(range(8))]


def test_an_error_reaches_every_caller_of_its_run_and_no_later_one() -> None:
    run, results = crowd([1, -1, 2])
    assert results == ["negative"] * 3
    assert Together(run)(5) == 10


def test_a_call_by_itself_is_run_at_once() -> None:
    run = Held()
    run.go.set()
    together = Together(run)
    assert [together(1), together(2)] == [2, 4]
    with pytest.raises(ValueError, match="negative"):
        together(-1)
    assert together(3) == 6
    assert run.runs == [[1], [2], [-1], [3]]
