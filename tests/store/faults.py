"""Faults that are seeded into each engine, so that the oracle is known to notice them."""

from __future__ import annotations

import sqlite3

import faiss
import numpy as np

from rag.store import Terms, candidates, pool
from rag.store.block import Ids
from rag.store.caches import Head, View
from rag.store.dense import Found, Part
from rag.store.lexical import LexicalIndex
from rag.store.milvus import candidates as milvus
from rag.store.milvus import rows as milvus_rows
from rag.store.milvus import tables
from rag.store.precision import Halves
from rag.types import Filter, Vectors

Fault = tuple[object, str, object]  # the holder of a name, the name, and what takes its place


def _one_less_dense(self: Part, query: Vectors, n: int, documents: Ids | None) -> Found:
    return _DENSE(self, query, n, documents)[: n - 1]


def _one_less_lexical(
    self: LexicalIndex, terms: dict[str, list[str]], n: int, **rows: Ids
) -> list[tuple[int, float]]:
    return _LEXICAL(self, terms, n, **rows)[: n - 1]


def _no_filter(_: Filter) -> tuple[str, dict[str, object]]:
    """As if every document were permitted."""
    return _CONDITIONS(Filter())


def _words_counted_alike(
    languages: list[str], terms: list[str], weights: dict[str, dict[str, float]]
) -> Vectors:
    known = [weights.get(language, {}).keys() for language in languages]
    shares = [len(k & set(t.split())) / max(1, len(k)) for k, t in zip(known, terms, strict=True)]
    return np.array(shares, np.float32)


def _other_title(connection: sqlite3.Connection, view: View, documents: list[int]) -> list[Head]:
    heads = _HEADS(connection, view, documents)
    titles = [head.title for head in heads]
    return [head._replace(title=t) for head, t in zip(heads, reversed(titles), strict=True)]


def _farthest(
    view: milvus.View, vector: Vectors, permitted: Filter, n: int, language: str
) -> object:
    return _NEAREST(view, -vector, permitted, n, language)


def _one_less_near(
    view: milvus.View, vector: Vectors, permitted: Filter, n: int, language: str
) -> object:
    return _NEAREST(view, vector, permitted, n, language)[: n - 1]


def _one_less_word(
    view: milvus.View, terms: Terms, permitted: Filter, n: int
) -> tuple[milvus.Weights, list[str]]:
    weights, found = _WORDS(view, terms, permitted, n)
    return weights, found[: n - 1]


def _no_condition(generation: int, _: Filter) -> str:
    return _CONDITION(generation, Filter())


def _titles_for_sentences(body: str, dim: int) -> tuple[milvus_rows.Head, Halves]:
    head, vectors = _CHUNK(body, dim)
    return head, np.concatenate([vectors[1:2], vectors[1:]])


_DENSE, _LEXICAL, _HEADS = Part.nearest, LexicalIndex.search, candidates._heads
_CONDITIONS = candidates.conditions
_NEAREST, _WORDS = milvus._nearest, milvus._lexical
_CONDITION, _CHUNK = tables.condition, milvus_rows.chunk_of

SHARED: dict[str, Fault] = {
    "no part for a language": (pool, "LEAST_SHARE", 10**6),
    "rare words for no more": (pool, "shared", _words_counted_alike),
}
LOCAL: dict[str, Fault] = {
    **SHARED,
    "wrong metric": (faiss, "METRIC_INNER_PRODUCT", faiss.METRIC_L2),
    "one vector hit too few": (Part, "nearest", _one_less_dense),
    "one lexical hit too few": (LexicalIndex, "search", _one_less_lexical),
    "filter ignored": (candidates, "conditions", _no_filter),
    "title of another": (candidates, "_heads", _other_title),
}
MILVUS: dict[str, Fault] = {
    **SHARED,
    "wrong metric": (milvus, "_nearest", _farthest),
    "one vector hit too few": (milvus, "_nearest", _one_less_near),
    "one lexical hit too few": (milvus, "_lexical", _one_less_word),
    "filter ignored": (milvus, "condition", _no_condition),
    "title of another": (milvus, "chunk_of", _titles_for_sentences),
}
