"""A writer of the embedded engine that is killed leaves a whole generation, and no lock."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from rag.store import Delta
from rag.store.milvus.address import Address
from rag.store.milvus.embedded import CLOSED
from rag.store.milvus.store import MilvusStore
from rag.store.milvus.words import AVERAGE
from rag.types import Filter
from tests.store.oracle import Oracle
from tests.store.samples import SETTINGS, adding, sample, unit


def change(turn: int) -> Delta:
    """What the `turn`th commit does, counted from 1."""
    return adding(sample(turn), sample(turn // 2, turn), remove=(f"articles/{turn - 3}.md",))


def write(path: str) -> None:
    """Commit without end, and say so each time."""
    store = MilvusStore.create(Address.parse(f"milvus:{path}"), SETTINGS)
    with store.writer() as at_work:
        for turn in range(1, 1_000):
            at_work.apply(change(turn))
            at_work.publish()
            print(turn, flush=True)


def test_a_killed_writer_leaves_what_it_committed(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.test_milvus_kill", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 3:
            pass
        time.sleep(0.1)  # in the middle of the next
        process.send_signal(signal.SIGKILL)
        said = [3, *map(int, process.stdout)][-1]
    store, oracle = MilvusStore(Address.parse(f"milvus:{path}")), Oracle(AVERAGE)
    with store.snapshot() as snapshot:
        assert snapshot.generation in (said, said + 1)
        for turn in range(1, snapshot.generation + 1):
            oracle.apply(change(turn))
        oracle.check(snapshot, unit("q"), {"de": ["w1"], "en": ["w2"]}, Filter(), 10)
    assert list(store.verify()) == []
    with store.writer() as at_work:  # at once: the holder of the lock is dead
        assert at_work.apply(change(50)) == snapshot.generation + 1
    oracle.apply(change(50))
    with store.snapshot() as snapshot:
        oracle.check(snapshot, unit("q"), {"de": ["w1"], "en": ["w2"]}, Filter(), 10)
    assert list(store.verify()) == []
    store.close()


def test_a_file_that_a_kill_has_cut_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    address = Address.parse(f"milvus:{path}")
    store, oracle = MilvusStore.create(address, SETTINGS), Oracle(AVERAGE)
    with store.writer() as at_work:
        for turn in (1, 2):
            at_work.apply(change(turn))
            oracle.apply(change(turn))
        at_work.publish()
    store.close()
    files = sorted(path.glob("**/indexes/*"))
    assert files
    before = [file.stat().st_mtime_ns for file in files]
    MilvusStore(address).close()
    assert [file.stat().st_mtime_ns for file in files] == before
    (path / CLOSED).unlink()
    for file in files:
        file.write_bytes(b"")
    store = MilvusStore(address)
    with store.snapshot() as snapshot:
        oracle.check(snapshot, unit("q"), {"de": ["w1"], "en": ["w2"]}, Filter(), 10)
    assert list(store.verify()) == []
    store.close()


if __name__ == "__main__":
    write(sys.argv[1])
