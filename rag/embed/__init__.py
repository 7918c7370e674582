"""Text → unit vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from rag.errors import IndexMismatch

if TYPE_CHECKING:
    from rag.config import Config
    from rag.types import Vectors

__all__ = ["Embedder", "check_model", "open_embedder"]


class Embedder(Protocol):
    """A model that maps text to unit vectors, so that a dot product is a cosine.

    Safe to call from several threads.
    """

    @property
    def name(self) -> str:
        """What the catalog records and a mismatch message shows."""

    @property
    def dim(self) -> int:
        """Columns of every vector."""

    @property
    def fingerprint(self) -> str:
        """Hex digest of the weights, tokenizer and prompts; not of the engine's precision."""

    @property
    def precision(self) -> str:
        """The engine and number format in use, such as `openvino int8`."""

    @property
    def max_tokens(self) -> int:
        """Longest input, prompt and special tokens included; longer text would be cut."""

    @property
    def adapted(self) -> bool:
        """Whether a question is read in a way of its own; else both of its vectors are one."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens that each text takes as a document, prompt and special tokens included."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows, near passages on the same matter."""

    def embed_questions(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """The queries, and (n, dim) float32 unit rows that are near sentences that answer."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows."""


def open_embedder(config: Config) -> Embedder:
    """The model that the settings name: the packaged one, or one of sentence-transformers.

    The packaged model is converted into the cache at its first use, which takes seconds.
    Raises ModelError if the model is not there, is damaged or cannot be loaded.
    """
    if config.model:
        from rag.embed.hub import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(config)
    from rag.embed.engine import OpenVinoEmbedder

    return OpenVinoEmbedder(config)


def check_model(settings: Mapping[str, str], embedder: Embedder) -> None:
    """Raises IndexMismatch unless the index with these settings was made with this model."""
    if settings["fingerprint"] != embedder.fingerprint:
        raise IndexMismatch(
            f"the index was built with model {settings['model']}, opened with {embedder.name}; "
            "set RAG_MODEL to the first, or run: rag index --rebuild"
        )
