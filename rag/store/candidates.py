"""The candidates for a question: what vectors and terms find, with every feature exact."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from rag.store import Candidate, Terms, catalog, rows
from rag.store.caches import View
from rag.store.dense import Found
from rag.store.precision import BYTES, read, whole
from rag.types import Chunk, Filter, Period, Span, Vectors

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
    documents = None if everything else rows.documents(connection, *conditions(wanted.permitted))
    if n == 0 or (documents is not None and not len(documents)):
        return []
    dense = _best(view.dense.nearest(wanted.vector, n, documents), n)
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


def _best(nearest: Mapping[str, Found], n: int) -> list[int]:
    """The best `n` chunk rows of all languages, then what a language lacks of its least share."""
    every = sorted(
        (-score, chunk, language) for language, found in nearest.items() for score, chunk in found
    )
    best = [chunk for _, chunk, _ in every[:n]]
    held = Counter(language for _, _, language in every[:n])
    for language, found in nearest.items():
        best += [chunk for _, chunk in found[held[language] : n // LEAST_SHARE]]
    return best


def _rows(
    connection: sqlite3.Connection, view: View, rows: list[int]
) -> Iterable[tuple[int, Chunk, _Head, str, Vectors]]:
    """(row, chunk, document, terms, sentence vectors), in the order of `rows`."""
    selected = json.dumps(rows)
    chunks = {
        row: rest
        for row, *rest in connection.execute(
            "SELECT row, document, position, start, end, terms FROM chunks"
            " WHERE row IN (SELECT value FROM json_each(?))",
            (selected,),
        )
    }
    heads = _heads(connection, view.dense.dim, {document for document, *_ in chunks.values()})
    sentences = view.dense.sentences(rows)
    for row in rows:
        document, position, start, end, terms = chunks[row]
        head = heads[document]
        spans, vectors = sentences[row]
        chunk = Chunk(f"{head.doc_id}#{position}", head.doc_id, Span(start, end), spans)
        yield row, chunk, head, terms, vectors


def _heads(connection: sqlite3.Connection, dim: int, documents: Iterable[int]) -> dict[int, _Head]:
    rows = connection.execute(
        "SELECT d.row, d.doc_id, d.language, d.first, d.last, d.signature, v.value"
        " FROM documents d LEFT JOIN vectors v ON v.key = d.title_key"
        " WHERE d.row IN (SELECT value FROM json_each(?))",
        (json.dumps(list(documents)),),
    ).fetchall()
    unknown = bytes(dim * BYTES)
    titles = whole(read(b"".join(row[-1] or unknown for row in rows), dim))
    return {
        row: _Head(doc_id, language, catalog.period(first, last), signature, title)
        for (row, doc_id, language, first, last, signature, _), title in zip(
            rows, titles, strict=True
        )
    }


def _shared(terms: str, weights: dict[str, float]) -> float:
    """The sum of the weights of those words that stand among `terms`, which blanks separate."""
    padded = f" {terms} "
    return min(1.0, sum(weight for term, weight in weights.items() if f" {term} " in padded))
