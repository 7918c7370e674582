"""What the model says of 64 sentences, to check an engine against on the processor at hand.

reference.txt             the sentences, one a line
reference.npy             (64, 384) float16: their vectors by sentence-transformers in fp32
reference-questions.npy   the same where they are read as questions, with the adapter
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.types import Vectors

LEAST = 0.99  # cosine of a vector that counts as the model's
_AT_ONCE = 8  # one batch, so that an engine need not get ready for many
_FILE = Path(__file__).with_suffix("")
QUESTIONS = _FILE.with_name("reference-questions.npy")


def reference_sentences() -> list[str]:
    return _FILE.with_suffix(".txt").read_text(encoding="utf-8").splitlines()


def agreement(embed: Callable[[Sequence[str]], Vectors], questions: bool = False) -> float:
    """The lowest cosine of a vector to the stored one."""
    import numpy as np

    sentences = reference_sentences()
    path = QUESTIONS if questions else _FILE.with_suffix(".npy")
    stored = np.load(path, allow_pickle=False).astype(np.float32)
    found = [embed(sentences[n : n + _AT_ONCE]) for n in range(0, len(sentences), _AT_ONCE)]
    return float((np.concatenate(found) * stored).sum(axis=1).min())
