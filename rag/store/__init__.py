"""What is kept: one seam for documents, chunks, vectors, terms and the state of every sync.

A store receives analysed terms and unit vectors, never text to analyse or a model. Reading goes
through a `Snapshot`, which sees one generation; writing through a `Writer`, of which there is one
at a time over all processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from rag.store.found import Candidate as Candidate
from rag.store.found import Candidates as Candidates
from rag.types import Chunk, Document, DocumentInfo, Filter, Removed

if TYPE_CHECKING:
    from rag.types import Vectors

# Of an archive; one key says what it is: settings, root, file, excluded or document.
Row = Mapping[str, Any]
Terms = Mapping[str, Sequence[str]]  # language → analysed terms of the query in that language


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that syncs reconcile; not `whole` where only single files of it were given."""

    name: str
    path: str
    whole: bool


@dataclass(frozen=True, slots=True)
class FileState:
    """What the last sync saw of one file; `path` is relative to the root, `/` between parts."""

    root: str
    path: str
    signature: str  # size and times: equal means unchanged without reading
    digest: str  # SHA-256 of the content
    skipped: tuple[tuple[str, str], ...] = ()  # what could not be read, with the reason


@dataclass(frozen=True, slots=True)
class Record:
    """One document as it goes in: per chunk its terms, per sentence and title its vector's key.

    `signature` is what near-copies are found by; a store keeps it and looks no further.
    """

    document: Document
    digest: str  # of everything that the rows depend on: equal means nothing to do
    removed: tuple[Removed, ...]
    chunks: tuple[Chunk, ...]
    terms: tuple[tuple[str, ...], ...]
    keys: tuple[tuple[bytes, ...], ...]
    title_key: bytes
    signature: bytes
    root: str
    path: str


@dataclass(frozen=True, slots=True)
class Delta:
    """One atomic change. Replaces documents and vectors of the same id or key.

    `upsert` may be a generator: it is read once, inside the transaction.
    """

    upsert: Iterable[Record] = ()
    remove: tuple[str, ...] = ()  # ids
    vectors: Mapping[bytes, Vectors] = field(default_factory=dict)
    files: tuple[FileState, ...] = ()
    forget: tuple[tuple[str, str], ...] = ()  # (root, path) of files that are gone
    roots: tuple[Root, ...] = ()
    drop_roots: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()  # ids that stay out of later syncs
    restore: tuple[str, ...] = ()  # ids that may come back
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    documents: int
    chunks: int
    sentences: int


class Snapshot(Protocol):
    """One generation of the store, unchanged while it is open. For one thread."""

    @property
    def generation(self) -> int: ...

    @property
    def degraded(self) -> bool:
        """Whether a cache was unusable, so that this came from the catalog and took longer."""

    def candidates(
        self, query_vector: Vectors, terms: Terms, permitted: Filter, n: int
    ) -> Candidates:
        """The union of the best `n` chunks by vector and by terms, among the permitted only.

        By vector, the best quarter of `n` of each language are there too: cosines between two
        languages are lower than within one.
        """

    def expect(self, doc_ids: Iterable[str]) -> None:
        """These documents will be asked for: what reads from afar may read them at once."""

    def document(self, doc_id: str) -> Document:
        """Raises DocumentNotFound."""

    def removed(self, doc_id: str) -> tuple[Removed, ...]:
        """What cleaning dropped. Raises DocumentNotFound."""

    def documents(self, permitted: Filter, after: str = "", most: int = -1) -> list[DocumentInfo]:
        """By id: those behind the id `after`, at `most` so many; -1 is all."""

    def undated(self, permitted: Filter) -> int:
        """Documents that only the filter's dates leave out, because theirs is unknown."""

    def permitted(self, permitted: Filter) -> int:
        """How many documents the filter permits."""

    def languages(self) -> frozenset[str]: ...

    def counts(self) -> Counts: ...

    def settings(self) -> dict[str, str]: ...


class Writer(Protocol):
    """The one writer. `apply` is durable when it returns."""

    def apply(self, delta: Delta) -> int:
        """Commit one change and return its generation."""

    def publish(self) -> None:
        """Bring the caches to the newest generation."""

    def erase(self) -> None:
        """Publish, and leave nothing anywhere of what was removed."""

    def missing(self, keys: Sequence[bytes]) -> set[bytes]:
        """The keys that have no vector yet."""

    def stored(self) -> Iterator[tuple[Document, tuple[Removed, ...], str, str]]:
        """Every document with what cleaning dropped, its root and its path."""

    def roots(self) -> list[Root]: ...

    def files(self, root: str) -> list[FileState]: ...

    def owners(self, doc_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """(root, path) of the file that each of these documents came from."""

    def documents_of(self, root: str, path: str) -> dict[str, str]:
        """id → digest of the documents of one file."""

    def excluded(self) -> frozenset[str]: ...

    def settings(self) -> dict[str, str]: ...


class Store(Protocol):
    def snapshot(self) -> AbstractContextManager[Snapshot]: ...

    def writer(self) -> AbstractContextManager[Writer]:
        """Raises IndexLocked while another process writes."""

    def settings(self) -> dict[str, str]: ...

    def exists(self) -> bool:
        """Whether the index is still there, as far as that costs nothing to know."""

    def verify(self, genuine: Callable[[Document, str], bool] = ...) -> Iterator[str]:
        """Each broken invariant as one line that names the remedy.

        `genuine` tells whether a document agrees with its record's digest.
        """

    def rows(self) -> AbstractContextManager[Callable[[], Iterator[Row]]]:
        """What reads everything of one generation, as `rag.store.archive` describes it.

        Raises IndexLocked, and IndexDamaged when it is called.
        """

    def close(self) -> None: ...
