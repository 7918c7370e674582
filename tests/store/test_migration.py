"""An index of an earlier format is refused by readers and brought forward by the next sync."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import rag.indexing
from rag.assistant import Assistant
from rag.config import Config
from rag.errors import IndexLocked, IndexMismatch, RagError
from rag.store import catalog
from rag.store.local import LocalStore
from rag.store.precision import read, whole
from rag.types import Vectors
from tests.conftest import CountingEmbedder
from tests.store.conftest import another_process
from tests.store.samples import SETTINGS
from tests.trees import BAHN, BANK, WIND, contents, counts, ids, rows, write

REFUSED = "the index has format {}, this version reads 3; run: rag index$"

# `SCHEMA` as format 1 had it.
SCHEMA_1 = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE roots (name TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, whole INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE files (root TEXT NOT NULL, path TEXT NOT NULL, signature TEXT NOT NULL,
    digest TEXT NOT NULL, skipped TEXT NOT NULL, PRIMARY KEY (root, path)) WITHOUT ROWID;
CREATE TABLE excluded (doc_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL, root TEXT NOT NULL,
    path TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL, source TEXT,
    first TEXT, last TEXT, language TEXT NOT NULL, url TEXT, extra TEXT NOT NULL,
    characters INTEGER NOT NULL, text TEXT NOT NULL, removed_blocks TEXT NOT NULL,
    added INTEGER NOT NULL, removed INTEGER);
CREATE UNIQUE INDEX documents_live ON documents (doc_id) WHERE removed IS NULL;
CREATE INDEX documents_file ON documents (root, path);
CREATE INDEX documents_added ON documents (added);
CREATE INDEX documents_removed ON documents (removed) WHERE removed IS NOT NULL;
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, position INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, terms TEXT NOT NULL);
CREATE INDEX chunks_document ON chunks (document);
CREATE TABLE sentences (
    row INTEGER PRIMARY KEY AUTOINCREMENT, chunk INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, key BLOB NOT NULL);
CREATE INDEX sentences_chunk ON sentences (chunk);
CREATE INDEX sentences_key ON sentences (key);
CREATE TABLE vectors (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE caches (kind TEXT PRIMARY KEY, generation INTEGER NOT NULL, name TEXT NOT NULL,
    manifest TEXT NOT NULL) WITHOUT ROWID;
"""

SCHEMA_2 = SCHEMA_1.replace(
    "removed INTEGER);",
    """removed INTEGER,
    title_key BLOB NOT NULL DEFAULT x'', signature BLOB NOT NULL DEFAULT x'');
CREATE INDEX documents_title ON documents (title_key);""",
)


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def as_format(version: int, folder: Path) -> None:
    """Write the catalog anew with the tables of format 1 or 2; in 1 vectors had other keys."""
    new, old = folder / "new.sqlite", folder / catalog.FILE
    old.rename(new)
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.create_function("long", 1, lambda blob: whole(read(blob, 32)).tobytes())
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA_1 if version == 1 else SCHEMA_2)
        connection.execute("ATTACH ? AS new", (str(new),))
        for table in ("settings", "roots", "files", "excluded", "documents", "chunks", "caches"):
            names = ", ".join(columns(connection, f"'{table}'"))
            connection.execute(f"INSERT INTO main.{table} SELECT {names} FROM new.{table}")
        connection.execute(
            "INSERT INTO main.sentences SELECT s.row, chunk, start, end, key"
            " FROM new.sentences s JOIN new.vectors v ON v.row = s.vector"
        )
        connection.execute("INSERT INTO main.vectors SELECT key, long(value) FROM new.vectors")
        if version == 1:
            connection.execute("UPDATE main.sentences SET key = CAST(x'31' || key AS BLOB)")
            connection.execute("UPDATE main.vectors SET key = CAST(x'31' || key AS BLOB)")
            connection.execute(
                "DELETE FROM main.vectors WHERE key NOT IN (SELECT key FROM main.sentences)"
            )
            connection.execute("UPDATE main.settings SET value = 'old' WHERE name = 'pipeline'")
        connection.execute(
            "UPDATE main.settings SET value = ? WHERE name = 'format'", (str(version),)
        )
    for path in folder.glob("new.sqlite*"):
        path.unlink()
    for path in folder.glob("vectors-*"):  # a file then, with a checksum that does not matter here
        shutil.rmtree(path)
        path.write_bytes(b"an index")


def settings_of(folder: Path) -> dict[str, str]:
    with closing(sqlite3.connect(folder / catalog.FILE)) as connection:
        return catalog.read_settings(connection)


@pytest.fixture
def recent(assistant: Assistant, news: Path, embedder: CountingEmbedder) -> Assistant:
    """An assistant with an index: four documents, and one that was taken out."""
    write(news / "kiel.txt", f"Wetter in Kiel\n\n{WIND}")
    rows(news / "rows.jsonl", x=WIND, y=BAHN)
    assistant.sync([news])
    assistant.remove("y")
    assistant.close()
    embedder.embedded.clear()
    return assistant


@pytest.fixture
def old(recent: Assistant) -> Assistant:
    """The same index as format 1 had it."""
    as_format(1, recent.folder)
    return recent


@pytest.mark.parametrize("version", [1, 2])
def test_readers_refuse_it_and_name_the_remedy(recent: Assistant, version: int) -> None:
    old = recent
    as_format(version, old.folder)
    for ask in (
        old.documents,
        old.counts,
        old.verify,
        lambda: old.ask("Was kostet die Strecke?"),
        lambda: old.remove("x"),
        lambda: LocalStore(old.folder),
    ):
        with pytest.raises(IndexMismatch, match=REFUSED.format(version)):
            ask()
    assert settings_of(old.folder)["format"] == str(version)


@pytest.mark.parametrize("given", [True, False])
def test_a_sync_brings_it_forward_and_embeds_each_text_once(
    old: Assistant, news: Path, embedder: CountingEmbedder, given: bool
) -> None:
    assert counts(old.sync([news] if given else [])) == (0, 0, 0, 4)
    assert old.verify() == []
    assert sorted(embedder.embedded) == sorted(set(embedder.embedded))
    sentences = {
        span.of(document.text)
        for document in map(old.document, ids(old))
        for hit in old.search("Strecke", 10)
        for span in hit.chunk.sentences
        if hit.document == document
    }
    titles = {rag.indexing._title(old.document(doc_id)) for doc_id in ids(old)}
    assert set(embedder.embedded) == sentences | titles
    assert ids(old) == ["news/bahn.txt", "news/bank.txt", "news/kiel.txt", "x"]  # y stays out
    assert old.search("Was kostet die neue Strecke der Bahn?")[0].document.text == BAHN
    embedder.embedded.clear()
    assert counts(old.sync([news])) == (0, 0, 0, 4)
    assert embedder.embedded == []


def test_an_index_of_format_2_keeps_its_vectors(
    recent: Assistant, news: Path, embedder: CountingEmbedder
) -> None:
    documents, chunks = contents(recent)
    recent.close()
    as_format(2, recent.folder)
    assert counts(recent.sync([news])) == (0, 0, 0, 4)
    assert embedder.embedded == []
    assert recent.verify() == []
    now, pieces = contents(recent)
    assert now == documents
    assert pieces.keys() == chunks.keys()
    for name, candidate in pieces.items():
        assert candidate.chunk == chunks[name].chunk
        np.testing.assert_array_equal(candidate.vectors, chunks[name].vectors)
        np.testing.assert_array_equal(candidate.title, chunks[name].title)


def test_it_holds_then_what_a_new_index_would(old: Assistant, news: Path, tmp_path: Path) -> None:
    old.sync()
    old.sync(restore=True)
    documents, chunks = contents(old)
    with Assistant(tmp_path / "new", Config(), CountingEmbedder()) as new:
        new.sync([news])
        new_documents, new_chunks = contents(new)
    assert documents == new_documents
    assert chunks.keys() == new_chunks.keys()
    for name, candidate in chunks.items():
        assert candidate.chunk == new_chunks[name].chunk
        assert candidate.signature == new_chunks[name].signature
        np.testing.assert_array_equal(candidate.vectors, new_chunks[name].vectors)
        np.testing.assert_array_equal(candidate.title, new_chunks[name].title)


def test_an_upgraded_catalog_has_the_tables_of_a_new_one(old: Assistant, tmp_path: Path) -> None:
    LocalStore.upgrade(old.folder)
    LocalStore.create(tmp_path / "new", SETTINGS)
    shapes = []
    for folder in (old.folder, tmp_path / "new"):
        with closing(sqlite3.connect(folder / catalog.FILE)) as connection:
            names = connection.execute("SELECT type, name FROM sqlite_master ORDER BY 1, 2")
            shape = {name: columns(connection, f"'{name}'") for _, name in names.fetchall()}
            info = [f"PRAGMA index_info('documents_{name}')" for name in ("title", "filter")]
            shapes.append((shape, [connection.execute(line).fetchall() for line in info]))
    assert shapes[0] == shapes[1]
    LocalStore.upgrade(old.folder)  # there is nothing left to do
    assert settings_of(old.folder)["format"] == "3"


def test_while_another_process_writes_it_stays_as_it_is(old: Assistant, news: Path) -> None:
    with another_process(old.folder) as process:
        message = rf"process {process.pid} is writing"
        with pytest.raises(IndexLocked, match=message):
            old.sync([news])
        assert settings_of(old.folder)["format"] == "1"
    old.sync([news])
    assert old.verify() == []


def test_a_sync_that_is_stopped_goes_on_where_it_was(
    old: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopping(CountingEmbedder):
        def embed_documents(self, texts: Sequence[str]) -> Vectors:
            if self.embedded:
                raise KeyboardInterrupt
            return super().embed_documents(texts)

    monkeypatch.setattr(rag.pipeline, "BATCH_SENTENCES", 1)
    first, second = Stopping(), CountingEmbedder()
    with pytest.raises(KeyboardInterrupt):
        Assistant(old.folder, Config(), first).sync()
    with Assistant(old.folder, Config(), second) as assistant:
        hits = assistant.search("Was kostet die neue Strecke der Bahn?")
        assert hits[0].document.text == BAHN  # nothing was lost meanwhile
        assistant.sync()
        assert assistant.verify() == []
        assert first.embedded
        assert not set(first.embedded) & set(second.embedded)


def test_an_index_that_is_upgraded_but_not_synced_yet_is_sound(old: Assistant) -> None:
    LocalStore.upgrade(old.folder)
    assert old.verify() == []
    assert old.search("The bank raised its rates")[0].document.text == BANK


def test_an_upgrade_that_fails_changes_nothing_and_is_one_line(
    old: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = catalog._open

    def small(folder: Path, write: bool) -> tuple[sqlite3.Connection, str | None]:
        connection, found = open_(folder, write)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection, found

    with monkeypatch.context() as patch:
        patch.setattr(catalog, "_open", small)
        with pytest.raises(RagError, match=r"cannot be written \(database or disk is full\)"):
            old.sync([news])
    assert settings_of(old.folder)["format"] == "1"
    old.sync([news])
    assert old.verify() == []


def test_a_sync_with_another_model_is_refused_and_a_rebuild_takes_it(
    old: Assistant, news: Path
) -> None:
    class OtherModel(CountingEmbedder):
        name, fingerprint = "other", "1" * 64

    other = Assistant(old.folder, Config(), OtherModel(48))
    with pytest.raises(IndexMismatch, match=r"built with model hash.*rag index --rebuild"):
        other.sync([news])
    other.sync(rebuild=True)
    assert other.verify() == []


def test_a_later_format_is_left_alone_by_a_sync(old: Assistant, news: Path) -> None:
    with closing(sqlite3.connect(old.folder / catalog.FILE)) as connection, connection:
        connection.execute("UPDATE settings SET value = '99' WHERE name = 'format'")
    with pytest.raises(IndexMismatch, match=r"format 99, this version reads 3; use the version"):
        old.sync([news])
    assert settings_of(old.folder)["format"] == "99"
