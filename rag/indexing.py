"""Documents → records: chunk, analyse, embed. The only step that needs the model at index time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from rag.embed import Embedder
from rag.ingest.chunk import chunk
from rag.ingest.duplicates import SIGNATURE_VERSION, signature
from rag.language.analysis import ANALYSIS_VERSION, analyse
from rag.store import Record
from rag.types import Document, Removed, Vectors

TITLE_LENGTH = 200  # characters of a title that the model reads
TITLE_SHARE = 0.2  # of the title's vector that is added to that of each sentence
VERSION = "2"  # raise it when the same text is cut or embedded differently

Source = tuple[Document, tuple[Removed, ...], str, str]  # document, dropped blocks, root, path
Inputs = Mapping[bytes, tuple[str, str]]  # key → (context, text); the context may be empty
Embedded = dict[bytes, Vectors]


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

    def embed(self, inputs: Inputs) -> Embedded:
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
