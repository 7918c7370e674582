"""Sync: make the index agree with folders and files, one root at a time.

A root that is not given stays as it is. A root that is missing or suddenly empty loses nothing
unless `prune` is set; a file that cannot be read keeps its last good version; what `remove` took
out stays out unless `restore` is set.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.byhand import as_settings, corrected, corrections
from rag.errors import UnreadableFile
from rag.indexing import BATCH_SENTENCES, Indexer, Pipeline, Progress, Tally, count_sentences
from rag.ingest import Reading, read_file
from rag.roots import Absorbed, Plan, plan
from rag.store import Delta, FileState, Record, Writer
from rag.types import Document, Removed, SyncReport

READ_VERSION = "1"  # raise it when the same file is read or cleaned differently
BATCH_FILES = 500
CLOCK_STEP = 2_000_000_000  # nanoseconds: two changes within it may bear the same time on a file

Place = tuple[str, str]  # root and path of a file


@dataclass(frozen=True, slots=True)
class Options:
    index: Path  # whose own files are no articles
    prune: bool = False
    restore: bool = False
    max_bytes: int = 20_000_000


def sync(
    writer: Writer, indexer: Indexer, paths: Sequence[Path], options: Options, progress: Progress
) -> SyncReport:
    """Reconcile the given paths; without any, all that was given before. Raises SourceError."""
    given = paths or _given(writer)
    planned = plan(writer.roots(), given, index=options.index, prune=options.prune)
    work = {
        (scope.root.name, scope.relative(path)): path
        for scope in planned.scopes
        for path in scope.files
    }
    tally = Tally(len(work), progress)
    with Pipeline(writer, indexer) as pipeline:
        run = _Sync(writer, indexer, pipeline, tally, options)
        run.begin(planned)
        for place, path in work.items():
            run.file(place, path)
            tally.step()
        run.finish(planned.absorbed)
    writer.publish()
    return run.report(planned.notices)


def _given(writer: Writer) -> list[Path]:
    """The folders that were given, and the single files."""
    return [
        Path(root.path, inside)
        for root in writer.roots()
        for inside in ([""] if root.whole else [state.path for state in writer.files(root.name)])
    ]


class _Sync:
    """One run: what waits for the next commit, who owns which id, and what was counted."""

    def __init__(
        self, writer: Writer, indexer: Indexer, pipeline: Pipeline, tally: Tally, options: Options
    ) -> None:
        self._writer = writer
        self._indexer = indexer
        self._pipeline = pipeline
        self._tally = tally
        self._options = options
        self._excluded: set[str] = set(writer.excluded())
        self._corrections = corrections(writer.settings())
        self._known: dict[Place, FileState] = {}
        self._gone: set[Place] = set()  # files that are no longer there
        self._claimed: dict[str, Place] = {}  # ids that this run gave to a file
        self._freed: set[str] = set()  # ids that this run took from a file
        self._contested: list[tuple[Place, Document, tuple[Removed, ...]]] = []
        self._records: list[Record] = []
        self._removals: list[str] = []
        self._files: list[FileState] = []
        self._restored: list[str] = []
        self._skipped: list[tuple[str, str]] = []
        self._count = {"added": 0, "updated": 0, "removed": 0, "unchanged": 0}
        self._kept_out = 0

    def begin(self, planned: Plan) -> None:
        """Enter the roots, and note which of their files are gone."""
        roots = {scope.root.name: scope.root for scope in planned.scopes}
        moved = {
            new
            for doc_id in self._excluded
            for absorbed in planned.absorbed
            if (new := absorbed.renamed(doc_id)) is not None
        }
        right = {
            new: json
            for doc_id, json in self._corrections.items()
            for absorbed in planned.absorbed
            if (new := absorbed.renamed(doc_id)) is not None
        }
        if moved or set(roots.values()) - set(self._writer.roots()):
            self._writer.apply(
                Delta(
                    roots=tuple(roots.values()), exclude=tuple(moved), settings=as_settings(right)
                )
            )
            self._excluded |= moved
            self._corrections |= right
        for name in roots:
            for state in self._writer.files(name):
                self._known[name, state.path] = state
        for scope in planned.scopes:
            there = {scope.relative(path) for path in scope.files}
            self._gone |= {
                (root, path)
                for root, path in self._known
                if root == scope.root.name and scope.covers(path) and path not in there
            }
        for absorbed in planned.absorbed:
            name = absorbed.old.name
            self._gone |= {(name, state.path) for state in self._writer.files(name)}

    def file(self, place: Place, path: Path) -> None:
        """Bring the documents of one file up to date."""
        shown = os.fsencode(path).decode("utf-8", "replace")
        if shown != str(path):
            self._skipped.append((shown, "the name is not Unicode; rename it"))
            return
        try:
            self._read(place, path)
        except OSError as error:
            self._skipped.append((shown, error.strerror or type(error).__name__))
        if count_sentences(self._records) >= BATCH_SENTENCES or len(self._files) >= BATCH_FILES:
            self._flush()

    def _read(self, place: Place, path: Path) -> None:
        limit = self._options.max_bytes
        known = None if self._options.restore else self._known.get(place)
        signature, settled = _signature(path, limit)
        if known and known.signature == signature:
            self._same(known)
            return
        digest = f"{READ_VERSION}:{_digest(path, limit)}"
        if known and known.digest == digest:
            self._files.append(
                FileState(*place, signature if settled else "", digest, known.skipped)
            )
            self._same(known)
            return
        try:
            reading = read_file(path, "/".join(place), limit)
        except UnreadableFile as error:
            reading = Reading((), (error,))
        certain = self._documents(place, reading) and _signature(path, limit)[0] == signature
        skipped = tuple((error.path, error.reason) for error in reading.skipped)
        self._skipped += skipped
        # Where a later sync must not trust what this one saw, it finds no signature or digest.
        self._files.append(
            FileState(
                *place,
                signature if certain and settled else "",
                digest if certain else "",
                skipped,
            )
        )

    def _same(self, known: FileState) -> None:
        self._count["unchanged"] += len(self._writer.documents_of(known.root, known.path))
        self._skipped += known.skipped

    def _documents(self, place: Place, reading: Reading) -> bool:
        """Whether each document found its place: False if another file holds one of the ids."""
        before = self._writer.documents_of(*place)
        owners = self._writer.owners([d.doc_id for d, _ in reading.documents])
        contested = len(self._contested)
        present: set[str] = set()
        self._tally.expect(len(reading.documents))
        for found, removed in reading.documents:
            if present:
                self._tally.step()
            document = corrected(found, self._corrections)
            doc_id = document.doc_id
            present.add(doc_id)
            if doc_id in self._excluded and not self._options.restore:
                self._kept_out += 1
            elif self._owner(doc_id, owners) not in (None, place):
                self._contested.append((place, document, removed))
            elif before.get(doc_id) == self._indexer.digest(document):
                self._claimed[doc_id] = place
                self._count["unchanged"] += 1
            else:
                self._upsert(place, document, removed, known=doc_id in owners)
        vanished = [doc_id for doc_id in before if doc_id not in present]
        if reading.skipped:  # a missing id may stand in what could not be read: keep it
            self._count["unchanged"] += len(vanished)
        else:
            self._removals += vanished
            self._freed |= set(vanished)
        return len(self._contested) == contested

    def _owner(self, doc_id: str, owners: dict[str, Place]) -> Place | None:
        """The file that holds this id, unless that file is gone or has given it up."""
        if doc_id in self._claimed:
            return self._claimed[doc_id]
        owner = owners.get(doc_id)
        return None if owner in self._gone or doc_id in self._freed else owner

    def _upsert(
        self, place: Place, document: Document, removed: tuple[Removed, ...], known: bool
    ) -> None:
        self._claimed[document.doc_id] = place
        self._records.append(self._indexer.record((document, removed, *place)))
        self._count["updated" if known else "added"] += 1
        if document.doc_id in self._excluded:
            self._restored.append(document.doc_id)
        if count_sentences(self._records) >= BATCH_SENTENCES:  # in the middle of a long file
            before = self._known.get(place)
            self._files.append(FileState(*place, "", "", before.skipped if before else ()))
            self._flush()

    def _flush(self) -> None:
        written = {record.document.doc_id for record in self._records}
        removals = tuple(doc_id for doc_id in self._removals if doc_id not in written)
        self._count["removed"] += len(removals)
        delta = Delta(
            upsert=self._records,
            remove=removals,
            files=tuple(self._files),
            restore=tuple(self._restored),
        )
        if delta.upsert or delta.remove or delta.files:
            self._pipeline.submit(self._records, delta)
        self._records, self._removals, self._files, self._restored = [], [], [], []

    def finish(self, absorbed: Sequence[Absorbed]) -> None:
        """Settle who holds which id, commit the rest, remove what belonged to gone files."""
        owners = self._writer.owners([document.doc_id for _, document, _ in self._contested])
        for place, document, removed in self._contested:
            owner = self._owner(document.doc_id, owners)
            if owner is None:  # its file has given it up later in this run
                self._upsert(place, document, removed, known=document.doc_id in owners)
            else:
                reason = f"the id {document.doc_id!r} is already used by {'/'.join(owner)}"
                self._skipped.append(("/".join(place), reason))
        self._flush()
        self._pipeline.drain()
        forget = sorted(self._gone)
        removals = tuple(i for place in forget for i in self._writer.documents_of(*place))
        self._count["removed"] += len(removals)
        if forget or absorbed:
            self._writer.apply(
                Delta(
                    remove=removals,
                    forget=tuple(forget),
                    drop_roots=tuple(a.old.name for a in absorbed),
                )
            )

    def report(self, notices: Iterable[str]) -> SyncReport:
        notices = list(notices)
        if self._kept_out:
            notices.append(
                f"{self._kept_out} removed documents stay out (--restore brings them back)"
            )
        return SyncReport(**self._count, skipped=tuple(self._skipped), notices=tuple(notices))


def _signature(path: Path, limit: int) -> tuple[str, bool]:
    """What changes with a file, and whether the file has rested long enough to rely on that."""
    status = path.stat()
    signature = f"{READ_VERSION}:{limit}:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"
    age = time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns)
    return signature, age > CLOCK_STEP


def _digest(path: Path, limit: int) -> str:
    """SHA-256 of the content; of what will not be read, a word instead."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # to open a pipe would be to wait for ever
        return "no file"
    if status.st_size > limit:
        return f"size {status.st_size}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
