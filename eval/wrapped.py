"""An embedder in front of another: what it does not do itself, that one does."""

from __future__ import annotations

from collections.abc import Sequence

from rag.embed import Embedder
from rag.types import Vectors


class Wrapped:
    """All as the embedder behind it has it; subclasses differ in what they say."""

    def __init__(self, embedder: Embedder) -> None:
        self.behind = embedder
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dim, self.max_tokens = embedder.dim, embedder.max_tokens
        self.precision, self.adapted = embedder.precision, embedder.adapted

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self.behind.count_tokens(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.behind.embed_queries(texts)

    def embed_questions(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        return self.behind.embed_questions(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self.behind.embed_documents(texts)
