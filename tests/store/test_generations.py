"""A snapshot sees one generation whatever a writer does; the next one sees the newest."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import IndexNotFound
from rag.store import Delta, caches, disk
from rag.store.lexical import LexicalIndex
from rag.store.local import LocalStore
from rag.types import Filter
from tests.store.oracle import Oracle
from tests.store.samples import SETTINGS, adding, sample, unit, vectors_of

TERMS = {"de": ["w1", "w2"], "en": ["w3"], "fr": ["w4"]}


def commit(store: LocalStore, oracle: Oracle, delta: Delta, *, publish: bool = True) -> None:
    with store.writer() as writer:
        writer.apply(delta)
        if publish:
            writer.publish()
    oracle.apply(delta)


def ask(store: LocalStore, oracle: Oracle) -> None:
    with store.snapshot() as snapshot:
        assert not snapshot.degraded
        oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)


def frozen(oracle: Oracle) -> Oracle:
    """As it is now."""
    twin = copy(oracle)
    twin.records, twin.vectors = dict(oracle.records), dict(oracle.vectors)
    return twin


@pytest.mark.parametrize("publish", [False, True])
def test_an_open_snapshot_keeps_its_generation(store: LocalStore, publish: bool) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0), sample(1)))
    before = frozen(oracle)
    with store.snapshot() as old:
        commit(
            store,
            oracle,
            adding(sample(1, 1), sample(2), remove=("articles/0.md",)),
            publish=publish,
        )
        with store.snapshot() as new:
            assert new.generation == old.generation + 1
            oracle.check(new, unit("q"), TERMS, Filter(), 10)
        before.check(old, unit("q"), TERMS, Filter(), 10)


def test_another_process_sees_new_articles_without_opening_anew(store: LocalStore) -> None:
    oracle, other = Oracle(), LocalStore(store.folder)
    for number in range(6):
        commit(store, oracle, adding(sample(number)), publish=number % 2 == 0)
        ask(other, oracle)
        ask(store, oracle)


def test_readers_see_no_mixture_while_syncs_run(store: LocalStore) -> None:
    oracle = Oracle()
    states = {0: frozen(oracle)}
    stop, seen, failures = threading.Event(), set[int](), list[BaseException]()

    def read(reader: LocalStore) -> None:
        while not stop.is_set():
            try:
                with reader.snapshot() as snapshot:
                    assert not snapshot.degraded
                    seen.add(snapshot.generation)
                    state = states[snapshot.generation]
                    state.check(snapshot, unit("q"), TERMS, Filter(), 10)
            except BaseException as error:
                failures.append(error)
                raise

    other = LocalStore(store.folder)
    threads = [threading.Thread(target=read, args=(r,)) for r in (store, store, other)]
    for thread in threads:
        thread.start()
    with store.writer() as writer:
        for round_ in range(25):
            remove = (f"articles/{round_ - 3}.md",) if round_ % 3 == 0 else ()
            delta = adding(sample(round_), sample(round_ // 2, round_), remove=remove)
            oracle.apply(delta)
            states[round_ + 1] = frozen(oracle)
            assert writer.apply(delta) == round_ + 1
            if round_ % 4:
                writer.publish()
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert len(seen) > 3


def test_a_reader_goes_on_after_its_cache_was_swept(store: LocalStore) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0)))
    ask(store, oracle)
    commit(store, oracle, adding(sample(1)))
    assert not (store.folder / "lexical-1").exists()
    ask(store, oracle)
    commit(store, oracle, adding(sample(2)), publish=False)
    ask(store, oracle)


def test_a_reader_takes_over_what_was_published_instead_of_making_it(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0)))
    ask(store, oracle)
    commit(store, oracle, adding(sample(1)))
    monkeypatch.setattr(caches, "forward", None)
    ask(store, oracle)


@pytest.mark.parametrize("moment", ["load", "forward"])
def test_a_cache_that_is_swept_while_it_is_read_is_not_called_damaged(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0)))
    if moment == "forward":
        ask(store, oracle)  # the reader holds generation 1 and will extend it
    commit(store, oracle, adding(sample(1)), publish=False)
    reading: Callable[..., object] = getattr(caches, moment)
    calls = 0

    def meddle(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            monkeypatch.setattr(caches, moment, reading)
            with LocalStore(store.folder).writer() as writer:
                writer.publish()
        return reading(*arguments)

    monkeypatch.setattr(caches, moment, meddle)
    ask(store, oracle)
    assert calls == 1


def test_a_reader_that_is_always_too_late_answers_from_the_catalog(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0)))
    ask(store, oracle)
    commit(store, oracle, adding(sample(1)), publish=False)

    def swept(*_: object, **__: object) -> LexicalIndex:
        raise FileNotFoundError

    monkeypatch.setattr(LexicalIndex, "extend", swept)
    ask(store, oracle)


def test_the_first_sync_can_be_read_before_it_publishes(store: LocalStore) -> None:
    oracle = Oracle()
    for number in range(3):
        commit(store, oracle, adding(sample(number)), publish=False)
        ask(store, oracle)
    assert sorted(path.name for path in store.folder.iterdir() if "-" in path.name) == [
        "catalog.sqlite-shm",
        "catalog.sqlite-wal",
    ]


def test_readers_leave_nothing_behind(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    oracle = Oracle()
    commit(store, oracle, adding(sample(0)))
    files = (
        disk.manifest(store.folder / "lexical-1"),
        sorted((store.folder / "lexical-1").rglob("*")),
    )
    ask(store, oracle)
    commit(store, oracle, adding(sample(1)), publish=False)
    ask(store, oracle)
    assert list(store.verify()) == []
    assert len(list(scratch.iterdir())) == 1  # what the newest view reads
    store.close()
    assert list(scratch.iterdir()) == []
    now = disk.manifest(store.folder / "lexical-1"), sorted((store.folder / "lexical-1").rglob("*"))
    assert now == files


def test_a_store_follows_when_its_index_is_deleted_and_made_anew(store: LocalStore) -> None:
    oracle = Oracle()
    for number in range(4):
        commit(store, oracle, adding(sample(number)))
    ask(store, oracle)
    shutil.rmtree(store.folder)
    with pytest.raises(IndexNotFound, match="rag index"), store.snapshot():
        pass
    anew = Oracle()
    commit(LocalStore.create(store.folder, SETTINGS), anew, adding(sample(9)))
    ask(store, anew)


def test_a_model_of_another_size_replaces_every_vector(store: LocalStore) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0), sample(1)))
    ask(store, oracle)
    records = [
        replace(
            sample(n),
            keys=tuple(tuple(b"8" + key for key in keys) for keys in sample(n).keys),
            title_key=b"8" + sample(n).title_key,
        )
        for n in (0, 1)
    ]
    old = vectors_of(*(sample(n) for n in (0, 1)))
    vectors = {b"8" + key: unit(key.hex(), dim=8) for key in old}
    delta = Delta(upsert=records, vectors=vectors, settings={"dim": "8"})
    commit(store, oracle, delta, publish=False)
    for publish in (False, True):
        if publish:
            commit(store, oracle, Delta())
        with store.snapshot() as snapshot:
            oracle.check(snapshot, unit("q", dim=8), TERMS, Filter(), 10)
        assert list(store.verify()) == []


def test_vectors_that_were_embedded_anew_reach_the_caches(store: LocalStore) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0), sample(1)))
    vectors = {key: -vector for key, vector in vectors_of(sample(0)).items()}
    commit(store, oracle, Delta(vectors=vectors))
    assert list(store.verify()) == []
    ask(LocalStore(store.folder), oracle)


def test_vectors_that_nothing_uses_are_deleted(store: LocalStore) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0), sample(1), sample(2)))
    commit(store, oracle, Delta(vectors=vectors_of(sample(7)), remove=("articles/1.md",)))
    with store.writer() as writer:
        writer.apply(Delta(vectors=vectors_of(sample(8))))  # a rebuild that is stopped here
        writer.publish()
        kept = vectors_of(sample(0), sample(2))
        everything = vectors_of(*(sample(n) for n in range(9)))
        assert writer.missing(list(everything)) == set(everything) - set(kept)


def test_the_vector_of_a_title_stays_as_long_as_a_document_has_it(store: LocalStore) -> None:
    first, second = sample(0), sample(1)
    assert first.title_key == second.title_key
    oracle = Oracle()
    commit(store, oracle, adding(first, second))
    commit(store, oracle, Delta(remove=(first.document.doc_id,)))
    with store.writer() as writer:
        assert writer.missing([first.title_key]) == set()
    retitled = replace(sample(1, 1), title_key=sample(2).title_key)
    vectors = vectors_of(sample(1, 1)) | vectors_of(sample(2))
    commit(store, oracle, replace(adding(retitled), vectors=vectors))
    with store.writer() as writer:
        assert writer.missing([first.title_key, retitled.title_key]) == {first.title_key}
    ask(store, oracle)
    assert list(store.verify()) == []


def test_a_closed_store_lets_an_open_snapshot_finish(store: LocalStore) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0)))
    with store.snapshot() as snapshot:
        store.close()
        oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)


def test_a_failed_change_leaves_nothing(store: LocalStore) -> None:
    oracle = Oracle()
    commit(store, oracle, adding(sample(0)))
    broken = replace(sample(2), terms=())
    with store.writer() as writer:
        with pytest.raises(ValueError, match="zip"):
            writer.apply(adding(sample(1), broken, remove=("articles/0.md",)))
        writer.publish()
    ask(store, oracle)
    assert list(store.verify()) == []
