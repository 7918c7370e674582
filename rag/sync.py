"""Sync: make the index agree with folders and files, one root at a time.

A root that is not given stays as it is. A root that is missing or suddenly empty loses nothing
unless `prune` is set; a file that cannot be read keeps its last good version; what `remove` took
out stays out unless `restore` is set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import UnreadableFile
from rag.indexing import Indexer
from rag.ingest import Reading, read_file
from rag.roots import Scope, plan
from rag.store import Delta, FileState, Record, Writer
from rag.types import Document, Removed, SyncReport

READ_VERSION = "1"  # raise it when the same file is read or cleaned differently
BATCH_SENTENCES = 2_000  # committed at once: what a kill can cost
BATCH_FILES = 500

Progress = Callable[[int, int], None]  # how many are done, how many there are


@dataclass(frozen=True, slots=True)
class Options:
    prune: bool = False
    restore: bool = False
    max_bytes: int = 20_000_000


def sync(
    writer: Writer, indexer: Indexer, paths: Sequence[Path], options: Options, progress: Progress
) -> SyncReport:
    """Reconcile the given paths; without any, every known root. Raises SourceError."""
    planned = plan(writer.roots(), paths, prune=options.prune)
    run = _Sync(writer, indexer, options)
    run.begin(planned.scopes)
    total, done = sum(len(scope.files) for scope in planned.scopes), 0
    for scope in planned.scopes:
        for path in scope.files:
            run.file(scope, path)
            done += 1
            progress(done, total)
    run.finish(planned.absorbed)
    writer.publish()
    return run.report(planned.notices)


def rebuild(writer: Writer, indexer: Indexer, *, embed_anew: bool, progress: Progress) -> None:
    """Cut, analyse and embed every stored document again, without reading a file.

    The vectors come first, in steps; then all documents change in one transaction, so that a
    reader sees the old index or the new one.
    """
    total = sum(1 for _ in writer.stored())
    batch: list[Record] = []
    for done, source in enumerate(writer.stored(), 1):
        batch.append(indexer.record(source))
        if done == total or _sentences(batch) >= BATCH_SENTENCES:
            vectors = indexer.embed(batch, None if embed_anew else writer)
            writer.apply(Delta(vectors=vectors))
            batch = []
            progress(done, total)
    records = (indexer.record(source) for source in writer.stored())
    writer.apply(Delta(upsert=records, settings=indexer.settings))


class _Sync:
    """One run: what waits for the next commit, who owns which id, and what was counted."""

    def __init__(self, writer: Writer, indexer: Indexer, options: Options) -> None:
        self._writer = writer
        self._indexer = indexer
        self._options = options
        self._excluded = writer.excluded()
        self._known: dict[tuple[str, str], FileState] = {}
        self._gone: set[tuple[str, str]] = set()  # files that are no longer there
        self._claimed: dict[str, tuple[str, str]] = {}  # ids that this run gave to a file
        self._freed: set[str] = set()  # ids that this run took from a file
        self._records: list[Record] = []
        self._removals: list[str] = []
        self._files: list[FileState] = []
        self._restored: list[str] = []
        self._skipped: list[tuple[str, str]] = []
        self._count = {"added": 0, "updated": 0, "removed": 0, "unchanged": 0}
        self._kept_out = 0

    def begin(self, scopes: Sequence[Scope]) -> None:
        """Enter the roots, and note which of their files are gone."""
        roots = {scope.root.name: scope.root for scope in scopes}
        if set(roots.values()) - set(self._writer.roots()):
            self._writer.apply(Delta(roots=tuple(roots.values())))
        for name in roots:
            for state in self._writer.files(name):
                self._known[name, state.path] = state
        for scope in scopes:
            there = {scope.relative(path) for path in scope.files}
            self._gone |= {
                (root, path)
                for root, path in self._known
                if root == scope.root.name and scope.covers(path) and path not in there
            }

    def file(self, scope: Scope, path: Path) -> None:
        """Bring the documents of one file up to date."""
        place = scope.root.name, scope.relative(path)
        known = self._known.get(place)
        try:
            status = path.stat()
            times = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"
            signature = f"{READ_VERSION}:{times}"
            if known and known.signature == signature and not self._options.restore:
                self._same(known)
                return
            digest = f"{READ_VERSION}:{_digest(path, self._options.max_bytes)}"
            if known and known.digest == digest and not self._options.restore:
                self._files.append(FileState(*place, signature, digest, known.skipped))
                self._same(known)
                return
            reading = read_file(path, "/".join(place), self._options.max_bytes)
        except OSError as error:
            self._skipped.append((str(path), error.strerror or type(error).__name__))
            return
        except UnreadableFile as error:
            reading = Reading((), (error,))
        self._documents(place, reading)
        skipped = tuple((error.path, error.reason) for error in reading.skipped)
        self._skipped += skipped
        self._files.append(FileState(*place, signature, digest, skipped))
        if _sentences(self._records) >= BATCH_SENTENCES or len(self._files) >= BATCH_FILES:
            self._flush()

    def _same(self, known: FileState) -> None:
        self._count["unchanged"] += len(self._writer.documents_of(known.root, known.path))
        self._skipped += known.skipped

    def _documents(self, place: tuple[str, str], reading: Reading) -> None:
        before = self._writer.documents_of(*place)
        owners = self._writer.owners([d.doc_id for d, _ in reading.documents])
        present = set()
        for document, removed in reading.documents:
            doc_id = document.doc_id
            present.add(doc_id)
            if doc_id in self._excluded and not self._options.restore:
                self._kept_out += 1
                continue
            owner = self._owner(doc_id, owners)
            if owner is not None and owner != place:
                self._skipped.append(
                    ("/".join(place), f"the id {doc_id!r} is already used by {'/'.join(owner)}")
                )
                continue
            self._claimed[doc_id] = place
            if before.get(doc_id) == self._indexer.digest(document):
                self._count["unchanged"] += 1
                continue
            self._upsert(place, document, removed, known=doc_id in owners)
        # Where something could not be read, a missing id may be there and broken: keep it.
        if not reading.skipped:
            vanished = [doc_id for doc_id in before if doc_id not in present]
            self._removals += vanished
            self._freed |= set(vanished)

    def _owner(self, doc_id: str, owners: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
        """The file that holds this id, unless that file is gone or has given it up."""
        if doc_id in self._claimed:
            return self._claimed[doc_id]
        owner = owners.get(doc_id)
        return None if owner in self._gone or doc_id in self._freed else owner

    def _upsert(
        self, place: tuple[str, str], document: Document, removed: tuple[Removed, ...], known: bool
    ) -> None:
        self._records.append(self._indexer.record((document, removed, *place)))
        self._count["updated" if known else "added"] += 1
        if document.doc_id in self._excluded:
            self._restored.append(document.doc_id)

    def _flush(self) -> None:
        written = {record.document.doc_id for record in self._records}
        removals = tuple(doc_id for doc_id in self._removals if doc_id not in written)
        self._count["removed"] += len(removals)
        delta = Delta(
            upsert=self._records,
            remove=removals,
            vectors=self._indexer.embed(self._records, self._writer),
            files=tuple(self._files),
            restore=tuple(self._restored),
        )
        if delta.upsert or delta.remove or delta.files:
            self._writer.apply(delta)
        self._records, self._removals, self._files, self._restored = [], [], [], []

    def finish(self, absorbed: tuple[str, ...]) -> None:
        """Commit the rest, then remove what belonged to files that are gone."""
        self._flush()
        roots = [(name, state.path) for name in absorbed for state in self._writer.files(name)]
        forget = sorted(self._gone | set(roots))
        self._removals = [i for place in forget for i in self._writer.documents_of(*place)]
        self._count["removed"] += len(self._removals)
        if forget or absorbed:
            self._writer.apply(
                Delta(
                    remove=tuple(self._removals), forget=tuple(forget), drop_roots=tuple(absorbed)
                )
            )

    def report(self, notices: Iterable[str]) -> SyncReport:
        notices = list(notices)
        if self._kept_out:
            notices.append(
                f"{self._kept_out} removed documents stay out (--restore brings them back)"
            )
        return SyncReport(**self._count, skipped=tuple(self._skipped), notices=tuple(notices))


def _sentences(records: Sequence[Record]) -> int:
    return sum(len(keys) for record in records for keys in record.keys)


def _digest(path: Path, max_bytes: int) -> str:
    """SHA-256 of the content; of a file too large to be read, of its size."""
    size = path.stat().st_size
    if size > max_bytes:
        return f"size {size}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
