"""The nearest vectors of a large block through codes of two bits a column (PQ).

Each pair of columns is told by the nearest of sixteen pairs. All codes are looked at, 32 at a time
(FAISS' fast scan); the best of these are read at stored precision. Questions that come while a
scan is under way are the next one, all at once: two take less time than one. eval/RESULTS.md has
what else was measured: codes of one bit a column (RaBitQ), lists (IVF), graphs (HNSW).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import faiss
import numpy as np

from rag.store import disk
from rag.store.block import Block, Ids
from rag.store.precision import whole
from rag.together import Together
from rag.types import Vectors

INDEX, REPORT = "near", "near.json"
STEP = 10_000  # rows that are added at once
ASKED, MIXED = 200, 3  # questions by which it is judged; of how many vectors each is the mean
BITS = 4  # of a code's part, for which FAISS has a fast scan
ALONE, SEVERAL = 15, 13  # its ways to scan (`implem`): for one question, and for more
DEPTH, BEST = 800, 10  # how many are asked for, and how many of these must be right
REREAD = 8  # times as many as are asked for are read at stored precision, at least

_PARAMETERS: Any = faiss.IndexRefineSearchParameters  # its stub lacks the keyword


@dataclass(frozen=True, slots=True)
class Report:
    """How much it reads again, and which share of the true ten nearest that found."""

    reread: int
    recall: float


class Near:
    """Immutable. Positions are those of the block that it was made of."""

    def __init__(self, folder: Path, block: Block, index: Any, report: Report) -> None:
        self._folder = folder
        self._index = index
        self._block = block
        self._refined = faiss.IndexRefine(index, block.index)
        self._together = Together(self._several)
        self.report = report

    @staticmethod
    def is_at(folder: Path) -> bool:
        return (folder / INDEX).exists()

    @classmethod
    def load(cls, folder: Path, block: Block) -> Near:
        """Raises OSError, ValueError or RuntimeError (faiss) when the files are none.

        What another generation in use has read of the same file is not read again.
        """
        identity = disk.identity(folder / INDEX)
        known = _in_use.get(identity)
        if known is not None and len(known._block) == len(block):
            near = copy(known)
            near._folder = folder  # its scans are those of `known`, which so stays in use
            return near
        report = Report(**json.loads((folder / REPORT).read_text(encoding="utf-8")))
        index = faiss.read_index(str(folder / INDEX))
        if index.ntotal != len(block):
            raise ValueError(f"{folder}: {index.ntotal} codes for {len(block)} rows")
        near = _in_use[identity] = cls(folder, block, index, report)
        return near

    @classmethod
    def build(cls, folder: Path, block: Block, recall: float) -> Near:
        """Made so that it finds at least this share of the ten nearest, and written to `folder`."""
        faiss.omp_set_num_threads(os.cpu_count() or 1)  # in this thread, which may have searched
        index = _trained(block)
        for start in range(0, len(block), STEP):
            index.add(whole(block.halves[start : start + STEP]))
        near = cls._judged(folder, block, index, recall)
        faiss.write_index(index, str(folder / INDEX))
        (folder / REPORT).write_text(json.dumps(asdict(near.report)), encoding="utf-8")
        return near

    @classmethod
    def _judged(cls, folder: Path, block: Block, index: Any, recall: float) -> Near:
        """With as much read again as it takes to find this share; all, if need be.

        A question is the mean of some vectors: like a real one, it is near to none of them.
        """
        sums = _sample(block, ASKED * MIXED)
        asked = sums[: len(sums) // MIXED * MIXED].reshape(-1, MIXED, block.index.d).sum(axis=1)
        _, best = block.index.search(asked, BEST)
        reread = REREAD
        while True:
            near = cls(folder, block, index, Report(reread, 0.0))
            _, found = near._search(asked, DEPTH)
            pairs = zip(best, found[:, :BEST], strict=True)
            share = float(np.mean([np.isin(*pair) for pair in pairs]))
            if share >= recall or reread * DEPTH >= len(block):
                return cls(folder, block, index, Report(reread, share))
            reread *= 2

    def link(self, folder: Path) -> None:
        """Put its files into `folder` too."""
        for name in (INDEX, REPORT):
            disk.link(self._folder / name, folder / name)

    def search(self, query: Vectors, n: int) -> tuple[Ids, Vectors]:
        """Positions and cosines of the nearest `n`, best first; it may miss some."""
        return self._together((query, n))

    def _several(self, asked: Sequence[tuple[Vectors, int]]) -> list[tuple[Ids, Vectors]]:
        queries = np.stack([query for query, _ in asked])
        scores, positions = self._search(queries, max(n for _, n in asked))
        return [
            (places[places >= 0][:n], cosines[places >= 0][:n])
            for places, cosines, (_, n) in zip(positions, scores, asked, strict=True)
        ]

    def _search(self, queries: Vectors, n: int) -> tuple[Vectors, Ids]:
        self._index.implem = ALONE if len(queries) == 1 else SEVERAL
        parameters = _PARAMETERS(k_factor=self.report.reread)
        scores, positions = self._refined.search(
            queries, min(n, len(self._block)), params=parameters
        )
        return scores, positions


_in_use: WeakValueDictionary[tuple[int, ...], Near] = WeakValueDictionary()


def _trained(block: Block) -> Any:
    """An empty index whose pairs fit the vectors of the block."""
    dim = block.index.d
    columns = 2 if dim % 2 == 0 else 1
    index: Any = faiss.IndexPQFastScan(dim, dim // columns, BITS, faiss.METRIC_INNER_PRODUCT)
    index.pq.cp.min_points_per_centroid = 1  # no warning
    sample = _sample(block, STEP)
    index.train(np.resize(sample, (max(len(sample), 2**BITS), dim)))  # it needs as many, at least
    return index


def _sample(block: Block, n: int) -> Vectors:
    """(n, dim) vectors from all over the block, in no order; fewer where it has fewer."""
    chosen = np.random.default_rng(0).choice(len(block), min(n, len(block)), replace=False)
    return whole(block.halves[chosen])
