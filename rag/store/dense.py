"""The vector cache: for each language a part, exact while small, approximate when large.

A part is a block that was made at once, the base, and a short one of what came later, the tail.
What is gone is only marked. When tail and marks exceed a share of the base, or the part is small,
a sync makes them one base again. A large base has a `Near`, which finds the nearest without looking
at all of them; where a filter leaves anything out, the permitted rows are all looked at.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np

from rag.store import disk
from rag.store.block import CHUNK, START, Batches, Block, Ids, Mask
from rag.store.near import Near
from rag.store.precision import whole
from rag.types import Vectors

BASE, TAIL, LIVES, META = "base", "tail", "lives", "meta.json"
SENTENCES_PER_CHUNK = 8  # first guess of how many sentences to ask for to see n chunks
STEP = 10_000  # rows that are copied at once

Found = list[tuple[float, int]]  # cosine and chunk row, best first


@dataclass(frozen=True, slots=True)
class Tuning:
    """When a cache becomes approximate, how well it must find, and when it is made anew."""

    exact: int = 50_000  # sentences of a language up to which all are looked at
    recall: float = 0.97  # of the true ten nearest, at least
    stale: float = 0.1  # share of a base that may be added or gone
    counted: int = 30_000  # chunks of a language up to which BM25 never counts what is gone


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The sentences of one language; `lives` says which rows of each block are not gone."""

    blocks: tuple[Block, ...]  # the base, and perhaps the tail
    lives: tuple[Mask, ...]
    near: Near | None = None  # of the base

    @classmethod
    def load(cls, folder: Path) -> Part:
        blocks = tuple(Block.load(folder / n) for n in (BASE, TAIL) if Block.is_at(folder / n))
        marks = np.load(folder / LIVES, allow_pickle=False)
        ends = np.cumsum([len(block) for block in blocks])
        if len(marks) != ends[-1]:
            raise ValueError(f"{folder}: {len(marks)} marks for {ends[-1]} rows")
        near = Near.load(folder, blocks[0]) if Near.is_at(folder) else None
        return cls(blocks, tuple(np.split(marks, ends[:-1])), near)

    @classmethod
    def of(cls, block: Block) -> Part:
        return cls((block,), (np.ones(len(block), np.bool_),))

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(mask)) for mask in self.lives)

    @property
    def stale(self) -> int:
        """Rows that came after the base was made, or are gone since."""
        return 2 * sum(map(len, self.blocks)) - len(self.blocks[0]) - len(self)

    def batches(self, first: int = 0) -> Batches:
        """What lives, in order, from block `first` on."""
        for block, mask in zip(self.blocks[first:], self.lives[first:], strict=True):
            for start in range(0, len(block), STEP):
                piece = slice(start, start + STEP)
                yield block.rows[:, piece][:, mask[piece]], block.halves[piece][mask[piece]]

    def forward(self, added: Batches, removed: Ids, folder: Path, dim: int) -> Part:
        """With documents removed and rows added; a new tail is written to `folder`."""
        pairs = zip(self.blocks, self.lives, strict=True)
        lives = tuple(mask & ~block.of_documents(removed) for block, mask in pairs)
        rest = replace(self, lives=lives).batches(1)
        tail = Part.of(Block.write(folder / TAIL, itertools.chain(rest, added), dim))
        return Part((self.blocks[0], *tail.blocks), (lives[0], *tail.lives), self.near)

    def nearest(self, query: Vectors, n: int, documents: Ids | None) -> Found:
        """The best `n` chunks by their nearest sentence; of these document rows only, if given."""
        lives, near = self.lives, self.near
        if documents is not None:
            pairs = zip(self.blocks, lives, strict=True)
            lives = tuple(mask & block.of_documents(documents) for block, mask in pairs)
            near = None
        # Codes find what is gone too, so that their number counts.
        size = sum(len(mask) if near else int(np.count_nonzero(mask)) for mask in lives)
        wanted = n * SENTENCES_PER_CHUNK
        while True:
            scores, chunks = self._sentences(query, min(wanted, size), lives, near)
            _, first = np.unique(chunks, return_index=True)  # of each chunk, its best
            if len(first) >= n or wanted >= size:
                first = np.sort(first)[:n]
                return list(zip(scores[first].tolist(), chunks[first].tolist(), strict=True))
            wanted *= 4

    def _sentences(
        self, query: Vectors, n: int, lives: Sequence[Mask], near: Near | None
    ) -> tuple[Vectors, Ids]:
        """Cosines and chunk rows of the nearest `n`, or fewer where some of these are gone."""
        scores, chunks, horizon = [], [], -np.inf
        for block, mask in zip(self.blocks, lives, strict=True):
            if near is not None and block is self.blocks[0]:
                positions, cosines = near.search(query, n)
                if 0 < len(positions) < len(block):
                    horizon = cosines[-1]  # what is less near was not looked for
                kept = mask[positions]
                positions, cosines = positions[kept], cosines[kept]
            else:
                positions, cosines = block.search(query, n, None if mask.all() else mask)
            scores.append(cosines)
            chunks.append(block.rows[CHUNK, positions])
        score, chunk = np.concatenate(scores), np.concatenate(chunks)
        order = np.lexsort((chunk, -score))[:n]
        order = order[score[order] >= horizon]
        return score[order], chunk[order]

    def settled(self, folder: Path, dim: int, tuning: Tuning) -> Part:
        """The same with all its files in `folder`; one new base where that is due."""
        part = self
        if self.stale and (self.near is None or self.stale > tuning.stale * len(self)):
            for block in self.blocks:
                block.leave(folder)
            part = Part.of(Block.write(folder / BASE, self.batches(), dim))
        for block in part.blocks:
            block.link(folder)
        if part.near is not None:
            part.near.link(folder)
        elif len(part) > tuning.exact:
            part = replace(part, near=Near.build(folder, part.blocks[0], tuning.recall))
        with (folder / LIVES).open("xb") as file:
            np.save(file, np.concatenate(part.lives))
        return part


class Sentences(NamedTuple):
    """Of several chunks, as in `rag.store.Candidates`."""

    first: Ids
    spans: Ids
    vectors: Vectors


class DenseIndex:
    """Immutable once made. Scores are cosines; ids are the catalog's rows."""

    def __init__(self, parts: Mapping[str, Part], dim: int) -> None:
        self._parts = parts
        self.dim = dim

    @classmethod
    def build(cls, batches: Iterable[tuple[str, Batches]], dim: int, folder: Path) -> DenseIndex:
        """From (language, batches) of all that lives; its files are written below `folder`."""
        parts = {}
        for language, rows in batches:
            (folder / language).mkdir(parents=True)
            parts[language] = Part.of(Block.write(folder / language / BASE, rows, dim))
        return cls(parts, dim)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Raises OSError, ValueError or RuntimeError (faiss) when the folder is no such cache."""
        dim = json.loads((folder / META).read_text(encoding="utf-8"))["dim"]
        return cls({p.name: Part.load(p) for p in sorted(folder.iterdir()) if p.is_dir()}, dim)

    def forward(
        self, added: Iterable[tuple[str, Batches]], removed: Ids, folder: Path
    ) -> DenseIndex:
        """With documents removed and rows added; what is new is written below `folder`."""
        more = dict(added)
        parts = {}
        for language in {**self._parts, **more}:
            (folder / language).mkdir(parents=True)
            rows = more.get(language, ())
            if language in self._parts:
                old = self._parts[language]
                part = old.forward(rows, removed, folder / language, self.dim)
            else:
                part = Part.of(Block.write(folder / language / BASE, rows, self.dim))
            if len(part):
                parts[language] = part
            else:
                disk.discard(folder / language)
        return DenseIndex(parts, self.dim)

    def settle(self, folder: Path, tuning: Tuning) -> set[str]:
        """Put all that a cache consists of below `folder`; the languages that were made anew."""
        anew = set()
        for language, part in self._parts.items():
            (folder / language).mkdir(parents=True, exist_ok=True)
            settled = part.settled(folder / language, self.dim, tuning)
            if settled.blocks[0] is not part.blocks[0]:
                anew.add(language)
        folder.mkdir(exist_ok=True)
        (folder / META).write_text(json.dumps({"dim": self.dim}), encoding="utf-8")
        return anew

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self._parts))

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts.values())

    def nearest(self, query: Vectors, n: int, documents: Ids | None = None) -> dict[str, Found]:
        """For each language the best `n` chunks; of these document rows only, if given."""
        faiss.omp_set_num_threads(1)  # in this thread: helpers would spin, and others ask too
        return {
            language: self._parts[language].nearest(query, n, documents)
            for language in self.languages
        }

    def sentences(self, chunks: Ids) -> Sentences:
        """Of each of these chunk rows, in their order."""
        blocks = [block for part in self._parts.values() for block in part.blocks]
        found = [block.places(chunks) for block in blocks]
        sizes = np.zeros(len(chunks), np.int64)
        for here, begin, end in found:
            sizes[here] = end - begin
        first = np.concatenate([[0], np.cumsum(sizes)])
        spans = np.empty((2, first[-1]), np.int64)
        vectors = np.empty((first[-1], self.dim), np.float32)
        for block, (here, begin, _) in zip(blocks, found, strict=True):
            target, source = _runs(first[here], sizes[here]), _runs(begin, sizes[here])
            spans[:, target] = block.rows[START:, source]
            vectors[target] = whole(block.halves[source])
        return Sentences(first, spans, vectors)

    def batches(self) -> Iterator[tuple[str, Batches]]:
        """All that lives, by language."""
        for language in self.languages:
            yield language, self._parts[language].batches()


def _runs(starts: Ids, sizes: Ids) -> Ids:
    """The numbers of each run, one run after the other."""
    ends = np.cumsum(sizes)
    return np.arange(sizes.sum()) + np.repeat(starts - ends + sizes, sizes)
