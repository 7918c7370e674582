"""The same articles and questions in a folder and in Milvus: time, and whether the hits agree.

    python -m eval.milvus FOLDER milvus:./archive.db

copies the index of a folder into Milvus, unless it is there, without embedding anything, and asks
both the sample's questions of the dev half, each for ten passages. The model's time is not counted.
CPU time is that of the whole process, so that of the embedded engine is in it.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets import QUESTIONS, read_questions
from eval.measures import percentile
from rag.config import Config
from rag.embed import Embedder, open_embedder
from rag.errors import IndexNotFound
from rag.search.retriever import retrieve
from rag.store import Delta, Record, Store, catalog
from rag.store.local import LocalStore
from rag.store.opening import create_store, open_store
from rag.store.precision import read, whole
from rag.types import Chunk, Filter, Span, Vectors

HITS = 10
BATCH = 100  # documents that are committed at once
FIELDS = "row, digest, title_key, signature, root, path, removed_blocks"


class Known:
    """An embedder that reads each question once."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dim = embedder.name, embedder.dim
        self.fingerprint, self.precision = embedder.fingerprint, embedder.precision
        self.max_tokens, self.adapted = embedder.max_tokens, embedder.adapted
        self._embedder = embedder
        self._rows: dict[tuple[str, str], Vectors] = {}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count_tokens(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._read("query", texts[0])

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self._read("question", texts[0])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_documents(texts)

    def _read(self, kind: str, text: str) -> Vectors:
        if (kind, text) not in self._rows:
            read = {
                "query": self._embedder.embed_queries,
                "question": self._embedder.embed_questions,
            }
            self._rows[kind, text] = read[kind]([text])
        return self._rows[kind, text]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one store gave for each question: seconds, and the best passages."""

    seconds: list[float]
    cpu: float  # seconds a question, of all threads
    hits: list[list[str]]


def copy(folder: Path, store: Store) -> None:
    """All documents of an index in a folder, with their vectors."""
    source = LocalStore(folder)
    with source.reading() as connection, store.writer() as writer:
        numbers = connection.execute("SELECT row FROM documents WHERE removed IS NULL")
        rows = [row for (row,) in numbers]
        for start in range(0, len(rows), BATCH):
            records, vectors = [], dict[bytes, Vectors]()
            for row in rows[start : start + BATCH]:
                record, own = _record(connection, row)
                records.append(record)
                vectors |= own
            writer.apply(Delta(upsert=records, vectors=vectors))
            print(f"{start + len(records)} of {len(rows)} documents", file=sys.stderr)
        roots, files = catalog.read_roots(connection), []
        for root in roots:
            files += catalog.read_files(connection, root.name)
        writer.apply(Delta(roots=tuple(roots), files=tuple(files)))
        writer.publish()
    source.close()


def _record(connection: sqlite3.Connection, row: int) -> tuple[Record, dict[bytes, Vectors]]:
    columns = connection.execute(
        f"SELECT {catalog.DOCUMENT} FROM documents WHERE row = ?", (row,)
    ).fetchone()
    _, digest, title_key, signature, root, path, blocks = connection.execute(
        f"SELECT {FIELDS} FROM documents WHERE row = ?", (row,)
    ).fetchone()
    document = catalog.document(columns)
    chunks: list[Chunk] = []
    terms: list[tuple[str, ...]] = []
    keys: list[tuple[bytes, ...]] = []
    vectors: dict[bytes, Vectors] = {}
    for chunk, start, end, words in connection.execute(
        "SELECT row, start, end, terms FROM chunks WHERE document = ? ORDER BY position", (row,)
    ).fetchall():
        sentences = list(_sentences(connection, chunk))
        name = f"{document.doc_id}#{len(chunks)}"
        spans = tuple(span for span, _, _ in sentences)
        chunks.append(Chunk(name, document.doc_id, Span(start, end), spans))
        terms.append(tuple(words.split(" ")))
        keys.append(tuple(key for _, key, _ in sentences))
        vectors |= {key: _vector(value) for _, key, value in sentences}
    title = connection.execute("SELECT value FROM vectors WHERE key = ?", (title_key,)).fetchone()
    if title:
        vectors[title_key] = _vector(title[0])
    removed = catalog.removed_blocks(blocks)
    lists = tuple(chunks), tuple(terms), tuple(keys)
    return Record(document, digest, removed, *lists, title_key, signature, root, path), vectors


def _sentences(connection: sqlite3.Connection, chunk: int) -> Iterator[tuple[Span, bytes, bytes]]:
    for start, end, key, value in connection.execute(
        "SELECT start, end, key, value FROM sentences s JOIN vectors v ON v.row = s.vector"
        " WHERE chunk = ? ORDER BY s.row",
        (chunk,),
    ):
        yield Span(start, end), key, value


def _vector(value: bytes) -> Vectors:
    vector: Vectors = whole(read(value, len(value) // 2))[0]
    return vector


def ask(store: Store, embedder: Embedder, questions: list[str]) -> Asked:
    seconds, hits = [], []
    with store.snapshot() as snapshot:  # what is loaded late
        retrieve(snapshot, embedder, questions[0], HITS, Filter())
    busy = time.process_time()
    for question in questions:
        begin = time.perf_counter()
        with store.snapshot() as snapshot:
            _, evidence = retrieve(snapshot, embedder, question, HITS, Filter())
        seconds.append(time.perf_counter() - begin)
        hits.append([hit.chunk.chunk_id for hit in evidence.hits])
    return Asked(seconds, (time.process_time() - busy) / len(questions), hits)


def main(folder: str, index: str, most: str = "100") -> None:
    local = LocalStore(Path(folder))
    try:
        other = open_store(index)
    except IndexNotFound:
        other = create_store(index, local.settings())
        begin = time.process_time()
        copy(Path(folder), other)
        print(f"copied in {time.process_time() - begin:.0f} s of CPU", file=sys.stderr)
    questions = [q.question for q in read_questions(QUESTIONS) if q.split == "dev"][: int(most)]
    known = Known(open_embedder(Config.load()))
    ask(local, known, questions)  # so that both are asked what the model has read
    found = {"folder": ask(local, known, questions), "milvus": ask(other, known, questions)}
    with other.snapshot() as snapshot:
        print(f"{snapshot.counts().sentences} sentences, {len(questions)} questions")
    for name, asked in found.items():
        p50, p95 = (1000 * percentile(asked.seconds, share) for share in (50, 95))
        print(f"{name}: p50 {p50:.0f}, p95 {p95:.0f} ms; {1000 * asked.cpu:.0f} ms of CPU")
    pairs = list(zip(found["folder"].hits, found["milvus"].hits, strict=True))
    same = sum(a == b for a, b in pairs)
    shared = sum(len({*a} & {*b}) for a, b in pairs) / sum(len(a) for a, _ in pairs)
    print(f"the same ten in the same order: {same} of {len(pairs)}; of all hits {shared:.3f}")
    other.close()
    local.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
