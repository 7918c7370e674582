"""Damage to files of an index: to its caches, which are made anew, and to its catalog.

A damaged cache is noticed, set aside and replaced without embedding anything, and every question is
answered as before. A damaged catalog is refused, or what it gives is what was indexed; what can be
saved of it is sound.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eval.trust.durable_driver import INDEX, open_assistant, sentence
from eval.trust.parts import Outcome, Part, Settings
from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.errors import RagError
from rag.indexing import genuine
from rag.store import caches, catalog
from rag.store.local import LocalStore
from rag.store.salvage import salvage
from rag.types import Vectors

COUNT = 300  # of each of the two
DOCUMENTS = 10


class NoEmbedder(HashEmbedder):
    """Only questions: nothing may be embedded again."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if texts:
            raise AssertionError(f"{len(texts)} texts are embedded again")
        return super().embed_documents(texts)


def make(scratch: Path) -> dict[str, str]:
    """An index in `scratch`, with the caches of an older generation beside it; its texts by id."""
    articles = scratch / "articles"
    articles.mkdir()
    with open_assistant(scratch) as assistant:
        for number in range(DOCUMENTS):
            text = " ".join(map(sentence, range(10 * number, 10 * number + 4)))
            (articles / f"{number}.md").write_text(f"---\nlanguage: de\n---\n{text}\n", "utf-8")
            if number == DOCUMENTS - 2:
                assistant.sync([articles])
                for path in _caches(scratch / INDEX):
                    shutil.copytree(path, scratch / f"old-{path.name.partition('-')[0]}")
        assistant.sync([articles])
        return {info.doc_id: assistant.document(info.doc_id).text for info in assistant.documents()}


def _caches(folder: Path) -> list[Path]:
    return [path for kind in caches.KINDS for path in folder.glob(f"{kind}-*")]


def truncate(path: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(max(1, path.stat().st_size)))


def flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes() or b"\0")
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def delete(path: Path, chance: random.Random) -> None:
    del chance
    path.unlink()


def lengthen(path: Path, chance: random.Random) -> None:
    with path.open("ab") as file:
        file.write(chance.randbytes(chance.randint(1, 5000)))


DAMAGES: tuple[Callable[[Path, random.Random], None], ...] = (truncate, flip, delete, lengthen)


def damaged_cache(work: Path, texts: dict[str, str], chance: random.Random) -> Iterator[str]:
    """Damage one cache of the index in `work`: what is wrong afterwards."""
    cache = chance.choice(_caches(work / INDEX))
    kind = cache.name.partition("-")[0]
    files = [p for p in cache.rglob("*") if p.is_file() and not p.name.endswith(".lock")]
    how = chance.choice([*DAMAGES, None])
    if how is None:  # swapped with an older generation
        shutil.rmtree(cache)
        shutil.copytree(work / f"old-{kind}", cache)
    else:
        how(chance.choice(files), chance)
    named = how.__name__ if how else "swap"
    with Assistant(work / INDEX, Config(), NoEmbedder(16)) as assistant:
        if not any("the cache is damaged or missing" in line for line in assistant.verify()):
            yield f"{kind}, {named}: verify does not notice"
        answer = assistant.ask(texts[min(texts)].partition(".")[0] + ".")
        if not answer.evidence.degraded:
            yield f"{kind}, {named}: the answer does not say that a cache is damaged"
        yield from _wrong(assistant, texts, named)
        assistant.sync()
        yield from assistant.verify()
        yield from _wrong(assistant, texts, f"{named}, mended")
    if not list((work / INDEX).glob(f"damaged-{kind}-*")):
        yield f"{kind}, {named}: the damaged cache was not kept"


def damaged_catalog(work: Path, texts: dict[str, str], chance: random.Random) -> Iterator[str]:
    """Damage the catalog: it is refused, or gives what was indexed, and can be saved in part."""
    path = work / INDEX / catalog.FILE
    for _ in range(chance.choice((1, 1, 3, 30))):
        chance.choice((truncate, flip, flip, flip))(path, chance)
    try:
        with Assistant(work / INDEX, Config(), HashEmbedder(16)) as assistant:
            sound = not assistant.verify()
            found = list(_wrong(assistant, texts, "damaged catalog"))
            if sound:
                yield from found
    except RagError:
        pass
    tokens = Config().chunk_tokens
    try:
        saved = salvage(work / INDEX, work / "saved", lambda known: genuine(known, tokens))
    except RagError:
        return
    with Assistant(work / "saved", Config(), HashEmbedder(16)) as assistant:
        yield from _unsound(assistant)
        now = {info.doc_id: assistant.document(info.doc_id).text for info in assistant.documents()}
        if len(now) != saved.documents or not now.items() <= texts.items():
            yield "saved: other documents than were indexed"
        assistant.sync([work / "articles"])
        yield from _unsound(assistant)


def _unsound(saved: Assistant) -> Iterator[str]:
    """But for documents whose folder's name was damaged: `rag verify` says what to do then."""
    for line in saved.verify():
        if "no sync watches the file" not in line:
            yield f"saved: {line}"


def _wrong(assistant: Assistant, texts: dict[str, str], when: str) -> Iterator[str]:
    """Documents that are not found, or not as they are."""
    for doc_id, text in texts.items():
        hits = assistant.search(text.partition(".")[0] + ".", 3)
        if not any(hit.document.doc_id == doc_id and hit.document.text == text for hit in hits):
            yield f"{when}: {doc_id} is not found"


def _run(settings: Settings) -> Outcome:
    logging.getLogger("rag").setLevel(logging.ERROR)
    chance, good = random.Random(20261122), settings.scratch / "good"
    good.mkdir()
    texts = make(good)
    broken: list[str] = []
    count = settings.count or COUNT
    for number in range(count):
        for harm in (damaged_cache, damaged_catalog):
            work = settings.scratch / "work"
            shutil.copytree(good, work)
            LocalStore(work / INDEX).close()
            try:
                found = list(harm(work, texts, chance))
            except Exception as error:  # whatever escapes is a finding
                found = [f"{type(error).__name__}: {error}"]
            broken += [f"{harm.__name__} {number}: {line}" for line in found]
            shutil.rmtree(work)
    return Outcome(2 * count, tuple(broken), f"{count} caches, {count} catalogs")


PART = Part(
    "caches",
    "a damaged cache is noticed, kept and replaced; a damaged catalog is refused or right",
    "damages",
    _run,
)
