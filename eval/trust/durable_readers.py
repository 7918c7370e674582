"""Readers during syncs: each sees the old or the new generation, never a mixture.

In every generation all documents say the same number, so that two numbers in what one question sees
are a mixture. A process of its own writes; the readers are threads of this one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from eval.trust.durable_driver import open_assistant
from eval.trust.parts import ROOT, Outcome, Part, Settings
from rag.assistant import Assistant
from rag.store import Snapshot
from rag.types import Filter

READERS = 16
MINUTES = 10.0
DOCUMENTS = 8
_NUMBER = re.compile(r"Stand (\d+)")


def text_of(document: int, number: int) -> str:
    return f"Stand {number}: Die Brücke von Ort{document} misst {number} Meter. Sie ist neu."


def write(folder: Path) -> None:
    """Commit one generation after another, until this process is ended."""
    import rag.pipeline

    articles = folder / "articles"
    articles.mkdir(exist_ok=True)
    assistant = open_assistant(folder)
    number = 0
    rag.pipeline.FIRST_SENTENCES = rag.pipeline.BATCH_SENTENCES = 10**9  # one commit for all
    while True:
        number += 1
        for document in range(DOCUMENTS):
            path = articles / f"{document}.md"
            path.write_text(f"---\nlanguage: de\n---\n{text_of(document, number)}\n", "utf-8")
        assistant.sync([articles])
        print(number, flush=True)


class _Readers:
    """What the threads found together."""

    def __init__(self, folder: Path) -> None:
        self.assistant: Assistant = open_assistant(folder)
        self.questions = 0
        self.numbers: set[str] = set()
        self.broken: list[str] = []
        self.ended = threading.Event()

    def read(self, reader: int) -> None:
        while not self.ended.is_set():
            try:
                found = list(self._question(reader))
            except Exception as error:  # a thread's error is a finding
                found = [f"{type(error).__name__}: {error}"]
            self.questions += 1
            self.broken += found

    def _question(self, reader: int) -> Iterator[str]:
        place = f"Ort{reader % DOCUMENTS}"
        answer = self.assistant.ask(f"Wie viele Meter misst die Brücke von {place}?")
        seen = {hit.document.doc_id: hit.document.text for hit in answer.evidence.hits}
        yield from self._mixed(seen, "an answer")
        for citation in answer.citations:
            if citation.span.of(citation.document.text) != citation.quote:
                yield f"{citation.quote!r} is not what stands in {citation.document.doc_id}"
        with self.assistant._opened().snapshot() as snapshot:
            yield from self._mixed(_all(snapshot), "a snapshot")

    def _mixed(self, seen: dict[str, str], what: str) -> Iterator[str]:
        numbers = {match[1] for text in seen.values() if (match := _NUMBER.search(text))}
        self.numbers |= numbers
        if len(numbers) != 1:
            yield f"{what} sees the generations {sorted(numbers)} at once"


def _all(snapshot: Snapshot) -> dict[str, str]:
    infos = snapshot.documents(Filter())
    time.sleep(0.01)  # for a sync to come between
    return {info.doc_id: snapshot.document(info.doc_id).text for info in infos}


def _run(settings: Settings) -> Outcome:
    seconds = 60 * (settings.minutes or MINUTES)
    folder = settings.scratch / "readers"
    folder.mkdir()
    command = [sys.executable, "-m", "eval.trust.durable_readers", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        readers = _Readers(folder)
        threads = [
            threading.Thread(target=readers.read, args=(number,))
            for number in range(settings.count or READERS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        readers.ended.set()
        for thread in threads:
            thread.join()
        if writer.poll() is not None:
            readers.broken.append(f"the writer ended by itself with {writer.returncode}")
        writer.kill()
    readers.broken += readers.assistant.verify()
    readers.assistant.close()
    return Outcome(
        readers.questions,
        tuple(readers.broken),
        f"{len(threads)} readers, {len(readers.numbers):,} generations seen, {seconds:.0f} s",
        {"generations": len(readers.numbers)},
    )


PART = Part(
    "readers",
    "a reader during a sync sees the old or the new generation, never a mixture",
    "questions",
    _run,
)

if __name__ == "__main__":
    write(Path(sys.argv[1]))
