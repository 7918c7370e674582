"""What a word of a query counts, and what it stands for: the part that every engine shares.

A word that no language knows is taken for a mistyped one: it stands for the known words that one
edit with a Latin letter makes of it, with the weight that they would have, discounted.
"""

from __future__ import annotations

import math
import string
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

MISTYPED = 5  # letters from which an unknown word may be a mistyped one: `Fiat` is not `Fist`
LONGEST_MISTYPED = 40  # letters up to which it may: the work grows with them
DISCOUNT = 0.8  # weight of what was perhaps meant, as a share of what it would have if typed right


class Reading(NamedTuple):
    """What a word of a query counts, by its idf, and the indexed terms that it stands for.

    A known word stands for itself at factor 1; an unknown one for its near terms, or for nothing.
    """

    idf: float
    factors: Mapping[str, float]


def idf_of(total: int, count: int) -> float:
    """Of a term that `count` of `total` chunks have; as tantivy computes it."""
    return math.log(1 + (total - count + 0.5) / (count + 0.5))


def may_be_mistyped(word: str) -> bool:
    """Whether a word that is unknown may be."""
    return MISTYPED <= len(word) <= LONGEST_MISTYPED and word.isalpha()


def near_reading(total: int, near: Mapping[str, int]) -> Reading:
    """Of an unknown word that stands for these terms, with the chunks that each has."""
    count = min(sum(near.values()), total)
    return Reading(idf_of(total, count), dict.fromkeys(near, DISCOUNT))


def edits(word: str) -> set[str]:
    """All that one letter left out, put in, replaced, or swapped with the next makes of `word`."""
    letters = {*string.ascii_lowercase, *word}
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return {
        *(head + tail[1:] for head, tail in splits if tail),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1),
        *(head + letter + tail[1:] for head, tail in splits if tail for letter in letters),
        *(head + letter + tail for head, tail in splits for letter in letters),
    }


def weights_of(readings: Mapping[str, Sequence[Reading]]) -> dict[str, dict[str, float]]:
    """For each language, what each indexed term is worth as a share of the query's idf.

    The share of a query that a text holds is the sum over its distinct terms, at most 1: it is the
    limit, without lengths and repetitions, of its BM25 as a share of the most that the query's
    terms could reach. Terms that a mistyped word may stand for are among them.
    """
    shares: dict[str, dict[str, float]] = {}
    for language, own in readings.items():
        reach = sum(reading.idf for reading in own)
        found = shares[language] = defaultdict(float)
        for idf, factors in own:
            for term, factor in factors.items():
                found[term] += factor * idf / reach
    return {language: dict(found) for language, found in shares.items()}
