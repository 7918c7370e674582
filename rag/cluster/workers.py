"""A pool of Ray actors, each with a model of its own. What a lost one had, another does.

For each worker there is a thread of the caller, which starts it, hands it one call at a time and
waits. So no call is given to a worker that Ray has not placed yet, a node that is gone holds
nothing up, and one that comes later takes its share. Calls are functions of an `Indexer` that
change nothing, so one may be run twice.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, PriorityQueue
from threading import Lock, Thread
from typing import Any, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

from rag.config import Config
from rag.errors import IndexMismatch, RagError
from rag.indexing import Embedded, Indexer, Inputs
from rag.types import Vectors

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2  # calls of a kind for each worker that wait or are under way
AHEAD_BYTES = 64_000_000  # of files that were read ahead of their turn, unless one is larger
LOOK = 0.2  # seconds between two looks whether to end
LIVES = 3  # workers that one call may cost, and that may fail to start in a row
EMBED, MAKE, STOP = 1, 2, 0  # the smaller goes first: what can be committed soon

_log = logging.getLogger(__name__)


class Worker:
    """The actor: an indexer with its model."""

    def open(self, config: Config) -> dict[str, str]:
        """Load the model; what the vectors made here depend on, as this machine has it."""
        from rag.embed import open_embedder

        self._indexer = Indexer(open_embedder(config), config.chunk_tokens)
        return self._indexer.settings

    def call(self, make: Callable[[Indexer, Any], Any], item: Any) -> Any:
        return make(self._indexer, item)


@dataclass(order=True, slots=True)
class _Call:
    urgency: int
    number: int
    make: Callable[[Indexer, Any], Any] = field(compare=False)
    item: Any = field(compare=False)
    result: Future[Any] = field(compare=False, default_factory=Future)
    cost: int = field(compare=False, default=0)  # workers that died of it, perhaps


class Workers:
    """`Hands` of a cluster. Results come in the order of the items, whoever is done first."""

    def __init__(self, config: Config, settings: Mapping[str, str], count: int) -> None:
        self.ahead = AHEAD * count
        self._config = config
        self._settings = settings
        self._calls: PriorityQueue[_Call] = PriorityQueue()
        self._numbers = itertools.count()
        self._lock = Lock()  # of the failure
        self._failure: BaseException | None = None
        self._closed = False
        self._count = count
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Start the workers. What interrupts this leaves threads that `close` does not know."""
        for _ in range(self._count):
            thread = Thread(target=self._serve, daemon=True)
            thread.start()
            self._threads.append(thread)

    def map(
        self, make: Callable[[Indexer, T], R], items: Iterable[T], size: Callable[[T], int]
    ) -> Iterator[tuple[T, R]]:
        """Each item with what is made of it; some are made before they are asked for."""
        waiting: deque[tuple[T, Future[R]]] = deque()
        held = 0
        for item in items:
            waiting.append((item, self._submit(MAKE, _whole, (make, item))))
            held += size(item)
            while waiting and (len(waiting) > self.ahead or held > AHEAD_BYTES):
                first, made = waiting.popleft()
                yield first, made.result()
                held -= size(first)
        while waiting:
            first, made = waiting.popleft()
            yield first, made.result()

    def embed(self, inputs: Inputs) -> Future[Embedded]:
        done: Future[Embedded] = Future()
        if not inputs:
            done.set_result({})
            return done

        def name(rows: Future[Vectors]) -> None:
            if (error := rows.exception()) is not None:
                done.set_exception(error)
            else:
                done.set_result(dict(zip(inputs, rows.result(), strict=True)))

        self._submit(EMBED, _rows, inputs).add_done_callback(name)
        return done

    def close(self) -> None:
        """End the workers, whatever they are at; no thread is left that speaks to Ray."""
        self._closed = True
        self._stop()
        for thread in self._threads:
            thread.join()

    def _stop(self) -> None:
        for _ in self._threads:
            self._calls.put(_Call(STOP, next(self._numbers), _rows, {}))

    def _submit(self, urgency: int, make: Callable[[Indexer, Any], Any], item: Any) -> Future[Any]:
        call = _Call(urgency, next(self._numbers), make, item)
        self._put(call)
        return call.result

    def _put(self, call: _Call) -> None:
        with self._lock:
            if self._failure is None:
                self._calls.put(call)
            else:
                call.result.set_exception(self._failure)

    def _serve(self) -> None:
        """The thread of one worker, and of those that take its place."""
        failed = 0
        while not self._closed:
            worker = ray.remote(Worker).options(num_cpus=1, max_restarts=0).remote()
            try:
                self._check(self._wait(worker.open.remote(self._config)))
                failed = 0
                self._feed(worker)
            except _EndedError:
                return
            except RayTaskError as error:
                self._give_up(_cause(error))
            except RagError as error:
                self._give_up(error)
            except RayError as error:
                failed += 1
                if failed > LIVES:
                    reason = " ".join(str(error).split())[:300]
                    self._give_up(RagError(f"no worker of the cluster stays alive: {reason}"))
            finally:
                ray.kill(worker)

    def _wait(self, coming: Any) -> Any:
        """What Ray was asked for. Raises _EndedError when it is not wanted any more."""
        while not ray.wait([coming], timeout=LOOK)[0]:
            if self._closed:
                raise _EndedError
        return ray.get(coming)

    def _feed(self, worker: Any) -> None:
        """Give a worker one call after the other. Raises RayError when it is lost."""
        while (call := self._calls.get()).urgency != STOP:
            try:
                result = self._wait(worker.call.remote(call.make, call.item))
            except _EndedError as error:
                call.result.set_exception(self._failure or error)
                raise
            except RayTaskError as error:
                call.result.set_exception(_cause(error))
            except RayError as error:
                _log.warning("a worker was lost; another does its work")
                call.cost += 1
                if call.cost > LIVES:
                    call.result.set_exception(_deadly(call, error))
                else:
                    self._put(call)  # its number puts it before what came later
                raise
            else:
                call.result.set_result(result)

    def _check(self, settings: Mapping[str, str]) -> None:
        for name, value in self._settings.items():
            if settings.get(name) != value:
                raise IndexMismatch(
                    f"a worker has {name} {settings.get(name)!r}, here it is {value!r}; give all "
                    "nodes the same version and settings (RAG_MODEL, RAG_PRECISION)"
                )

    def _give_up(self, failure: BaseException) -> None:
        """Nothing can be done any more: who waits is told why."""
        with self._lock:
            self._failure, self._closed = failure, True
        with suppress(Empty):
            while call := self._calls.get_nowait():
                if call.urgency != STOP:
                    call.result.set_exception(failure)
        self._stop()


class _EndedError(RagError):
    """The workers were ended before the work was done."""


def _whole(indexer: Indexer, work: tuple[Callable[[Indexer, Any], Any], Any]) -> Any:
    """What is made, with nothing left to be made later (`Prepared.records`)."""
    make, item = work
    made = make(indexer, item)
    records = getattr(made, "records", None)
    return made if records is None else replace(made, records=tuple(records))


def _rows(indexer: Indexer, inputs: Inputs) -> Vectors:
    """(n, dim) vectors in the order of the inputs: one array travels faster than many."""
    import numpy as np

    return np.stack(list(indexer.embed(inputs).values()))


def _cause(error: RayTaskError) -> BaseException:
    """What a worker raised, as itself."""
    cause = error.cause
    return cause if isinstance(cause, RagError) else error


def _deadly(call: _Call, error: RayError) -> RagError:
    item = call.item
    what = str(item[1])[:200] if isinstance(item, tuple) else f"{len(item)} sentences"
    return RagError(
        f"{LIVES + 1} workers died of the same work ({type(error).__name__}): {what}; "
        "take it out, or give the nodes more memory"
    )
