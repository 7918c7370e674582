"""Folds for cross-validation that keep what belongs together in one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets import Question


def deal(groups: Iterable[str], count: int) -> dict[str, int]:
    """A fold per group, from 0: shuffled, always in the same way, and dealt out like cards."""
    shuffled = sorted(set(groups))
    np.random.default_rng(count).shuffle(shuffled)
    return {group: number % count for number, group in enumerate(shuffled)}


def related_articles(corpus: Path) -> list[set[str]]:
    """Articles that tell of the same matter, by the relations in `eval/corpus.json`."""
    relations = json.loads(corpus.read_text(encoding="utf-8"))
    revised = [{row["earlier"], row["later"]} for row in relations["revisions"]]
    return revised + [{row["original"], *row["copies"]} for row in relations["near_copies"]]


def fold_numbers(
    questions: Sequence[Question], related: Sequence[set[str]], count: int
) -> NDArray[np.int_]:
    """A fold per question, from 0; questions on the same or on related articles share one."""
    families: list[set[str]] = []
    for group in [*related, *(set(q.documents) for q in questions if q.documents)]:
        joined = [family for family in families if family & group]
        families = [family for family in families if not family & group]
        families.append(group.union(*joined))
    sizes = {n: sum(bool(f & set(q.documents)) for q in questions) for n, f in enumerate(families)}
    load = [0] * count
    home: dict[str, int] = {}
    for n in sorted(sizes, key=lambda n: -sizes[n]):
        fold = load.index(min(load))
        load[fold] += sizes[n]
        home |= dict.fromkeys(families[n], fold)
    return np.array(
        [home[q.documents[0]] if q.documents else n % count for n, q in enumerate(questions)]
    )
