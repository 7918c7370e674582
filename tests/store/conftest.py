"""The engines that run through the contract; another one is added to `ENGINES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.store import Store
from rag.store.local import LocalStore
from tests.store.samples import SETTINGS


@dataclass(frozen=True)
class Engine:
    """How a store is made in an empty folder, and opened again."""

    create: Callable[[Path], Store]
    open: Callable[[Path], Store]


ENGINES = {"local": Engine(lambda folder: LocalStore.create(folder, SETTINGS), LocalStore)}


@pytest.fixture(params=ENGINES, scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore.create(tmp_path / "index", SETTINGS)
