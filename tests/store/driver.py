"""A process that syncs a changing folder until it is killed, and says what it has committed.

Each thing it says is JSON: `["apply", {id: text or null}]` before a commit, `["done"]` after it,
`["ready"]` after a sync.
"""

from __future__ import annotations

import json
import random
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import rag.pipeline
from eval.trust.durable_driver import announce_commits, kill_at
from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from tests.trees import write

FILES = ("a.txt", "b.txt", "c.md", "sub/d.txt", "sub/e.md", "f.txt", "g.txt", "h.txt")
DIM = 16


def open_assistant(folder: Path) -> Assistant:
    return Assistant(folder / "index", Config(), HashEmbedder(DIM))


def main(folder: Path, seed: int, said: Connection, point: str = "", times: int = 0) -> None:
    """Go on until killed; by itself at the `times`th pass of the write point `point`."""
    kill_at(point, times)
    announce_commits(partial(_say, said))
    rag.pipeline.BATCH_SENTENCES = 4
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
        _say(said, "ready")


def _say(said: Connection, *values: object) -> None:
    said.send_bytes(json.dumps(values).encode())
