"""Calls from several threads, run as one: a batch of questions costs little more than one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Items that come while a run is under way go into the next one, all at once.

    `run` gives one result for each item, in their order; what it raises, each caller of that run
    gets. It is never called by two threads at a time.
    """

    def __init__(self, run: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._run = run
        self._waiting: list[tuple[T, Future[R]]] = []
        self._adding = Lock()
        self._running = Lock()

    def __call__(self, item: T) -> R:
        mine: Future[R] = Future()
        with self._adding:
            self._waiting.append((item, mine))
        with self._running:
            if not mine.done():  # else the run before this turn had it
                self._serve()
        return mine.result()

    def _serve(self) -> None:
        with self._adding:
            batch, self._waiting = self._waiting, []
        try:
            results = self._run([item for item, _ in batch])
        except BaseException as error:
            for _, future in batch:
                future.set_exception(error)
            raise
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
