"""One writer at a time, over all processes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import IndexLocked
from rag.store.local import LocalStore
from tests.store.conftest import another_process
from tests.store.samples import SETTINGS, adding, sample


@pytest.fixture
def holder(store: LocalStore) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes to the index."""
    with another_process(store.folder) as process:
        yield process


def test_a_second_writer_learns_who_writes(
    store: LocalStore, holder: subprocess.Popen[str]
) -> None:
    message = rf"process {holder.pid} is writing.*again"
    with pytest.raises(IndexLocked, match=message), store.writer():
        pass
    with store.snapshot() as snapshot:  # reading goes on
        assert snapshot.generation == 0


def test_the_lock_of_a_killed_process_is_free(
    store: LocalStore, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    with store.writer() as writer:
        assert writer.apply(adding(sample(0))) == 1


def test_two_threads_of_one_process_do_not_write_at_once(store: LocalStore) -> None:
    with store.writer(), pytest.raises(IndexLocked), store.writer():
        pass
    with store.writer():
        pass


def test_an_index_that_another_process_is_making_is_not_made_twice(tmp_path: Path) -> None:
    from rag.store.lock import write_lock

    with write_lock(tmp_path), pytest.raises(IndexLocked):
        LocalStore.create(tmp_path, SETTINGS)
