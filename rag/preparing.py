"""One file → the records of its documents. Needs no store, so that any process can do it."""

from __future__ import annotations

import hashlib
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.byhand import Corrections, corrected
from rag.errors import UnreadableFile
from rag.indexing import Indexer
from rag.ingest import File, Reading, RemoteFile, fetch, read_data, read_file, shown, too_large
from rag.store import Record
from rag.types import Document, Removed

READ_VERSION = "3"  # raise it when the same file is read or cleaned differently
CLOCK_STEP = 2_000_000_000  # nanoseconds: two changes within it may bear the same time on a file
REMOTE_STEP = 60_000_000_000  # the same where another machine's clock counts

Place = tuple[str, str]  # root and path of a file


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read, and what is known of it."""

    place: Place
    file: File
    limit: int  # bytes
    size: int
    signature: str
    settled: bool  # whether the signature can be relied on later
    digest: str | None  # of the content that needs no reading
    before: Mapping[str, str]  # id → digest of its documents in the index
    corrections: Corrections


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a file holds. `records` has None for a document that the index has already.

    Without a `digest` the file could not even be opened; with that of its job nothing was read.
    `steady`: it did not change meanwhile.
    """

    digest: str
    steady: bool
    skipped: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] = ()
    records: Iterable[Record | None] = ()  # in process made one by one, as they are asked for


def prepare(indexer: Indexer, job: Job) -> Prepared:
    """Read and clean a file, and cut and analyse what is new in it."""
    try:
        return _prepared(indexer, job)
    except OSError as error:
        reason = error.strerror or " ".join(str(error).split()) or type(error).__name__
        return Prepared("", False, ((shown(job.file), reason),))


def size(job: Job) -> int:
    """Bytes that a job may keep in memory."""
    return min(job.size, job.limit)


def signature(file: File, limit: int) -> tuple[str, bool, int]:
    """What changes with a file, whether it has rested long enough to rely on that, and its size.

    Of a file whose server tells no time of change, nothing can be relied on.
    """
    if isinstance(file, RemoteFile):
        changed, step = file.changed, REMOTE_STEP
        signed = f"{READ_VERSION}:{limit}:{file.size}:{changed}"
        return signed, changed is not None and time.time_ns() - changed > step, file.size
    status = file.stat()
    signed = f"{READ_VERSION}:{limit}:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"
    age = time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns)
    return signed, age > CLOCK_STEP, status.st_size


def _prepared(indexer: Indexer, job: Job) -> Prepared:
    file, data = job.file, b""
    if not isinstance(file, RemoteFile):
        digest = _digest(file, job.limit)
    elif job.size > job.limit:
        digest = f"size {job.size}"
    else:
        data = fetch(file, job.limit)
        digest = hashlib.sha256(data).hexdigest()
    digest = f"{READ_VERSION}:{digest}"
    if digest == job.digest:
        return Prepared(digest, True)
    doc_id = "/".join(job.place)
    try:
        if not isinstance(file, RemoteFile):
            reading = read_file(file, doc_id, job.limit)
        elif job.size > job.limit:
            raise UnreadableFile(shown(file), too_large(job.size, job.limit))
        else:
            reading = read_data(data, shown(file), doc_id, job.limit)
    except UnreadableFile as error:
        reading = Reading((), (error,))
    return Prepared(
        digest,
        isinstance(file, RemoteFile) or signature(file, job.limit)[0] == job.signature,
        tuple((error.path, error.reason) for error in reading.skipped),
        tuple(document.doc_id for document, _ in reading.documents),
        _records(indexer, job, reading.documents),
    )


def _records(
    indexer: Indexer, job: Job, documents: Iterable[tuple[Document, tuple[Removed, ...]]]
) -> Iterator[Record | None]:
    for found, removed in documents:
        document = corrected(found, job.corrections)
        if job.before.get(document.doc_id) == indexer.digest(document):
            yield None
        else:
            yield indexer.record((document, removed, *job.place))


def _digest(path: Path, limit: int) -> str:
    """SHA-256 of the content; of what will not be read, a word instead."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # to open a pipe would be to wait for ever
        return "no file"
    if status.st_size > limit:
        return f"size {status.st_size}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
