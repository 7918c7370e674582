"""The lexical cache: BM25 by tantivy over terms that came analysed. It stores no text.

Each language is an index of its own, in a folder of its own, so that its document frequencies and
lengths are its own: six English articles among a thousand German ones score as six would alone.
"""

from __future__ import annotations

import itertools
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import tantivy

from rag.store import Terms

MAX_TERM_BYTES = 60_000  # tantivy drops longer terms; such "words" are not text
WRITER_HEAP = 64_000_000
K1 = 1.2  # tantivy's BM25 constant: a term contributes at most idf · (K1 + 1)

Rows = Iterable[tuple[int, int, str, str]]  # chunk row, document row, language, terms; by language


class LexicalIndex:
    """Immutable once made: for each language a tantivy index."""

    def __init__(self, indexes: Mapping[str, tantivy.Index]) -> None:
        self._searchers = {language: _searcher(index) for language, index in indexes.items()}

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
    def extend(cls, source: Path, rows: Rows, folder: Path) -> LexicalIndex:
        """A copy in `folder` of the index in `source`, with rows added."""
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".*.lock"))
        indexes = {p.name: tantivy.Index.open(str(p)) for p in folder.iterdir()}
        return cls({**indexes, **dict(_build(rows, folder))})

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._searchers)

    def __len__(self) -> int:
        return sum(int(searcher.num_docs) for searcher in self._searchers.values())

    def chunks(self) -> list[int]:
        """The chunk rows that are indexed, in order."""
        rows: list[int] = []
        for searcher in self._searchers.values():
            size = max(1, int(searcher.num_docs))  # tantivy refuses a limit of 0
            rows += _chunks(searcher, searcher.search(tantivy.Query.all_query(), size).hits)
        return sorted(rows)

    def search(
        self,
        terms: Terms,
        n: int,
        documents: Sequence[int] | None = None,
        chunks: Sequence[int] | None = None,
    ) -> list[tuple[int, float]]:
        """Chunk rows with their score (0..1], best first; only among these rows if given.

        The score is BM25 as a share of the most that the query's terms of the chunk's language
        could reach, so that it means the same in a small index and in a large one.
        """
        found: list[tuple[int, float]] = []
        for language, searcher in self._searchers.items():
            if words := terms.get(language):
                found += _search(searcher, words, n, {"document": documents, "chunk": chunks})
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:n]


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
    words: Sequence[str],
    n: int,
    among: Mapping[str, Sequence[int] | None],
) -> list[tuple[int, float]]:
    unique = [w for w in dict.fromkeys(words) if len(w.encode()) <= MAX_TERM_BYTES]
    reach = sum(_reach(searcher, word) for word in unique)
    if not reach:
        return []
    must, should = tantivy.Occur.Must, tantivy.Occur.Should
    query = tantivy.Query.boolean_query(
        [(should, tantivy.Query.term_query(SCHEMA, "terms", w, "freq")) for w in unique]
    )
    for name, rows in among.items():
        if rows is not None:
            permitted = tantivy.Query.term_set_query(SCHEMA, name, list(rows))
            silent = tantivy.Query.const_score_query(permitted, 0.0)
            query = tantivy.Query.boolean_query([(must, query), (must, silent)])
    hits = searcher.search(query, limit=n, count=False).hits
    return [
        (row, min(1.0, float(score) / reach))
        for (score, _), row in zip(hits, _chunks(searcher, hits), strict=True)
    ]


def _chunks(
    searcher: tantivy.Searcher, hits: Sequence[tuple[Any, tantivy.DocAddress]]
) -> list[int]:
    rows = searcher.fast_field_values("chunk", [address for _, address in hits])
    return [
        int(row) for row in rows if row is not None
    ]  # each has one: the schema's type says less


def _reach(searcher: tantivy.Searcher, word: str) -> float:
    """The most that this term can add: its idf, as tantivy computes it, times K1 + 1."""
    count = searcher.doc_freq("terms", word)
    idf = math.log(1 + (searcher.num_docs - count + 0.5) / (count + 0.5))
    return idf * (K1 + 1)


def _searcher(index: tantivy.Index) -> tantivy.Searcher:
    _register(index)
    index.config_reader("manual")
    index.reload()
    return index.searcher()


def _register(index: tantivy.Index) -> None:
    whitespace = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", whitespace)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk", indexed=True, fast=True)
    builder.add_unsigned_field("document", indexed=True)
    builder.add_text_field("terms", stored=False, tokenizer_name="terms", index_option="freq")
    return builder.build()


SCHEMA = _schema()
