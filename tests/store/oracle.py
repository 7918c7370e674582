"""An exact store in numpy and plain Python: what every engine has to agree with."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from rag.store import Candidate, Counts, Delta, Record, Snapshot, Terms
from rag.types import Chunk, DocumentInfo, Filter, Vectors

K1, B = 1.2, 0.75
LEAST_SHARE = 4
TOLERANCE = 2e-5  # engines compute in float32


def _lengths() -> list[int]:
    """The lengths that one byte can stand for: exact to 40, then three bits of precision."""
    free = 24
    steps = [
        n if n < 8 else (n & 7 | 8) << (n // 8 - 1)  # like a float with three bits of mantissa
        for n in range(256 - free)
    ]
    return [*range(free), *(free + step for step in steps)]


LENGTHS = _lengths()


@dataclass(frozen=True)
class Row:
    record: Record
    chunk: Chunk
    terms: tuple[str, ...]
    vectors: Vectors


class Oracle:
    """Holds everything in lists and answers by looking at all of it.

    `average` is the mean length that BM25 takes for granted, if it does not compute it; then it
    knows the lengths of chunks exactly.
    """

    def __init__(self, average: float | None = None) -> None:
        self.average = average
        self.records: dict[str, Record] = {}
        self.vectors: dict[bytes, Vectors] = {}

    def apply(self, delta: Delta) -> None:
        self.vectors |= delta.vectors
        for doc_id in delta.remove:
            self.records.pop(doc_id, None)
        for record in delta.upsert:
            self.records[record.document.doc_id] = record

    def rows(self) -> list[Row]:
        return [
            Row(record, chunk, terms, np.stack([self.vectors[key] for key in keys]))
            for record in self.records.values()
            for chunk, terms, keys in zip(record.chunks, record.terms, record.keys, strict=True)
        ]

    def scores(self, terms: Terms) -> dict[str, tuple[float, float]]:
        """chunk id → BM25 as a share of what the query could reach, and the share of its idf.

        Only of chunks that hold any of the query's terms in their language.
        """
        found: dict[str, tuple[float, float]] = {}
        rows = self.rows()
        for language, words in terms.items():
            own = [row for row in rows if row.record.document.language == language]
            found |= _shares(own, list(dict.fromkeys(words)), self.average)
        return found

    def check(
        self, snapshot: Snapshot, query: Vectors, terms: Terms, permitted: Filter, n: int
    ) -> None:
        """Assert that a snapshot answers as this oracle does."""
        found = {c.chunk.chunk_id: c for c in snapshot.candidates(query, terms, permitted, n)}
        rows = {
            row.chunk.chunk_id: row for row in self.rows() if permitted.permits(row.record.document)
        }
        scores = self.scores(terms)
        for name, candidate in found.items():
            assert name in rows, f"{name} is not permitted"
            row = rows[name]
            assert candidate.chunk == row.chunk
            assert candidate.language == row.record.document.language
            assert candidate.published == row.record.document.published
            assert candidate.signature == row.record.signature
            np.testing.assert_array_equal(candidate.title, self.vectors[row.record.title_key])
            np.testing.assert_array_equal(candidate.vectors, row.vectors)
            _, shared = scores.get(name, (0, 0))
            assert candidate.shared == pytest.approx(shared, abs=TOLERANCE)
        ranks = _ranking({name: c.dense_rank for name, c in found.items()})
        near = {name: float(np.max(row.vectors @ query)) for name, row in rows.items()}
        _is_best(ranks[:n], near, n)
        for language in {row.record.document.language for row in self.rows()}:
            own = {k: near[k] for k, r in rows.items() if r.record.document.language == language}
            _has_its_part(ranks, n, own)
        bm25 = {name: score for name, (score, _) in scores.items() if name in rows}
        _is_best(_ranking({name: c.lexical_rank for name, c in found.items()}), bm25, n)
        assert all(c.dense_rank or c.lexical_rank for c in found.values())
        self._check_documents(snapshot, permitted)

    def _check_documents(self, snapshot: Snapshot, permitted: Filter) -> None:
        infos = [_info(r) for r in self.records.values() if permitted.permits(r.document)]
        assert snapshot.documents(permitted) == sorted(infos, key=lambda info: info.doc_id)
        for record in self.records.values():
            assert snapshot.document(record.document.doc_id) == record.document
            assert snapshot.removed(record.document.doc_id) == record.removed
        documents = [record.document for record in self.records.values()]
        assert snapshot.languages() == {document.language for document in documents}
        dateless = Filter(permitted.doc_ids, permitted.sources, permitted.languages)
        assert snapshot.undated(permitted) == sum(
            permitted.dated and d.published is None and dateless.permits(d) for d in documents
        )
        rows = self.rows()
        assert snapshot.counts() == Counts(
            len(documents), len(rows), sum(len(row.vectors) for row in rows)
        )


def assert_same(first: Sequence[Candidate], second: Sequence[Candidate]) -> None:
    """Two stores found the same, to the last digit."""
    assert [_plain(c) for c in first] == [_plain(c) for c in second]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.vectors, b.vectors)
        np.testing.assert_array_equal(a.title, b.title)


def _plain(candidate: Candidate) -> tuple[object, ...]:
    c = candidate
    meta = c.chunk, c.language, c.published, c.signature
    return *meta, c.shared, c.dense_rank, c.lexical_rank


def _shares(
    rows: list[Row], words: list[str], given: float | None
) -> dict[str, tuple[float, float]]:
    if not rows or not words:
        return {}
    counts = [Counter(row.terms) for row in rows]
    average = given or sum(len(row.terms) for row in rows) / len(rows)
    scores = dict.fromkeys((row.chunk.chunk_id for row in rows), 0.0)
    held, whole = dict(scores), 0.0
    for word in words:
        having = sum(1 for count in counts if count[word])
        idf = math.log(1 + (len(rows) - having + 0.5) / (having + 0.5))
        whole += idf
        for row, count in zip(rows, counts, strict=True):
            length = len(row.terms)
            if given is None:
                length = LENGTHS[bisect_right(LENGTHS, length) - 1]
            tf = count[word]
            if tf:
                held[row.chunk.chunk_id] += idf
                most = tf + K1 * (1 - B + B * length / average)
                scores[row.chunk.chunk_id] += idf * tf / most
    return {n: (score / whole, held[n] / whole) for n, score in scores.items() if score > 0}


def _ranking(ranks: Mapping[str, int | None]) -> list[str]:
    """The names in the order of their ranks, which count from 1 without a gap."""
    ranked = sorted((rank, name) for name, rank in ranks.items() if rank is not None)
    assert [rank for rank, _ in ranked] == list(range(1, len(ranked) + 1))
    return [name for _, name in ranked]


def _is_best(ranked: Sequence[str], scores: Mapping[str, float], n: int) -> None:
    """`ranked` are the best `n` of `scores`; among equal scores any order will do."""
    best = sorted(scores.values(), reverse=True)[:n]
    assert [scores[name] for name in ranked] == pytest.approx(best, abs=TOLERANCE)


def _has_its_part(ranked: Sequence[str], n: int, near: Mapping[str, float]) -> None:
    """Of one language, with its cosines `near`: beyond the best `n` just what its part lacks."""
    least = n // LEAST_SHARE
    held = [name for name in ranked[:n] if name in near]
    added = [name for name in ranked[n:] if name in near]
    if added or len(held) < least:
        assert len(held) < least
        _is_best([*held, *added], near, least)


def _info(record: Record) -> DocumentInfo:
    d = record.document
    return DocumentInfo(
        d.doc_id,
        d.title,
        d.source,
        d.published,
        d.language,
        d.url,
        len(d.text),
        len(record.chunks),
    )
