"""A writer or an engine that is killed leaves a whole generation, and no lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rag.store import Delta
from rag.store.milvus import undo
from rag.store.milvus.address import Address
from rag.store.milvus.store import MilvusStore
from rag.store.milvus.tables import CHUNKS, COUNTS, STATE
from rag.store.milvus.words import AVERAGE
from rag.types import Filter
from tests.store.oracle import Oracle
from tests.store.samples import SETTINGS, adding, sample, unit


def change(turn: int) -> Delta:
    """What the `turn`th commit does, counted from 1."""
    return adding(sample(turn), sample(turn // 2, turn), remove=(f"articles/{turn - 3}.md",))


def write(path: str, done: str) -> None:
    """Commit without end, and say so each time."""
    store = MilvusStore.create(Address.parse(f"milvus:{path}"), SETTINGS)
    with store.writer() as at_work:
        for turn in range(int(done) + 1, 1_000):
            at_work.apply(change(turn))
            at_work.publish()
            print(turn, flush=True)


@pytest.mark.parametrize("victim", ["writer", "engine"])
def test_what_is_killed_leaves_what_was_committed(
    tmp_path: Path, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, oracle, done = tmp_path / "archive.db", Oracle(AVERAGE), 0
    scratch = Path(tempfile.mkdtemp())
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)  # it is asked for again
    for moment in (0.1, 0.03, 0.06) if victim == "engine" else (0.1,):
        said = done + _written_until_killed(path, done, victim, moment)
        store = MilvusStore(Address.parse(f"milvus:{path}"))
        with store.snapshot() as snapshot:
            assert snapshot.generation in (said, said + 1)
            for turn in range(done + 1, snapshot.generation + 1):
                oracle.apply(change(turn))
            oracle.check(snapshot, unit("q"), {"de": ["w1"], "en": ["w2"]}, Filter(), 10)
            done = snapshot.generation
        assert list(store.verify()) == []
        with store.writer() as at_work:  # at once: the holder of the lock is dead
            assert at_work.apply(change(done + 1)) == done + 1
        done += 1
        oracle.apply(change(done))
        with store.snapshot() as snapshot:
            oracle.check(snapshot, unit("q"), {"de": ["w1"], "en": ["w2"]}, Filter(), 10)
        assert list(store.verify()) == []
        store.close()
    assert not list(path.glob(f"{undo.NAME}*"))
    assert not list(scratch.glob("rag-milvus-*"))


def _written_until_killed(path: Path, done: int, victim: str, moment: float) -> int:
    """How many commits were told of, before the kill in the middle of another."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.test_milvus_kill", str(path), str(done)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        for said in range(3):
            assert process.stdout.readline() == f"{done + said + 1}\n"
        time.sleep(moment)
        os.kill(process.pid if victim == "writer" else _child(process.pid), signal.SIGKILL)
        return 3 + len(list(process.stdout))


def _child(process: int) -> int:
    (child,) = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(child)


def test_what_was_being_replaced_is_put_back(tmp_path: Path) -> None:
    address = Address.parse(f"milvus:{tmp_path}/archive.db")
    store, oracle = MilvusStore.create(address, SETTINGS), Oracle(AVERAGE)
    with store.writer() as at_work:
        at_work.apply(change(1))
    oracle.apply(change(1))
    engine = store._engine
    for table in (STATE, CHUNKS, COUNTS):
        row = next(engine.walk(table, 'id != ""', ["*"]))
        undo.note(Path(address.uri), table, [row])
        engine.delete(table, f'id in ["{row["id"]}"]')
    store.close()
    again = MilvusStore(address)
    with again.snapshot() as snapshot:
        oracle.check(snapshot, unit("q"), {"de": ["w1"], "en": ["w2"]}, Filter(), 10)
    assert list(again.verify()) == []
    again.close()


if __name__ == "__main__":
    write(*sys.argv[1:])


if __name__ == "__main__":
    write(*sys.argv[1:])
