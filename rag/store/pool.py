"""What the pool of candidates is made by, in every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from rag.types import Vectors

LEAST_SHARE = 4  # of the nearest chunks, each language has at least the fourth part

Chunk = TypeVar("Chunk", int, str)


def best(nearest: Mapping[str, Sequence[tuple[float, Chunk]]], n: int) -> list[Chunk]:
    """The best `n` chunks of all languages, then what a language lacks of its least share.

    `nearest` has the best `n` of each language with their scores, best first; of equal ones any
    may be first, as an engine finds them.
    """
    every = sorted((-score, chunk) for found in nearest.values() for score, chunk in found)
    chosen: list[Chunk] = [chunk for _, chunk in every[:n]]
    held = {*chosen}
    for found in nearest.values():
        rest = [chunk for _, chunk in found if chunk not in held]
        lacking = n // LEAST_SHARE - (len(found) - len(rest))
        chosen += rest[: max(0, lacking)]
    return chosen


def shared(
    languages: Sequence[str], terms: Sequence[str], weights: Mapping[str, Mapping[str, float]]
) -> Vectors:
    """(n,) the sum of the weights, by language, of those words that stand among the terms.

    The terms of a chunk have a blank before and after each.
    """
    padded = {
        language: [(f" {term} ", weight) for term, weight in own.items()]
        for language, own in weights.items()
    }
    sums = np.zeros(len(terms), np.float32)
    for number, (language, held) in enumerate(zip(languages, terms, strict=True)):
        if own := padded.get(language):
            sums[number] = min(1.0, sum([weight for term, weight in own if term in held]))
    return sums
