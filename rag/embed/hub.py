"""Any model that sentence-transformers can open: a hub id or a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from rag.embed.rows import unit_rows
from rag.embed.tokens import well_formed
from rag.errors import ModelError

if TYPE_CHECKING:
    from rag.config import Config
    from rag.types import Vectors

BATCH = 16  # texts
_INSTRUCTION = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
)


class SentenceTransformerEmbedder:
    """The model that `config.model` names, on the CPU; a hub id is downloaded once.

    Raises ModelError if it cannot be found, read or reached.
    """

    adapted = False

    def __init__(self, config: Config) -> None:
        self.name = config.model
        self._model = _open(config.model)
        if config.threads:
            import torch

            torch.set_num_threads(config.threads)
        self._query, self._document = choose_prompts(config.model, self._model.prompts)
        self._lock = Lock()  # a tokenizer's settings are shared, and encode changes them
        self.dim: int = self._model.get_embedding_dimension()
        self.max_tokens: int = self._model.max_seq_length or 512
        self.precision = "torch fp32"
        self.fingerprint = _fingerprint(self._model, self._query, self._document)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens that each text takes as a document, uncut."""
        if not texts:
            return []
        prompted = [self._document + well_formed(text) for text in texts]
        with self._lock:
            rows = self._model.tokenizer(prompted, truncation=False, verbose=False)["input_ids"]
        return [len(row) for row in rows]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows."""
        return self._embed(texts, self._query)

    def embed_questions(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """(n, dim) float32 unit rows: the queries, twice."""
        queries = self.embed_queries(texts)
        return queries, queries

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows."""
        return self._embed(texts, self._document)

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, self.dim), np.float32)
        with self._lock:
            vectors: Vectors = self._model.encode(
                [well_formed(text) for text in texts],
                prompt=prompt,
                batch_size=BATCH,
                show_progress_bar=False,
                convert_to_numpy=True,
            ).astype(np.float32)
        return unit_rows(vectors)


def _open(name: str) -> Any:
    """From the disk if it is there whole: asking the hub first would take a minute offline."""
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    # A folder loads in a moment; downloads have a bar of their own.
    import_module("transformers.utils.logging").disable_progress_bar()
    path = Path(name).expanduser()
    errors = (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError)
    try:
        if path.exists():
            return SentenceTransformer(str(path), device="cpu", local_files_only=True)
        if _downloaded(name):
            with suppress(*errors):  # such as a download that was cut off: take up from there
                return SentenceTransformer(name, device="cpu", local_files_only=True)
        return SentenceTransformer(name, device="cpu")
    except errors as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise ModelError(
            f"the model {name!r} cannot be loaded ({reason}); set RAG_MODEL to a folder that "
            "sentence-transformers can open or, while online, to a hub id, or unset it"
        ) from None


def _downloaded(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    repository = name if "/" in name else f"sentence-transformers/{name}"
    return isinstance(try_to_load_from_cache(repository, "modules.json"), str)


def choose_prompts(name: str, prompts: dict[str, str]) -> tuple[str, str]:
    """What goes before a query and before a document: as shipped, or as E5 models need it."""
    query = prompts.get("query", "")
    document = prompts.get("passage", "") or prompts.get("document", "")
    if query or document or "e5" not in Path(name).name.lower():
        return query, document
    if "instruct" in name.lower():
        return _INSTRUCTION, ""
    return "query: ", "passage: "


def _fingerprint(model: Any, *prompts: str) -> str:
    """SHA-256 over the weights by name, the vocabulary and the prompts."""
    digest = hashlib.sha256(json.dumps(prompts).encode())
    for name, tensor in sorted(model.state_dict().items()):
        array = tensor.detach().contiguous().float().numpy()
        digest.update(f"{name} {array.shape}".encode())
        digest.update(array.data)
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    vocabulary = backend.to_str() if backend else json.dumps(sorted(model.tokenizer.get_vocab()))
    digest.update(vocabulary.encode())
    return digest.hexdigest()
