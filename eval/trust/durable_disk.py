"""A disk that runs full at any moment of a sync: an error that says so, and the index as it was.

SQLite needs some 32 kB of its own to read at all. Where not even these are left, room is made, as
the error asks for, and then the index must be as it was.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eval.datasets import DatasetError
from eval.trust.durable_driver import ARTICLES, INDEX, open_assistant, sentence
from eval.trust.parts import Outcome, Part, Settings
from rag.errors import RagError
from rag.store import catalog

COUNT = 100
DOCUMENTS = 12
ENOUGH = 10_000  # kilobytes


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """Mount one. Raises DatasetError where that is not permitted."""
    folder.mkdir(exist_ok=True)
    try:
        _mount(folder, f"size={kilobytes}k")
    except subprocess.CalledProcessError:
        raise DatasetError("no file system can be mounted here; run this part as root") from None
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)


def fill(folder: Path, chance: random.Random, kilobytes: int) -> Iterator[str]:
    """Syncs of ever more text until the disk is full, and then of less: what is wrong."""
    place, articles = folder / "disk", folder / ARTICLES
    with small_disk(place, kilobytes):
        for _ in range(4):
            for number in chance.sample(range(DOCUMENTS), 5):
                sentences = chance.sample(range(100_000), chance.randint(1, 60))
                text = " ".join(map(sentence, sentences))
                (articles / f"{number}.md").write_text(f"---\nlanguage: de\n---\n{text}\n", "utf-8")
            yield from _synced(place, articles)
        for path in articles.iterdir():
            path.write_text("---\nlanguage: de\n---\nDas ist kurz.\n", encoding="utf-8")
        yield from _synced(place, articles)


def _synced(place: Path, articles: Path) -> Iterator[str]:
    before = _held(place) if (place / INDEX / catalog.FILE).exists() else set[str]()
    with open_assistant(place) as assistant:
        try:
            assistant.sync([articles])
        except RagError:
            if not (place / INDEX / catalog.FILE).exists():
                if before:
                    yield "the index is gone"
                return
    now = _held(place)
    with open_assistant(place) as assistant:
        yield from assistant.verify()
    if not before <= now:
        yield f"lost {sorted(before - now)}"
    if list((place / INDEX).glob("damaged-*")):
        yield "a cache was set aside though nothing was damaged"


def _held(place: Path) -> set[str]:
    """The documents of the index, for which room is made if it has to be."""
    with open_assistant(place) as assistant:
        try:
            return {info.doc_id for info in assistant.documents()}
        except RagError as error:
            if "its disk has room" not in str(error):
                raise
    _mount(place, f"remount,size={ENOUGH}k")
    with open_assistant(place) as assistant:
        return {info.doc_id for info in assistant.documents()}


def _run(settings: Settings) -> Outcome:
    chance, broken = random.Random(20261122), []
    (settings.scratch / ARTICLES).mkdir()
    count = settings.count or COUNT
    for number in range(count):
        kilobytes = chance.randint(150, 1500)
        try:
            found = list(fill(settings.scratch, chance, kilobytes))
        except (RagError, OSError, RuntimeError, ValueError) as error:
            if isinstance(error, DatasetError):
                raise
            found = [f"{type(error).__name__}: {error}"]
        broken += [f"disk {number} of {kilobytes} kB: {line}" for line in found]
    return Outcome(count, tuple(broken), "5 syncs each")


PART = Part("disk", "a full disk costs nothing that was committed", "disks", _run)
