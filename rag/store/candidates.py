"""The candidates for a question: what vectors and terms find, with every feature exact."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from rag.store import Candidate, Terms, catalog
from rag.store.caches import View
from rag.types import Chunk, Filter, Period, Span, Vectors

SENTENCES_PER_CHUNK = 8  # first guess of how many sentences to ask for to see n chunks
LEAST_SHARE = 4  # of the nearest chunks, each language has at least the fourth part


class Wanted(NamedTuple):
    """What is looked for: see `Snapshot.candidates`."""

    vector: Vectors
    terms: Terms
    permitted: Filter
    n: int


class _Head(NamedTuple):
    """What a candidate needs to know of its document."""

    doc_id: str
    language: str
    published: Period | None
    signature: bytes
    title: Vectors


def find(connection: sqlite3.Connection, view: View, wanted: Wanted) -> list[Candidate]:
    """The candidates of `Snapshot.candidates`, in the generation of `view`."""
    lexicon = view.lexical
    n = min(wanted.n, len(lexicon))
    everything = wanted.permitted == Filter()
    documents = None if everything else _permitted(connection, wanted.permitted)
    if documents == [] or n == 0:
        return []
    dense = _nearest(connection, view, wanted.vector, documents, n)
    if len(lexicon.languages) > 1:
        for language in sorted(lexicon.languages):
            least = min(n // LEAST_SHARE, lexicon.size(language))
            dense += _lacking(connection, view, wanted, language, dense, least)
    lexical = [row for row, _ in lexicon.search(wanted.terms, n, documents=documents)]
    dense_rank = {row: rank for rank, row in enumerate(dense, 1)}
    lexical_rank = {row: rank for rank, row in enumerate(lexical, 1)}
    weights = lexicon.weights(wanted.terms)
    return [
        Candidate(
            chunk=chunk,
            language=head.language,
            published=head.published,
            signature=head.signature,
            vectors=vectors,
            title=head.title,
            shared=_shared(terms, weights.get(head.language, {})),
            dense_rank=dense_rank.get(row),
            lexical_rank=lexical_rank.get(row),
        )
        for row, chunk, head, terms, vectors in _rows(
            connection, view, list(dict.fromkeys([*dense, *lexical]))
        )
    ]


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


def _permitted(connection: sqlite3.Connection, permitted: Filter) -> list[int]:
    where, values = conditions(permitted)
    return _column(connection, f"SELECT row FROM documents WHERE {where}", values)


def _nearest(
    connection: sqlite3.Connection, view: View, query: Vectors, documents: list[int] | None, n: int
) -> list[int]:
    """Chunk rows of the nearest sentences, best first, `n` of them if there are."""
    index = view.dense
    among = None
    if documents is not None:
        sentences = _column(
            connection,
            "SELECT s.row FROM sentences s JOIN chunks c ON c.row = s.chunk"
            " WHERE c.document IN (SELECT value FROM json_each(:rows))",
            {"rows": json.dumps(documents)},
        )
        among = np.array(sentences, np.int64)
    size = len(index) if among is None else len(among)
    wanted = n * SENTENCES_PER_CHUNK
    while True:
        ids, _ = index.search(query, wanted, among)
        chunk_of = dict(
            connection.execute(
                "SELECT row, chunk FROM sentences WHERE row IN (SELECT value FROM json_each(?))",
                (json.dumps(ids.tolist()),),
            )
        )
        chunks = list(dict.fromkeys(chunk_of[i] for i in ids.tolist()))
        if len(chunks) >= n or wanted >= size:
            return chunks[:n]
        wanted *= 4


def _lacking(
    connection: sqlite3.Connection,
    view: View,
    wanted: Wanted,
    language: str,
    found: list[int],
    least: int,
) -> list[int]:
    """The nearest chunks of a language that `found` lacks of its `least`."""
    languages = wanted.permitted.languages
    if languages is not None and language not in languages:
        return []
    held = _column(
        connection,
        "SELECT c.row FROM chunks c JOIN documents d ON d.row = c.document"
        " WHERE d.language = :language AND c.row IN (SELECT value FROM json_each(:rows))",
        {"language": language, "rows": json.dumps(found)},
    )
    if len(held) >= least:
        return []
    alone = dataclasses.replace(wanted.permitted, languages=frozenset((language,)))
    documents = _permitted(connection, alone)
    near = _nearest(connection, view, wanted.vector, documents, least) if documents else []
    return [row for row in near if row not in held]


def _rows(
    connection: sqlite3.Connection, view: View, rows: list[int]
) -> Iterable[tuple[int, Chunk, _Head, str, Vectors]]:
    """(row, chunk, document, terms, sentence vectors), in the order of `rows`."""
    selected = json.dumps(rows)
    spans: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    for sentence, chunk, start, end in connection.execute(
        "SELECT row, chunk, start, end FROM sentences"
        " WHERE chunk IN (SELECT value FROM json_each(?)) ORDER BY row",
        (selected,),
    ):
        spans[chunk].append((sentence, Span(start, end)))
    chunks = {
        row: rest
        for row, *rest in connection.execute(
            "SELECT row, document, position, start, end, terms FROM chunks"
            " WHERE row IN (SELECT value FROM json_each(?))",
            (selected,),
        )
    }
    heads = _heads(connection, view.dense.dim, {document for document, *_ in chunks.values()})
    ids = np.array([sentence for row in rows for sentence, _ in spans[row]], np.int64)
    vectors, at = view.dense.vectors(ids), 0
    for row in rows:
        document, position, start, end, terms = chunks[row]
        head = heads[document]
        sentences = tuple(span for _, span in spans[row])
        chunk = Chunk(f"{head.doc_id}#{position}", head.doc_id, Span(start, end), sentences)
        yield row, chunk, head, terms, vectors[at : at + len(sentences)]
        at += len(sentences)


def _heads(connection: sqlite3.Connection, dim: int, documents: Iterable[int]) -> dict[int, _Head]:
    rows = connection.execute(
        "SELECT d.row, d.doc_id, d.language, d.first, d.last, d.signature, v.value"
        " FROM documents d LEFT JOIN vectors v ON v.key = d.title_key"
        " WHERE d.row IN (SELECT value FROM json_each(?))",
        (json.dumps(list(documents)),),
    )
    unknown = np.zeros(dim, np.float32)
    return {
        row: _Head(
            doc_id,
            language,
            catalog.period(first, last),
            signature,
            unknown if title is None else np.frombuffer(title, "<f4"),
        )
        for row, doc_id, language, first, last, signature, title in rows
    }


def _shared(terms: str, weights: dict[str, float]) -> float:
    held = set(terms.split())
    return min(1.0, sum(weight for term, weight in weights.items() if term in held))


def _column(connection: sqlite3.Connection, query: str, values: dict[str, Any]) -> list[int]:
    return [row[0] for row in connection.execute(query, values)]
