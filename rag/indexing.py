"""Documents → records: chunk, analyse, embed. The only step that needs the model at index time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from rag.embed import Embedder
from rag.ingest.chunk import chunk
from rag.language.analysis import ANALYSIS_VERSION, analyse
from rag.store import Record, Writer
from rag.types import Document, Removed, Vectors

VERSION = "1"  # raise it when the same text is cut differently

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
        chunks = chunk(
            document, self._embedder.count_tokens, self._target, self._embedder.max_tokens
        )
        text = document.text
        return Record(
            document=document,
            digest=self.digest(document),
            removed=removed,
            chunks=tuple(chunks),
            terms=tuple(tuple(analyse(c.span.of(text), document.language)) for c in chunks),
            keys=tuple(tuple(self._key(s.of(text)) for s in c.sentences) for c in chunks),
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

    def _key(self, sentence: str) -> bytes:
        return hashlib.sha256(f"{self._embedder.fingerprint}\0{sentence}".encode()).digest()


def _sentences(records: Iterable[Record]) -> Iterator[tuple[bytes, str]]:
    for record in records:
        for chunk_, keys in zip(record.chunks, record.keys, strict=True):
            for span, key in zip(chunk_.sentences, keys, strict=True):
                yield key, span.of(record.document.text)
