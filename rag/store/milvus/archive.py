"""A Milvus index as rows of JSON, and an index made of such rows; `rag.store.archive` has them."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from rag.errors import IndexDamaged, IndexMismatch, RagError
from rag.store import Record, Row, archive
from rag.store.archive import OWN
from rag.store.milvus.address import Address
from rag.store.milvus.candidates import View
from rag.store.milvus.change import AT_ONCE
from rag.store.milvus.kept import kept
from rag.store.milvus.state import entries
from rag.store.milvus.store import MilvusStore
from rag.store.milvus.verify import Genuine, lacking
from rag.store.opening import Index, make_store, open_store
from rag.store.salvage import Saved
from rag.store.verify import REPAIR
from rag.types import Vectors


def rows(view: View) -> Iterator[Row]:
    """Everything of a generation, documents by id. Raises IndexDamaged."""
    yield from _beside(view)
    known: set[bytes] = set()
    for doc_id, found in kept(view):
        if found is None:
            raise IndexDamaged(f"{view.engine.address}: {doc_id} cannot be read; {REPAIR}")
        yield {"document": archive.document(*found.record(), known)}


def whole(view: View, genuine: Genuine, lost: dict[str, None]) -> Iterator[Row]:
    """As `rows`, without the documents that are damaged, which it enters into `lost`.

    Each file is to be read again by the next sync.
    """
    roots, watched = set[str](), set[tuple[str, str]]()
    for row in _beside(view):  # roots before their files
        if "root" in row:
            roots.add(row["root"][0])
        if "file" in row:
            root, path, _, _, _ = row["file"]
            if root in roots:
                watched.add((root, path))
            yield {"file": [root, path, "", "", []]}
        else:
            yield row
    files = {(found.info.root, found.info.path) for _, found in kept(view) if found}
    for root, path in sorted(files - watched):  # whose own rows are lost
        if root in roots:
            yield {"file": [root, path, "", "", []]}
    known: set[bytes] = set()
    for doc_id, found in kept(view):
        if found is None or found.info.root not in roots or any(lacking(found, genuine)):
            lost[doc_id] = None
        else:
            yield {"document": archive.document(*found.record(), known)}


def _beside(view: View) -> Iterator[Row]:
    engine, generation = view.engine, view.generation
    settings = view.settings
    yield {"settings": {name: settings[name] for name in sorted(settings.keys() - OWN)}}
    for (name,), value in sorted(entries(engine, "root", generation)):
        yield {"root": [name, *value]}
    for place, value in sorted(entries(engine, "file", generation)):
        yield {"file": [*place, *value]}
    for (doc_id,), _ in sorted(entries(engine, "excluded", generation)):
        yield {"excluded": doc_id}


def make(address: Address, read_rows: Callable[[], Iterable[Row]]) -> None:
    """Make an index of such rows at `address`, where none may be: seen whole or not at all.

    They are read once for what stands before the documents, and once whole. What a run that was
    broken off has left is taken back by the next one. Raises RagError, and IndexDamaged where they
    agree with each other less than `verify` asks.
    """
    head = list(itertools.takewhile(lambda row: "document" not in row, read_rows()))
    store = MilvusStore.create(address, head[0]["settings"])
    try:
        with store.writer() as writer:
            with store.snapshot() as snapshot:
                if snapshot.generation:
                    raise RagError(f"{address}: is there already; name an index that is not there")
            if (dim := writer.settings()["dim"]) != head[0]["settings"]["dim"]:
                raise IndexMismatch(
                    f"{address}: is empty, but made for vectors of {dim} columns; name another"
                )
            near = _Near(row["document"] for row in read_rows() if "document" in row)
            beside = replace(archive.beside(head), settings=head[0]["settings"])
            writer.apply(replace(beside, upsert=near.records(), vectors=near.vectors))
            writer.publish()
        if wrong := next(store.verify(), None):
            raise IndexDamaged(f"{address}: is made, but not sound ({wrong})")
    finally:
        store.close()


class _Near:
    """Records one by one, and the vectors that came with the last of them.

    A change writes `AT_ONCE` documents at a time; what came earlier is found where it was written.
    """

    def __init__(self, documents: Iterable[Row]) -> None:
        self.vectors: dict[bytes, Vectors] = {}
        self._documents = documents

    def records(self) -> Iterator[Record]:
        held = deque[list[bytes]]()
        for row in self._documents:
            new = archive.vectors(row)
            self.vectors |= new
            held.append(list(new))
            if len(held) > AT_ONCE:
                for key in held.popleft():
                    self.vectors.pop(key, None)
            yield archive.record(row)


def salvage(address: Address, new: Index, genuine: Callable[[dict[str, str]], Genuine]) -> Saved:
    """Make an index at `new` of the documents at `address` that are whole; nobody writes meanwhile.

    `genuine` tells of an index with these settings whether a document agrees with its checksum.
    """
    lost: dict[str, None] = {}
    store = MilvusStore(address)
    try:
        with store.still() as view:
            checked = genuine(view.settings)
            make_store(new, lambda: whole(view, checked, lost))
    finally:
        store.close()
    saved = open_store(new)
    with saved.snapshot() as snapshot:
        documents = snapshot.counts().documents
    saved.close()
    return Saved(documents, tuple(lost))
