"""Measures, named as in the papers. Each is a number from 0 to 1, and higher is better.

A *ranking* is one boolean per hit, best hit first: is it relevant? `total` is the number of
relevant items that exist, found or not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from rag.types import Span


def ndcg(ranking: Sequence[bool], total: int, k: int) -> float:
    """nDCG@k with binary gains: Σ rel_i / log2(i + 1) over the first k, by its greatest value.

    `ndcg([False, True], total=1, k=10)` is 1 / log2(3). Järvelin and Kekäläinen 2002.
    """
    if total == 0:
        raise ValueError("nDCG is not defined without a relevant item")
    gain = sum(1 / math.log2(i + 1) for i, hit in enumerate(ranking[:k], 1) if hit)
    best = sum(1 / math.log2(i + 1) for i in range(1, min(total, k) + 1))
    return gain / best


def recall_at(ranking: Sequence[bool], total: int, k: int) -> float:
    """R@k: the share of the relevant items that the first k hits hold."""
    if total == 0:
        raise ValueError("recall is not defined without a relevant item")
    return sum(ranking[:k]) / total


def reciprocal_rank(ranking: Sequence[bool]) -> float:
    """1 / rank of the first relevant hit, 0 if there is none. Its mean is MRR."""
    return next((1 / i for i, hit in enumerate(ranking, 1) if hit), 0.0)


def f1(precision: float, recall: float) -> float:
    """The harmonic mean; 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def precision_recall_f1(
    predicted: Sequence[bool], actual: Sequence[bool]
) -> tuple[float, float, float]:
    """Of a yes/no decision, over all items. Precision is 0 when nothing was predicted."""
    both = sum(p and a for p, a in zip(predicted, actual, strict=True))
    precision = both / sum(predicted) if any(predicted) else 0.0
    recall = both / sum(actual) if any(actual) else 0.0
    return precision, recall, f1(precision, recall)


def set_f1(predicted: AbstractSet[int], gold: AbstractSet[int]) -> float:
    """F1 of one set against another: OMoS-QA's sentence F1 for one question."""
    both = len(predicted & gold)
    return 2 * both / (len(predicted) + len(gold)) if both else 0.0


def union(spans: Iterable[Span]) -> list[Span]:
    """The same characters as disjoint spans, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def covered(span: Span, by: Iterable[Span]) -> int:
    """How many characters of `span` lie in at least one span of `by`."""
    return sum(max(0, min(span.end, s.end) - max(span.start, s.start)) for s in union(by))


def covers_half(span: Span, by: Iterable[Span]) -> bool:
    """At least half of the characters of `span` lie in `by`; never true of an empty span."""
    return len(span) > 0 and 2 * covered(span, by) >= len(span)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` % of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]
