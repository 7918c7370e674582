"""A process that answers from one large index: over HTTP, or from threads of its own.

    python -m eval.speed.serving INDEX http
    python -m eval.speed.serving INDEX QUESTIONS.json CLIENTS

The first listens until it is told to end; the second prints figures as JSON. Questions go through
the real model, whatever made the vectors of the index.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.speed.parts import latency, peak_bytes, seconds, times
from eval.wrapped import Wrapped
from rag import Assistant, Config
from rag.embed import Embedder, open_embedder
from rag.store.local import LocalStore

DEPTH = 10  # passages, the default of every interface
WARM = 40  # questions first


class Claiming(Wrapped):
    """The configured model under the name and fingerprint of the index that it is asked with."""

    def __init__(self, real: Embedder, settings: dict[str, str]) -> None:
        super().__init__(real)
        self.name, self.fingerprint = settings["model"], settings["fingerprint"]


def opened(index: Path) -> tuple[Assistant, Config]:
    config = Config.load()
    store = LocalStore(index)
    settings = store.settings()
    store.close()
    return Assistant(index, config, Claiming(open_embedder(config), settings)), config


def crowd(
    ask: Callable[[str], object], questions: Sequence[str], clients: int
) -> dict[str, float | int]:
    """All questions, from so many clients at once; an error of one is an error of all."""

    def one(question: str) -> float:
        return seconds(lambda: ask(question))

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = list(pool.map(one, questions))
    whole = time.perf_counter() - start
    return {**latency(taken), "per_second": len(questions) / whole, "clients": clients}


def measure(assistant: Assistant, questions: Sequence[str], clients: int) -> dict[str, Any]:
    """One client with the tenth part of the questions, then all clients with the others."""

    def search(question: str) -> object:
        return assistant.search(question, DEPTH)

    first = seconds(lambda: search(questions[0]))
    after = WARM + max(1, len(questions) // 10)
    for question in questions[:WARM]:
        search(question)
    return {
        "first_seconds": first,
        "alone": latency(times(search, questions[WARM:after])),
        "threads": crowd(search, questions[after:], clients),
        "peak_bytes": peak_bytes(),
    }


def main(arguments: Sequence[str]) -> None:
    assistant, config = opened(Path(arguments[0]))
    with assistant:
        if arguments[1] == "http":
            from rag.serve.app import build_app
            from rag.serve.run import listen

            app = build_app(assistant, replace(config, rate_limit=0))  # all clients are one address
            listen(app, "127.0.0.1", 0)
        else:
            questions = json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
            print(json.dumps(measure(assistant, questions, int(arguments[2]))))


if __name__ == "__main__":
    main(sys.argv[1:])
