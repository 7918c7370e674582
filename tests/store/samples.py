"""Documents with known terms and vectors, made from two numbers."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import numpy as np

from rag.store import Delta, FileState, Record, Root
from rag.types import Chunk, Document, Period, Removed, Span, Vectors

DIM = 12
LANGUAGES = ("de", "en", "fr")
SOURCES = ("Kurier", "Nordlicht", None)
VOCABULARY = tuple(f"w{n}" for n in range(14))
ROOT = Root("articles", "/articles", whole=True)

SETTINGS = {"dim": str(DIM), "model": "sample", "fingerprint": "f", "pipeline": "p"}


def unit(seed: str, dim: int = DIM) -> Vectors:
    """A random unit vector that is always the same for a seed, at the precision that is kept."""
    generator = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
    return kept(generator.standard_normal(dim).astype(np.float32))


def kept(vector: Vectors) -> Vectors:
    """Its unit vector, at the precision that is kept."""
    return (vector / np.linalg.norm(vector)).astype(np.float16).astype(np.float32)


def key(sentence: str) -> bytes:
    return hashlib.sha256(sentence.encode()).digest()


def sample(number: int, version: int = 0) -> Record:
    """The `version`th text of document `number`; some sentences stand in several documents.

    Two neighbours have one title, whatever their version.
    """
    generator = np.random.default_rng([number, version])
    chunks: list[Chunk] = []
    terms: list[tuple[str, ...]] = []
    keys: list[tuple[bytes, ...]] = []
    text = ""
    doc_id = f"articles/{number}.md"
    for position in range(generator.integers(1, 5)):
        spans: list[Span] = []
        for _ in range(generator.integers(1, 4)):
            length = int(generator.integers(1, 9) ** generator.integers(1, 3))
            words = generator.choice(VOCABULARY, length)
            start = len(text)
            text += " ".join(words).capitalize() + "."
            spans.append(Span(start, len(text)))
            text += " "
        span = Span(spans[0].start, spans[-1].end)
        chunks.append(Chunk(f"{doc_id}#{position}", doc_id, span, tuple(spans)))
        terms.append(tuple(span.of(text).lower().replace(".", "").split()))
        keys.append(tuple(key(s.of(text)) for s in spans))
    first = date(2024, 1, 1) + timedelta(days=int(generator.integers(0, 700)))
    document = Document(
        doc_id=doc_id,
        text=text,
        title=f"Titel „{number // 2}“",
        source=SOURCES[generator.integers(0, len(SOURCES))],
        published=[
            None,
            Period(first, first),
            Period.parse(str(first)[:7]),
            Period.parse(str(first)[:4]),
        ][generator.integers(0, 4)],
        language=LANGUAGES[number % len(LANGUAGES)],
        url=None if number % 2 else f"https://example.org/{number}",
        extra={"section": "Wirtschaft"} if version else {},
    )
    return Record(
        document=document,
        digest=f"{number}-{version}",
        removed=(Removed("Anzeige", "advertisement"),) * version,
        chunks=tuple(chunks),
        terms=tuple(terms),
        keys=tuple(keys),
        title_key=key(document.title),
        signature=generator.bytes(8),
        root=ROOT.name,
        path=f"{number}.md",
    )


def vectors_of(*records: Record) -> dict[bytes, Vectors]:
    """A vector for each sentence and title."""
    titles = {record.title_key: unit(record.document.title) for record in records}
    return titles | {
        name: unit(span.of(record.document.text))
        for record in records
        for chunk, names in zip(record.chunks, record.keys, strict=True)
        for span, name in zip(chunk.sentences, names, strict=True)
    }


def adding(*records: Record, remove: tuple[str, ...] = ()) -> Delta:
    """What a sync would commit for these documents."""
    return Delta(
        upsert=records,
        remove=remove,
        vectors=vectors_of(*records),
        files=tuple(FileState(r.root, r.path, "s", "d") for r in records),
        roots=(ROOT,),
    )
