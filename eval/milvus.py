"""The same articles and questions in a folder and in Milvus: time, and whether the hits agree.

    python -m eval.milvus FOLDER milvus:./archive.db [HOW_MANY [dev|test]]

copies the index of a folder into Milvus, unless it is there, without embedding anything, and asks
both the sample's questions of one half, each for ten passages. The model's time is not counted.
CPU time is that of all processes, the embedded engine's included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.cluster import Processor
from eval.datasets import QUESTIONS, read_questions
from eval.measures import percentile
from eval.wrapped import Wrapped
from rag.config import Config
from rag.embed import Embedder, open_embedder
from rag.errors import IndexNotFound
from rag.search.retriever import retrieve
from rag.store import Store
from rag.store.local import LocalStore
from rag.store.opening import make_store, open_store
from rag.types import Filter, Vectors

HITS = 10


class Known(Wrapped):
    """An embedder that reads each question once."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder)
        self._rows: dict[str, tuple[Vectors, Vectors]] = {}

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_questions(texts)[0]

    def embed_questions(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        (text,) = texts
        if text not in self._rows:
            self._rows[text] = self.behind.embed_questions([text])
        return self._rows[text]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one store gave for each question: seconds, and the best passages."""

    seconds: list[float]
    cpu: float  # seconds a question, of all threads
    hits: list[list[str]]


def ask(store: Store, embedder: Embedder, questions: list[str]) -> Asked:
    seconds, hits = [], []
    with store.snapshot() as snapshot:  # what is loaded late
        retrieve(snapshot, embedder, questions[0], HITS, Filter())
    busy = Processor().seconds()
    for question in questions:
        begin = time.perf_counter()
        with store.snapshot() as snapshot:
            _, evidence = retrieve(snapshot, embedder, question, HITS, Filter())
        seconds.append(time.perf_counter() - begin)
        hits.append([hit.chunk.chunk_id for hit in evidence.hits])
    return Asked(seconds, (Processor().seconds() - busy) / len(questions), hits)


def main(folder: str, index: str, most: str = "100", half: str = "dev") -> None:
    local = LocalStore(Path(folder))
    try:
        other = open_store(index)
    except IndexNotFound:
        begin = Processor().seconds()
        with local.rows() as rows:
            make_store(index, rows)
        other = open_store(index)
        print(f"copied in {Processor().seconds() - begin:.0f} s of CPU", file=sys.stderr)
    questions = [q.question for q in read_questions(QUESTIONS) if q.split == half][: int(most)]
    known = Known(open_embedder(Config.load()))
    ask(local, known, questions)  # so that both are asked what the model has read
    found = {"folder": ask(local, known, questions), "milvus": ask(other, known, questions)}
    with other.snapshot() as snapshot:
        print(f"{snapshot.counts().sentences} sentences, {len(questions)} questions")
    for name, asked in found.items():
        p50, p95 = (1000 * percentile(asked.seconds, share) for share in (50, 95))
        print(f"{name}: p50 {p50:.0f}, p95 {p95:.0f} ms; {1000 * asked.cpu:.0f} ms of CPU")
    pairs = list(zip(found["folder"].hits, found["milvus"].hits, strict=True))
    same = sum(a == b for a, b in pairs)
    shared = sum(len({*a} & {*b}) for a, b in pairs) / sum(len(a) for a, _ in pairs)
    print(f"the same ten in the same order: {same} of {len(pairs)}; of all hits {shared:.3f}")
    other.close()
    local.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
