"""An embedder for tests: deterministic, offline, no model."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.embed.rows import unit_rows

if TYPE_CHECKING:
    from rag.types import Vectors

_WORD = re.compile(r"\w+|[^\w\s]")


class HashEmbedder:
    """Hashed words, their first letters and letter triples: texts that share them are near.

    Queries and documents differ by one feature, as they would by their prompts. A token is a
    word or a mark; each text has two more and its prompt counts as one. Text is never cut, but
    `max_tokens` is what a real model would say.
    """

    name = "hash"
    fingerprint = "0" * 64
    precision = "numpy fp32"
    adapted = False

    def __init__(self, dim: int = 256, max_tokens: int = 512) -> None:
        self.dim = dim
        self.max_tokens = max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words and marks, plus three."""
        return [len(_WORD.findall(text)) + 3 for text in texts]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows."""
        return self._embed(texts, "query")

    def embed_questions(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """(n, dim) float32 unit rows: the queries, twice."""
        queries = self.embed_queries(texts)
        return queries, queries

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows."""
        return self._embed(texts, "passage")

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[zlib.crc32(prompt.encode()) % self.dim] = 0.5
            for feature, weight in _features(text):
                code = zlib.crc32(feature.encode("utf-8", "replace"))
                row[code % self.dim] += weight if code & 1 << 31 else -weight
            if not row.any():
                row[0] = 1
        return unit_rows(vectors)


def _features(text: str) -> Iterator[tuple[str, float]]:
    """`Haus` → the word `haus`, its stem `haus`, the triples `<ha`, `hau`, `aus`, `us>`."""
    for word in _WORD.findall(text.lower()):
        yield f"w {word}", 1.0
        yield f"s {word[:5]}", 1.0
        marked = f"<{word}>"
        for i in range(len(marked) - 2):
            yield marked[i : i + 3], 0.5
