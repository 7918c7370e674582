"""What was acknowledged survives a kill and a loss of power (`python -m eval trust` has more)."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import pytest

from eval.trust import durable_driver, durable_kills, durable_power, durable_readers
from eval.trust.durable_disk_model import Node, Recording
from eval.trust.durable_state import Expected, said
from eval.trust.parts import Settings
from rag.store import writer

strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there")


def test_a_process_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    outcome = durable_kills.PART.run(Settings(tmp_path, count=20))
    assert outcome.broken == ()
    assert outcome.figures["kills"].keys() >= {"any time", "before commit"}


def test_kills_come_at_every_named_write_point() -> None:
    named = {
        constant
        for constant in writer.LocalWriter.__dict__.values()
        if hasattr(constant, "__code__")
        for constant in constant.__code__.co_consts
        if isinstance(constant, str) and constant in POINTS
    }
    assert named | {"vectors renamed", "lexical renamed"} == POINTS


POINTS = {*durable_driver.POINTS, *durable_driver.OF_PURGE}


@strace
def test_a_loss_of_power_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    for at, wrong in durable_power.losses(tmp_path, seed=3, count=16, rounds=4):
        assert wrong == [], at


@strace
def test_the_recorded_calls_make_the_files_that_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    recording = durable_power.record(folder, seed=5, rounds=2)
    _same(recording.root, folder)
    assert not list(Expected().check(folder, said(folder)))


@strace
def test_what_is_copied_through_a_link_is_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    script = (
        "import os, shutil; open('a', 'w').write('x' * 900); os.symlink(os.path.abspath('a'), 'b');"
        "shutil.copyfile('b', 'c'); os.unlink('b')"
    )
    inside = [sys.executable, "-c", f"import os; os.chdir({str(folder)!r}); {script}"]
    _same(durable_power.traced(inside, folder).root, folder)


def _same(node: Node, path: Path) -> None:
    assert node.entries is not None
    assert node.entries.keys() == {entry.name for entry in path.iterdir()}
    for name, inside in node.entries.items():
        if inside.entries is not None:
            _same(inside, path / name)
        elif not name.endswith("-shm"):  # written through memory
            assert bytes(inside.data) == (path / name).read_bytes()


def test_the_disk_forgets_what_was_not_flushed(tmp_path: Path) -> None:
    file, folder = Node(), Node({})
    folder.change(1, ("a", file))
    file.write(2, 0, b"x" * 1024)
    file.flushes.append(3)
    file.write(4, 1024, b"y" * 1024)
    recording = Recording.__new__(Recording)
    recording.root = folder
    recording.crashed(5, tmp_path / "1", None)
    assert list((tmp_path / "1").iterdir()) == []  # its name was not flushed
    folder.flushes.append(5)
    recording.crashed(5, tmp_path / "2", None)
    assert (tmp_path / "2" / "a").read_bytes() == b"x" * 1024
    sizes = set()
    for number in range(40):
        recording.crashed(5, tmp_path / f"3-{number}", random.Random(number))
        data = (tmp_path / f"3-{number}" / "a").read_bytes()
        assert data[:1024] == b"x" * 1024
        sizes.add((len(data), data[1024:1536].count(b"y")))
    assert sizes == {(1024, 0), (1536, 512), (2048, 0), (2048, 512)}


def test_readers_see_one_generation_during_syncs(tmp_path: Path) -> None:
    outcome = durable_readers.PART.run(Settings(tmp_path, count=16, minutes=0.08))
    assert outcome.broken == ()
    assert outcome.tried > 0
    assert outcome.figures["generations"] > 1
