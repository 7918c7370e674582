"""Batches on their way through the model into the store."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.indexing import Indexer
from rag.pipeline import Pipeline
from rag.store import Delta, Record
from rag.store.local import LocalStore
from rag.types import Document, Filter, Vectors
from tests.conftest import CountingEmbedder


class Slow(CountingEmbedder):
    """Reads nothing until it is let go; fails at a text with `Fehler`."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.go.set()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.go.wait()
        if any("Fehler" in text for text in texts):
            raise ModelError("no")
        return super().embed_documents(texts)


@pytest.fixture
def model() -> Slow:
    return Slow()


@pytest.fixture
def indexer(model: Slow) -> Indexer:
    return Indexer(model, 200)


@pytest.fixture
def store(tmp_path: Path, indexer: Indexer) -> LocalStore:
    return LocalStore.create(tmp_path / "index", indexer.settings)


def article(indexer: Indexer, name: str, text: str = "") -> tuple[list[Record], Delta]:
    text = text or f"Hier steht, was {name} sagt."
    record = indexer.record((Document(name, text, name, None, None, "de"), (), "r", name))
    return [record], Delta(upsert=[record])


def there(store: LocalStore) -> list[str]:
    with store.snapshot() as snapshot:
        return [info.doc_id for info in snapshot.documents(Filter())]


def test_the_next_batch_is_made_while_the_model_reads_and_all_are_committed_in_order(
    store: LocalStore, indexer: Indexer, model: Slow
) -> None:
    with store.writer() as writer, Pipeline(writer, indexer) as pipeline:
        model.go.clear()
        pipeline.submit(*article(indexer, "a"))  # comes back although nothing was read yet
        assert there(store) == []
        model.go.set()
        pipeline.submit(*article(indexer, "b"))
        assert there(store) == ["a"]
        pipeline.submit(*article(indexer, "c"))
        assert there(store) == ["a", "b"]
        pipeline.drain()
        assert there(store) == ["a", "b", "c"]
        pipeline.drain()


def test_the_first_batches_are_small_and_none_exceeds_what_a_kill_may_cost(
    store: LocalStore, indexer: Indexer
) -> None:
    with store.writer() as writer, Pipeline(writer, indexer) as pipeline:
        rooms = []
        for number in range(6):
            rooms.append(pipeline.room)
            pipeline.submit(*article(indexer, str(number)))
    assert rooms == [100, 200, 400, 800, 1000, 1000]


def test_what_the_batch_ahead_reads_is_not_read_twice(
    store: LocalStore, indexer: Indexer, model: Slow
) -> None:
    with store.writer() as writer, Pipeline(writer, indexer) as pipeline:
        for _ in range(3):
            pipeline.submit(*article(indexer, "a"))
        pipeline.submit(*article(indexer, "b"), anew=True)
        pipeline.drain()
    assert len(model.embedded) == len(set(model.embedded))


def test_a_batch_that_the_model_cannot_read_is_not_committed_and_none_after_it(
    store: LocalStore, indexer: Indexer
) -> None:
    def run() -> None:
        with store.writer() as writer, Pipeline(writer, indexer) as pipeline:
            pipeline.submit(*article(indexer, "a"))
            pipeline.submit(*article(indexer, "b", "Ein Fehler steht hier."))
            pipeline.submit(*article(indexer, "c"))
            pipeline.drain()

    with pytest.raises(ModelError):
        run()
    assert there(store) == ["a"]


def test_an_interruption_leaves_what_was_committed_and_waits_for_the_model(
    store: LocalStore, indexer: Indexer, model: Slow
) -> None:
    def run() -> None:
        with store.writer() as writer, Pipeline(writer, indexer) as pipeline:
            pipeline.submit(*article(indexer, "a"))
            pipeline.submit(*article(indexer, "b"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert there(store) == ["a"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("embed")]
    with store.writer() as writer, Pipeline(writer, indexer) as pipeline:
        pipeline.submit(*article(indexer, "b"))
        pipeline.drain()
    assert there(store) == ["a", "b"]
