"""The passages that fit a question, without an answer made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from rag.assistant import Assistant
from rag.config import Config
from rag.types import Filter, Hit


class Retriever:
    """For those who want the passages only, without an answer made of them."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    @classmethod
    def open(cls, index_dir: str | Path | None = None, *, config: Config | None = None) -> Self:
        return cls(Assistant.open(index_dir, config=config))

    def search(self, question: str, k: int = 10, filter: Filter | None = None) -> list[Hit]:
        """The best `k` passages with their documents and spans, best first."""
        return self._assistant.search(question, k, filter)

    def close(self) -> None:
        self._assistant.close()
