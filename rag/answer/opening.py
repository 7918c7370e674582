"""The reader that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from rag.answer import Reader
from rag.answer.extractive import ExtractiveReader
from rag.config import Config
from rag.types import Vectors

COMPARABLE = "multilingual-e5-small"  # the checks know how near its vectors of one meaning are


class Model(Protocol):
    """As much of an embedder as compares meanings."""

    @property
    def name(self) -> str: ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors: ...


def open_reader(config: Config, embedder: Callable[[], Model]) -> Reader:
    """The extractive reader; where a language model is set, one that lets it write.

    Raises ConfigError where the extra is not installed.
    """
    quotes = ExtractiveReader()
    if not config.llm_model:
        return quotes
    from rag.answer.llm import LlmClient, LlmReader

    client = LlmClient(
        config.llm_base_url,
        config.llm_model,
        config.llm_api_key,
        config.llm_timeout,
        config.llm_context_tokens,
    )
    model = embedder()
    comparable = model.name.endswith(COMPARABLE)
    return LlmReader(client, quotes, model.embed_documents if comparable else None)
