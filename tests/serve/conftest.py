"""One small index behind the application, and how to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rag.answer.model import ANSWERED
from rag.assistant import Assistant
from rag.config import Config
from rag.serve.app import build_app

HERE = "http://127.0.0.1"


@pytest.fixture(autouse=True)
def _anything_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the double's vectors say of an answer means nothing."""
    monkeypatch.setitem(ANSWERED, "search", 0.0)


@pytest.fixture
def filled(assistant: Assistant, news: Path) -> Assistant:
    """An assistant whose index has `news/bahn.txt` and `news/bank.txt`."""
    assistant.sync(news)
    return assistant


@pytest.fixture
def client(filled: Assistant) -> Iterator[TestClient]:
    """Of an application without a token."""
    app = build_app(filled, Config())
    with TestClient(app, HERE, raise_server_exceptions=False) as client:
        yield client
