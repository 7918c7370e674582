"""One library, one time: index the articles, ask the questions, print the times as JSON.

Run as a process of its own, in this environment or in that of the peers.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.speed.parts import seconds, times

OWN = "rag"
DEPTH = 10  # passages that a question is answered with
WARM = ["Zum Warmwerden."] * 200  # more than one batch


def main(arguments: Sequence[str]) -> None:
    name, task = arguments
    work = json.loads(Path(task).read_text(encoding="utf-8"))
    print(json.dumps(own(work) if name == OWN else peer(name, work)))


def own(work: dict[str, list[str]]) -> dict[str, object]:
    """All of `rag index`, from files to caches on the disk, by a process that has done it once.

    Loading the model and the modules is not timed, as it is not for the others.
    """
    from rag import Assistant, Config

    with (
        TemporaryDirectory(prefix="rag-eval-") as scratch,
        Assistant(Path(scratch) / "index", Config.load()) as assistant,
    ):
        folder = Path(scratch) / "warm"
        folder.mkdir()
        (folder / "warm.txt").write_text("\n".join(WARM), encoding="utf-8")
        assistant.embedder.embed_documents(WARM)
        with Assistant(Path(scratch) / "other", Config.load(), assistant.embedder) as other:
            other.sync([folder])
        return {
            **_timed(lambda: assistant.sync(work["corpus"])),
            "questions": _asked(lambda q: assistant.search(q, DEPTH), work["questions"]),
        }


def peer(name: str, work: dict[str, list[str]]) -> dict[str, object]:
    """The passages as this project cuts them, in memory: nothing is read, cut or written."""
    from eval.peers.libraries import PEERS

    opened = PEERS[name](Path(work["model"][0]), DEPTH)
    opened.index([("warm", text) for text in WARM[:2]])
    texts = [(str(number), text) for number, text in enumerate(work["passages"])]
    return {
        **_timed(lambda: opened.index(texts)),
        "questions": _asked(lambda q: list(opened.search("dense", q)), work["questions"]),
    }


def _timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds, and those of all cores together, which other work on the machine changes less."""
    busy = time.process_time()
    return {"seconds": seconds(work), "cpu_seconds": time.process_time() - busy}


def _asked(search: Callable[[str], Iterable[object]], questions: Sequence[str]) -> list[float]:
    """Seconds that each question took, after one to warm up."""
    search("Wann?")
    return times(search, questions)


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"  # the model is a folder; nothing is to be fetched
    main(sys.argv[1:])
