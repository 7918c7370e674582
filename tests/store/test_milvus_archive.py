"""An index in Milvus goes into one file and comes back; of a damaged one, what is whole does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Config, Period, archive
from rag.assistant import Assistant
from rag.embed.double import HashEmbedder
from rag.errors import ConfigError, IndexDamaged, IndexLocked, IndexMismatch, RagError
from rag.indexing import genuine
from rag.store import Delta, Store
from rag.store.local import LocalStore
from rag.store.milvus import archive as milvus_archive
from rag.store.milvus import change, writer
from rag.store.milvus.store import MilvusStore
from rag.store.milvus.tables import (
    CHUNKS,
    COUNTS,
    DOCUMENTS,
    SENTENCES,
    STATE,
    alive,
    hashed,
)
from rag.store.milvus.words import AVERAGE
from rag.store.opening import make_store, salvage
from rag.types import Filter
from tests.store.conftest import address_of
from tests.store.oracle import Oracle
from tests.store.samples import SETTINGS, adding, sample, unit
from tests.trees import BAHN, BANK, WIND, counts, ids, write

TERMS = {"de": ["w1", "w2"], "en": ["w3"], "fr": ["w4"]}
OUT = "articles/5.md"


@pytest.fixture
def filled(milvus: MilvusStore) -> tuple[MilvusStore, Oracle]:
    """Of five documents; neighbours have one title, and a sixth was removed by hand."""
    oracle = Oracle(AVERAGE)
    records = adding(*(sample(n) for n in (3, 0, 4, 1, 2, 5)))
    for delta in (records, Delta(remove=(OUT,), exclude=(OUT,), settings={"correct:x": "[]"})):
        with milvus.writer() as at_work:
            at_work.apply(delta)
        oracle.apply(delta)
    return milvus, oracle


def as_bytes(store: Store) -> list[str]:
    with store.rows() as rows:
        return [json.dumps(row, sort_keys=True) for row in rows()]


def test_a_copy_is_the_same_to_the_byte_wherever_it_lies(
    filled: tuple[MilvusStore, Oracle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_archive, "AT_ONCE", 2)  # as where there are many documents
    monkeypatch.setattr(change, "AT_ONCE", 2)
    store, oracle = filled
    wanted = as_bytes(store)
    with store.rows() as rows:
        milvus_archive.make(address_of(tmp_path / "copy"), rows)
    copy = MilvusStore(address_of(tmp_path / "copy"))
    with copy.rows() as rows:
        make_store(tmp_path / "folder", rows)
    local = LocalStore(tmp_path / "folder")
    assert as_bytes(copy) == as_bytes(local) == wanted
    with copy.snapshot() as snapshot:
        assert snapshot.generation == 1
        oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)
    with copy.writer() as at_work:
        assert at_work.excluded() == {OUT}
        assert at_work.settings()["correct:x"] == "[]"
    local.close()
    copy.close()


def test_a_copy_that_was_broken_off_is_not_seen_and_may_be_made_again(
    filled: tuple[MilvusStore, Oracle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, wanted = address_of(tmp_path / "copy"), as_bytes(filled[0])

    def kill(name: str) -> None:
        if name == "before head":
            raise KeyboardInterrupt

    with filled[0].rows() as rows:
        with monkeypatch.context() as patched:
            patched.setattr(writer, "write_point", kill)
            with pytest.raises(KeyboardInterrupt):
                milvus_archive.make(address, rows)
        copy = MilvusStore(address)
        with copy.snapshot() as snapshot:
            assert snapshot.counts().documents == 0
        milvus_archive.make(address, rows)
        assert as_bytes(copy) == wanted
        with pytest.raises(RagError, match="is there already; name an index that is not there"):
            milvus_archive.make(address, rows)
    copy.close()


def test_what_has_no_vector_for_its_title_is_sound(served: None, tmp_path: Path) -> None:
    store = LocalStore.create(tmp_path / "old", SETTINGS)
    with store.writer() as at_work:
        at_work.apply(replace(adding(sample(0)), upsert=(replace(sample(0), title_key=b""),)))
    wanted = as_bytes(store)
    with store.rows() as rows:
        milvus_archive.make(address_of(tmp_path), rows)
    copy = MilvusStore(address_of(tmp_path))
    assert as_bytes(copy) == wanted
    copy.close()
    store.close()


def test_an_empty_index_for_other_vectors_is_named(milvus: MilvusStore) -> None:
    rows = [{"settings": {**SETTINGS, "dim": "8"}}]
    with pytest.raises(IndexMismatch, match="vectors of 12 columns; name another"):
        milvus_archive.make(milvus.address, lambda: rows)


def test_nobody_writes_while_rows_are_read(filled: tuple[MilvusStore, Oracle]) -> None:
    with filled[0].rows(), pytest.raises(IndexLocked), filled[0].writer():
        pass
    with filled[0].writer():
        pass


def opened(index: str | Path) -> Assistant:
    return Assistant(index, Config(), HashEmbedder(32))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Assistant]:
    news = tmp_path / "news"
    write(news / "bahn.txt", BAHN)
    write(news / "bank.txt", BANK)
    long = {"id": "y", "text": WIND, "note": "x" * 70_000}
    write(
        news / "rows.jsonl",
        "".join(json.dumps(row) + "\n" for row in (long, {"id": "x", "text": WIND})),
    )
    with opened(f"milvus:{tmp_path}/a.db") as assistant:
        assistant.sync([news])
        assistant.correct("news/bahn.txt", Period.parse("2026-02"), "Kurier")
        yield assistant


def test_what_is_whole_is_saved_and_the_rest_comes_from_the_files(
    kept: Assistant, tmp_path: Path
) -> None:
    store = kept._opened()
    assert isinstance(store, MilvusStore)
    engine = store._engine
    for table, where in (
        (SENTENCES, f'doc == "{hashed("news/bank.txt")}"'),  # lost, with its key
        (STATE, 'kind == "piece"'),  # of what is long
        (COUNTS, 'id != ""'),
    ):
        name = next(engine.walk(table, where, ["id"]))["id"]
        engine.delete(table, f'id in ["{name}"]')
    for row in engine.walk(CHUNKS, 'id != ""', ["id"]):
        engine.put(CHUNKS, [{"id": row["id"], "language": 7}], parts=True)
    problems = kept.verify()
    assert problems
    assert all("\n" not in line for line in problems)
    assert all("rag verify --repair NEW" in line for line in problems)
    with pytest.raises(IndexDamaged, match="rag verify"):
        archive.write(store, tmp_path / "x.jsonl")
    assert not (tmp_path / "x.jsonl").exists()
    tokens = Config().chunk_tokens
    saved = salvage(kept.index, tmp_path / "new", lambda settings: genuine(settings, tokens))
    assert saved.documents == 2
    assert {*saved.lost} == {"news/bank.txt", "y"}
    with opened(tmp_path / "new") as new:
        assert new.verify() == []
        assert counts(new.sync()) == (2, 0, 0, 2)
        assert new.document("news/bahn.txt").source == "Kurier"
        assert ids(new) == ids(kept)
        assert new.verify() == []
    with pytest.raises(ConfigError, match="goes into a folder"):
        salvage(tmp_path / "new", "milvus:b.db", lambda settings: genuine(settings, tokens))


def test_documents_whose_files_are_forgotten_are_saved(kept: Assistant, tmp_path: Path) -> None:
    store = kept._opened()
    assert isinstance(store, MilvusStore)
    store._engine.delete(STATE, 'kind == "file"')
    assert len(kept.verify()) == 4  # no sync watches their files
    tokens = Config().chunk_tokens
    saved = salvage(kept.index, tmp_path / "new", lambda settings: genuine(settings, tokens))
    assert (saved.documents, saved.lost) == (4, ())
    with opened(tmp_path / "new") as new:
        assert new.verify() == []
        assert counts(new.sync()) == counts(kept.sync())
        assert ids(new) == ids(kept)


def test_a_document_that_cannot_be_read_is_named(kept: Assistant) -> None:
    store = kept._opened()
    assert isinstance(store, MilvusStore)
    row = next(store._engine.walk(DOCUMENTS, alive(99), ["*"]))
    store._engine.put(DOCUMENTS, [{**row, "body": "["}])
    (line, *_) = kept.verify()
    assert "cannot be read; save the rest with: rag verify --repair NEW" in line
