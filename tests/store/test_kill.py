"""A process that is killed at any moment loses nothing that it has acknowledged.

20 kills by default; TEST_KILLS=200 for a long run.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from eval.trust.durable_driver import POINTS
from eval.trust.durable_kills import forking
from tests.store.driver import main, open_assistant
from tests.trees import contents

KILLS = int(os.environ.get("TEST_KILLS", "20"))


def kill_one(folder: Path, generator: random.Random, point: str | None) -> list[list[object]]:
    """Run a driver until it dies at `point`, or at any time; return what it had said."""
    last = [point, generator.randint(1, 6)] if point else []
    ours, theirs = forking().Pipe(duplex=False)
    arguments = (folder, generator.randint(0, 10**6), theirs, *last)
    process = forking().Process(target=main, args=arguments)
    process.start()
    theirs.close()
    said = [ours.recv_bytes()]
    if point is None:
        time.sleep(generator.uniform(0, 0.3))
        process.kill()
    with suppress(EOFError, OSError):  # the last may be said in part
        while True:
            said.append(ours.recv_bytes())
    process.join()
    assert process.exitcode == -9
    return [json.loads(line) for line in said]


def outcomes(before: dict[str, str], said: list[list[object]]) -> list[dict[str, str]]:
    """What the index may hold: all acknowledged commits, and perhaps the one under way."""
    state, under_way = dict(before), dict(before)
    for line in said:
        if line[0] == "apply":
            assert isinstance(line[1], dict)
            changed = {**state, **line[1]}
            under_way = {name: text for name, text in changed.items() if text is not None}
        elif line[0] == "done":
            state = under_way
    return [state, under_way]


def test_nothing_acknowledged_is_lost_whenever_a_process_is_killed(tmp_path: Path) -> None:
    generator = random.Random(20260201)
    folder, held = tmp_path / "0", dict[str, str]()
    for number in range(KILLS):
        if number % 10 == 0:
            folder, held = tmp_path / str(number), {}
        point = POINTS[number // 2 % len(POINTS)] if number % 2 else None
        allowed = outcomes(held, kill_one(folder, generator, point))
        if not (folder / "index" / "catalog.sqlite").exists():
            assert allowed[0] == {}
            continue
        with open_assistant(folder) as assistant:
            assert assistant.verify() == [], point
            held = {name: d.text for name, d in contents(assistant)[0].items()}
            assert held in allowed, point
            if generator.random() < 0.5:
                assistant.sync([folder / "articles"], prune=True)
                assert assistant.verify() == [], point
                check_against_new(folder)
                held = {name: d.text for name, d in contents(assistant)[0].items()}


def check_against_new(folder: Path) -> None:
    """An index that was killed again and again holds what one made at once would hold."""
    with open_assistant(folder) as kept:
        documents, chunks = contents(kept)
    with tempfile.TemporaryDirectory() as scratch, open_assistant(Path(scratch)) as new:
        new.sync([folder / "articles"])
        new_documents, new_chunks = contents(new)
    assert documents == new_documents
    assert {name: c.chunk for name, c in chunks.items()} == {
        name: c.chunk for name, c in new_chunks.items()
    }
    for name, candidate in chunks.items():
        np.testing.assert_array_equal(candidate.vectors, new_chunks[name].vectors)
