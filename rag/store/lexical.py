"""The lexical cache: BM25 by tantivy over terms that came analysed. It stores no text.

Each language is an index of its own, in a folder of its own, so that its document frequencies and
lengths are its own: six English articles among a thousand German ones score as six would alone.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from rag.store import Terms, disk
from rag.store.block import Ids
from rag.store.idf import Reading, idf_of, weights_of
from rag.store.readings import SCHEMA, reading_of

MAX_TERM_BYTES = 60_000  # tantivy drops longer terms; such "words" are not text
WRITER_HEAP = 64_000_000
K1 = 1.2  # tantivy's BM25 constant: a term contributes at most idf · (K1 + 1)
READINGS = 10_000  # words whose reading is remembered
FEW = 1_000  # permitted documents that tantivy is told one by one

Hit = tuple[Any, tantivy.DocAddress]
Rows = Iterable[tuple[int, int, str, str]]  # chunk row, document row, language, terms; by language


class LexicalIndex:
    """Immutable once made: for each language a tantivy index."""

    def __init__(self, indexes: Mapping[str, tantivy.Index]) -> None:
        self._searchers = {language: _searcher(index) for language, index in indexes.items()}
        # A partial, for a bound method in a cache of its own object would keep the object alive.
        read = functools.partial(reading_of, self._searchers)
        self._reading = functools.lru_cache(READINGS)(read)

    @classmethod
    def build(cls, rows: Rows, folder: Path) -> LexicalIndex:
        """Index `rows` below `folder`, which must not exist yet."""
        folder.mkdir()
        return cls(dict(_build(rows, folder)))

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Raises ValueError (tantivy) when a folder is not an index."""
        return cls({p.name: tantivy.Index.open(str(p)) for p in folder.iterdir()})

    @classmethod
    def extend(
        cls,
        source: Path,
        rows: Rows,
        folder: Path,
        gone: Collection[int] = (),
        but: Collection[str] = (),
    ) -> LexicalIndex:
        """A copy in `folder` of the index in `source`, with rows added and documents removed.

        BM25 counts what was removed until tantivy merges it away; so the languages `but` are not
        copied, and `rows` has all of theirs.
        """
        folder.mkdir()
        for language in source.iterdir():
            if language.name not in but:
                disk.twin(language, folder / language.name)
        indexes = {p.name: tantivy.Index.open(str(p)) for p in folder.iterdir()}
        for index in indexes.values() if gone else ():
            _remove(index, gone)
        return cls({**indexes, **dict(_build(rows, folder))})

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._searchers)

    def __len__(self) -> int:
        return sum(int(searcher.num_docs) for searcher in self._searchers.values())

    def size(self, language: str) -> int:
        """Chunks in this language."""
        return int(self._searchers[language].num_docs) if language in self._searchers else 0

    def chunks(self) -> list[int]:
        """The chunk rows that are indexed, in order."""
        rows: list[int] = []
        for searcher in self._searchers.values():
            size = max(1, int(searcher.num_docs))  # tantivy refuses a limit of 0
            hits = searcher.search(tantivy.Query.all_query(), size).hits
            rows += _field(searcher, "chunk", hits)
        return sorted(rows)

    def search(
        self,
        terms: Terms,
        n: int,
        documents: Ids | None = None,
    ) -> list[tuple[int, float]]:
        """Chunk rows with their score (0..1], best first; only of these documents if given.

        The score is BM25 as a share of the most that the query's terms of the chunk's language
        could reach, so that it means the same in a small index and in a large one.
        """
        found: list[tuple[int, float]] = []
        for language, readings in self._readings(terms):
            found += _search(self._searchers[language], readings, n, documents)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:n]

    def weights(self, terms: Terms) -> dict[str, dict[str, float]]:
        """For each language, what each indexed term is worth: see `weights_of`."""
        return weights_of(dict(self._readings(terms)))

    def _readings(self, terms: Terms) -> Iterator[tuple[str, list[Reading]]]:
        """The distinct words of each indexed language that the query has any of."""
        for language in self._searchers:
            words = dict.fromkeys(terms.get(language, ()))
            readings = [
                self._reading(language, w) for w in words if len(w.encode()) <= MAX_TERM_BYTES
            ]
            if readings:
                yield language, readings


def _remove(index: tantivy.Index, documents: Collection[int]) -> None:
    _register(index)
    writer = index.writer(heap_size=WRITER_HEAP, num_threads=1)
    for document in documents:
        writer.delete_documents_by_term("document", document)
    writer.commit()
    writer.wait_merging_threads()


def _build(rows: Rows, folder: Path) -> Iterator[tuple[str, tantivy.Index]]:
    for language, group in itertools.groupby(rows, key=itemgetter(2)):
        path = folder / language
        path.mkdir(exist_ok=True)
        index = tantivy.Index(SCHEMA, path=str(path))
        _register(index)
        writer = index.writer(heap_size=WRITER_HEAP, num_threads=1)
        for chunk, document, _, words in group:
            row = tantivy.Document()
            row.add_unsigned("chunk", chunk)
            row.add_unsigned("document", document)
            row.add_text("terms", words)
            writer.add_document(row)
        writer.commit()
        writer.wait_merging_threads()
        yield language, index


def _search(
    searcher: tantivy.Searcher,
    readings: Sequence[Reading],
    n: int,
    documents: Ids | None,
) -> list[tuple[int, float]]:
    reach = sum(reading.idf for reading in readings) * (K1 + 1)
    query = tantivy.Query.boolean_query(
        [
            (tantivy.Occur.Should, _query(searcher, reading))
            for reading in readings
            if reading.factors
        ]
    )
    if documents is None:
        hits = searcher.search(query, limit=n, count=False).hits
    elif len(documents) <= FEW:
        hits = searcher.search(_among(query, documents), limit=n, count=False).hits
    else:
        hits = _sifted(searcher, query, n, documents)
    return [
        (row, min(1.0, float(score) / reach))
        for (score, _), row in zip(hits, _field(searcher, "chunk", hits), strict=True)
    ]


def _among(query: tantivy.Query, documents: Ids) -> tantivy.Query:
    permitted = tantivy.Query.term_set_query(SCHEMA, "document", documents.tolist())
    silent = tantivy.Query.const_score_query(permitted, 0.0)
    must = tantivy.Occur.Must
    return tantivy.Query.boolean_query([(must, query), (must, silent)])


def _sifted(searcher: tantivy.Searcher, query: tantivy.Query, n: int, documents: Ids) -> list[Hit]:
    """As with `_among`, where so many are permitted that some are soon met among the best."""
    limit = n
    while True:
        limit *= 4
        hits = searcher.search(query, limit=limit, count=False).hits
        allowed = np.isin(_field(searcher, "document", hits), documents)
        kept = list(itertools.compress(hits, allowed))[:n]
        if len(kept) == n or len(hits) < limit:
            return kept


def _query(searcher: tantivy.Searcher, reading: Reading) -> tantivy.Query:
    """The best of its terms, each with the weight of the reading instead of its own."""
    queries = []
    for term, factor in reading.factors.items():
        query = tantivy.Query.term_query(SCHEMA, "terms", term, "freq")
        boost = (
            factor * reading.idf / idf_of(int(searcher.num_docs), searcher.doc_freq("terms", term))
        )
        queries.append(tantivy.Query.boost_query(query, boost) if boost != 1.0 else query)
    return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries)


def _field(searcher: tantivy.Searcher, name: str, hits: Sequence[Hit]) -> list[int]:
    rows = searcher.fast_field_values(name, [address for _, address in hits])
    return [
        int(row) for row in rows if row is not None
    ]  # each has one: the schema's type says less


def _searcher(index: tantivy.Index) -> tantivy.Searcher:
    _register(index)
    index.config_reader("manual")
    index.reload()
    return index.searcher()


def _register(index: tantivy.Index) -> None:
    whitespace = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", whitespace)
