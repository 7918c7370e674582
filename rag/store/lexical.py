"""The lexical cache: BM25 by tantivy over terms that came analysed. It stores no text.

Each language is an index of its own, in a folder of its own, so that its document frequencies and
lengths are its own: six English articles among a thousand German ones score as six would alone.

A word that no language knows is taken for a mistyped one: it stands for the known words that one
edit with a Latin letter makes of it, with the weight that they would have, discounted.
"""

from __future__ import annotations

import functools
import itertools
import math
import shutil
import string
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import tantivy

from rag.store import Terms

MAX_TERM_BYTES = 60_000  # tantivy drops longer terms; such "words" are not text
WRITER_HEAP = 64_000_000
K1 = 1.2  # tantivy's BM25 constant: a term contributes at most idf · (K1 + 1)
MISTYPED = 5  # letters from which an unknown word may be a mistyped one: `Fiat` is not `Fist`
LONGEST_MISTYPED = 40  # letters up to which it may: the work grows with them
DISCOUNT = 0.8  # weight of what was perhaps meant, as a share of what it would have if typed right
READINGS = 10_000  # words whose reading is remembered

Rows = Iterable[tuple[int, int, str, str]]  # chunk row, document row, language, terms; by language


class Reading(NamedTuple):
    """What a word of a query counts, by its idf, and the indexed terms that it stands for.

    A known word stands for itself at factor 1; an unknown one for its near terms, or for nothing.
    """

    idf: float
    factors: Mapping[str, float]


class LexicalIndex:
    """Immutable once made: for each language a tantivy index."""

    def __init__(self, indexes: Mapping[str, tantivy.Index]) -> None:
        self._searchers = {language: _searcher(index) for language, index in indexes.items()}
        # A partial, for a bound method in a cache of its own object would keep the object alive.
        read = functools.partial(_reading, self._searchers)
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

    def size(self, language: str) -> int:
        """Chunks in this language."""
        return int(self._searchers[language].num_docs)

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
        """For each language, what each indexed term is worth as a share of the query's idf.

        The share of a query that a text holds is the sum over its distinct terms, at most 1: it is
        that sum's limit, without lengths and repetitions, of the score that `search` gives. Terms
        that a mistyped word may stand for are among them.
        """
        shares: dict[str, dict[str, float]] = {}
        for language, readings in self._readings(terms):
            reach = sum(reading.idf for reading in readings)
            own = shares[language] = defaultdict(float)
            for idf, factors in readings:
                for term, factor in factors.items():
                    own[term] += factor * idf / reach
        return {language: dict(own) for language, own in shares.items()}

    def _readings(self, terms: Terms) -> Iterator[tuple[str, list[Reading]]]:
        """The distinct words of each indexed language that the query has any of."""
        for language in self._searchers:
            words = dict.fromkeys(terms.get(language, ()))
            readings = [
                self._reading(language, w) for w in words if len(w.encode()) <= MAX_TERM_BYTES
            ]
            if readings:
                yield language, readings


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
    documents: Sequence[int] | None,
) -> list[tuple[int, float]]:
    reach = sum(reading.idf for reading in readings) * (K1 + 1)
    must, should = tantivy.Occur.Must, tantivy.Occur.Should
    query = tantivy.Query.boolean_query(
        [(should, _query(searcher, reading)) for reading in readings if reading.factors]
    )
    if documents is not None:
        permitted = tantivy.Query.term_set_query(SCHEMA, "document", list(documents))
        silent = tantivy.Query.const_score_query(permitted, 0.0)
        query = tantivy.Query.boolean_query([(must, query), (must, silent)])
    hits = searcher.search(query, limit=n, count=False).hits
    return [
        (row, min(1.0, float(score) / reach))
        for (score, _), row in zip(hits, _chunks(searcher, hits), strict=True)
    ]


def _query(searcher: tantivy.Searcher, reading: Reading) -> tantivy.Query:
    """The best of its terms, each with the weight of the reading instead of its own."""
    queries = []
    for term, factor in reading.factors.items():
        query = tantivy.Query.term_query(SCHEMA, "terms", term, "freq")
        boost = factor * reading.idf / _idf(searcher, searcher.doc_freq("terms", term))
        queries.append(tantivy.Query.boost_query(query, boost) if boost != 1.0 else query)
    return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries)


def _reading(searchers: Mapping[str, tantivy.Searcher], language: str, word: str) -> Reading:
    searcher = searchers[language]
    count = searcher.doc_freq("terms", word)
    if count:
        return Reading(_idf(searcher, count), {word: 1.0})
    if any(other.doc_freq("terms", word) for other in searchers.values()) or not (
        MISTYPED <= len(word) <= LONGEST_MISTYPED and word.isalpha()
    ):
        return Reading(_idf(searcher, 0), {})
    # tantivy tells fast whether there is a near term but not which, so most words stop here.
    fuzzy = tantivy.Query.fuzzy_term_query(SCHEMA, "terms", word)
    if not searcher.search(fuzzy, limit=1, count=False).hits:
        return Reading(_idf(searcher, 0), {})
    near = {edit: searcher.doc_freq("terms", edit) for edit in _edits(word)}
    near = {term: count for term, count in near.items() if count}
    count = min(sum(near.values()), int(searcher.num_docs))
    return Reading(_idf(searcher, count), dict.fromkeys(near, DISCOUNT))


def _edits(word: str) -> set[str]:
    """All that one letter left out, put in, replaced, or swapped with the next makes of `word`."""
    letters = {*string.ascii_lowercase, *word}
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return {
        *(head + tail[1:] for head, tail in splits if tail),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1),
        *(head + letter + tail[1:] for head, tail in splits if tail for letter in letters),
        *(head + letter + tail for head, tail in splits for letter in letters),
    }


def _chunks(
    searcher: tantivy.Searcher, hits: Sequence[tuple[Any, tantivy.DocAddress]]
) -> list[int]:
    rows = searcher.fast_field_values("chunk", [address for _, address in hits])
    return [
        int(row) for row in rows if row is not None
    ]  # each has one: the schema's type says less


def _idf(searcher: tantivy.Searcher, count: int) -> float:
    """As tantivy computes it for a term that `count` chunks have."""
    return math.log(1 + (int(searcher.num_docs) - count + 0.5) / (count + 0.5))


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
