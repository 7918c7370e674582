"""The one writer of a Milvus store.

What a generation adds and removes is written first, its head last: so it is seen whole or not at
all. What a process that was killed has left is taken back by the next writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.store import Delta, FileState, Root
from rag.store.milvus.change import Change
from rag.store.milvus.engine import Engine, Row
from rag.store.milvus.held import Held
from rag.store.milvus.lock import Lease
from rag.store.milvus.rows import document_of, listed, removed_of
from rag.store.milvus.state import Head, entries, read_head, write_head
from rag.store.milvus.tables import (
    COUNTS,
    DOCUMENTS,
    LOOSE,
    NEVER,
    READ,
    SENTENCES,
    alive,
    complete,
    load,
)
from rag.store.milvus.vectors import known_keys
from rag.store.milvus.words import Entries
from rag.types import Document, Removed


def write_point(name: str) -> None:
    """A place where a kill must do no harm; the kill tests put a real kill here."""


class MilvusWriter:
    """Holds the write lock. Made by `MilvusStore.writer`."""

    def __init__(self, engine: Engine, lease: Lease) -> None:
        self._engine = engine
        self._lease = lease
        self._head = read_head(engine)
        self._recover()
        documents = sum(documents for documents, _, _ in self._head.totals.values())
        self._dim = int(self.settings()["dim"])
        self._held = Held(engine, self._head.generation, documents)
        self._fresh = set[bytes]()  # keys whose vectors came before their documents

    def apply(self, delta: Delta) -> int:
        write_point("before commit")
        change = Change(self._engine, self._head, self._held, self._dim, self._lease.held)
        head = change.write(delta, self._fresh)
        write_point("inside commit")
        self._publish_head(head)
        write_point("after commit")
        if delta.upsert == ():
            self._fresh |= delta.vectors.keys()
        added = (version.info for version in change.added.values())
        self._held.change(head.generation, change.ended.values(), added)
        return head.generation

    def publish(self) -> None:
        """Delete what no snapshot can see any more, and vectors that nothing uses."""
        self._engine.delete(SENTENCES, f"added == {LOOSE}")
        self._fresh.clear()
        self._purge(self._head.old())

    def erase(self) -> None:
        """Leave nothing of what was removed, at once; a question meanwhile may fail."""
        self.publish()
        self._purge(self._head.generation)
        self._engine.compact(READ)
        load(self._engine)

    def missing(self, keys: Sequence[bytes]) -> set[bytes]:
        return {*keys} - known_keys(self._engine, dict.fromkeys(keys))

    def stored(self) -> Iterator[tuple[Document, tuple[Removed, ...], str, str]]:
        where, fields = alive(self._head.generation), ["id", "info", "more_info"]
        fields += ["body", "more_body"]
        for row in list(self._engine.walk(DOCUMENTS, where, ["id"])):
            (full,) = self._engine.get(DOCUMENTS, [row["id"]], fields).values()
            (info,) = complete(self._engine, [full], "info").values()
            (body,) = complete(self._engine, [full], "body").values()
            known = listed(info)
            yield document_of(info, body), removed_of(body), known.root, known.path

    def roots(self) -> list[Root]:
        found = self._entries("root")
        return sorted((Root(n, *value) for (n,), value in found), key=lambda root: root.name)

    def files(self, root: str) -> list[FileState]:
        states = (
            FileState(name[0], name[1], signature, digest, tuple((p, why) for p, why in skipped))
            for name, (signature, digest, skipped) in self._entries("file", root)
        )
        return sorted(states, key=lambda state: state.path)

    def owners(self, doc_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        return self._held.owners(doc_ids)

    def documents_of(self, root: str, path: str) -> dict[str, str]:
        return self._held.of_file((root, path))

    def excluded(self) -> frozenset[str]:
        return frozenset(name for (name,), _ in self._entries("excluded"))

    def settings(self) -> dict[str, str]:
        return {name: value for (name,), value in self._entries("setting")}

    def _entries(self, kind: str, *part: str) -> Iterator[tuple[list[str], Any]]:
        return entries(self._engine, kind, self._head.generation, *part)

    def _publish_head(self, head: Head) -> None:
        self._lease.check()
        write_point("before head")
        write_head(self._engine, head)
        self._head = head

    def _purge(self, up_to: int) -> None:
        """Delete the rows that were removed by this generation."""
        if not any(number <= up_to for number in self._head.removals):
            return
        for table in READ:
            self._engine.delete(table, f"removed <= {up_to}")
            write_point(f"purged {table}")
        removals = tuple(number for number in self._head.removals if number > up_to)
        self._publish_head(replace(self._head, removals=removals))

    def _recover(self) -> None:
        """Take back what a writer wrote that did not come to publish it."""
        newest = self._head.generation
        for table in READ:
            self._engine.delete(table, f"added > {newest} and added < {LOOSE}")
            ended = self._engine.query(table, f"removed > {newest} and removed < {NEVER}", ["id"])
            rows = ({"id": row["id"], "removed": NEVER} for row in ended)
            self._engine.put(table, rows, parts=True)
        ahead = self._engine.query(COUNTS, f"newest > {newest}", ["id", "body"])
        rows = (_taken_back(row["id"], row["body"], newest) for row in ahead)
        self._engine.put(COUNTS, rows, parts=True)


def _taken_back(name: str, body: str, newest: int) -> Row:
    kept: Entries = [entry for entry in json.loads(body) if entry[0] <= newest]
    return {"id": name, "newest": kept[-1][0] if kept else 0, "body": json.dumps(kept)}
