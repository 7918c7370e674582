"""The candidates for a question: what vectors and terms find, with every feature exact."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from rag.store import Candidates, Terms, catalog, pool, rows
from rag.store.block import Ids
from rag.store.caches import Head, View
from rag.store.precision import BYTES, read, whole
from rag.types import Filter, Vectors

HEADS = 20_000  # documents that are remembered, some 30 MB


class Wanted(NamedTuple):
    """What is looked for: see `Snapshot.candidates`."""

    vector: Vectors
    terms: Terms
    permitted: Filter
    n: int


class _Chunks(NamedTuple):
    """What the catalog says of chunks, each in the order that was asked for."""

    documents: list[int]  # rows
    places: Ids  # as in `Candidates.chunks`
    terms: list[str]  # with a blank before and after each


def find(connection: sqlite3.Connection, view: View, wanted: Wanted) -> Candidates:
    """The candidates of `Snapshot.candidates`, in the generation of `view`."""
    dense, lexical = _found(connection, view, wanted)
    dense_rank = {row: rank for rank, row in enumerate(dense, 1)}
    lexical_rank = {row: rank for rank, row in enumerate(lexical, 1)}
    rows = [*dense_rank, *(row for row in lexical if row not in dense_rank)]
    chunks = _chunks(connection, rows)
    heads = _heads(connection, view, chunks.documents)
    sentences = view.dense.sentences(np.array(rows, np.int64))
    titles = np.array([head.title for head in heads], np.float16).reshape(-1, view.dense.dim)
    return Candidates(
        doc_ids=[head.doc_id for head in heads],
        languages=[head.language for head in heads],
        published=[head.published for head in heads],
        signatures=[head.signature for head in heads],
        chunks=chunks.places,
        spans=sentences.spans,
        first=sentences.first,
        vectors=sentences.vectors,
        titles=whole(titles),
        shared=pool.shared(
            [head.language for head in heads], chunks.terms, view.lexical.weights(wanted.terms)
        ),
        dense_ranks=[dense_rank.get(row) for row in rows],
        lexical_ranks=[lexical_rank.get(row) for row in rows],
    )


def _found(
    connection: sqlite3.Connection, view: View, wanted: Wanted
) -> tuple[list[int], list[int]]:
    """The chunk rows that vectors find and those that terms find, best first."""
    n = min(wanted.n, len(view.lexical))
    everything = wanted.permitted == Filter()
    documents = None if everything else rows.documents(connection, *conditions(wanted.permitted))
    if n == 0 or (documents is not None and not len(documents)):
        return [], []
    dense = pool.best(view.dense.nearest(wanted.vector, n, documents), n)
    return dense, [row for row, _ in view.lexical.search(wanted.terms, n, documents=documents)]


def conditions(permitted: Filter) -> tuple[str, dict[str, Any]]:
    """`Filter.permits` as SQL over `documents`."""
    where, values = ["removed IS NULL"], {}
    sets = {
        "doc_id": permitted.doc_ids,
        "source": permitted.sources,
        "language": permitted.languages,
    }
    for column, allowed in sets.items():
        if allowed is not None:
            where.append(f"{column} IN (SELECT value FROM json_each(:{column}))")
            # SQLite would read a value only up to a NUL, and find another one.
            values[column] = json.dumps(sorted(v for v in allowed if "\0" not in v))
    if permitted.since is not None:
        where.append("last >= :since")
        values["since"] = permitted.since.isoformat()
    if permitted.until is not None:
        where.append("first <= :until")
        values["until"] = permitted.until.isoformat()
    return " AND ".join(where), values


def _chunks(connection: sqlite3.Connection, chunks: list[int]) -> _Chunks:
    """As one row: each step of a query gives other threads the interpreter, and waits for it."""
    (told,) = connection.execute(
        "SELECT group_concat(row || ' ' || document || ' ' || position || ' ' || start || ' '"
        " || end || ' ' || terms, char(10))"
        " FROM chunks WHERE row IN (SELECT value FROM json_each(?))",
        (json.dumps(chunks),),
    ).fetchone()
    known = {}
    for line in told.split("\n") if told else ():
        row, document, position, start, end, terms = line.split(" ", 5)
        known[int(row)] = int(document), (int(position), int(start), int(end)), f" {terms} "
    found = [known[row] for row in chunks]
    places = np.array([place for _, place, _ in found], np.int64).reshape(-1, 3).T
    return _Chunks([document for document, *_ in found], places, [terms for *_, terms in found])


def _heads(connection: sqlite3.Connection, view: View, documents: list[int]) -> list[Head]:
    """Of these document rows. The view remembers them: of a generation they never change."""
    known = {row: head for row in documents if (head := view.heads.get(row)) is not None}
    if lacking := set(documents) - known.keys():
        read_now = _read_heads(connection, view.dense.dim, lacking)
        if len(view.heads) > HEADS:
            view.heads.clear()
        view.heads.update(read_now)
        known |= read_now
    return [known[row] for row in documents]


def _read_heads(
    connection: sqlite3.Connection, dim: int, documents: Iterable[int]
) -> dict[int, Head]:
    rows = connection.execute(
        "SELECT d.row, d.doc_id, d.language, d.first, d.last, d.signature, v.value"
        " FROM documents d LEFT JOIN vectors v ON v.key = d.title_key"
        " WHERE d.row IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(documents)),),
    ).fetchall()
    unknown = bytes(dim * BYTES)
    return {
        row: Head(
            doc_id, language, catalog.period(first, last), signature, read(title or unknown, dim)[0]
        )
        for row, doc_id, language, first, last, signature, title in rows
    }
