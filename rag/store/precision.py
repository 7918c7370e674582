"""The precision at which vectors are kept: IEEE half, 2 bytes a column.

A unit vector of 384 columns changes by less than 1e-3 of its length, its cosine to another one by
some 1e-5; the index is half as large. What is computed, is computed in float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.types import Vectors

Halves = NDArray[np.float16]

BYTES = 2  # a column


def halved(vector: Vectors) -> bytes:
    """As it is kept."""
    return np.asarray(vector, "<f2").tobytes()


def halved_blob(blob: bytes) -> bytes:
    """From little-endian float32, which earlier formats kept."""
    return halved(np.frombuffer(blob, "<f4"))


def read(blob: bytes, dim: int) -> Halves:
    """(n, dim) of n vectors as they are kept, one after the other."""
    return np.frombuffer(blob, "<f2").reshape(-1, dim)


def whole(halves: Halves) -> Vectors:
    """The same numbers as float32."""
    return halves.astype(np.float32)
