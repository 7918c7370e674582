"""Near-copies: several papers print one agency report, and a question should find it once.

A passage is hidden only if passages that are shown say all it says. Each of its sentences must
stand in one of them, word by word but for articles and joining words. Sentences, not passages, are
compared, so it does not matter where the two documents were cut. What a paper adds of its own may
be a small share, without facts.

Only documents with similar signatures (see `rag.ingest.duplicates`) are compared at all.
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import numpy as np

from rag.language.repeats import BINS, EMPTY, Sentences, are_added, repeated
from rag.types import Period

T = TypeVar("T")

SIMILAR = 0.2  # share of equal bins from which two documents are compared
MOSTLY = 0.5  # share of a passage's words that one passage must repeat
COMPARED = 300  # candidates from the best down that are looked at for copies


@dataclass(frozen=True, slots=True)
class Passage:
    """What is compared of a candidate. `sentences` is called only where signatures are similar."""

    doc_id: str
    score: float
    published: Period | None
    signature: bytes  # as `rag.ingest.duplicates.signature` makes it
    opening: bool  # whether its document begins with it
    sentences: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """One hit: the passage that is shown, and the best of each other document that repeats it."""

    shown: T
    copies: tuple[T, ...]


def collapse(candidates: Sequence[T], describe: Callable[[T], Passage], k: int) -> list[Group[T]]:
    """The best `k` candidates that do not repeat better ones, best first, each with its copies.

    The best 300 are looked through for copies, from the best down; of equal scores the earliest
    published first, then by document id, then as given. A document is not compared with itself.
    """
    if not candidates:
        return []
    walk = _Walk(list(map(describe, candidates)), k)
    return [
        Group(candidates[number], tuple(candidates[n] for n in copies.values()))
        for number, copies in walk.run()
    ]


class _Walk:
    """Down the ranking once. Candidates go by their number.

    Two documents are cut at different places. So where better passages repeat most of a passage,
    and a later one of the same document the rest, that one is promised a place, and the passage is
    hidden. When its turn comes the promised passage is shown, unless it is a copy itself.
    """

    def __init__(self, passages: Sequence[Passage], k: int) -> None:
        self._shown: dict[int, dict[str, int]] = {}  # with the copies of each, by document
        self._left: list[int] = []  # neither shown nor copies so far
        self._k = k
        self._passages = passages
        keys = list(map(_order, passages))
        self._order = sorted(range(len(passages)), key=keys.__getitem__)
        self._texts = functools.cache(lambda number: _sentences(passages[number]))
        self._alike = _Alike({passage.doc_id: passage.signature for passage in passages})
        self._near: dict[str, list[int]] = defaultdict(list)  # what is shown of like documents
        self._promised: set[int] = set()
        self._any_promise = False

    def run(self) -> list[tuple[int, dict[str, int]]]:
        """What is shown, best first, with its copies."""
        for rank, number in enumerate(self._order[:COMPARED], 1):
            self._place(number, rank)
        if self._any_promise:  # then a place may be free again, or shown that was not
            left, self._left = self._left, []
            for number in left:
                self._place(number, COMPARED)
        for number in self._order[COMPARED:]:
            if self._room():
                self._shown[number] = {}
        return sorted(self._shown.items(), key=lambda item: _order(self._passages[item[0]]))

    def _place(self, number: int, rank: int) -> None:
        doc_id = self._passages[number].doc_id
        near = self._near.get(doc_id)
        home = self._home(number, near, rank) if near else None
        if home is not None:
            self._shown[home].setdefault(doc_id, number)
        elif number in self._promised or self._room():
            self._shown[number] = {}
            for other in self._alike.to(doc_id):
                self._near[other].append(number)
        else:
            self._left.append(number)
        self._promised.discard(number)

    def _room(self) -> bool:
        return len(self._shown) + len(self._promised) < self._k

    def _home(self, number: int, near: list[int], rank: int) -> int | None:
        """Which of the passages `near` repeats most of a passage; None if it must be shown."""
        texts, texts_near = self._texts(number), [self._texts(n) for n in near]
        held = [repeated(texts, other) for other in texts_near]
        sizes = [len(sentence.words) for sentence in texts.all]
        shares = [sum(itertools.compress(sizes, flags)) for flags in held]
        most = max(shares)
        if most < MOSTLY * texts.total or not most:
            return None
        home = near[shares.index(most)]
        core = held.pop(shares.index(most))
        if _is_all(texts, core, held, texts_near):
            return home
        doc_id = self._passages[home].doc_id
        for spare in self._order[rank:COMPARED]:
            if self._passages[spare].doc_id != doc_id:
                continue
            if spare not in self._promised and not self._room():
                continue
            more = repeated(texts, self._texts(spare))
            if any(more) and _is_all(texts, core, [*held, more], texts_near):
                self._promised.add(spare)
                self._any_promise = True
                return home
        return None


def _is_all(
    texts: Sentences, core: list[bool], others: list[list[bool]], near: list[Sentences]
) -> bool:
    """Whether a passage is repeated but for what may be missing.

    `core` is what the main passage repeats. The others count for what stands before and after it:
    in between, a sentence that is equal by chance would be taken for one that was changed.
    """
    first, last = core.index(True), len(core) - core[::-1].index(True)
    missing = [
        sentence
        for n, (sentence, *flags) in enumerate(zip(texts.all, *others, strict=True))
        if not core[n] and (first <= n < last or not any(flags))
    ]
    return are_added(missing, texts.total, near)


def _sentences(passage: Passage) -> Sentences:
    return Sentences(passage.sentences(), passage.opening)


def _order(passage: Passage) -> tuple[float, date, str]:
    first = passage.published.first if passage.published else date.max
    return -passage.score, first, passage.doc_id


class _Alike:
    """Which documents have much in common with one of them, by their signatures."""

    def __init__(self, signatures: Mapping[str, bytes]) -> None:
        self._doc_ids = list(signatures)
        self._numbers = {doc_id: number for number, doc_id in enumerate(signatures)}
        # An index that was not synced since an upgrade has none; then nothing is known to be alike.
        unknown = b"\xff" * (2 * BINS)
        data = b"".join(s if len(s) == len(unknown) else unknown for s in signatures.values())
        self._rows = np.frombuffer(data, "<u2").reshape(len(signatures), BINS)
        self._filled = np.count_nonzero(self._rows != EMPTY, axis=1)
        self._found: dict[str, list[str]] = {}

    def to(self, doc_id: str) -> list[str]:
        """The others that are alike."""
        if doc_id not in self._found:
            number = self._numbers[doc_id]
            own = self._rows[number]
            equal = np.count_nonzero((self._rows == own) & (own != EMPTY), axis=1)
            fewer = np.minimum(self._filled, self._filled[number])
            alike = np.flatnonzero((equal > 0) & (equal >= SIMILAR * fewer)).tolist()
            self._found[doc_id] = [self._doc_ids[n] for n in alike if n != number]
        return self._found[doc_id]
