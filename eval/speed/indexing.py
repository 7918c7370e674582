"""Indexing against other libraries: same weights, same passages, one run."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from eval.collection import indexed
from eval.datasets import QUESTIONS, read_questions
from eval.peers.libraries import PEERS
from eval.speed.once import OWN
from eval.speed.parts import Figures, Part, Row, Settings, child, latency, shown_ms
from rag import Config
from rag.embed.convert import torch_folder
from rag.ingest.chunk import chunk

ASKED = 50  # questions after indexing
MUST, GOAL = 3.5, 5.0


def measure(settings: Settings) -> Figures:
    return _measured(settings, [settings.corpus])


def measure_larger(settings: Settings) -> Figures:
    return _measured(settings, settings.larger)


def _measured(settings: Settings, corpus: Sequence[Path]) -> Figures:
    """Each round runs all, in turn forwards and backwards, each in a process of its own."""
    work = _work(corpus)
    names = [OWN, *(PEERS if settings.peers else ())]
    runs: dict[str, list[Any]] = {name: [] for name in names}
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        task = Path(scratch) / "task.json"
        task.write_text(json.dumps(work), encoding="utf-8")
        for number in range(settings.rounds):
            for name in names[:: -1 if number % 2 else 1]:
                python = settings.peers if name != OWN else None
                found = child(["eval.speed.once", name, task], python or sys.executable)
                print(f"  {name}: {found['seconds']:.1f} s", file=sys.stderr, flush=True)
                runs[name].append(found)
    characters = sum(map(len, work["texts"]))
    libraries = {}
    for name, found in runs.items():
        libraries[name] = {
            "seconds": [run["seconds"] for run in found],
            "cpu_seconds": [run["cpu_seconds"] for run in found],
            "characters_per_second": characters / median(run["seconds"] for run in found),
            "search": latency([second for run in found for second in run["questions"]]),
        }
    return {"characters": characters, "passages": len(work["passages"]), "libraries": libraries}


def rows(figures: Figures) -> Sequence[Row]:
    libraries = figures["libraries"]
    own = libraries[OWN]
    rate = own["characters_per_second"]
    size = f"{figures['characters']} characters"
    if len(libraries) == 1:
        return [Row(f"indexing, {size}", f"{rate:.0f} /s", "no peers: name --python")]
    found = [
        Row(
            f"indexing, {size}, against {name}",
            f"{rate:.0f} /s, {rate / other['characters_per_second']:.2f} ×",
            f"{other['characters_per_second']:.0f} /s",
            f"{MUST} ×, goal {GOAL:.0f} ×",
            rate >= MUST * other["characters_per_second"],
        )
        for name, other in libraries.items()
        if name != OWN
    ]
    found += [
        Row(f"search there, against {name}", shown_ms(own["search"]), shown_ms(other["search"]))
        for name, other in libraries.items()
        if name != OWN
    ]
    return found


def _work(corpus: Sequence[Path]) -> dict[str, list[str]]:
    """What both sides are given: folders; and their articles, cut, for those who do not cut."""
    config = Config.load()
    with indexed(corpus) as assistant:
        documents = [assistant.document(info.doc_id) for info in assistant.documents()]
        embedder = assistant.embedder
        chunks = [
            (document, found)
            for document in documents
            for found in chunk(
                document, embedder.count_tokens, config.chunk_tokens, embedder.max_tokens
            )
        ]
    return {
        "model": [config.model or str(torch_folder(config))],
        "corpus": [str(folder.resolve()) for folder in corpus],
        "texts": [document.text for document in documents],
        "passages": [found.span.of(document.text) for document, found in chunks],
        "questions": [question.question for question in read_questions(QUESTIONS)[:ASKED]],
    }


PART = Part("indexing", measure, rows)
LARGER_PART = Part("indexing-larger", measure_larger, rows)
