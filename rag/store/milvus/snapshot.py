"""Reading one generation of a Milvus store."""

from __future__ import annotations

from collections.abc import Iterable

from rag.errors import DocumentNotFound
from rag.store import Candidates, Counts, Terms
from rag.store.milvus.candidates import View, find
from rag.store.milvus.rows import before_row, document_of, holder_of, listed, removed_of
from rag.store.milvus.tables import DOCUMENTS, alive, complete, condition, hashed
from rag.types import Document, DocumentInfo, Filter, Removed, Vectors

TEXT = ("id", "info", "more_info", "body", "more_body")


class MilvusSnapshot:
    """What it sees stays there while it is open, for as long as `rag.store.milvus.state.GRACE`."""

    degraded = False

    def __init__(self, view: View) -> None:
        self._view = view
        self.generation = view.generation
        self._found: dict[str, str] = {}  # documents that a question met, and their rows
        self._expected = set[str]()
        self._read: dict[str, tuple[Document, tuple[Removed, ...]]] = {}

    def candidates(
        self, query_vector: Vectors, terms: Terms, permitted: Filter, n: int
    ) -> Candidates:
        names, found = find(self._view, query_vector, terms, permitted, n)
        for doc_id, name in zip(found.doc_ids, names, strict=True):
            self._found.setdefault(doc_id, f"{before_row(doc_id)}{holder_of(name)}")
        return found

    def expect(self, doc_ids: Iterable[str]) -> None:
        self._expected |= {*doc_ids}

    def document(self, doc_id: str) -> Document:
        return self._whole(doc_id)[0]

    def removed(self, doc_id: str) -> tuple[Removed, ...]:
        return self._whole(doc_id)[1]

    def documents(self, permitted: Filter, after: str = "", most: int = -1) -> list[DocumentInfo]:
        where = f'{condition(self.generation, permitted)} and id > "{_behind(after)}"'
        if most == 0:
            return []
        fields = ["id", "info", "more_info"]
        rows = list(self._view.engine.walk(DOCUMENTS, where, fields, most))
        infos = complete(self._view.engine, rows, "info").values()
        return sorted((listed(info).shown() for info in infos), key=lambda info: info.doc_id)

    def undated(self, permitted: Filter) -> int:
        if not permitted.dated:
            return 0
        rest = Filter(permitted.doc_ids, permitted.sources, permitted.languages)
        where = f"{condition(self.generation, rest)} and last == 0"
        return self._view.engine.count(DOCUMENTS, where)

    def permitted(self, permitted: Filter) -> int:
        if permitted == Filter():
            return self.counts().documents
        return self._view.engine.count(DOCUMENTS, condition(self.generation, permitted))

    def languages(self) -> frozenset[str]:
        return frozenset(self._view.totals)

    def settings(self) -> dict[str, str]:
        return dict(self._view.settings)

    def counts(self) -> Counts:
        return Counts(*(sum(own[n] for own in self._view.totals.values()) for n in range(3)))

    def _whole(self, doc_id: str) -> tuple[Document, tuple[Removed, ...]]:
        """A document, read with those that are expected."""
        engine = self._view.engine
        if doc_id in self._read:
            return self._read[doc_id]
        if doc_id in self._found:
            wanted = {doc_id, *(self._expected & self._found.keys()) - self._read.keys()}
            names = [self._found[each] for each in wanted]
            rows = list(engine.known(DOCUMENTS, names, TEXT).values())
        else:
            where = f'doc == "{hashed(doc_id)}" and {alive(self.generation)}'
            rows = engine.query(DOCUMENTS, where, TEXT)
        bodies = complete(engine, rows, "body")
        for name, info in complete(engine, rows, "info").items():
            document = document_of(info, bodies[name])
            self._read[document.doc_id] = document, removed_of(bodies[name])
        if doc_id not in self._read:
            raise DocumentNotFound(f"{doc_id}: no such document in the index; see: rag list")
        return self._read[doc_id]


def _behind(doc_id: str) -> str:
    """Greater than the ids of this document's rows, and less than those of the next document's."""
    return f"{before_row(doc_id)}~"
