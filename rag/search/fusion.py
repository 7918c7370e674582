"""How the features of a candidate become one score."""

from __future__ import annotations

import numpy as np

from rag.store import Candidate
from rag.types import Vectors

BEST, MEAN, LEXICAL = 0.8, 0.2, 0.15  # measured: see eval/RESULTS.md


def score(candidate: Candidate, query_vector: Vectors, language: str) -> float:
    """Best sentence, the passage as a whole, and shared words where the languages agree.

    Shared words between languages mislead: they would lift a passage for a name alone.
    """
    cosines = candidate.vectors @ query_vector
    dense = BEST * float(np.max(cosines)) + MEAN * float(np.mean(cosines))
    return dense + (LEXICAL * candidate.lexical if candidate.language == language else 0.0)
