"""Documents → records: chunk, analyse, embed. The only step that needs the model at index time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self

from rag.embed import Embedder
from rag.ingest.chunk import chunk
from rag.ingest.duplicates import SIGNATURE_VERSION, signature
from rag.language.analysis import ANALYSIS_VERSION, analyse
from rag.store import Delta, Record, Writer
from rag.types import Document, Removed, Vectors

TITLE_LENGTH = 200  # characters of a title that the model reads
TITLE_SHARE = 0.2  # of the title's vector that is added to that of each sentence
BATCH_SENTENCES = 500  # committed at once: what a kill can cost
VERSION = "2"  # raise it when the same text is cut or embedded differently

Progress = Callable[[int, int], None]  # how many are done, how many there are
Source = tuple[Document, tuple[Removed, ...], str, str]  # document, dropped blocks, root, path
Inputs = Mapping[bytes, tuple[str, str]]  # key → (context, text); the context may be empty


class Indexer:
    """Makes the rows of a document. Vectors are found by what the model would read."""

    def __init__(self, embedder: Embedder, chunk_tokens: int) -> None:
        self._embedder = embedder
        self._target = chunk_tokens

    @property
    def pipeline(self) -> str:
        """Changes when the same text would be cut, analysed or embedded differently."""
        return pipeline_of(self._embedder.fingerprint, self._target)

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
        return digest_of(document, self.pipeline)

    def record(self, source: Source) -> Record:
        """Cut and analyse a document, and name its vectors."""
        document, removed, root, path = source
        text, language = document.text, document.language
        room = self._embedder.max_tokens
        chunks = chunk(document, self._embedder.count_tokens, self._target, room)
        title = _title(document)
        shared = analyse(title, language)  # a passage is found by its headline too
        context = _context(document)
        return Record(
            document=document,
            digest=self.digest(document),
            removed=removed,
            chunks=tuple(chunks),
            terms=tuple((*shared, *analyse(c.span.of(text), language)) for c in chunks),
            keys=tuple(tuple(self._key(context, s.of(text)) for s in c.sentences) for c in chunks),
            title_key=self._key("", title),
            signature=signature(document),
            root=root,
            path=path,
        )

    def inputs(self, records: Iterable[Record]) -> Inputs:
        """What the vector of each sentence and title is made of."""
        return dict(self._inputs(records))

    def embed(self, inputs: Inputs) -> dict[bytes, Vectors]:
        """The vectors, by key.

        Each text is read by the model once. A sentence that says "the company" is to be found by
        its name, so a part of its title's vector is added to its own; eval/RESULTS.md has the gain.
        """
        texts = list(dict.fromkeys(text for pair in inputs.values() for text in pair if text))
        if not texts:
            return {}
        rows = dict(zip(texts, self._embedder.embed_documents(texts), strict=True))
        return {key: _mixed(rows, *pair) for key, pair in inputs.items()}

    def _inputs(self, records: Iterable[Record]) -> Iterator[tuple[bytes, tuple[str, str]]]:
        for record in records:
            document = record.document
            yield record.title_key, ("", _title(document))
            context = _context(document)
            for chunk_, keys in zip(record.chunks, record.keys, strict=True):
                for span, key in zip(chunk_.sentences, keys, strict=True):
                    yield key, (context, span.of(document.text))

    def _key(self, context: str, text: str) -> bytes:
        parts = [self._embedder.fingerprint, TITLE_SHARE, context, text]
        return hashlib.sha256(json.dumps(parts).encode()).digest()


def pipeline_of(fingerprint: str, chunk_tokens: int) -> str:
    """What `Indexer.pipeline` is for a model of this fingerprint."""
    parts = (VERSION, chunk_tokens, TITLE_SHARE, ANALYSIS_VERSION, SIGNATURE_VERSION, fingerprint)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def digest_of(document: Document, pipeline: str) -> str:
    """What `Indexer.digest` is in this pipeline."""
    fields = [
        pipeline,
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


def genuine(settings: Mapping[str, str], chunk_tokens: int) -> Callable[[Document, str], bool]:
    """Whether a document agrees with its digest, in an index with these settings.

    Of an index that another version made, or one with other settings, nothing is known: the next
    sync makes every digest anew.
    """
    pipeline = settings["pipeline"]
    if pipeline != pipeline_of(settings["fingerprint"], chunk_tokens):
        return lambda *_: True
    return lambda document, digest: digest_of(document, pipeline) == digest


class Tally:
    """Counts documents for `progress`; a file that was not read yet is taken for one."""

    def __init__(self, files: int, progress: Progress) -> None:
        self._done, self._total = 0, files
        self._progress = progress

    def expect(self, documents: int) -> None:
        """A file turned out to hold so many."""
        self._total += max(0, documents - 1)

    def step(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


class Pipeline:
    """Commits batches in their order; the model reads one while the caller makes the next.

    It holds two batches at most. What was not drained when the block ends is not committed.
    """

    def __init__(self, writer: Writer, indexer: Indexer) -> None:
        self._writer = writer
        self._indexer = indexer
        self._model = ThreadPoolExecutor(1, "embed")
        self._ahead: tuple[Delta, Inputs, Future[dict[bytes, Vectors]]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._model.shutdown(cancel_futures=True)

    def submit(self, records: Sequence[Record], delta: Delta, *, anew: bool = False) -> None:
        """Embed what `records` lack, or all with `anew`, and commit the batch before this one."""
        inputs = self._indexer.inputs(records)
        wanted = inputs.keys() if anew else self._writer.missing(list(inputs))
        coming: Inputs = self._ahead[1] if self._ahead else {}
        inputs = {key: inputs[key] for key in inputs if key in wanted and key not in coming}
        job = self._model.submit(self._indexer.embed, inputs)
        before, self._ahead = self._ahead, (delta, inputs, job)
        self._commit(before)

    def drain(self) -> None:
        """Commit all that was submitted."""
        before, self._ahead = self._ahead, None
        self._commit(before)

    def _commit(self, batch: tuple[Delta, Inputs, Future[dict[bytes, Vectors]]] | None) -> None:
        if batch is not None:
            delta, _, job = batch
            self._writer.apply(replace(delta, vectors=job.result()))


def rebuild(writer: Writer, indexer: Indexer, *, embed_anew: bool, progress: Progress) -> None:
    """Cut, analyse and embed every stored document again, without reading a file.

    The vectors come first, in steps; then all documents change in one transaction, so that a
    reader sees the old index or the new one.
    """
    total = sum(1 for _ in writer.stored())
    batch: list[Record] = []
    with Pipeline(writer, indexer) as pipeline:
        for done, source in enumerate(writer.stored(), 1):
            batch.append(indexer.record(source))
            if done == total or count_sentences(batch) >= BATCH_SENTENCES:
                pipeline.submit(batch, Delta(), anew=embed_anew)
                batch = []
                progress(done, total)
        pipeline.drain()
    records = (indexer.record(source) for source in writer.stored())
    writer.apply(Delta(upsert=records, settings=indexer.settings))


def count_sentences(records: Sequence[Record]) -> int:
    return sum(len(keys) for record in records for keys in record.keys)


def _title(document: Document) -> str:
    """What the model reads as the title; an untitled document has its first words for one."""
    return document.title[:TITLE_LENGTH].removesuffix("…").rstrip() or document.text[:TITLE_LENGTH]


def _context(document: Document) -> str:
    """The title, unless it is cut from the text: first words would not help what follows them."""
    if not document.title:
        return ""
    title = _title(document)
    opening = " ".join(document.text[: 2 * TITLE_LENGTH].split()).lstrip("# ")
    is_cut = document.title.endswith("…") and opening.startswith(title)
    return "" if is_cut else title


def _mixed(rows: Mapping[str, Vectors], context: str, text: str) -> Vectors:
    """The unit vector of a text, turned towards its context."""
    import numpy as np

    if not context:
        return rows[text]
    mixed = rows[text] + TITLE_SHARE * rows[context]
    unit: Vectors = mixed / np.linalg.norm(mixed)
    return unit
