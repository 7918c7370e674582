"""What the writer knows of the documents that live: which there are, of which file, how digested.

The first files that a sync asks about are looked up one by one. From then on all are known, some
300 bytes for each document: to ask for each of 100,000 files would take hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rag.store.milvus.engine import ROWS, Engine, slices
from rag.store.milvus.rows import Info, listed
from rag.store.milvus.tables import DOCUMENTS, alive, among, complete, hashed

ONE_BY_ONE = 30  # files

Place = tuple[str, str]  # root and path of a file


class Version(NamedTuple):
    """A document that lives, and the id of its row."""

    row: str
    info: Info

    @property
    def place(self) -> Place:
        return self.info.root, self.info.path


class Held:
    """Of the newest generation; `change` brings it to the next."""

    def __init__(self, engine: Engine, generation: int, documents: int) -> None:
        self._engine = engine
        self._generation = generation
        self._asked = 0
        self._places: dict[str, tuple[Place, str]] | None = None if documents else {}
        self._files: dict[Place, set[str]] = defaultdict(set)

    def versions(self, doc_ids: Sequence[str]) -> dict[str, Version]:
        """Of those that live."""
        if self._places is not None:
            doc_ids = [doc_id for doc_id in doc_ids if doc_id in self._places]
        found = {}
        for some in slices(doc_ids, ROWS):
            for version in self._select(among("doc", map(hashed, some))):
                found[version.info.doc_id] = version
        return found

    def owners(self, doc_ids: Sequence[str]) -> dict[str, Place]:
        if self._places is not None:
            return {d: self._places[d][0] for d in doc_ids if d in self._places}
        return {d: version.place for d, version in self.versions(doc_ids).items()}

    def of_file(self, place: Place) -> dict[str, str]:
        """id → digest of the documents of one file."""
        self._asked += 1
        if self._places is None and self._asked > ONE_BY_ONE:
            self._places = {}
            for version in self._select(""):
                self._add(version.info)
        if self._places is not None:
            return {d: self._places[d][1] for d in self._files.get(place, ())}
        versions = self._select(f'file == "{hashed(*place)}"')
        return {v.info.doc_id: v.info.digest for v in versions if v.place == place}

    def change(self, generation: int, ended: Iterable[Info], added: Iterable[Info]) -> None:
        self._generation = generation
        if self._places is None:
            return
        for info in ended:
            place, _ = self._places.pop(info.doc_id)
            self._files[place].discard(info.doc_id)
        for info in added:
            self._add(info)

    def _add(self, info: Info) -> None:
        assert self._places is not None
        place = info.root, info.path
        self._places[info.doc_id] = place, info.digest
        self._files[place].add(info.doc_id)

    def _select(self, where: str) -> list[Version]:
        where = " and ".join(filter(None, (alive(self._generation), where)))
        rows = list(self._engine.walk(DOCUMENTS, where, ["id", "info", "more_info"]))
        infos = complete(self._engine, rows, "info")
        return [Version(name, listed(info)) for name, info in infos.items()]
