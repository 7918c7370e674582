"""Loss of power: what was not flushed is lost or torn, at any moment of a recorded run.

strace records every call by which a process changes an index; `durable_disk_model` then leaves what
a disk might hold at any of these moments. Each such index is opened and checked like one after a
kill: what was acknowledged until then must be in it.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.datasets import DatasetError
from eval.trust.durable_disk_model import TRACED, Recording
from eval.trust.durable_driver import SAID
from eval.trust.durable_state import Expected, said
from eval.trust.parts import ROOT, Outcome, Part, Settings

COUNT = 1_000
A_RUN = 50  # moments that one recorded run gives
ROUNDS = 8  # operations of a run


def record(folder: Path, seed: int, rounds: int) -> Recording:
    """Run a driver in `folder`, which must be there and empty. Raises DatasetError."""
    driver = [sys.executable, "-m", "eval.trust.durable_driver"]
    return traced([*driver, str(folder), str(seed), str(rounds)], folder)


def traced(command: Sequence[str], folder: Path) -> Recording:
    """What a command does in `folder`, likewise."""
    trace = folder.with_suffix(".trace")
    options = ["-f", "-qq", "-y", "-xx", "-s", "100000000", "--seccomp-bpf", "-e", TRACED]
    try:
        done = subprocess.run(
            ["strace", *options, "-o", trace, *command], cwd=ROOT, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise DatasetError("strace is not there; apt-get install strace") from None
    if done.returncode:
        raise DatasetError(f"the recorded run failed: {done.stderr.decode()[-300:]}")
    recording = Recording(trace, folder)
    trace.unlink()
    return recording


def losses(
    scratch: Path, seed: int, count: int, rounds: int = ROUNDS
) -> Iterator[tuple[int, list[str]]]:
    """The moment of each loss of power, and what was broken after it."""
    folder = scratch / f"run-{seed}"
    folder.mkdir()
    recording = record(folder, seed, rounds)
    generator = random.Random(seed)
    for number in range(count):
        at = generator.randint(1, recording.time)
        left = scratch / f"left-{seed}-{number}"
        chance = random.Random(generator.random()) if number % 4 else None
        recording.crashed(at, left, chance)
        # What was said counts, whether or not it was flushed.
        shutil.copyfile(folder / SAID, left / SAID)
        lines = said(left, recording.written(SAID, at))
        yield at, list(Expected().check(left, lines))
        shutil.rmtree(left)
    shutil.rmtree(folder)


def _run(settings: Settings) -> Outcome:
    count = settings.count or COUNT
    broken: list[str] = []
    for run, first in enumerate(range(0, count, A_RUN)):
        for at, wrong in losses(settings.scratch, run, min(A_RUN, count - first)):
            broken += [f"run {run} at call {at}: {line}" for line in wrong]
        print(f"  {first + A_RUN} losses, {len(broken)} broken", file=sys.stderr, flush=True)
    return Outcome(count, tuple(broken), f"of {-(-count // A_RUN)} recorded runs")


PART = Part(
    "power",
    "a loss of power, with unflushed writes lost or torn, loses nothing acknowledged",
    "losses",
    _run,
)
