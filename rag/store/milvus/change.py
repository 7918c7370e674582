"""One change on its way into Milvus: all that a generation adds and removes, but for the head."""

from __future__ import annotations

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from rag.errors import IndexMismatch
from rag.store import Delta, Record
from rag.store.milvus.engine import ROWS, Engine, Row, slices
from rag.store.milvus.held import Held, Version
from rag.store.milvus.rows import (
    Info,
    chunk_ids,
    chunk_of,
    flat,
    info_of,
    number_of,
    rows_of,
    sentence_ids,
)
from rag.store.milvus.state import Head, entries, entry_ids, entry_rows
from rag.store.milvus.tables import (
    CHUNKS,
    COUNTS,
    DOCUMENTS,
    SENTENCES,
    STATE,
    complete,
    piece_ids,
)
from rag.store.milvus.vectors import find_vectors, loose_row
from rag.store.milvus.words import Entries, Word, counted, counts_row
from rag.types import Vectors

AT_ONCE = 50  # documents that are written at once

Known = Mapping[bytes, Vectors]


class Change:
    """Writes rows as it goes; none of them is seen before the head names its generation."""

    def __init__(
        self, engine: Engine, head: Head, held: Held, dim: int, permitted: Callable[[], None]
    ) -> None:
        """`permitted` raises RagError where another may write by now."""
        self._engine = engine
        self._permitted = permitted
        self._head = head
        self._held = held
        self._dim = dim
        self._new = head.generation + 1
        self.added: dict[str, Version] = {}  # by document
        self.ended: dict[str, Info] = {}
        self._same = set[str]()  # documents that are there already as they are given
        self._number = 0
        self._own = secrets.token_hex(3)  # a name that was given is never given to other rows
        self._terms = Counter[Word]()  # chunks that have a term, more or fewer
        self._totals = {language: list(own) for language, own in head.totals.items()}
        self._removes = False

    def write(self, delta: Delta, fresh: Collection[bytes]) -> Head:
        """All but the head, which is returned. `fresh` are keys whose vectors came before."""
        for vector in delta.vectors.values():
            if len(vector) != self._dim:
                raise IndexMismatch(
                    f"{self._engine.address}: holds vectors of {self._dim} columns, not "
                    f"{len(vector)}; make another index for this model: --index"
                )
        if delta.upsert == ():
            rows = map(loose_row, delta.vectors, delta.vectors.values())
            self._engine.put(SENTENCES, rows, dear=False)
        for records in slices(delta.upsert, AT_ONCE):
            self._permitted()
            self._upsert(records, delta.vectors, {*fresh, *delta.vectors})
        self._permitted()
        given = self.added.keys() | self._same
        self._end(self._held.versions([d for d in delta.remove if d not in given]))
        self._entries(delta)
        self._count()
        totals = {
            language: (documents, chunks, sentences)
            for language, (documents, chunks, sentences) in self._totals.items()
            if documents
        }
        return self._head.next(totals, removes=self._removes)

    def _upsert(self, given: Sequence[Record], vectors: Known, fresh: Collection[bytes]) -> None:
        records = {record.document.doc_id: record for record in given}
        self._supersede([self.added.pop(d) for d in records if d in self.added])  # given twice
        before = self._held.versions([d for d in records if d not in self.ended])
        for doc_id, version in before.items():
            if _is(records[doc_id], version.info, fresh):
                self._same.add(doc_id)
                del records[doc_id]
        self._end({d: version for d, version in before.items() if d in records})
        keys = {key for r in records.values() for key in (r.title_key, *flat(r.keys))}
        vectors = {**find_vectors(self._engine, keys - vectors.keys(), self._dim), **vectors}
        tables: dict[str, list[Row]] = defaultdict(list)
        for doc_id, record in records.items():
            self._number += 1
            row = f"{self._new:x}.{self._own}.{self._number:x}"
            made = rows_of(record, row, self._new, vectors, self._dim)
            for table, rows in made.items():
                tables[table] += rows
            self.added[doc_id] = Version(made[DOCUMENTS][0]["id"], info_of(record))
            self._tally(record.document.language, record.terms, len(flat(record.keys)), +1)
        for table, rows in tables.items():
            self._engine.insert(table, rows)

    def _end(self, versions: Mapping[str, Version]) -> None:
        self.ended |= {doc_id: version.info for doc_id, version in versions.items()}
        self._supersede(versions.values())

    def _supersede(self, versions: Iterable[Version]) -> None:
        """From the new generation on these are gone."""
        for version in versions:
            fields = ["id", "more_info", "more_body"]
            (document,) = self._engine.get(DOCUMENTS, [version.row], fields).values()
            gone = {
                DOCUMENTS: [version.row],
                STATE: piece_ids(document, "info") + piece_ids(document, "body"),
                CHUNKS: chunk_ids(number_of(version.row), version.info.chunks),
                SENTENCES: list[str](),
            }
            fields = ["id", "sentences", "body", "more_body"]
            chunks = list(self._engine.get(CHUNKS, gone[CHUNKS], fields).values())
            bodies = complete(self._engine, chunks, "body").values()
            for chunk in chunks:
                gone[STATE] += piece_ids(chunk, "body")
                gone[SENTENCES] += sentence_ids(chunk["id"], chunk["sentences"])
            terms = [chunk_of(body, self._dim)[0].terms.split() for body in bodies]
            self._tally(version.info.language, terms, len(gone[SENTENCES]), -1)
            for table, ids in gone.items():
                self._mark(table, ids)

    def _mark(self, table: str, ids: Iterable[str]) -> None:
        self._removes = True
        rows = ({"id": name, "removed": self._new} for name in ids)
        self._engine.put(table, rows, parts=True)

    def _tally(
        self, language: str, terms: Sequence[Sequence[str]], sentences: int, sign: int
    ) -> None:
        for own in terms:
            for term in set(own):
                self._terms[language, term] += sign
        totals = self._totals.get(language, (0, 0, 0))
        more = 1, len(terms), sentences
        self._totals[language] = [n + sign * m for n, m in zip(totals, more, strict=True)]

    def _entries(self, delta: Delta) -> None:
        """What is kept beside documents."""
        generation = self._head.generation
        values: dict[str, dict[tuple[str, ...], Any]] = {
            "file": {(f.root, f.path): [f.signature, f.digest, f.skipped] for f in delta.files},
            "root": {(r.name,): [r.path, r.whole] for r in delta.roots},
            "excluded": {(doc_id,): None for doc_id in delta.exclude},
            "setting": {(name,): value for name, value in delta.settings.items()},
        }
        gone: dict[str, list[tuple[str, ...]]] = {
            "file": [*delta.forget],
            "root": [(name,) for name in delta.drop_roots if (name,) not in values["root"]],
            "excluded": [(doc_id,) for doc_id in delta.restore],
        }
        gone["file"] += [
            (name, path)
            for (name,) in gone["root"]
            for (_, path), _ in entries(self._engine, "file", generation, name)
        ]
        for kind, own in values.items():
            ended = [*own, *gone.get(kind, ())]
            if ids := entry_ids(self._engine, kind, generation, ended):
                self._mark(STATE, ids)
            added = {name: v for name, v in own.items() if name not in gone.get(kind, ())}
            self._engine.insert(STATE, entry_rows(kind, self._new, added))

    def _count(self) -> None:
        """How many chunks have each term, from the new generation on."""
        changed = {counted(word): word for word, n in self._terms.items() if n}
        old = self._head.old()
        for some in slices(changed, ROWS):
            known = self._engine.get(COUNTS, some, ["id", "body"])
            rows = {}
            for name in some:
                entries: Entries = json.loads(known[name]["body"]) if name in known else []
                count = (entries[-1][1] if entries else 0) + self._terms[changed[name]]
                while len(entries) > 1 and entries[1][0] <= old:  # no snapshot is as old
                    del entries[0]
                rows[name] = counts_row(changed[name], [*entries, [self._new, count]])
            self._engine.put(COUNTS, [rows[name] for name in known])
            self._engine.insert(COUNTS, [rows[name] for name in some if name not in known])


def _is(record: Record, info: Info, fresh: Collection[bytes]) -> bool:
    """Whether a document is there already, just as it is given."""
    same = (info.root, info.path, info.digest) == (record.root, record.path, record.digest)
    return same and not any(key in fresh for key in (record.title_key, *flat(record.keys)))
