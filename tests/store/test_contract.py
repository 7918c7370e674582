"""Every engine agrees with the oracle, whatever happened to it before."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.errors import DocumentNotFound
from rag.store import Candidates, Delta, Store, candidates
from rag.store.block import LINES, Block
from rag.types import Filter
from tests.store import faults
from tests.store.conftest import Engine
from tests.store.oracle import Oracle, assert_same
from tests.store.samples import DIM, LANGUAGES, VOCABULARY, adding, kept, sample, unit, vectors_of

NUMBERS = st.integers(0, 23)
DAYS = st.dates(date(2023, 12, 1), date(2026, 1, 31))


def _some(values: st.SearchStrategy[str]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(values, max_size=6)


FILTERS = st.builds(
    Filter,
    doc_ids=_some(NUMBERS.map("articles/{}.md".format)),
    sources=_some(st.sampled_from(["Kurier", "Nordlicht", "Anzeiger"])),
    languages=_some(st.sampled_from([*LANGUAGES, "nl"])),
    since=st.none() | DAYS,
    until=st.none() | DAYS,
)
WORDS = st.lists(st.sampled_from([*VOCABULARY, "unknown"]), max_size=6)


@dataclass(frozen=True)
class Question:
    seed: int
    terms: dict[str, list[str]]
    permitted: Filter
    n: int


QUESTIONS = st.builds(
    Question,
    seed=st.integers(0, 999),
    terms=st.dictionaries(st.sampled_from([*LANGUAGES, "nl"]), WORDS),
    permitted=FILTERS | st.just(Filter()),
    n=st.sampled_from([1, 2, 5, 30, 200]),
)


@dataclass(frozen=True)
class Step:
    """One commit, and what comes after it."""

    upsert: list[tuple[int, int]]
    remove: list[int]
    publish: bool
    reopen: bool
    question: Question


STEPS = st.builds(
    Step,
    upsert=st.lists(st.tuples(NUMBERS, st.integers(0, 2)), max_size=8, unique_by=lambda x: x[0]),
    remove=st.lists(NUMBERS, max_size=3),
    publish=st.booleans(),
    reopen=st.booleans(),
    question=QUESTIONS,
)


def _ask(store: Store, oracle: Oracle, question: Question) -> None:
    with store.snapshot() as snapshot:
        oracle.check(
            snapshot,
            unit(f"question {question.seed}"),
            question.terms,
            question.permitted,
            question.n,
        )


def _commit(store: Store, oracle: Oracle, delta: Delta, *, publish: bool) -> None:
    with store.writer() as writer:
        writer.apply(delta)
        if publish:
            writer.publish()
    oracle.apply(delta)


def test_any_history_leaves_what_the_oracle_has(engine: Engine) -> None:
    @settings(
        max_examples=int(40 * engine.share),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(steps=st.lists(STEPS, min_size=1, max_size=6))
    def history(steps: list[Step]) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "index"
            store, oracle = engine.create(folder), engine.oracle()
            for step in steps:
                records = [sample(*pair) for pair in step.upsert]
                remove = tuple(f"articles/{n}.md" for n in step.remove)
                _commit(store, oracle, adding(*records, remove=remove), publish=step.publish)
                if step.reopen:
                    store.close()
                    store = engine.open(folder)
                _ask(store, oracle, step.question)
            assert list(store.verify()) == []
            store.close()

    history()


@pytest.fixture(scope="module")
def filled(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Oracle]:
    store, oracle = engine.create(tmp_path_factory.mktemp("filled") / "index"), engine.oracle()
    _commit(store, oracle, adding(*(sample(n) for n in range(60))), publish=True)
    return store, oracle


def test_any_filter_gives_the_same_best_as_looking_at_every_row(
    engine: Engine, filled: tuple[Store, Oracle]
) -> None:
    @settings(max_examples=int(150 * engine.share), deadline=None)
    @given(question=QUESTIONS)
    @example(question=Question(1, {"de": ["w1", "w1"]}, Filter(frozenset()), 5))
    def filtered(question: Question) -> None:
        _ask(*filled, question)

    filtered()


def test_what_was_added_and_removed_leaves_no_trace(engine: Engine) -> None:
    numbers = st.sets(NUMBERS, min_size=1, max_size=6)

    @settings(max_examples=int(15 * engine.share), deadline=None)
    @given(
        kept=numbers,
        passing=numbers,
        publish=st.tuples(st.booleans(), st.booleans(), st.booleans()),
        question=QUESTIONS,
    )
    def trace(
        kept: set[int],
        passing: set[int],
        publish: tuple[bool, bool, bool],
        question: Question,
    ) -> None:
        found = [
            _found(engine, kept, ways, publish, question) for ways in (set[int](), passing - kept)
        ]
        assert_same(*found)

    trace()


def _found(
    engine: Engine,
    kept: set[int],
    passing: set[int],
    publish: tuple[bool, bool, bool],
    question: Question,
) -> Candidates:
    """What a question finds after documents came, and others came and went."""
    with tempfile.TemporaryDirectory() as scratch:
        store, oracle = engine.create(Path(scratch) / "index"), engine.oracle()
        add = adding(*(sample(n) for n in sorted(kept)))
        _commit(store, oracle, add, publish=publish[0])
        if passing:
            more = adding(*(sample(n) for n in sorted(passing)))
            _commit(store, oracle, more, publish=publish[1])
            _ask(store, oracle, question)  # a reader that has seen them
            ids = tuple(f"articles/{n}.md" for n in passing)
            _commit(store, oracle, Delta(remove=ids), publish=publish[2])
        query = unit(f"question {question.seed}")
        with store.snapshot() as snapshot:
            found = snapshot.candidates(query, question.terms, question.permitted, question.n)
        store.close()
    return found


@pytest.mark.parametrize("fault", [None, *faults.LOCAL])
def test_the_oracle_notices_each_seeded_fault(
    fault: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    if fault is not None:
        monkeypatch.setattr(*engine.faults[fault])
    store, oracle = engine.create(tmp_path / "index"), engine.oracle()
    _commit(store, oracle, adding(*(sample(n) for n in range(20))), publish=True)
    noticed: AbstractContextManager[object] = (
        nullcontext() if fault is None else pytest.raises(AssertionError)
    )
    with noticed:
        for seed in range(20):
            terms = {"de": ["w1", "w2"], "en": ["w3", "w4"]}
            permitted = Filter(languages=frozenset({"de", "en"}))
            _ask(store, oracle, Question(seed, terms, permitted, 4))


def test_a_language_that_is_far_away_has_its_part(engine: Engine, tmp_path: Path) -> None:
    """Three English articles among German ones that are all nearer, as cosines would have it."""
    records = [sample(3 * n) for n in range(20)] + [sample(3 * n + 1) for n in range(3)]
    query, far = unit("q"), unit("far")
    vectors = {
        key: (vector + 9 * (query if r.document.language == "de" else far)).astype(np.float32)
        for r in records
        for key, vector in vectors_of(r).items()
    }
    unit_vectors = {key: kept(vector) for key, vector in vectors.items()}
    store, oracle = engine.create(tmp_path / "index"), engine.oracle()
    _commit(store, oracle, replace(adding(*records), vectors=unit_vectors), publish=True)
    with store.snapshot() as snapshot:
        oracle.check(snapshot, query, {}, Filter(), 8)
        found = snapshot.candidates(query, {}, Filter(), 8)
        only = snapshot.candidates(query, {}, Filter(languages=frozenset({"de"})), 8)
    assert [c.language for c in found] == ["de"] * 8 + ["en"] * 2
    assert [c.dense_rank for c in found] == list(range(1, 11))
    assert [c.language for c in only] == ["de"] * 8


def test_a_title_that_has_no_vector_is_like_nothing(engine: Engine, tmp_path: Path) -> None:
    record = replace(sample(1), title_key=b"lost")
    store = engine.create(tmp_path / "index")
    with store.writer() as writer:
        writer.apply(replace(adding(record), vectors=vectors_of(sample(1))))
    with store.snapshot() as snapshot:
        found = snapshot.candidates(unit("q"), {}, Filter(), 5)
    assert found
    assert not any(candidate.title.any() for candidate in found)


def test_scores_of_the_vector_cache_are_cosines(tmp_path: Path) -> None:
    rows = np.stack([np.arange(10, dtype=np.int64)] * len(LINES))
    vectors = np.stack([unit(f"row {n}") for n in rows[0]])
    block = Block.write(tmp_path / "block", [(rows, vectors.astype(np.float16))], DIM)
    found, scores = block.search(unit("q"), 10, None)
    np.testing.assert_allclose(scores, (vectors @ unit("q"))[found], atol=1e-6)


def test_a_document_that_is_not_there_is_named(filled: tuple[Store, Oracle]) -> None:
    with filled[0].snapshot() as snapshot:
        with pytest.raises(DocumentNotFound, match=r"articles/999\.md.*rag list"):
            snapshot.document("articles/999.md")
        with pytest.raises(DocumentNotFound):
            snapshot.removed("articles/999.md")


def test_an_empty_store_finds_nothing(engine: Engine, tmp_path: Path) -> None:
    store, oracle = engine.create(tmp_path / "index"), engine.oracle()
    _ask(store, oracle, Question(1, {"de": ["w1"]}, Filter(), 5))
    with store.writer() as writer:
        writer.publish()
    _ask(store, oracle, Question(1, {"de": ["w1"]}, Filter(), 5))
    assert list(store.verify()) == []


def test_text_of_any_kind_comes_back_as_it_went_in(engine: Engine, tmp_path: Path) -> None:
    record = sample(1)
    odd = "Ä \U0001f697\u2028 „x“ \r\n' OR 1=1 --"
    text = f"{record.document.text}\0{odd}"
    document = replace(record.document, text=text, title=odd, source=odd)
    store, oracle = engine.create(tmp_path / "index"), engine.oracle()
    _commit(store, oracle, adding(replace(record, document=document)), publish=True)
    _ask(store, oracle, Question(1, {"en": ["w1"]}, Filter(sources=frozenset({odd})), 5))


def test_documents_that_are_remembered_are_those_of_the_generation(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few of them there is room for, and although a title has another vector by then."""
    monkeypatch.setattr(candidates, "HEADS", 3)
    store, oracle = engine.create(tmp_path / "index"), engine.oracle()
    for turn in range(3):
        delta = adding(*(sample(n) for n in range(12)))
        vectors = {k: unit(f"{turn} {k!r}") for k in delta.vectors}
        _commit(store, oracle, replace(delta, vectors=vectors), publish=turn == 1)
        for seed in range(3):
            _ask(store, oracle, Question(seed, {"de": ["w1"]}, Filter(), 4))
