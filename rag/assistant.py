"""Assistant: the one place that puts the parts together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from rag.config import Config
from rag.errors import IndexNotFound, RagError
from rag.store.opening import create_store, open_store, outdated, own_folder
from rag.types import (
    Answer,
    Document,
    DocumentInfo,
    Evidence,
    Filter,
    Hit,
    Period,
    Removed,
    SyncReport,
)

if TYPE_CHECKING:
    from rag.answer import Reader
    from rag.embed import Embedder
    from rag.search.query import Query
    from rag.search.retriever import Explanation
    from rag.store import Counts, Store

T = TypeVar("T", bound=str | Path)

ANSWER_HITS = 10  # passages that a reader is shown


class Assistant:
    """Answers questions from one index, and keeps that index.

    Every method may be called from several threads; a question sees one generation of the index
    and the next question the newest. One process at a time can write. Opening is cheap: the model
    is loaded by the first call that needs it.

        with Assistant.open("index") as assistant:
            assistant.sync(["articles/"])
            print(assistant.ask("Wie viele Autos will Xiaomi 2026 ausliefern?").text)
    """

    def __init__(
        self,
        index: str | Path,
        config: Config,
        embedder: Embedder | None = None,
        reader: Reader | None = None,
    ) -> None:
        self.index = index
        self.folder = own_folder(index)
        self._config = config
        self._embedder = embedder
        self._reader = reader
        self._store: Store | None = None
        self._lock = threading.RLock()
        self._loading = threading.Lock()  # of the model, which must not hold up the rest

    @classmethod
    def open(cls, index_dir: str | Path | None = None, *, config: Config | None = None) -> Self:
        """The assistant of this index, which need not exist before the first `sync`."""
        config = config or Config.load()
        return cls(index_dir or config.index_at, config)

    def close(self) -> None:
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(
        self, question: str, filter: Filter | None = None, *, history: Sequence[str] = ()
    ) -> Answer:
        """Answer with citations, or abstain and say why. Raises IndexNotFound, IndexMismatch.

        A follow-up (`Und 2027?`) is read with `history`, the earlier questions as typed.
        """
        *_, answer = self.stream(question, filter, history=history)
        return answer

    def stream(
        self, question: str, filter: Filter | None = None, *, history: Sequence[str] = ()
    ) -> Iterator[Answer]:
        """As `ask`, while a language model writes: the answer as it grows, the last is whole."""
        self._begin_loading()
        from rag.answer import answers
        from rag.answer.frame import read_as

        reader = self.reader
        read = self._resolve(question, history)
        query, evidence = self._retrieve(read, ANSWER_HITS, filter, to_read=True)
        for answer in answers(reader, query, evidence):
            yield read_as(answer, question, read)

    def search(self, question: str, k: int = 10, filter: Filter | None = None) -> list[Hit]:
        """The best `k` passages, best first. Raises IndexNotFound, IndexMismatch."""
        _, evidence = self._retrieve(question, k, filter)
        return list(evidence.hits[:k])

    def explain(self, question: str, k: int = 10, filter: Filter | None = None) -> Explanation:
        """What the question became, and why each of the best `k` passages stands where it does."""
        from rag.search.retriever import Explanation

        query, evidence = self._retrieve(question, k, filter)
        return Explanation(query, evidence.hits[:k])

    def sync(
        self,
        paths: str | Path | Iterable[str | Path] = (),
        *,
        prune: bool = False,
        restore: bool = False,
        rebuild: bool = False,
        ray: str | None = None,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> SyncReport:
        """Make the index agree with these files, folders and addresses, or with all known ones.

        `prune` lets a missing or empty root lose its documents, `restore` brings back what
        `remove` took out, `rebuild` embeds everything anew (needed for another model). `ray` names
        a Ray cluster that does it (docs/ray.md). `progress(done, total)` counts documents, a file
        not yet read as one. Raises SourceError, IndexLocked, IndexNotFound (no index, no path).
        """
        from rag import sync
        from rag.cluster import hands_of
        from rag.embed import check_model
        from rag.indexing import Indexer
        from rag.roots import plan
        from rag.store.local import LocalStore

        wanted: list[str | Path] = list(_several(paths))
        with suppress(IndexNotFound):
            if settings := outdated(self.index):
                if not rebuild:
                    check_model(settings, self.embedder)
                LocalStore.upgrade(self.folder)
        try:
            self._opened()
        except IndexNotFound:
            if not wanted:
                raise
            # A mistyped path makes no index and loads no model.
            plan((), wanted, index=self.folder, prune=prune)
        indexer = Indexer(self.embedder, self._config.chunk_tokens)
        store = self._create(indexer.settings)
        with store.writer() as writer, hands_of(ray, self._config, indexer.settings) as hands:
            if not rebuild:
                check_model(writer.settings(), self.embedder)
            given = sync.Options(self.folder, prune, restore, rebuild, self._config.max_file_bytes)
            return sync.sync(writer, indexer, hands, wanted, given, progress)

    def remove(self, doc_ids: str | Iterable[str]) -> None:
        """Take documents out, also of later syncs. Raises DocumentNotFound, then removes none."""
        from rag.byhand import remove

        remove(self._opened(), tuple(dict.fromkeys(_several(doc_ids))))

    def correct(self, doc_id: str, published: Period | None, source: str | None) -> None:
        """Set a document's date and publisher right, for later syncs too. None is unknown."""
        from rag.byhand import correct
        from rag.indexing import Indexer

        indexer = Indexer(self.embedder, self._config.chunk_tokens)
        correct(self._opened(), indexer, doc_id, published, source)

    def documents(self, filter: Filter | None = None) -> list[DocumentInfo]:
        """All documents that the filter permits, by id."""
        return self.listed(filter or Filter(), "", -1)[0]

    def listed(self, filter: Filter, after: str, most: int) -> tuple[list[DocumentInfo], int]:
        """Of these, `most` behind the id `after` (-1: all); and how many there are in all."""
        with self._opened().snapshot() as snapshot:
            return snapshot.documents(filter, after, most), snapshot.permitted(filter)

    def document(self, doc_id: str) -> Document:
        """One document with its text. Raises DocumentNotFound."""
        with self._opened().snapshot() as snapshot:
            return snapshot.document(doc_id)

    def removed(self, doc_id: str) -> tuple[Removed, ...]:
        """What cleaning dropped from a document. Raises DocumentNotFound."""
        with self._opened().snapshot() as snapshot:
            return snapshot.removed(doc_id)

    def counts(self) -> Counts:
        """Documents, chunks and sentences; all 0 where there is no index."""
        from rag.store import Counts

        with suppress(IndexNotFound), self._opened().snapshot() as snapshot:
            return snapshot.counts()
        return Counts(0, 0, 0)

    def verify(self) -> list[str]:
        """Each broken invariant of the index as one line; empty when all hold."""
        from rag.indexing import genuine

        store = self._opened()
        return list(store.verify(genuine(store.settings(), self._config.chunk_tokens)))

    @property
    def reader(self) -> Reader:
        """What answers: the reader given, or that of the settings. Raises ConfigError."""
        with self._lock:
            if self._reader is None:
                from rag.answer.opening import open_reader

                self._reader = open_reader(self._config, lambda: self.embedder)
            return self._reader

    @property
    def embedder(self) -> Embedder:
        """The model, loaded on first use. Raises ModelError."""
        with self._loading:
            if self._embedder is None:
                from rag.embed import open_embedder

                self._embedder = open_embedder(self._config)
            return self._embedder

    def _begin_loading(self) -> None:
        """Load the model while the rest is imported; an error of it comes where it is needed."""

        def load() -> None:
            with suppress(RagError):
                _ = self.embedder

        self._opened()  # without an index there is nothing to load for
        if self._embedder is None:
            threading.Thread(target=load).start()

    def _resolve(self, question: str, history: Sequence[str]) -> str:
        """By the model where there is one and it finds something to change, else by rules."""
        if not history:
            return question
        from rag.answer import rewritten
        from rag.search.followup import resolve

        read = rewritten(self.reader, question, history)
        return read if read != question else resolve(question, history)

    def _retrieve(
        self, question: str, k: int, permitted: Filter | None, *, to_read: bool = False
    ) -> tuple[Query, Evidence]:
        from rag.embed import check_model
        from rag.search.retriever import retrieve

        if k < 1:
            raise RagError(f"k is {k}; ask for 1 passage or more")
        if not question.strip():
            raise RagError("the question is empty; type one")
        store = self._opened()
        embedder = self.embedder
        with store.snapshot() as snapshot:
            check_model(snapshot.settings(), embedder)
            given = permitted or Filter()
            return retrieve(snapshot, embedder, question, k, given, to_read=to_read)

    def _opened(self) -> Store:
        with self._lock:
            if self._store is not None and not self._store.exists():
                self.close()  # somebody deleted the folder
            if self._store is None:
                self._store = open_store(self.index)
            return self._store

    def _create(self, settings: dict[str, str]) -> Store:
        with self._lock:
            if self._store is None:
                self._store = create_store(self.index, settings)
            return self._store


def _several(given: T | Iterable[T]) -> Iterable[T]:
    """A single path or id is a list of one; a string is not a list of characters."""
    return [given] if isinstance(given, str | Path) else given
