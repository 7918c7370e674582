"""Reading one generation of a local store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from rag.errors import DocumentNotFound
from rag.store import Candidates, Counts, Terms, catalog, rows
from rag.store.caches import View
from rag.store.candidates import Wanted, conditions, find
from rag.types import Document, DocumentInfo, Filter, Removed, Vectors


class LocalSnapshot:
    """The connection holds a read transaction, so every row it sees belongs to `view`."""

    def __init__(self, connection: sqlite3.Connection, view: View) -> None:
        self._connection = connection
        self._view = view
        self.generation = view.generation
        self.degraded = view.degraded

    def candidates(
        self, query_vector: Vectors, terms: Terms, permitted: Filter, n: int
    ) -> Candidates:
        return find(self._connection, self._view, Wanted(query_vector, terms, permitted, n))

    def expect(self, doc_ids: Iterable[str]) -> None:
        """They are near."""

    def document(self, doc_id: str) -> Document:
        return catalog.document(self._row(catalog.DOCUMENT, doc_id))

    def removed(self, doc_id: str) -> tuple[Removed, ...]:
        (blocks,) = self._row("removed_blocks", doc_id)
        return catalog.removed_blocks(blocks)

    def documents(self, permitted: Filter, after: str = "", most: int = -1) -> list[DocumentInfo]:
        where, values = conditions(permitted)
        found = self._connection.execute(
            "SELECT doc_id, title, source, first, last, language, url, characters,"
            " (SELECT count(*) FROM chunks c WHERE c.document = documents.row)"
            f" FROM documents WHERE {where} AND doc_id > :after ORDER BY doc_id LIMIT :most",
            {**values, "after": after, "most": most},
        )
        return [
            DocumentInfo(
                doc_id, title, source, catalog.period(first, last), language, url, size, chunks
            )
            for doc_id, title, source, first, last, language, url, size, chunks in found
        ]

    def undated(self, permitted: Filter) -> int:
        if not permitted.dated:
            return 0
        rest = Filter(permitted.doc_ids, permitted.sources, permitted.languages)
        where, values = conditions(rest)
        return rows.count(self._connection, f"first IS NULL AND {where}", values)

    def languages(self) -> frozenset[str]:
        return self._view.lexical.languages

    def settings(self) -> dict[str, str]:
        return catalog.read_settings(self._connection)

    def permitted(self, permitted: Filter) -> int:
        if permitted == Filter():
            return self._view.documents
        where, values = conditions(permitted)
        return rows.count(self._connection, where, values)

    def counts(self) -> Counts:
        view = self._view
        return Counts(view.documents, len(view.lexical), len(view.dense))

    def _row(self, columns: str, doc_id: str) -> tuple[Any, ...]:
        query = f"SELECT {columns} FROM documents WHERE doc_id = ? AND removed IS NULL"
        row: tuple[Any, ...] | None = self._connection.execute(query, (doc_id,)).fetchone()
        if row is None:
            raise DocumentNotFound(f"{doc_id}: no such document in the index; see: rag list")
        return row
