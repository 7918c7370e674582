"""The last step of every embedder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import ModelError

if TYPE_CHECKING:
    from rag.types import Vectors


def unit_rows(vectors: Vectors) -> Vectors:
    """(n, …, dim) float32 rows of length 1. Raises ModelError for a row that has no direction."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise ModelError(
            "the embedding model gave a vector that is zero or not a number; "
            "try RAG_PRECISION=fp32 or another RAG_MODEL"
        )
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit
