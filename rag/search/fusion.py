"""How the features of a candidate become one score."""

from __future__ import annotations

import numpy as np

from rag.store import Candidate
from rag.types import Vectors

# Measured on the dev half of the sample questions: see eval/RESULTS.md.
BEST, MEAN, LEXICAL = 0.8, 0.2, 0.15
CROSS_LANGUAGE = 0.05  # by how much cosines between two languages lie below those within one


def score(candidate: Candidate, query_vector: Vectors, language: str) -> float:
    """Best sentence, the passage as a whole, and shared words where the languages agree.

    Words shared between languages would mislead: they lift a passage for a name alone.
    """
    cosines = candidate.vectors @ query_vector
    dense = BEST * float(np.max(cosines)) + MEAN * float(np.mean(cosines))
    if candidate.language != language:
        return dense + CROSS_LANGUAGE
    return dense + LEXICAL * candidate.lexical
