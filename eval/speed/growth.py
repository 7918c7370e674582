"""How search grows with the index: latency, questions a second, memory and disk by part."""

from __future__ import annotations

import http.client
import json
import queue
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from eval.datasets import DatasetError
from eval.speed.corpus import Corpus, open_large
from eval.speed.parts import (
    ROOT,
    Figures,
    Part,
    Row,
    Settings,
    child,
    most_ms,
    peak_bytes,
    seconds,
    shown_ms,
)
from eval.speed.serving import WARM, crowd
from rag import Assistant, Config
from rag.progress import progress_bar
from rag.store import disk

P50, P95 = 30, 60  # ms, one client
PER_SECOND = 60  # questions, from all clients
TIMES = 3  # slower at the largest size than at the smallest
MEMORY, DISK = 1.6e9, 3e9  # bytes, at a million sentences


def measure(settings: Settings) -> Figures:
    settings.scratch.mkdir(parents=True, exist_ok=True)
    corpus = Corpus()
    asked = settings.scratch / "questions.json"
    questions = corpus.questions(settings.questions + WARM)
    asked.write_text(json.dumps(questions), encoding="utf-8")
    found = []
    for size in settings.sizes:
        index, built = _index(settings, corpus, size)
        print(f"  {size} sentences: asking", file=sys.stderr, flush=True)
        disk.manifest(index, anew=True)  # reads all files: how fast the disk is, is not asked here
        figures = child(["eval.speed.serving", index, asked, str(settings.clients)])
        figures["http"] = _over_http(index, questions, settings.clients)
        found.append({"asked_for": size, **_sizes(index), "build_seconds": built, **figures})
    return {"sizes": found}


def rows(figures: Figures) -> Sequence[Row]:
    sizes = sorted(figures["sizes"], key=lambda each: int(each["sentences"]))
    found = [row for each in sizes for row in _rows(each)]
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        slower = last["alone"]["p50_ms"] / first["alone"]["p50_ms"]
        larger = last["sentences"] / first["sentences"]
        found.append(
            Row(
                f"search at {_size(last)} beside {_size(first)} sentences, p50",
                f"{slower:.1f} ×",
                f"the index: {larger:.0f} ×",
                f"{TIMES} ×",
                slower <= TIMES,
            )
        )
    return found


def _rows(each: dict[str, Any]) -> Iterator[Row]:
    at = f"at {_size(each)} sentences"
    share = each["sentences"] / 1e6
    memory = max(each["peak_bytes"], each["http"]["peak_bytes"])
    parts = ", ".join(f"{name} {size / 1e9:.2f}" for name, size in each["disk"].items())
    disk = sum(each["disk"].values())
    yield Row(
        f"search {at}, one client, p50 / p95",
        shown_ms(each["alone"]),
        "",
        f"{P50} / {P95} ms",
        most_ms(each["alone"], P50, P95),
    )
    for name in ("threads", "http"):
        many = each[name]
        yield Row(
            f"search {at}, {many['clients']} clients, {name}",
            f"{many['per_second']:.0f} /s, {shown_ms(many)}",
            "",
            f"{PER_SECOND} /s",
            many["per_second"] >= PER_SECOND,
        )
    limit = f"{MEMORY / 1e9:.1f} GB at 10⁶"
    yield Row(
        f"memory {at}, peak",
        f"{memory / 1e9:.2f} GB",
        f"its vectors alone, fp32: {each['vector_bytes'] / 1e9:.2f} GB",
        limit,
        memory <= MEMORY,
    )
    yield Row(
        f"disk {at}",
        f"{disk / 1e9:.2f} GB",
        parts,
        f"{DISK / 1e9:.0f} GB at 10⁶",
        disk <= DISK * max(1.0, share),
    )


def _size(each: dict[str, Any]) -> str:
    return f"{each['sentences']:,}".replace(",", " ")


def _index(settings: Settings, corpus: Corpus, size: int) -> tuple[Path, float]:
    """The index of so many sentences and the seconds that it took, 0 where it was there."""
    index = settings.scratch / f"index-{size}"
    done = settings.scratch / f"index-{size}.done"
    if done.exists():
        return index, float(done.read_text())
    articles = settings.scratch / f"articles-{size}"
    corpus.write(articles, size)
    config = Config.load()
    embedder = open_large(config, settings.scratch / "real.npz", corpus)
    with (
        Assistant(index, config, embedder) as assistant,
        progress_bar(f"Indexing {size} sentences") as progress,
    ):
        took = seconds(lambda: assistant.sync([articles], progress=progress))
    done.write_text(str(took))
    return index, took


def _sizes(index: Path) -> dict[str, Any]:
    """Documents, sentences, and bytes on the disk by part."""
    with closing(sqlite3.connect(f"file:{index / 'catalog.sqlite'}?mode=ro", uri=True)) as catalog:
        (documents,) = catalog.execute("SELECT count(*) FROM documents").fetchone()
        (sentences,) = catalog.execute("SELECT count(*) FROM sentences").fetchone()
        (vectors,) = catalog.execute("SELECT sum(length(value)) FROM vectors").fetchone()
        (dim,) = catalog.execute("SELECT value FROM settings WHERE name = 'dim'").fetchone()
    disk = {"catalog, its vectors": vectors}
    for path in index.rglob("*"):
        if path.is_file():
            part = path.relative_to(index).parts[0].partition("-")[0]
            name = "catalog, the rest" if part.startswith("catalog") else part
            disk[name] = disk.get(name, 0) + path.stat().st_size
    disk["catalog, the rest"] -= vectors
    return {
        "documents": documents,
        "sentences": sentences,
        "disk": disk,
        "vector_bytes": sentences * int(dim) * 4,
    }


def _over_http(index: Path, questions: Sequence[str], clients: int) -> dict[str, Any]:
    """The same through the server, which is a process of its own; this one is the clients."""
    with _served(index) as (address, process):
        connections: queue.SimpleQueue[http.client.HTTPConnection] = queue.SimpleQueue()
        for _ in range(clients):
            connections.put(http.client.HTTPConnection(address, timeout=60))

        def ask(question: str) -> None:
            connection = connections.get()
            body = json.dumps({"question": question})
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/v1/search", body, headers)
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != http.client.OK:
                raise DatasetError(f"the server says {reply.status}: {text[:200]!r}")
            connections.put(connection)

        for question in questions[:WARM]:
            ask(question)
        found = crowd(ask, questions[WARM + len(questions) // 10 :], clients)
        while not connections.empty():
            connections.get().close()
        return {**found, "peak_bytes": peak_bytes(process.pid)}


@contextmanager
def _served(index: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "eval.speed.serving", str(index), "http"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://(\S+:\d+)", line):
                yield found[1], process
                return
        raise DatasetError(f"{' '.join(command)}: ended with exit code {process.wait()}")
    finally:
        process.terminate()
        process.communicate()


PART = Part("growth", measure, rows)
