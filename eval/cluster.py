"""Indexing by Ray beside one process, and what is left of it when a node is killed on the way.

    python -m eval ray [--sentences 10000]
    python -m eval.cluster one|ray|killed ARTICLES INDEX     one run; prints JSON

Made-up articles are indexed by one process, by two workers of a cluster of its own, and by a
cluster of two nodes with a worker each, of which one is killed when half is done. Processor
seconds are those of all processes that a run starts, Ray's own included.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from eval.speed.corpus import Corpus
from eval.speed.parts import child
from rag import Assistant, Config, Filter
from rag.indexing import Indexer
from rag.store.local import LocalStore
from rag.store.opening import Index, open_store

WORKERS = 2
EVERY = 0.2  # seconds between two looks at the processes
RATE, SHARE, COSINE = 0.8, 0.9, 0.999  # to be reached


def report(sentences: int) -> str:
    """A table: each run's seconds, its processor seconds, and whether its index is the same."""
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        articles, home = Path(scratch) / "articles", Path(scratch)
        documents = Corpus().write(articles, sentences)
        runs = {
            name: child(["eval.cluster", name, articles, home / name])
            for name in ("one", "ray", "killed")
        }
        embedding = child(["eval.cluster", "embedding", articles, home / "one"])
        lines = [
            f"{documents} articles, {sentences} sentences, {WORKERS} processors",
            "| run | seconds | processor seconds | embedding | same text, spans | least cosine |",
            "|---|---|---|---|---|---|",
        ]
        for name, run in runs.items():
            same, cosine = alike(home / "one", home / name)
            share = embedding["cpu"] / run["cpu"]
            lines.append(
                f"| {name} | {run['seconds']:.1f} | {run['cpu']:.1f} | {share:.0%} "
                f"| {'yes' if same else 'NO'} | {cosine:.5f} |"
            )
        one, ray = runs["one"], runs["ray"]
        lines.append(
            f"Ray against one process: {one['seconds'] / ray['seconds']:.2f} × by the clock, of "
            f"which starting and ending {ray['seconds'] - ray['working']:.1f} s; "
            f"{one['cpu'] / ray['cpu']:.2f} × by processor seconds; to reach {RATE}"
        )
        return "\n".join(lines)


def alike(one: Index, other: Index) -> tuple[bool, float]:
    """Whether two indexes hold the same documents, chunks and spans; the least cosine of a pair."""
    (documents, chunks, vectors), found = contents(one), contents(other)
    same = (documents, chunks) == found[:2]
    return same, float((vectors * found[2]).sum(axis=1).min()) if same else 0.0


def contents(index: Index) -> tuple[list[Any], list[Any], Any]:
    """All documents, all chunks with their sentences and signatures, and all vectors in order."""
    store = open_store(index)
    with store.snapshot() as snapshot:
        documents = [
            (snapshot.document(info.doc_id), snapshot.removed(info.doc_id))
            for info in snapshot.documents(Filter())
        ]
        query = np.eye(1, int(store.settings()["dim"]), dtype=np.float32)[0]
        found = snapshot.candidates(query, {}, Filter(), snapshot.counts().chunks)
        chunks = sorted(found, key=lambda each: each.chunk.chunk_id)
        vectors = np.vstack([np.vstack([each.vectors, each.title]) for each in chunks])
    store.close()
    return documents, [(each.chunk, each.signature) for each in chunks], vectors


@contextmanager
def two_nodes() -> Iterator[tuple[str, Callable[[], None]]]:
    """A cluster of two nodes with a processor each: its address, and what kills one of them."""
    from rag.cluster import session  # noqa: F401  # sets what Ray reads when it is imported

    # isort: split
    from ray.cluster_utils import Cluster

    memory = {"object_store_memory": 128_000_000, "num_cpus": 1}
    with TemporaryDirectory(prefix="rag-ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        before = os.environ.get("RAY_TMPDIR")
        os.environ["RAY_TMPDIR"] = folder
        cluster = Cluster(True, head_node_args={"include_dashboard": False, **memory})
        try:
            second = cluster.add_node(**memory)
            yield cluster.address, lambda: cluster.remove_node(second, allow_graceful=False)
        finally:
            cluster.shutdown()
            if before is None:
                del os.environ["RAY_TMPDIR"]
            else:
                os.environ["RAY_TMPDIR"] = before


class Processor:
    """Seconds that this process and all below it have taken, those that ended meanwhile too."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}
        self._watching = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def seconds(self) -> float:
        """Ends the watch."""
        self._watching.set()
        self._thread.join()
        self._look()
        return sum(self._seen.values())

    def _watch(self) -> None:
        while not self._watching.wait(EVERY):
            self._look()

    def _look(self) -> None:
        parents, taken = {}, {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                number = int(path.parent.name)
                fields = path.read_text(errors="replace").rpartition(")")[2].split()
            except (OSError, ValueError):  # it has ended
                continue
            parents[number] = int(fields[1])
            taken[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        for number, seconds in taken.items():
            above = number
            while above in parents and above != os.getpid():
                above = parents[above]
            if above == os.getpid():
                self._seen[number] = max(seconds, self._seen.get(number, 0.0))


def main(arguments: Sequence[str]) -> None:
    name, articles, index = arguments[0], Path(arguments[1]), Path(arguments[2])
    found = _embedding(index) if name == "embedding" else _run(name, articles, index)
    print(json.dumps(found))


def _run(name: str, articles: Path, index: Path) -> dict[str, float]:
    processor, start = Processor(), time.perf_counter()
    half = sum(1 for _ in articles.rglob("*.md")) // 2
    first = last = 0.0
    with ExitStack() as stack:
        address, kill = None if name == "one" else "local", None
        if name == "killed":
            address, kill = stack.enter_context(two_nodes())

        def progress(done: int, _: int) -> None:
            nonlocal first, last
            last = time.perf_counter()
            first = first or last
            if done == half and kill is not None:
                kill()

        with Assistant(index, Config(threads=WORKERS)) as assistant:
            assistant.sync([articles], ray=address, progress=progress)
    return {
        "seconds": time.perf_counter() - start,
        "working": last - first,
        "cpu": processor.seconds(),
    }


def _embedding(index: Path) -> dict[str, float]:
    """Processor seconds for the model alone, in batches as they are committed."""
    from rag.embed import open_embedder
    from rag.pipeline import BATCH_SENTENCES

    embedder = open_embedder(Config(threads=WORKERS))
    indexer = Indexer(embedder, Config().chunk_tokens)
    store = LocalStore(index)
    with store.writer() as writer:
        inputs = list(indexer.inputs(map(indexer.record, writer.stored())).items())
    store.close()
    embedder.embed_documents(["Zum Warmwerden."] * 60)
    start = time.process_time()
    for first in range(0, len(inputs), BATCH_SENTENCES):
        indexer.embed(dict(inputs[first : first + BATCH_SENTENCES]))
    return {"cpu": time.process_time() - start}


if __name__ == "__main__":
    main(sys.argv[1:])
