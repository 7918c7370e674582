"""A process that changes an index until it dies, and says what it has committed.

    python -m eval.trust.durable_driver FOLDER SEED ROUNDS

`FOLDER/said` gets a line of JSON for each step: `["apply", {id: text or null}]` before a commit,
`["done"]` after it, `["ready"]` between operations. The parts are the real ones, but for the
model: `HashEmbedder` makes the vectors.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import rag.pipeline
import rag.store.local
from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.purging import purge
from rag.store import Delta, writer
from rag.store.dense import Tuning
from rag.store.local import LocalStore

OPERATIONS = ("add", "update", "remove", "rebuild", "compaction", "purge")
POINTS = (
    "before commit",
    "inside commit",
    "after commit",
    "caches written",
    "vectors renamed",
    "lexical renamed",
    "inside publish",
    "published",
)
OF_PURGE = ("before vacuum", "vacuumed")
PLACES = tuple(f"{n % 3}/{n}.md" for n in range(12))
SAID, INDEX, ARTICLES = "said", "index", "articles"
SMALL = Tuning(exact=4, recall=1.0, stale=0.5)  # caches as large ones are, of few rows
WORDS = ("Mauer", "Brücke", "Halle", "Schleuse", "Werft", "Mühle", "Kapelle", "Scheune")


class SmallStore(LocalStore):
    """With tails, marks and codes, and compacted often."""

    def __init__(self, folder: Path, tuning: Tuning = SMALL) -> None:
        super().__init__(folder, tuning)

    @classmethod
    def create(
        cls, folder: Path, settings: Mapping[str, str], tuning: Tuning = SMALL
    ) -> LocalStore:
        return super().create(folder, settings, tuning)


def open_assistant(folder: Path) -> Assistant:
    setattr(rag.store.local, "LocalStore", SmallStore)  # noqa: B010
    return Assistant(folder / INDEX, Config(), HashEmbedder(16))


def sentence(number: int) -> str:
    """One that stands in no other document."""
    return f"Die {WORDS[number % len(WORDS)]} von Ort{number} ist seit heute {number} Meter hoch."


def work(folder: Path, seed: int, operation: str, point: str, times: int, rounds: int = 0) -> None:
    """Go on for so many rounds, or until killed: by itself at the `times`th pass of `point`."""
    generator = random.Random(seed)
    said = os.open(folder / SAID, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    announce_commits(partial(_say, said))
    rag.pipeline.BATCH_SENTENCES = 4
    assistant = open_assistant(folder)
    (folder / ARTICLES).mkdir(parents=True, exist_ok=True)
    _say(said, "ready")
    armed = False
    for _ in range(rounds or 30):
        chosen = operation or OPERATIONS[generator.randrange(len(OPERATIONS))]
        _arrange(folder, chosen, generator)
        if not armed:
            kill_at(point, times)
            armed = True
        _operate(assistant, folder, chosen, generator)
        _say(said, "ready")
    if not rounds:
        os.kill(os.getpid(), signal.SIGKILL)


def _arrange(folder: Path, operation: str, generator: random.Random) -> None:
    """Change the articles as the operation needs it."""
    articles = folder / ARTICLES
    there = [place for place in PLACES if (articles / place).exists()]
    missing = [place for place in PLACES if place not in there]
    if operation == "remove" and there:
        for place in generator.sample(there, min(len(there), generator.randint(1, 3))):
            (articles / place).unlink()
        return
    few = 6 if operation == "compaction" else 3
    places = there if operation in ("update", "compaction") and there else missing or there
    for place in generator.sample(places, min(len(places), generator.randint(1, few))):
        numbers = generator.sample(range(100_000), generator.randint(1, 5))
        text = " ".join(map(sentence, numbers))
        path = articles / place
        path.parent.mkdir(exist_ok=True)
        hidden = path.with_name(f".{path.name}")
        hidden.write_text(f"---\nlanguage: de\n---\n{text}\n", encoding="utf-8")
        hidden.replace(path)  # whole or not at all


def _operate(assistant: Assistant, folder: Path, operation: str, generator: random.Random) -> None:
    assistant.sync(
        [folder / ARTICLES], prune=True, rebuild=operation == "rebuild", restore=operation == "add"
    )
    known = [info.doc_id for info in assistant.documents()]
    if operation == "purge" and known:
        purge(folder / INDEX, [generator.choice(known)])


def _say(said: int, *values: object) -> None:
    os.write(said, f"{json.dumps(values)}\n".encode())


def kill_at(point: str, times: int) -> None:
    """Kill this process at the `times`th pass of a write point."""
    passed = 0

    def write_point(name: str) -> None:
        nonlocal passed
        passed += name == point
        if passed and passed == times:
            os.kill(os.getpid(), signal.SIGKILL)

    writer.write_point = write_point


def announce_commits(say: Callable[..., None]) -> None:
    """From now on each commit of this process is said, before it and after it."""
    apply = writer.LocalWriter.apply

    def announced(self: writer.LocalWriter, delta: Delta) -> int:
        upsert = list(delta.upsert)
        change = dict.fromkeys(delta.remove) | {
            record.document.doc_id: record.document.text for record in upsert
        }
        say("apply", change)
        new = apply(self, dataclasses.replace(delta, upsert=upsert))
        say("done")
        return new

    setattr(writer.LocalWriter, "apply", announced)  # noqa: B010


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]), "", "", 0, int(sys.argv[3]))
