"""Reading one generation of a local store."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from rag.errors import DocumentNotFound
from rag.store import Candidate, Counts, Terms, catalog
from rag.store.caches import View
from rag.types import Chunk, Document, DocumentInfo, Filter, Removed, Span, Vectors

SENTENCES_PER_CHUNK = 8  # first guess of how many sentences to ask for to see n chunks


class LocalSnapshot:
    """The connection holds a read transaction, so every row it sees belongs to `view`."""

    def __init__(self, connection: sqlite3.Connection, view: View) -> None:
        self._connection = connection
        self._view = view
        self.generation = view.generation
        self.degraded = view.degraded

    # --- search ---

    def candidates(
        self, query_vector: Vectors, terms: Terms, permitted: Filter, n: int
    ) -> list[Candidate]:
        documents = None if permitted == Filter() else self._permitted(permitted)
        n = min(n, len(self._view.lexical))
        if documents == [] or n == 0:
            return []
        dense = self._dense(query_vector, documents, n)
        lexical = self._view.lexical.search(terms, n, documents=documents)
        rows = list(dict.fromkeys([*dense, *(row for row, _ in lexical)]))
        scores = dict(self._view.lexical.search(terms, len(rows), chunks=rows)) if rows else {}
        dense_rank = {row: rank for rank, row in enumerate(dense, 1)}
        lexical_rank = {row: rank for rank, (row, _) in enumerate(lexical, 1)}
        return [
            Candidate(
                chunk=chunk,
                language=language,
                vectors=vectors,
                lexical=scores.get(row, 0.0),
                dense_rank=dense_rank.get(row),
                lexical_rank=lexical_rank.get(row),
            )
            for row, chunk, language, vectors in self._chunks(rows)
        ]

    def _permitted(self, permitted: Filter) -> list[int]:
        where, values = _conditions(permitted)
        return self._column(f"SELECT row FROM documents WHERE {where}", values)

    def _dense(self, query: Vectors, documents: list[int] | None, n: int) -> list[int]:
        """Chunk rows of the nearest sentences, best first, `n` of them if there are."""
        index = self._view.dense
        among = None
        if documents is not None:
            sentences = self._column(
                "SELECT s.row FROM sentences s JOIN chunks c ON c.row = s.chunk"
                " WHERE c.document IN (SELECT value FROM json_each(:rows))",
                {"rows": json.dumps(documents)},
            )
            among = np.array(sentences, np.int64)
        size = len(index) if among is None else len(among)
        wanted = n * SENTENCES_PER_CHUNK
        while True:
            ids, _ = index.search(query, wanted, among)
            chunk_of = self._chunk_of(ids.tolist())
            chunks = list(dict.fromkeys(chunk_of[i] for i in ids.tolist()))
            if len(chunks) >= n or wanted >= size:
                return chunks[:n]
            wanted *= 4

    def _chunk_of(self, sentences: list[int]) -> dict[int, int]:
        return dict(
            self._connection.execute(
                "SELECT row, chunk FROM sentences WHERE row IN (SELECT value FROM json_each(?))",
                (json.dumps(sentences),),
            )
        )

    def _chunks(self, rows: list[int]) -> Iterable[tuple[int, Chunk, str, Vectors]]:
        """(row, chunk, language, sentence vectors), in the order of `rows`."""
        selected = json.dumps(rows)
        spans: dict[int, list[tuple[int, Span]]] = defaultdict(list)
        for sentence, chunk, start, end in self._connection.execute(
            "SELECT row, chunk, start, end FROM sentences"
            " WHERE chunk IN (SELECT value FROM json_each(?)) ORDER BY row",
            (selected,),
        ):
            spans[chunk].append((sentence, Span(start, end)))
        heads = {
            row: rest
            for row, *rest in self._connection.execute(
                "SELECT c.row, c.position, c.start, c.end, d.doc_id, d.language FROM chunks c"
                " JOIN documents d ON d.row = c.document"
                " WHERE c.row IN (SELECT value FROM json_each(?))",
                (selected,),
            )
        }
        ids = np.array([sentence for row in rows for sentence, _ in spans[row]], np.int64)
        vectors, at = self._view.dense.vectors(ids), 0
        for row in rows:
            position, start, end, doc_id, language = heads[row]
            sentences = tuple(span for _, span in spans[row])
            chunk = Chunk(f"{doc_id}#{position}", doc_id, Span(start, end), sentences)
            yield row, chunk, language, vectors[at : at + len(sentences)]
            at += len(sentences)

    # --- documents ---

    def document(self, doc_id: str) -> Document:
        return catalog.document(self._row(catalog.DOCUMENT, doc_id))

    def removed(self, doc_id: str) -> tuple[Removed, ...]:
        (blocks,) = self._row("removed_blocks", doc_id)
        return catalog.removed_blocks(blocks)

    def documents(self, permitted: Filter) -> list[DocumentInfo]:
        where, values = _conditions(permitted)
        rows = self._connection.execute(
            "SELECT doc_id, title, source, first, last, language, url, characters,"
            " (SELECT count(*) FROM chunks c WHERE c.document = documents.row)"
            f" FROM documents WHERE {where} ORDER BY doc_id",
            values,
        )
        return [
            DocumentInfo(
                doc_id, title, source, catalog.period(first, last), language, url, size, chunks
            )
            for doc_id, title, source, first, last, language, url, size, chunks in rows
        ]

    def undated(self, permitted: Filter) -> int:
        if not permitted.dated:
            return 0
        rest = Filter(permitted.doc_ids, permitted.sources, permitted.languages)
        where, values = _conditions(rest)
        count = f"SELECT count(*) FROM documents WHERE first IS NULL AND {where}"
        return int(self._connection.execute(count, values).fetchone()[0])

    def languages(self) -> frozenset[str]:
        return self._view.lexical.languages

    def settings(self) -> dict[str, str]:
        return catalog.read_settings(self._connection)

    def permitted(self, permitted: Filter) -> int:
        where, values = _conditions(permitted)
        count = f"SELECT count(*) FROM documents WHERE {where}"
        return int(self._connection.execute(count, values).fetchone()[0])

    def counts(self) -> Counts:
        live = "SELECT count(*) FROM documents WHERE removed IS NULL"
        documents = self._connection.execute(live).fetchone()[0]
        return Counts(int(documents), len(self._view.lexical), len(self._view.dense))

    def _row(self, columns: str, doc_id: str) -> tuple[Any, ...]:
        query = f"SELECT {columns} FROM documents WHERE doc_id = ? AND removed IS NULL"
        row: tuple[Any, ...] | None = self._connection.execute(query, (doc_id,)).fetchone()
        if row is None:
            raise DocumentNotFound(f"{doc_id}: no such document in the index; see: rag list")
        return row

    def _column(self, query: str, values: dict[str, Any]) -> list[int]:
        return [row[0] for row in self._connection.execute(query, values)]


def _conditions(permitted: Filter) -> tuple[str, dict[str, Any]]:
    """`Filter.permits` as SQL over `documents`."""
    where, values = ["removed IS NULL"], {}
    sets = {
        "doc_id": permitted.doc_ids,
        "source": permitted.sources,
        "language": permitted.languages,
    }
    for column, allowed in sets.items():
        if allowed is not None:
            where.append(f"{column} IN (SELECT value FROM json_each(:{column}))")
            # SQLite would read a value only up to a NUL, and find another one.
            values[column] = json.dumps(sorted(v for v in allowed if "\0" not in v))
    if permitted.since is not None:
        where.append("last >= :since")
        values["since"] = permitted.since.isoformat()
    if permitted.until is not None:
        where.append("first <= :until")
        values["until"] = permitted.until.isoformat()
    return " AND ".join(where), values
