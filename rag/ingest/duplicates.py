"""A short signature of each document, by which search finds its near-copies.

It is a MinHash by one permutation (Li, Owen and Zhang, "One Permutation Hashing", 2012): runs of
three words are hashed, the hashes dealt out to bins, and each bin keeps its smallest. The share of
equal bins estimates the share of runs that two documents have in common. It says which documents
are worth comparing, never that two are the same.
"""

from __future__ import annotations

import zlib

import numpy as np

from rag.language.facts import each_word
from rag.language.repeats import BINS, EMPTY
from rag.types import Document

SIGNATURE_VERSION = "1"  # raise it when the same text is signed differently

RUN = 3  # words


def signature(document: Document) -> bytes:
    """128 little-endian uint16, one a bin; 0xFFFF where a bin is empty.

    Equal over processes, platforms and versions of Python and numpy. The title and the form of
    the text (case, punctuation, white space) do not count.
    """
    tokens = each_word(document.text.casefold())
    smallest = np.full(BINS, EMPTY, "<u2")
    hashes = np.fromiter((zlib.crc32(word.encode(errors="replace")) for word in tokens), np.uint64)
    if len(hashes):
        runs = _runs(hashes)
        np.minimum.at(smallest, runs % BINS, (runs >> np.uint64(40)) % EMPTY)
    return smallest.tobytes()


def _runs(
    hashes: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """A well-mixed hash of each run of words; a shorter text is one run."""
    length = min(RUN, len(hashes))
    count = len(hashes) - length + 1
    runs = np.zeros(count, np.uint64)
    for offset in range(length):
        runs = _mix(runs ^ hashes[offset : offset + count])
    return runs


def _mix(
    values: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """The finaliser of splitmix64; arithmetic is modulo 2**64."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
