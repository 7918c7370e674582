"""Signatures: the same for the same text everywhere, alike for like texts."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.duplicates import signature
from rag.language.repeats import BINS, EMPTY
from rag.types import Document

GOLDEN = "Der Verband zählte 4.900 Fälle; im Jahr davor waren es 21.000. " * 3


def sign(text: str) -> bytes:
    return signature(Document("a", text, "", None, None, "de"))


def share(one: str, other: str) -> float:
    """Of the bins that both fill."""
    a, b = (np.frombuffer(sign(text), "<u2") for text in (one, other))
    filled = (a != EMPTY) & (b != EMPTY)
    return float(np.mean(a[filled] == b[filled]))


def prose(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("aeiounrst", k=6)) for _ in range(count)]


def test_a_signature_never_changes() -> None:
    """Stored ones are compared with new ones: raise SIGNATURE_VERSION when this must change."""
    digest = hashlib.sha256(sign(GOLDEN)).hexdigest()
    assert digest == "8bd9c6917c366aa07df8a03908cde4c473bff36913c751bc4715f90986d2f5ef"


def test_another_process_makes_the_same_signature() -> None:
    code = (
        "from tests.ingest.test_duplicates import GOLDEN, sign;"
        " import sys; sys.stdout.write(sign(GOLDEN).hex())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert other.stdout == sign(GOLDEN).hex()


def test_case_punctuation_and_white_space_do_not_count() -> None:
    assert sign("Eins, zwei –\n\ndrei: VIER fünf!") == sign("eins zwei drei vier fünf")


def test_the_share_of_equal_bins_is_the_share_of_common_runs() -> None:
    words, others = prose(1, 4000), prose(2, 4000)
    for part in (0.2, 0.5, 0.8):
        kept = int(len(words) * part)
        mixed = words[:kept] + others[kept:]
        assert abs(share(" ".join(words), " ".join(mixed)) - part / (2 - part)) < 0.12
    assert share(" ".join(words), " ".join(others)) < 0.03


@given(st.text())
def test_any_text_has_a_signature(text: str) -> None:
    assert len(sign(text)) == 2 * BINS
    assert sign(text) == sign(text)
