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
_SPREAD = np.int32(0x70000000)  # copies of the sign, where a float's exponent begins
_REBASE = np.float32(2.0**112)  # 127 - 15 steps of the exponent


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
    """The same numbers as float32; they must be finite.

    A half's bits stand higher up in a float, and its exponent counts from another zero: that is
    six times as fast as numpy's own conversion, which knows infinity.
    """
    bits = halves.astype("<f2", copy=False).view("<i2").astype(np.int32)
    bits <<= 13
    bits &= ~_SPREAD
    numbers = bits.view(np.float32)
    numbers *= _REBASE
    return numbers
