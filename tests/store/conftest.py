"""The engines that run through the contract, and a process that writes; see `ENGINES`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.store import Store
from rag.store.dense import Tuning
from rag.store.local import LocalStore
from tests.store.samples import SETTINGS


@dataclass(frozen=True)
class Engine:
    """How a store is made in an empty folder, and opened again."""

    create: Callable[[Path], Store]
    open: Callable[[Path], Store]


APPROXIMATE = Tuning(exact=4, recall=1.0, stale=0.5)  # a cache as large ones are, of few rows

ENGINES = {
    "local": Engine(lambda folder: LocalStore.create(folder, SETTINGS), LocalStore),
    "approximate": Engine(
        lambda folder: LocalStore.create(folder, SETTINGS, APPROXIMATE),
        lambda folder: LocalStore(folder, APPROXIMATE),
    ),
}


@pytest.fixture(params=ENGINES, scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore.create(tmp_path / "index", SETTINGS)


HOLD = """
import sys
from pathlib import Path
from rag.store.lock import write_lock
with write_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """One that holds the write lock of an index until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()
