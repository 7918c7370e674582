"""What the parts of the measurement share: settings, rows of the table, children, times."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from eval.datasets import TRAINING, DatasetError
from eval.measures import percentile

ROOT = Path(__file__).parents[2]
Figures = Mapping[str, Any]  # what one part found, as it stands in the JSON


@dataclass(frozen=True, slots=True)
class Settings:
    """What is measured with. `scratch` keeps large indexes from one run to the next."""

    corpus: Path  # articles that are indexed, here and by the peers
    scratch: Path
    peers: Path | None = None  # Python of the peers' environment
    rounds: int = 3  # of which the median counts
    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)  # sentences
    documents: int = 10_000  # that are synced again
    questions: int = 2_000  # distinct ones, for 16 clients; the tenth part for one
    clients: int = 16
    larger: tuple[Path, ...] = tuple(sorted(TRAINING.glob("*/articles")))  # a second corpus


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `met` is None where nothing was to be reached."""

    measure: str
    value: str
    beside: str = ""  # a peer or a limit, from the same run
    reach: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement, which takes minutes and can be run by itself."""

    name: str
    measure: Callable[[Settings], Figures]
    rows: Callable[[Figures], Sequence[Row]]


def child(command: Sequence[str | Path], python: str | Path = sys.executable) -> Any:
    """The JSON that `python -m command` prints. Raises DatasetError where it fails."""
    words = [str(python), "-m", *map(str, command)]
    try:
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    except OSError as error:
        raise DatasetError(f"{python}: {error.strerror}; see eval/peers/README.md") from None
    if done.returncode:
        raise DatasetError(f"{' '.join(words)}: ended with exit code {done.returncode}; see above")
    return json.loads(done.stdout.splitlines()[-1])


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def times(ask: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Seconds that each question took, one after another."""
    return [seconds(partial(ask, question)) for question in questions]


def latency(taken: Sequence[float]) -> dict[str, float]:
    """p50 and p95 of times in seconds, in milliseconds."""
    return {"p50_ms": 1000 * percentile(taken, 50), "p95_ms": 1000 * percentile(taken, 95)}


def peak_bytes(process: int | str = "self") -> int:
    """The most memory that a process had resident (Linux), or 0 where that is not known."""
    path = Path(f"/proc/{process}/status")
    if not path.exists():
        return 0
    lines = (line.split() for line in path.read_text().splitlines())
    return next((1024 * int(line[1]) for line in lines if line[0] == "VmHWM:"), 0)


def most_ms(found: Figures, p50: float, p95: float) -> bool:
    return bool(found["p50_ms"] <= p50 and found["p95_ms"] <= p95)


def shown_ms(found: Figures) -> str:
    return f"{found['p50_ms']:.0f} / {found['p95_ms']:.0f} ms"
