"""Batches of records: embedded by some hands, committed in their order by the caller."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Protocol, Self, TypeVar

from rag.indexing import Embedded, Indexer, Inputs
from rag.store import Delta, Record, Writer

BATCH_SENTENCES = 1000  # committed at once: what a kill can cost
FIRST_SENTENCES = 100  # committed first; then twice as many each time: the model has work soon

Progress = Callable[[int, int], None]  # how many are done, how many there are
T = TypeVar("T")
R = TypeVar("R")


class Tally:
    """Counts documents for `progress`; a file that was not read yet is taken for one."""

    def __init__(self, files: int, progress: Progress) -> None:
        self._done, self._total = 0, files
        self._progress = progress

    def expect(self, documents: int) -> None:
        """A file turned out to hold so many."""
        self._total += max(0, documents - 1)

    def step(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


class Hands(Protocol):
    """Who does the work that needs the model: this process (`Here`), or many."""

    @property
    def ahead(self) -> int:
        """Batches that may be under way beside the one that is being made."""

    def map(
        self, make: Callable[[Indexer, T], R], items: Iterable[T], size: Callable[[T], int]
    ) -> Iterator[tuple[T, R]]:
        """Each item with what is made of it, in their order; `size` is about its bytes."""

    def embed(self, inputs: Inputs) -> Future[Embedded]:
        """`Indexer.embed`, while the caller goes on."""

    def close(self) -> None:
        """Begin nothing more, and wait for what was begun or end it."""


class Here:
    """The caller makes the items, one by one, and another thread embeds."""

    ahead = 1

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer
        self._model = ThreadPoolExecutor(1, "embed")

    def map(
        self, make: Callable[[Indexer, T], R], items: Iterable[T], _: Callable[[T], int]
    ) -> Iterator[tuple[T, R]]:
        return ((item, make(self._indexer, item)) for item in items)

    def embed(self, inputs: Inputs) -> Future[Embedded]:
        return self._model.submit(self._indexer.embed, inputs)

    def close(self) -> None:
        self._model.shutdown(cancel_futures=True)


class Pipeline:
    """Commits batches in their order; the model reads some while the caller makes the next.

    It holds one batch more than its hands may have under way. What was not drained when the block
    ends is not committed. Hands that were given stay open.
    """

    def __init__(self, writer: Writer, indexer: Indexer, hands: Hands | None = None) -> None:
        self._writer = writer
        self._indexer = indexer
        self.hands: Hands = hands or Here(indexer)
        self._lent = hands is not None
        self._ahead: deque[tuple[Delta, Inputs, Future[Embedded]]] = deque()
        self.room = min(FIRST_SENTENCES, BATCH_SENTENCES)  # sentences that fill the next batch
        self._coming: set[bytes] = set()  # keys of what is under way

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._lent:
            self.hands.close()

    def submit(self, records: Sequence[Record], delta: Delta, *, anew: bool = False) -> None:
        """Embed what `records` lack, or all with `anew`, and commit what is ahead of its time."""
        inputs = self._indexer.inputs(records)
        wanted = inputs.keys() if anew else self._writer.missing(list(inputs))
        wanted -= self._coming
        inputs = {key: inputs[key] for key in inputs if key in wanted}
        self._ahead.append((delta, inputs, self.hands.embed(inputs)))
        self._coming |= wanted
        self.room = min(2 * self.room, BATCH_SENTENCES)
        while len(self._ahead) > self.hands.ahead:
            self._commit()

    def drain(self) -> None:
        """Commit all that was submitted."""
        while self._ahead:
            self._commit()

    def _commit(self) -> None:
        delta, inputs, job = self._ahead.popleft()
        self._writer.apply(replace(delta, vectors=job.result()))
        self._coming.difference_update(inputs)


def rebuild(
    writer: Writer,
    indexer: Indexer,
    hands: Hands | None,
    *,
    embed_anew: bool,
    progress: Progress,
) -> None:
    """Cut, analyse and embed every stored document again, without reading a file.

    The vectors come first, in steps; then all documents change in one transaction, so that a
    reader sees the old index or the new one.
    """
    total = sum(1 for _ in writer.stored())
    batch: list[Record] = []
    with Pipeline(writer, indexer, hands) as pipeline:
        for done, record in enumerate(_records(writer, pipeline.hands), 1):
            batch.append(record)
            if done == total or count_sentences(batch) >= pipeline.room:
                pipeline.submit(batch, Delta(), anew=embed_anew)
                batch = []
                progress(done, total)
        pipeline.drain()
        writer.apply(Delta(upsert=_records(writer, pipeline.hands), settings=indexer.settings))


def _records(writer: Writer, hands: Hands) -> Iterator[Record]:
    made = hands.map(Indexer.record, writer.stored(), lambda source: len(source[0].text))
    return (record for _, record in made)


def count_sentences(records: Sequence[Record]) -> int:
    return sum(len(keys) for record in records for keys in record.keys)
