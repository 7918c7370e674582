"""The engines that run through the contract, and a process that writes; see `ENGINES`."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.store import Store
from rag.store.dense import Tuning
from rag.store.local import LocalStore
from rag.store.milvus import embedded
from rag.store.milvus.address import Address
from rag.store.milvus.store import MilvusStore
from rag.store.milvus.words import AVERAGE
from tests.store import faults
from tests.store.faults import Fault
from tests.store.oracle import Oracle
from tests.store.samples import SETTINGS


@dataclass(frozen=True)
class Engine:
    """How a store is made in an empty folder, and opened again; and what it has to agree with.

    `faults` are those that are seeded into it: the holder of a name, the name, and what takes its
    place. `share` of the examples of a property are tried on it.
    """

    create: Callable[[Path], Store]
    open: Callable[[Path], Store]
    faults: Mapping[str, Fault]
    oracle: Callable[[], Oracle] = Oracle
    share: float = 1.0


APPROXIMATE = Tuning(exact=4, recall=1.0, stale=0.5)  # a cache as large ones are, of few rows
MILVUS_SHARE = 0.3  # a commit takes longer there


def address_of(folder: Path) -> Address:
    """An index of its own for each folder, on the server that all tests share."""
    name = f"t{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    return Address(str(SERVED / "tests.db"), name)


SERVED = Path(tempfile.mkdtemp(prefix="rag-milvus-"))
atexit.register(shutil.rmtree, SERVED, ignore_errors=True)

ENGINES = {
    "local": Engine(lambda folder: LocalStore.create(folder, SETTINGS), LocalStore, faults.LOCAL),
    "approximate": Engine(
        lambda folder: LocalStore.create(folder, SETTINGS, APPROXIMATE),
        lambda folder: LocalStore(folder, APPROXIMATE),
        faults.LOCAL,
    ),
    "milvus": Engine(
        lambda folder: MilvusStore.create(address_of(folder), SETTINGS),
        lambda folder: MilvusStore(address_of(folder)),
        faults.MILVUS,
        lambda: Oracle(average=AVERAGE),
        MILVUS_SHARE,
    ),
}


@pytest.fixture(scope="session")
def served() -> Iterator[None]:
    """The server that all tests share runs, so that no test starts it again."""
    path = Path(address_of(Path()).uri)
    embedded.serve(path)
    yield
    embedded.release(path)


@pytest.fixture(params=ENGINES, scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "milvus":
        request.getfixturevalue("served")
    return ENGINES[request.param]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore.create(tmp_path / "index", SETTINGS)


@pytest.fixture
def milvus(served: None, tmp_path: Path) -> Iterator[MilvusStore]:
    """An empty index of the embedded engine."""
    store = MilvusStore.create(address_of(tmp_path), SETTINGS)
    yield store
    store.close()


@pytest.fixture
def alone(tmp_path: Path) -> MilvusStore:
    """One in a file of its own, which the test closes."""
    return MilvusStore.create(Address.parse(f"milvus:{tmp_path}/archive.db"), SETTINGS)


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
