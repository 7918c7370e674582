"""Whether made vectors lie as real ones do, and what the codes find among real ones.

    python -m eval.speed.likeness SCRATCH --size 1000000

SCRATCH is that of `python -m eval speed`: `real.npz` has the real vectors, `index-1000000` the made
ones. Printed are deciles 1, 5 and 9 of the distance to the 1st, 10th and 100th neighbour, of
sentences and of questions, and the share of the true ten and hundred nearest that codes find.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval.datasets import DatasetError
from rag.config import Config
from rag.embed import open_embedder
from rag.store.block import LINES, Block
from rag.store.near import Near
from rag.store.precision import Halves, whole
from rag.types import Vectors

NEIGHBOURS = (1, 10, 100)
DECILES = (0.1, 0.5, 0.9)
ASKED = 100  # of each kind
DEPTH = 100  # sentences that codes are asked for: little, for there are few real ones


def block_of(halves: Halves, folder: Path) -> Block:
    """A block of these vectors alone."""
    numbers = np.stack([np.arange(len(halves), dtype=np.int64)] * len(LINES))
    return Block.write(folder / "base", [(numbers, halves)], halves.shape[1])


def distances(block: Block, asked: Vectors, itself: bool) -> dict[int, list[float]]:
    """Deciles of the distance to each of `NEIGHBOURS`; `itself` is one of the block and no other.

    >>> distances(block, questions, False)
    {1: [0.572, 0.595, 0.615], 10: [0.591, 0.614, 0.632], 100: [0.613, 0.632, 0.648]}
    """
    cosines, _ = block.index.search(asked, max(NEIGHBOURS) + itself)
    far = np.sqrt(np.maximum(0, 2 - 2 * cosines[:, int(itself) :]))
    return {k: np.quantile(far[:, k - 1], DECILES).round(3).tolist() for k in NEIGHBOURS}


def found(block: Block, near: Near, asked: Vectors) -> dict[int, float]:
    """The share of the true nearest ten and hundred that codes find."""
    shares: dict[int, list[float]] = {k: [] for k in NEIGHBOURS[1:]}
    for query in asked:
        best, _ = block.search(query, DEPTH, None)
        positions, _ = near.search(query, DEPTH)
        for k, own in shares.items():
            own.append(float(np.isin(best[:k], positions[:k]).mean()))
    return {k: float(np.mean(own)) for k, own in shares.items()}


def report(scratch: Path, size: int, questions: Vectors) -> Iterator[str]:
    """The lines; `questions` are (n, dim) unit rows. Raises DatasetError where a file is missing"""
    index, real = scratch / f"index-{size}", scratch / "real.npz"
    made = next(iter(sorted(index.glob("vectors-*/de"))), None)
    if made is None or not real.exists():
        raise DatasetError(f"{scratch}: no {real.name} or {index.name}; run: python -m eval speed")
    with np.load(real) as held:
        halves = held["vectors"]
    large, generator = Block(made / "base"), np.random.default_rng(0)
    some = generator.choice(len(large), min(len(halves), len(large)), replace=False)
    kinds = {"real": halves, f"made, {len(some)} of {len(large)}": large.halves[np.sort(some)]}
    for name, rows in kinds.items():
        with TemporaryDirectory(prefix="rag-eval-") as folder:
            block = block_of(rows, Path(folder))
            sentences = whole(rows[generator.choice(len(rows), ASKED)])
            yield f"{name}: {len(rows)} sentences"
            for what, asked in (("sentences", sentences), ("questions", questions)):
                yield f"  {what}, distance: {distances(block, asked, what == 'sentences')}"
                near = Near.load(Path(folder), block) if Near.is_at(Path(folder)) else None
                near = near or Near.build(Path(folder), block, 0.97)
                yield f"  {what}, found: {found(block, near, asked)}, {near.report}"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.speed.likeness")
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--size", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    texts = json.loads((options.scratch / "questions.json").read_text(encoding="utf-8"))[:ASKED]
    questions = open_embedder(Config.load()).embed_queries(texts)
    for line in report(options.scratch, options.size, questions):
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
