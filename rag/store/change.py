"""Changes to the catalog, each inside a transaction of the caller."""

from __future__ import annotations

import json
import sqlite3

from rag.store import Delta, Record, catalog
from rag.store.precision import halved

GONE = "removed <= ?"


def write_delta(connection: sqlite3.Connection, delta: Delta, new: int) -> None:
    """Carry out `delta` as generation `new`, inside the caller's transaction."""
    execute, many = connection.execute, connection.executemany
    settings = {**delta.settings, "generation": str(new)}
    if len(catalog.missing(connection, list(delta.vectors))) < len(delta.vectors):
        settings["replaced"] = str(new)
    if delta.vectors and delta.upsert == ():
        settings["loose"] = "1"
    many(
        "INSERT INTO vectors (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        ((key, halved(vector)) for key, vector in delta.vectors.items()),
    )
    end = "UPDATE documents SET removed = ? WHERE doc_id = ? AND removed IS NULL"
    many(end, ((new, doc_id) for doc_id in delta.remove))
    for record in delta.upsert:
        execute(end, (new, record.document.doc_id))
        _insert(connection, record, new)
    many("DELETE FROM files WHERE root = ? AND path = ?", delta.forget)
    many(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
        ((f.root, f.path, f.signature, f.digest, json.dumps(f.skipped)) for f in delta.files),
    )
    many("DELETE FROM roots WHERE name = ?", ((name,) for name in delta.drop_roots))
    many(
        "INSERT OR REPLACE INTO roots VALUES (?, ?, ?)",
        ((r.name, r.path, r.whole) for r in delta.roots),
    )
    many("INSERT OR IGNORE INTO excluded VALUES (?)", ((i,) for i in delta.exclude))
    many("DELETE FROM excluded WHERE doc_id = ?", ((i,) for i in delta.restore))
    catalog.write_settings(connection, settings)
    execute("DELETE FROM files WHERE root NOT IN (SELECT name FROM roots)")


def _insert(connection: sqlite3.Connection, record: Record, new: int) -> None:
    document = record.document
    published = document.published
    row = connection.execute(
        "INSERT INTO documents (doc_id, root, path, digest, title, source, first, last, language,"
        " url, extra, characters, text, removed_blocks, added, title_key, signature)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            document.doc_id,
            record.root,
            record.path,
            record.digest,
            document.title,
            document.source,
            published and published.first.isoformat(),
            published and published.last.isoformat(),
            document.language,
            document.url,
            json.dumps(dict(document.extra)),
            len(document.text),
            document.text,
            json.dumps([[b.text, b.reason] for b in record.removed]),
            new,
            record.title_key,
            record.signature,
        ),
    ).lastrowid
    pieces = zip(record.chunks, record.terms, record.keys, strict=True)
    for position, (chunk, terms, keys) in enumerate(pieces):
        chunk_row = connection.execute(
            "INSERT INTO chunks (document, position, start, end, terms) VALUES (?,?,?,?,?)",
            (row, position, chunk.span.start, chunk.span.end, " ".join(terms)),
        ).lastrowid
        connection.executemany(
            "INSERT INTO sentences (chunk, start, end, vector)"
            " VALUES (?, ?, ?, (SELECT row FROM vectors WHERE key = ?))",
            (
                (chunk_row, span.start, span.end, key)
                for span, key in zip(chunk.sentences, keys, strict=True)
            ),
        )


def purge(connection: sqlite3.Connection, up_to: int) -> None:
    """Delete what was removed by generation `up_to`, and vectors that nothing uses any more."""
    old = f"SELECT row FROM documents WHERE {GONE}"
    execute = connection.execute
    unused = (
        "NOT EXISTS (SELECT 1 FROM sentences WHERE sentences.vector = vectors.row)"
        " AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.title_key = vectors.key)"
    )
    if execute(f"{old} LIMIT 1", (up_to,)).fetchone() is not None:
        chunks = f"SELECT row FROM chunks WHERE document IN ({old})"
        used = f"SELECT vector FROM sentences WHERE chunk IN ({chunks})"
        titles = f"SELECT v.row FROM vectors v JOIN documents ON key = title_key WHERE {GONE}"
        execute(f"CREATE TEMP TABLE stale AS {used} UNION {titles}", (up_to, up_to))
        execute(f"DELETE FROM sentences WHERE chunk IN ({chunks})", (up_to,))
        execute(f"DELETE FROM chunks WHERE document IN ({old})", (up_to,))
        execute(f"DELETE FROM documents WHERE {GONE}", (up_to,))
        execute(f"DELETE FROM vectors WHERE row IN (SELECT * FROM stale) AND {unused}")
        execute("DROP TABLE stale")
        catalog.write_settings(connection, {"purged": str(up_to)})
    if catalog.read_settings(connection)["loose"] != "0":  # what a rebuild embedded and did not use
        execute(f"DELETE FROM vectors WHERE {unused}")
        catalog.write_settings(connection, {"loose": "0"})
