"""A large part is searched through codes: how well is measured, and changes cost no rebuild."""

from __future__ import annotations

import gc
import shutil
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from rag.store import near
from rag.store.block import LINES, Block, Ids
from rag.store.dense import DenseIndex, Part, Tuning
from rag.store.local import LocalStore
from rag.store.near import Near
from rag.store.precision import whole
from rag.types import Filter, Vectors
from tests.store.conftest import APPROXIMATE
from tests.store.oracle import Oracle
from tests.store.samples import SETTINGS, adding, sample, unit

DIM = 64
TERMS = {"de": ["w1", "w2"], "en": ["w3"], "fr": ["w4"]}


def some_vectors(n: int, seed: int) -> Vectors:
    """Unit rows around fifty centres, as texts lie around topics."""
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((50, DIM))
    rows = centres[generator.integers(50, size=n)] + generator.standard_normal((n, DIM))
    unit_rows: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit_rows


def some_block(folder: Path, n: int = 20_000) -> Block:
    rows = np.stack([np.arange(n, dtype=np.int64)] * len(LINES))
    halves = some_vectors(n, 1).astype(np.float16)
    return Block.write(folder / "base", [(rows, halves)], DIM)


def share_found(made: Near, block: Block, queries: Vectors) -> float:
    """Of the true ten nearest of each query."""
    shares = []
    for query in queries:
        cosines = block.halves.astype(np.float32) @ query
        best = np.argsort(-cosines)[:10]
        positions, scores = made.search(query, near.DEPTH)
        np.testing.assert_allclose(scores, cosines[positions], atol=1e-5)  # at stored precision
        shares.append(np.isin(best, positions[:10]).mean())
    return float(np.mean(shares))


def test_it_finds_as_many_of_the_nearest_as_it_says(tmp_path: Path) -> None:
    block = some_block(tmp_path)
    made = Near.build(tmp_path, block, 0.97)
    assert made.report.recall >= 0.97
    assert share_found(made, block, some_vectors(40, 2)) >= 0.97
    assert Near.load(tmp_path, block).report == made.report


def test_codes_that_find_too_little_are_noticed_and_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = some_block(tmp_path)

    class Blurred(faiss.IndexPQFastScan):
        def add(self, vectors: Vectors) -> None:
            noise = np.random.default_rng(3).standard_normal(vectors.shape) / 3
            super().add(np.asarray(vectors + noise, np.float32))

    monkeypatch.setattr(faiss, "IndexPQFastScan", Blurred)
    made = Near.build(tmp_path, block, 0.97)
    assert made.report.reread > near.REREAD
    assert made.report.recall >= 0.97
    careless = Near(tmp_path, block, made._index, replace(made.report, reread=1))
    queries = some_vectors(40, 2)
    assert share_found(careless, block, queries) < share_found(made, block, queries)


def test_a_fault_in_what_is_found_does_not_pass_the_oracle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Near.search

    def without_the_best(self: Near, query: Vectors, n: int) -> tuple[Ids, Vectors]:
        positions, scores = search(self, query, n)
        return positions[1:], scores[1:]

    store, oracle = LocalStore.create(tmp_path / "index", SETTINGS, APPROXIMATE), Oracle()
    delta = adding(*(sample(n) for n in range(20)))
    with store.writer() as writer:
        writer.apply(delta)
        writer.publish()
    oracle.apply(delta)
    with store.snapshot() as snapshot:
        oracle.check(snapshot, unit("q"), TERMS, Filter(), 4)
        monkeypatch.setattr(Near, "search", without_the_best)
        with pytest.raises(AssertionError):
            oracle.check(snapshot, unit("q"), TERMS, Filter(), 4)


def test_the_file_of_vectors_is_what_faiss_writes(tmp_path: Path) -> None:
    block = some_block(tmp_path, 100)
    index = faiss.IndexScalarQuantizer(
        DIM, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index.add(block.halves.astype(np.float32))
    faiss.write_index(index, str(tmp_path / "faiss"))
    ours, theirs = (tmp_path / "base.vectors").read_bytes(), (tmp_path / "faiss").read_bytes()
    assert ours == theirs


def test_vectors_and_rows_that_differ_in_number_are_refused(tmp_path: Path) -> None:
    block = some_block(tmp_path, 10)
    np.save((tmp_path / "base.rows").open("wb"), block.rows[:, :9])
    with pytest.raises(ValueError, match="differ in number"):
        Block(tmp_path / "base")


def test_generations_in_use_share_what_was_read_of_their_files(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    for folder in (one, two, three):
        folder.mkdir()
    block = some_block(one, 2000)
    Near.build(one, block, 0.9)
    first = Block.load(one / "base")
    codes = Near.load(one, first)
    first.link(two)
    codes.link(two)
    second = Block.load(two / "base")
    again = Near.load(two, second)
    assert second.rows is first.rows
    assert again._index is codes._index
    shutil.rmtree(one)
    del first, codes
    gc.collect()
    second.link(three)
    again.link(three)
    third = Block.load(three / "base")
    assert third.rows is second.rows
    assert Near.load(three, third)._index is again._index
    query = some_vectors(1, 2)[0]
    assert [a.tolist() for a in again.search(query, 5)] == [
        a.tolist() for a in Near.load(three, third).search(query, 5)
    ]


def base_of(store: LocalStore) -> dict[str, int]:
    """By language, which file holds most of the vectors."""
    return {p.parent.name: p.stat().st_ino for p in store.folder.glob("vectors-*/*/base.vectors")}


def test_small_changes_leave_the_base_as_it_is_and_many_make_it_anew(tmp_path: Path) -> None:
    tuning = Tuning(exact=4, recall=1.0, stale=0.3)
    store, oracle = LocalStore.create(tmp_path / "index", SETTINGS, tuning), Oracle()

    def commit(*numbers: int, remove: tuple[str, ...] = ()) -> None:
        delta = adding(*(sample(n) for n in numbers), remove=remove)
        with store.writer() as writer:
            new = writer.missing(list(delta.vectors))  # as a sync does: it embeds nothing twice
            vectors = {key: delta.vectors[key] for key in new}
            writer.apply(replace(delta, vectors=vectors))
            writer.publish()
        oracle.apply(delta)
        for reader in (store, LocalStore(store.folder)):
            with reader.snapshot() as snapshot:
                for seed in range(3):
                    oracle.check(snapshot, unit(f"q{seed}"), TERMS, Filter(), 10)
        assert list(store.verify()) == []

    commit(*range(0, 90, 3))
    first = base_of(store)
    commit(90, remove=("articles/3.md",))
    commit(93, remove=("articles/90.md",))
    assert base_of(store) == first
    commit(*range(96, 180, 3))
    assert base_of(store).keys() == first.keys()
    assert base_of(store) != first


def test_what_is_read_of_chunks_stands_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    """Whatever blocks they are in, and however many sentences each has."""
    chunks = np.array([2, 2, 2, 5, 7, 7], np.int64)
    vectors = some_vectors(len(chunks) + 2, 1).astype(np.float16)
    rows = np.stack([np.arange(len(chunks)), chunks, chunks, *np.arange(12).reshape(2, 6)])
    other = np.array([[9, 10], [1, 9], [1, 9], [90, 91], [92, 93]])
    base = Block.write(tmp_path / "base", [(rows, vectors[:6])], DIM)
    tail = Block.write(tmp_path / "tail", [(other, vectors[6:])], DIM)
    lives = tuple(np.ones(len(block), np.bool_) for block in (base, tail))
    found = DenseIndex({"de": Part((base, tail), lives)}, DIM).sentences(np.array([9, 7, 1, 2]))
    assert found.first.tolist() == [0, 1, 3, 4, 7]
    places = [7, 4, 5, 6, 0, 1, 2]
    np.testing.assert_array_equal(found.vectors, vectors[places].astype(np.float32))
    assert found.spans[0].tolist() == [91, 4, 5, 90, 0, 1, 2]
    assert found.spans[1].tolist() == [93, 10, 11, 92, 6, 7, 8]


def test_a_half_as_float_is_the_same_number() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    expected = finite.astype(np.float32)
    np.testing.assert_array_equal(whole(finite).view(np.uint32), expected.view(np.uint32))
