"""A process that syncs a changing folder until it is killed, and says what it has committed.

    python -m tests.store.driver FOLDER SEED [POINT N]

kills itself at the `N`th time that it passes the write point `POINT`. Each line it prints is JSON:
`["apply", {id: text or null}]` before a commit, `["done"]` after it, `["ready"]` after a sync.
"""

from __future__ import annotations

import dataclasses
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import rag.indexing
import rag.sync
from eval.trust.durable_driver import kill_at
from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.store import Delta, writer
from tests.trees import write

FILES = ("a.txt", "b.txt", "c.md", "sub/d.txt", "sub/e.md", "f.txt", "g.txt", "h.txt")
DIM = 16


def open_assistant(folder: Path) -> Assistant:
    return Assistant(folder / "index", Config(), HashEmbedder(DIM))


def main(folder: Path, seed: int, point: str = "", times: str = "0") -> None:
    kill_at(point, int(times))
    _announce_commits()
    for module in (rag.sync, rag.indexing):
        setattr(module, "BATCH_SENTENCES", 4)  # noqa: B010
    generator = random.Random(seed)
    assistant = open_assistant(folder)
    articles = folder / "articles"
    articles.mkdir(parents=True, exist_ok=True)
    while True:
        for name in generator.sample(FILES, generator.randint(1, 4)):
            if generator.random() < 0.25:
                (articles / name).unlink(missing_ok=True)
                continue
            sentences = generator.sample(range(1_000), generator.randint(1, 4))
            text = " ".join(f"Dies ist der {n}. neue Satz hier." for n in sentences)
            (articles / name).parent.mkdir(exist_ok=True)
            write(articles / ".hidden", text).replace(articles / name)  # whole or not at all
        assistant.sync([articles], prune=True, rebuild=generator.random() < 0.15)
        _say("ready")


def _say(*values: object) -> None:
    print(json.dumps(values), flush=True)


def _announce_commits() -> None:
    apply: Callable[[writer.LocalWriter, Delta], int] = writer.LocalWriter.apply

    def announced(self: writer.LocalWriter, delta: Delta) -> int:
        upsert = list(delta.upsert)
        change = dict.fromkeys(delta.remove) | {
            record.document.doc_id: record.document.text for record in upsert
        }
        _say("apply", change)
        new = apply(self, dataclasses.replace(delta, upsert=upsert))
        _say("done")
        return new

    setattr(writer.LocalWriter, "apply", announced)  # noqa: B010


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
