"""Laws of folding near-copies, for any cut of the documents and any ranking."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rag.language.facts import facts
from rag.search.copies import collapse
from tests.search.papers import REPORT, Candidate, cut, describe

DIGITS = [n for n, sentence in enumerate(REPORT) if any(c.isdigit() for c in sentence)]
SOFT = {"forderte": "verlangte", "zog": "nahm", "liegt": "steht", "gefertigt": "gebaut"}
places = st.lists(st.integers(1, len(REPORT) - 1), unique=True, max_size=3).map(sorted)
scores = st.randoms(use_true_random=False)


def ranked(candidates: list[Candidate], rng: random.Random) -> list[Candidate]:
    """In any order, without equal scores."""
    ranks = list(range(len(candidates)))
    rng.shuffle(ranks)
    return [replace(c, score=1 / (1 + n)) for c, n in zip(candidates, ranks, strict=True)]


@given(places, st.sets(st.integers(0, len(REPORT) - 1), max_size=4), scores)
def test_joining_words_more_or_less_fold(
    ends: list[int], edited: set[int], rng: random.Random
) -> None:
    copy = [
        sentence.replace(" ", " auch ", 1) if n in edited else sentence
        for n, sentence in enumerate(REPORT)
    ]
    candidates = ranked([*cut("a", REPORT, ends), *cut("b", copy, ends)], rng)
    groups = collapse(candidates, describe, 20)
    assert len(groups) == len(ends) + 1
    assert all(len(g.copies) == 1 for g in groups)


@given(places, places, st.sampled_from(sorted(SOFT)), scores)
def test_a_sentence_with_another_word_is_always_shown_beside_the_original(
    ends: list[int], other_ends: list[int], word: str, rng: random.Random
) -> None:
    copy = [" ".join(SOFT[w] if w == word else w for w in s.split()) for s in REPORT]
    candidates = ranked([*cut("a", REPORT, ends), *cut("b", copy, other_ends)], rng)
    shown = {s for g in collapse(candidates, describe, 20) for s in g.shown.sentences}
    assert {s for s in (*REPORT, *copy) if (s in REPORT) != (s in copy)} <= shown


@given(places, places, st.sampled_from(DIGITS), st.integers(1, 9), scores)
def test_a_changed_digit_is_always_shown_beside_the_original(
    ends: list[int], other_ends: list[int], where: int, by: int, rng: random.Random
) -> None:
    digits = [n for n, c in enumerate(REPORT[where]) if c.isdigit()]
    at = rng.choice(digits)
    changed = str((int(REPORT[where][at]) + by) % 10)
    copy = list(REPORT)
    copy[where] = REPORT[where][:at] + changed + REPORT[where][at + 1 :]
    candidates = [*cut("a", REPORT, ends), *cut("b", copy, other_ends)]
    candidates = ranked(candidates, rng)
    shown = {s for g in collapse(candidates, describe, 20) for s in g.shown.sentences}
    assert {REPORT[where], copy[where]} <= shown


@given(st.lists(st.tuples(places, st.integers(3, 9)), min_size=2, max_size=5), scores)
def test_every_fact_of_every_candidate_is_shown(
    documents: list[tuple[list[int], int]], rng: random.Random
) -> None:
    """Whatever the cuts, the lengths and the ranking."""
    candidates: list[Candidate] = []
    for n, (ends, length) in enumerate(documents):
        kept = [s for s in REPORT[:length] if rng.random() < 0.8] or [REPORT[0]]
        kept.insert(rng.randint(0, len(kept)), f"Im Ort {n} waren es {n} Fälle.")
        candidates += cut(str(n), kept, [e for e in ends if e < len(kept)])
    candidates = ranked(candidates, rng)
    shown = [g.shown for g in collapse(candidates, describe, 50)]
    stated = {s for c in shown for s in c.sentences}
    assert {s for c in candidates for s in c.sentences if facts(s)} <= stated
    assert shown == sorted(shown, key=lambda c: -c.score)


@given(st.integers(1, 12), st.lists(places, min_size=1, max_size=4), scores)
def test_all_places_are_used_and_no_more(k: int, cuts: list[list[int]], rng: random.Random) -> None:
    candidates = [c for n, ends in enumerate(cuts) for c in cut(str(n), REPORT, ends)]
    candidates = ranked(candidates, rng)
    groups = collapse(candidates, describe, k)
    assert min(k, len(collapse(candidates, describe, 50))) <= len(groups) <= k
    rng.shuffle(candidates)
    assert collapse(candidates, describe, k) == groups
