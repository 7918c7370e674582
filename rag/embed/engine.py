"""The packaged model on OpenVINO's CPU engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from rag.embed.convert import engine_files
from rag.embed.graph import import_openvino
from rag.embed.packaged import NAME
from rag.embed.tokens import DOCUMENT_PROMPT, QUERY_PROMPT, Tokens

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from rag.config import Config
    from rag.types import Vectors

DIM, MAX_TOKENS = 384, 512
PAD = 1  # any id would do: the graph looks at a text's own tokens only
BATCH_TOKENS = 2048  # padding included; larger batches fall out of the processor's caches
_SETTINGS = {
    "int8": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "64"},
    "bf16": {"INFERENCE_PRECISION_HINT": "bf16", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"},
    "fp32": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"},
}


class OpenVinoEmbedder:
    """multilingual-e5-small; the first use converts it into the cache.

    Longer texts are cut at 512 tokens. Raises ModelError if the model cannot be had.
    """

    name = NAME
    dim = DIM
    max_tokens = MAX_TOKENS

    def __init__(self, config: Config) -> None:
        precision = _precision(config.precision)
        files = engine_files(config, int8=precision == "int8")
        self.fingerprint = files.fingerprint
        self.precision = f"openvino {precision}"
        # The two slow parts of a start, reading the vocabulary and compiling, overlap.
        with ThreadPoolExecutor(1) as pool:
            tokens = pool.submit(Tokens, files.folder / "tokenizer.json", MAX_TOKENS)
            self._engine = _Engine(files.folder / "model.xml", precision, config.threads)
            self._tokens = tokens.result()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens that each text takes as a document, uncut."""
        return self._tokens.count(texts, DOCUMENT_PROMPT)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32 unit rows."""
        return self._engine.run(self._tokens.encode(texts, QUERY_PROMPT))

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32 unit rows."""
        return self._engine.run(self._tokens.encode(texts, DOCUMENT_PROMPT))
