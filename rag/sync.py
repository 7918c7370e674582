"""Sync: make the index agree with folders and files, one root at a time.

A root that is not given stays as it is. A root that is missing or suddenly empty loses nothing
unless `prune` is set; a file that cannot be read keeps its last good version; what `remove` took
out stays out unless `restore` is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.byhand import as_settings, corrections
from rag.indexing import Indexer
from rag.ingest import File, RemoteFile, is_remote, shown
from rag.pipeline import Hands, Pipeline, Progress, Tally, count_sentences, rebuild
from rag.preparing import Job, Place, Prepared, prepare, signature, size
from rag.roots import Absorbed, Plan, plan
from rag.store import Delta, FileState, Record, Writer
from rag.types import SyncReport

BATCH_FILES = 500


@dataclass(frozen=True, slots=True)
class Options:
    index: Path  # whose own files are no articles
    prune: bool = False
    restore: bool = False
    rebuild: bool = False  # embed everything anew
    max_bytes: int = 20_000_000


def sync(
    writer: Writer,
    indexer: Indexer,
    hands: Hands | None,
    paths: Sequence[str | Path],
    options: Options,
    progress: Progress,
) -> SyncReport:
    """Reconcile the given paths; without any, all that was given before. Raises SourceError.

    `hands` read, cut and embed; without any, this process does.
    """
    if options.rebuild or writer.settings()["pipeline"] != indexer.pipeline:
        rebuild(writer, indexer, hands, embed_anew=options.rebuild, progress=progress)
    given = paths or _given(writer)
    planned = plan(writer.roots(), given, index=options.index, prune=options.prune)
    work = {
        (scope.root.name, scope.relative(path)): path
        for scope in planned.scopes
        for path in scope.files
    }
    tally = Tally(len(work), progress)
    with Pipeline(writer, indexer, hands) as pipeline:
        run = _Sync(writer, pipeline, tally, options)
        run.begin(planned)
        run.files(work)
        run.finish(planned.absorbed)
    writer.publish()
    return run.report(planned.notices)


def _given(writer: Writer) -> list[str | Path]:
    """The folders and addresses that were given, and the single files."""
    return [
        root.path if is_remote(root.path) else Path(root.path, inside)
        for root in writer.roots()
        for inside in ([""] if root.whole else [state.path for state in writer.files(root.name)])
    ]


class _Sync:
    """One run: what waits for the next commit, who owns which id, and what was counted."""

    def __init__(self, writer: Writer, pipeline: Pipeline, tally: Tally, options: Options) -> None:
        self._writer = writer
        self._pipeline = pipeline
        self._tally = tally
        self._options = options
        self._excluded: set[str] = set(writer.excluded())
        self._corrections = corrections(writer.settings())
        self._known: dict[Place, FileState] = {}
        self._gone: set[Place] = set()  # files that are no longer there
        self._claimed: dict[str, Place] = {}  # ids that this run gave to a file
        self._freed: set[str] = set()  # ids that this run took from a file
        self._contested: list[tuple[Place, Record]] = []
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

    def files(self, work: Mapping[Place, File]) -> None:
        """Bring the documents of these files up to date."""
        jobs = filter(None, (self._look(place, file) for place, file in work.items()))
        for job, prepared in self._pipeline.hands.map(prepare, jobs, size):
            self._take(job, prepared)
            self._tally.step()
            if self._full or len(self._files) >= BATCH_FILES:
                self._flush()

    def _look(self, place: Place, file: File) -> Job | None:
        """What is to be read; nothing where a file is as it was, or cannot be looked at."""
        name, limit = shown(file), self._options.max_bytes
        known = None if self._options.restore else self._known.get(place)
        try:
            if not isinstance(file, RemoteFile) and name != str(file):
                raise OSError(0, "the name is not Unicode; rename it")
            signed, settled, length = signature(file, limit)
        except OSError as error:
            self._skipped.append((name, error.strerror or type(error).__name__))
        else:
            if known is None or known.signature != signed:
                digest = known.digest if known else None
                before = self._writer.documents_of(*place)
                right = self._corrections
                return Job(place, file, limit, length, signed, settled, digest, before, right)
            self._same(known)
        self._tally.step()
        return None

    def _take(self, job: Job, found: Prepared) -> None:
        self._skipped += found.skipped
        if not found.digest:
            return
        settled = job.signature if job.settled else ""
        known = self._known.get(job.place)
        if known and found.digest == job.digest:
            self._files.append(FileState(*job.place, settled, found.digest, known.skipped))
            self._same(known)
            return
        certain = self._documents(job, found) and found.steady
        # Where a later sync must not trust what this one saw, it finds no signature or digest.
        self._files.append(
            FileState(
                *job.place,
                settled if certain else "",
                found.digest if certain else "",
                found.skipped,
            )
        )

    def _same(self, known: FileState) -> None:
        self._count["unchanged"] += len(self._writer.documents_of(known.root, known.path))
        self._skipped += known.skipped

    def _documents(self, job: Job, found: Prepared) -> bool:
        """Whether each document found its place: False if another file holds one of the ids."""
        place = job.place
        owners = self._writer.owners(found.ids)
        contested = len(self._contested)
        self._tally.expect(len(found.ids))
        for n, (doc_id, record) in enumerate(zip(found.ids, found.records, strict=True)):
            if n:
                self._tally.step()
            if doc_id in self._excluded and not self._options.restore:
                self._kept_out += 1
            elif record is None:
                self._claimed[doc_id] = place
                self._count["unchanged"] += 1
            elif self._owner(doc_id, owners) not in (None, place):
                self._contested.append((place, record))
            else:
                self._upsert(place, record, known=doc_id in owners)
        present = set(found.ids)
        vanished = [doc_id for doc_id in job.before if doc_id not in present]
        if found.skipped:  # a missing id may stand in what could not be read: keep it
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

    def _upsert(self, place: Place, record: Record, known: bool) -> None:
        doc_id = record.document.doc_id
        self._claimed[doc_id] = place
        self._records.append(record)
        self._count["updated" if known else "added"] += 1
        if doc_id in self._excluded:
            self._restored.append(doc_id)
        if self._full:  # in the middle of a long file
            before = self._known.get(place)
            self._files.append(FileState(*place, "", "", before.skipped if before else ()))
            self._flush()

    @property
    def _full(self) -> bool:
        return count_sentences(self._records) >= self._pipeline.room

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
        owners = self._writer.owners([record.document.doc_id for _, record in self._contested])
        for place, record in self._contested:
            doc_id = record.document.doc_id
            owner = self._owner(doc_id, owners)
            if owner is None:  # its file has given it up later in this run
                self._upsert(place, record, known=doc_id in owners)
            else:
                reason = f"the id {doc_id!r} is already used by {'/'.join(owner)}"
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
