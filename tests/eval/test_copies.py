"""The measure of folding: what it edits, and what counts as folded."""

from __future__ import annotations

import random

import pytest

from eval.copies import DIFFERENT, SAME, Edited, is_folded

LINES = [
    f"Der Verein Nummer {n} in Lindau zählte im März rund {n}.{n}00 neue Mitglieder."
    for n in range(1, 13)
]


@pytest.mark.parametrize("name", [*SAME, *DIFFERENT])
def test_an_edit_says_where_to_look(name: str) -> None:
    for seed in range(20):
        edited = (SAME | DIFFERENT)[name](list(LINES), "de", random.Random(seed))
        assert edited is not None
        before, after = LINES[edited.original], edited.lines[edited.copy]
        assert after.endswith(before) or name in {*DIFFERENT, "word replaced"}
        assert (before != after) or name not in DIFFERENT


def test_a_copy_folds_and_a_changed_line_does_not() -> None:
    rng = random.Random(0)
    assert is_folded(LINES, Edited(list(LINES), 3, 3), "de", rng, "original")
    changed = [line.replace("4.400", "4.500") for line in LINES]
    assert not is_folded(LINES, Edited(changed, 3, 3), "de", rng, "original")
    assert not is_folded(LINES, Edited(changed, 3, 3), "de", rng, "copy")
