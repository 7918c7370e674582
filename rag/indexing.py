"""Documents → records: chunk, analyse, embed. The only step that needs the model at index time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from rag.embed import Embedder
from rag.ingest.chunk import chunk
from rag.language.analysis import ANALYSIS_VERSION, analyse
from rag.store import Delta, Record, Writer
from rag.types import Document, Removed, Vectors

TITLE_LENGTH = 200  # characters of a title that the model reads with each sentence
BATCH_SENTENCES = 500  # committed at once: what a kill can cost
VERSION = "1"  # raise it when the same text is cut differently

Progress = Callable[[int, int], None]  # how many are done, how many there are
Source = tuple[Document, tuple[Removed, ...], str, str]  # document, dropped blocks, root, path


class Indexer:
    """Makes the rows of a document. Vectors are found by what the model would read."""

    def __init__(self, embedder: Embedder, chunk_tokens: int) -> None:
        self._embedder = embedder
        self._target = chunk_tokens

    @property
    def pipeline(self) -> str:
        """Changes when the same text would be cut, analysed or embedded differently."""
        parts = (VERSION, self._target, ANALYSIS_VERSION, self._embedder.fingerprint)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def settings(self) -> dict[str, str]:
        """What the catalog records of the model."""
        return {
            "model": self._embedder.name,
            "fingerprint": self._embedder.fingerprint,
            "dim": str(self._embedder.dim),
            "precision": self._embedder.precision,
            "pipeline": self.pipeline,
        }

    def digest(self, document: Document) -> str:
        """Over all that the rows depend on: a corrected date counts, so does another chunk size."""
        fields = [
            self.pipeline,
            document.doc_id,
            document.text,
            document.title,
            document.source,
            document.published and str(document.published),
            document.language,
            document.url,
            sorted(document.extra.items()),
        ]
        return hashlib.sha256(json.dumps(fields).encode()).hexdigest()

    def record(self, source: Source) -> Record:
        """Cut and analyse a document, and name its vectors."""
        document, removed, root, path = source
        text, context = document.text, _context(document)
        room = self._embedder.max_tokens - self._embedder.count_tokens([context])[0]
        chunks = chunk(document, self._embedder.count_tokens, self._target, room)
        return Record(
            document=document,
            digest=self.digest(document),
            removed=removed,
            chunks=tuple(chunks),
            terms=tuple(tuple(analyse(c.span.of(text), document.language)) for c in chunks),
            keys=tuple(
                tuple(self._key(_model_input(context, s.of(text))) for s in c.sentences)
                for c in chunks
            ),
            root=root,
            path=path,
        )

    def embed(self, records: Iterable[Record], writer: Writer | None) -> dict[bytes, Vectors]:
        """Vectors of the sentences that `writer` lacks, by key; of all without a writer."""
        texts = dict(_sentences(records))
        missing = texts.keys() if writer is None else writer.missing(list(texts))
        keys = [key for key in texts if key in missing]
        if not keys:
            return {}
        rows = self._embedder.embed_documents([texts[key] for key in keys])
        return dict(zip(keys, rows, strict=True))

    def _key(self, model_input: str) -> bytes:
        return hashlib.sha256(f"{self._embedder.fingerprint}\0{model_input}".encode()).digest()


def rebuild(writer: Writer, indexer: Indexer, *, embed_anew: bool, progress: Progress) -> None:
    """Cut, analyse and embed every stored document again, without reading a file.

    The vectors come first, in steps; then all documents change in one transaction, so that a
    reader sees the old index or the new one.
    """
    total = sum(1 for _ in writer.stored())
    batch: list[Record] = []
    for done, source in enumerate(writer.stored(), 1):
        batch.append(indexer.record(source))
        if done == total or count_sentences(batch) >= BATCH_SENTENCES:
            vectors = indexer.embed(batch, None if embed_anew else writer)
            writer.apply(Delta(vectors=vectors))
            batch = []
            progress(done, total)
    records = (indexer.record(source) for source in writer.stored())
    writer.apply(Delta(upsert=records, settings=indexer.settings))


def count_sentences(records: Sequence[Record]) -> int:
    return sum(len(keys) for record in records for keys in record.keys)


def _context(document: Document) -> str:
    """What the model reads before each sentence: the title, or the first words for want of one.

    So a sentence that says "the company" is found by its name; eval/RESULTS.md has the gain.
    """
    title = document.title[:TITLE_LENGTH]
    return f"{title.removesuffix('…').rstrip()}. " if title else ""


def _model_input(context: str, sentence: str) -> str:
    return sentence if sentence.startswith(context[:-2]) else context + sentence


def _sentences(records: Iterable[Record]) -> Iterator[tuple[bytes, str]]:
    """(key, model input) of each sentence."""
    for record in records:
        context = _context(record.document)
        for chunk_, keys in zip(record.chunks, record.keys, strict=True):
            for span, key in zip(chunk_.sentences, keys, strict=True):
                yield key, _model_input(context, span.of(record.document.text))
