"""Kills: a process that changes an index dies at any moment, by SIGKILL.

Half of the kills come at a named write point, each operation and point in turn; the others at any
time. A new index begins every ten kills.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from eval.trust.durable_driver import OF_PURGE, OPERATIONS, POINTS, SAID, work
from eval.trust.durable_state import Expected, said
from eval.trust.parts import Outcome, Part, Settings

COUNT = 1_000
AN_INDEX = 10  # kills
LONGEST = 0.4  # seconds until a kill at any time
AT = [(operation, point) for operation in OPERATIONS for point in POINTS] + [
    ("purge", point) for point in OF_PURGE
]


def kill(folder: Path, generator: random.Random, number: int) -> tuple[str, str]:
    """Run a driver in `folder` until it is dead; what it did and where it died."""
    named = number % 2 == 1
    operation, point = AT[number // 2 % len(AT)] if named else ("", "any time")
    times = generator.randint(1, 4) if named else 0
    process = forking().Process(
        target=work,
        args=(folder, generator.randrange(10**6), operation, point if named else "", times),
    )
    process.start()
    if not named:
        _await(process, folder)
        time.sleep(generator.uniform(0, LONGEST))
        process.kill()
    process.join()
    assert process.exitcode == -9, f"the driver ended by itself: {process.exitcode}"
    return operation, point


def forking() -> multiprocessing.context.ForkServerContext:
    """Children of a server that has imported all, so that a kill takes no second of imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["eval.trust.durable_driver", "rag.ingest.clean"])
    return context


def _await(process: BaseProcess, folder: Path) -> None:
    """Until the driver begins."""
    while process.is_alive() and not (folder / SAID).exists():
        time.sleep(0.005)


def _run(settings: Settings) -> Outcome:
    generator = random.Random(20261122)
    broken: list[str] = []
    named: dict[str, int] = {}
    answers = 0
    count = settings.count or COUNT
    expected, folder = Expected(), settings.scratch
    for number in range(count):
        if number % AN_INDEX == 0:
            shutil.rmtree(folder, ignore_errors=True)
            answers += expected.answers
            expected, folder = Expected(), settings.scratch / str(number)
            folder.mkdir(parents=True)
        (folder / SAID).unlink(missing_ok=True)
        operation, point = kill(folder, generator, number)
        named[point] = named.get(point, 0) + 1
        where = f"kill {number} ({operation} at {point})"
        broken += [f"{where}: {line}" for line in expected.check(folder, said(folder))]
        if number % 50 == 49:
            print(f"  {number + 1} kills, {len(broken)} broken", file=sys.stderr, flush=True)
    at_points = count - named.get("any time", 0)
    return Outcome(
        count,
        tuple(broken),
        f"{at_points:,} at a named write point, {answers + expected.answers:,} answers cited",
        {"kills": named},
    )


PART = Part(
    "kills",
    "a process killed at any moment loses nothing that it acknowledged",
    "kills",
    _run,
)
