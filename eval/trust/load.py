"""Under load: one server process, 50 clients at 80 % of its capacity, and a writer meanwhile.

The index has `--count` made-up sentences; it is built once and kept beside those of `eval speed`.
All clients are in this process and share the machine with the server.
"""

from __future__ import annotations

import http.client
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from eval.datasets import ARTICLES
from eval.measures import percentile
from eval.speed import growth
from eval.speed.corpus import Corpus
from eval.speed.parts import Settings as SpeedSettings
from eval.trust.parts import Outcome, Part, Settings
from eval.trust.serving import Server, served
from rag import Config

SENTENCES, MINUTES = 100_000, 30.0
CLIENTS, SHARE = 50, 0.8  # of the capacity
MEASURED = 20.0  # seconds that the capacity is measured, after as many to warm up
GROWTH, SPREAD = 1.05, 10.0  # of memory after warm-up; p99 beside p50
CROWD = 300  # clients at once: more than wait in line
PATIENCE = 60.0  # seconds for one reply, and for the server to recover


@dataclass(slots=True)
class Found:
    """What came back, from all threads."""

    statuses: Counter[int] = field(default_factory=Counter)
    taken: list[float] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)  # bytes, each second
    broken: list[str] = field(default_factory=list)

    def ask(self, server: Server, question: str) -> int:
        """The status; a connection of its own, so that nothing is shared."""
        start = time.perf_counter()
        try:
            status, headers, body = server.post("/v1/search", {"question": question}, PATIENCE)
        except (OSError, http.client.HTTPException) as error:
            self.broken.append(f"{type(error).__name__}: {error}")
            return 0
        self.taken.append(time.perf_counter() - start)
        self.statuses[status] += 1
        if status == http.client.TOO_MANY_REQUESTS and not headers.get("Retry-After"):
            self.broken.append("429 without Retry-After")
        if status not in (http.client.OK, http.client.TOO_MANY_REQUESTS):
            self.broken.append(f"{status}: {body[:200]!r}")
        return status


def crowd(clients: int, seconds: float, one: Callable[[int], object]) -> None:
    """So many threads, each calling `one` again and again for so long."""
    end = time.monotonic() + seconds

    def run(client: int) -> None:
        while time.monotonic() < end:
            one(client)

    threads = [threading.Thread(target=run, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def capacity(server: Server, questions: list[str]) -> float:
    """Questions a second that the server answers to as many clients as it works for at once."""
    warm, found = Found(), Found()
    crowd(8, MEASURED, lambda _: warm.ask(server, random.choice(questions)))
    crowd(8, MEASURED, lambda _: found.ask(server, random.choice(questions)))
    return found.statuses[http.client.OK] / MEASURED


def steady(server: Server, questions: list[str], rate: float, seconds: float) -> Found:
    """Each client asks at its own times, together `rate` a second, while others write and watch."""
    found = Found()
    pause = CLIENTS / rate

    def one(_: int) -> None:
        start = time.monotonic()
        if found.ask(server, random.choice(questions)) == http.client.TOO_MANY_REQUESTS:
            found.broken.append("429 at 80 % of the capacity")
        time.sleep(max(0.0, random.uniform(0, 2 * pause) - (time.monotonic() - start)))

    end = time.monotonic() + seconds
    beside = [threading.Thread(target=each, args=(server, found, end)) for each in (_write, _watch)]
    for thread in beside:
        thread.start()
    crowd(CLIENTS, seconds, one)
    for thread in beside:
        thread.join()
    return found


def _watch(server: Server, found: Found, end: float) -> None:
    while time.monotonic() < end:
        found.resident.append(server.resident())
        time.sleep(1)


def _write(server: Server, found: Found, end: float) -> None:
    """Add a document, remove the one before it, and so on."""
    number = 0
    while time.monotonic() < end:
        number += 1
        row = {"id": f"load-{number}", "text": f"Der Turm von Ort{number} ist {number} Meter hoch."}
        try:
            status, _, body = server.post("/v1/documents", {"documents": [row]}, PATIENCE)
            if status == http.client.OK and number > 1:
                status, body = server.delete(f"/v1/documents/load-{number - 1}", PATIENCE)
        except (OSError, http.client.HTTPException) as error:
            found.broken.append(f"writing: {type(error).__name__}: {error}")
        else:
            if status not in (http.client.OK, http.client.NO_CONTENT):
                found.broken.append(f"writing: {status}: {body[:200]!r}")
        time.sleep(1)


def overload(server: Server, questions: list[str]) -> Iterator[str]:
    """Far too many at once are told to come back, and soon after the next one is answered."""
    found = Found()
    crowd(CROWD, 10, lambda _: found.ask(server, random.choice(questions)))
    yield from found.broken
    if not found.statuses[http.client.TOO_MANY_REQUESTS]:
        yield f"{CROWD} clients at once, and none was told to come back: {dict(found.statuses)}"
    time.sleep(5)
    if Found().ask(server, questions[0]) != http.client.OK:
        yield "the server does not recover from overload"


def drain(server: Server, questions: list[str]) -> Iterator[str]:
    """After SIGTERM what was begun is answered, and the process ends."""
    found = Found()
    threads = [
        threading.Thread(target=found.ask, args=(server, question)) for question in questions[:16]
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    server.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    yield from (f"while draining: {line}" for line in found.broken)
    if server.process.wait(PATIENCE) is None:
        yield "the server does not end"


def _tenths(resident: list[int]) -> list[float]:
    """The middle of each: from second to second it goes up and down by a tenth."""
    parts = np.array_split(resident, min(10, len(resident)))
    return [percentile(part.tolist(), 50) for part in parts]


def _run(settings: Settings) -> Outcome:
    seconds = 60 * (settings.minutes or MINUTES)
    corpus = Corpus()
    home = Config.load().cache_dir / "eval" / "speed"
    home.mkdir(parents=True, exist_ok=True)
    built, _ = growth._index(SpeedSettings(ARTICLES, home), corpus, settings.count or SENTENCES)
    index = settings.scratch / "index"
    shutil.copytree(built, index)
    questions = corpus.questions(2_000)
    with served(index) as server:
        rate = SHARE * capacity(server, questions)
        warm = steady(server, questions, rate, seconds / 10)
        found = steady(server, questions, rate, seconds)
        held = _tenths(found.resident)
        shown_mb = [f"{each / 1e6:.0f}" for each in held]
        broken = [*warm.broken, *found.broken]
        p50, p99 = percentile(found.taken, 50), percentile(found.taken, 99)
        if held[-1] > GROWTH * held[0]:
            broken.append(f"memory grew from {shown_mb[0]} to {shown_mb[-1]} MB")
        if p99 > SPREAD * p50:
            broken.append(f"p99 is {1000 * p99:.0f} ms, p50 {1000 * p50:.0f} ms")
        broken += overload(server, questions)
        broken += drain(server, questions)
    shown = (
        f"{rate:.0f} /s for {seconds / 60:.0f} min; p50 {1000 * p50:.0f}, p99 {1000 * p99:.0f} ms; "
        f"memory by tenths {' '.join(shown_mb)} MB"
    )
    return Outcome(len(found.taken), tuple(broken), shown)


PART = Part(
    "load",
    "80 % of the capacity for long: no error, no growth, p99 ≤ 10 × p50; overload is told so",
    "questions",
    _run,
)
