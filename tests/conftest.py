"""What the tests of several rooms share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.types import Vectors
from tests.trees import BAHN, BANK, write

MEMORY = "/dev/shm"


def pytest_configure() -> None:
    """Keep scratch files in memory where that is possible: most of the time goes into fsync.

    No example has a deadline: the first to need a model waits for it.
    """
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")
    if os.access(MEMORY, os.W_OK):
        tempfile.tempdir = MEMORY


class CountingEmbedder(HashEmbedder):
    """Remembers what it was asked to embed."""

    def __init__(self, dim: int = 32) -> None:
        super().__init__(dim)
        self.embedded: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return super().embed_documents(texts)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def assistant(tmp_path: Path, embedder: CountingEmbedder) -> Assistant:
    """An assistant without an index yet, in a folder of its own."""
    return Assistant(tmp_path / "index", Config(), embedder)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder with one German and one English article."""
    write(tmp_path / "news" / "bahn.txt", BAHN)
    return write(tmp_path / "news" / "bank.txt", BANK).parent


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from tests.ui.browsing import launched

    with launched() as running:
        yield running
