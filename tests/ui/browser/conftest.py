"""One browser, and one server with the real model, for all tests here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.trees import write
from tests.ui.browser.pages import ARTICLES, COPY, HOSTILE
from tests.ui.browsing import PATIENCE, ROOT, Server, launched, serving


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with launched() as running:
        yield running


@pytest.fixture(scope="package")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the model is converted once; that of the run, if it has one."""
    given = os.environ.get("RAG_CACHE")
    return Path(given) if given else tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """With an index of sample articles and of one, printed twice, that tries to take over."""
    folder = tmp_path_factory.mktemp("own")
    for name in ARTICLES:
        for path in (ROOT / "eval" / "articles").glob(f"*{name}*.md"):
            write(folder / "news" / path.name, path.read_text(encoding="utf-8"))
    write(folder / "news" / "leuchtturm.md", HOSTILE)
    write(folder / "news" / "küste.md", COPY)
    subprocess.run(
        [sys.executable, "-m", "rag.cli", "index", "news"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "RAG_CACHE": str(cache)},
        check=True,
        timeout=PATIENCE,
    )
    return folder


@pytest.fixture(scope="package")
def server(folder: Path, cache: Path) -> Iterator[Server]:
    with serving(folder, cache, script=("-m", "tests.ui.staged")) as running:
        yield running
