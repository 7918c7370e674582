from __future__ import annotations

import numpy as np
import pytest

from rag.search.fusion import score
from rag.store import Candidate
from rag.types import Chunk, Span

QUERY = np.array([1, 0], np.float32)


def candidate(cosines: list[float], language: str = "de", lexical: float = 0.0) -> Candidate:
    rows = [[c, float(np.sqrt(1 - c * c))] for c in cosines]
    chunk = Chunk("a#0", "a", Span(0, 1), (Span(0, 1),))
    return Candidate(chunk, language, np.array(rows, np.float32), lexical, 1, None)


def test_the_best_sentence_counts_more_than_the_rest() -> None:
    peak, flat = candidate([0.9, 0.1]), candidate([0.5, 0.5])
    assert score(peak, QUERY, "de") > score(flat, QUERY, "de")


def test_shared_words_count_within_a_language_only() -> None:
    plain, shared = candidate([0.8]), candidate([0.8], lexical=0.5)
    assert score(shared, QUERY, "de") > score(plain, QUERY, "de")
    assert score(shared, QUERY, "en") == score(plain, QUERY, "en")


def test_another_language_is_made_up_for() -> None:
    """Cosines between languages are lower, which must not cost a passage its place."""
    assert score(candidate([0.8], "en"), QUERY, "de") > score(candidate([0.8]), QUERY, "de")


def test_the_score_does_not_depend_on_other_candidates() -> None:
    """The same weights must serve a small index and a large one."""
    assert score(candidate([0.8, 0.6]), QUERY, "de") == pytest.approx(0.8 * 0.8 + 0.2 * 0.7)
