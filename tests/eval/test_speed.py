"""The measuring of speed: each part, tiny, and what is made of its figures."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.datasets import ARTICLES, QUESTIONS, DatasetError, read_questions
from eval.findings import read
from eval.measures import percentile
from eval.speed import (
    asking,
    charts,
    engine,
    growth,
    indexing,
    likeness,
    resync,
    run,
    starting,
)
from eval.speed.once import OWN
from eval.speed.parts import Part, Row, Settings, latency, peak_bytes
from eval.speed.serving import Claiming, crowd, measure
from rag.assistant import Assistant
from rag.embed.rows import unit_rows
from rag.store.block import Block
from rag.types import Hit
from tests.conftest import CountingEmbedder

FEW = 20  # questions


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The articles of a few questions, one round, two clients."""
    corpus = tmp_path / "articles"
    corpus.mkdir()
    questions = read_questions(QUESTIONS)[:FEW]
    named = {name for question in questions for name in question.documents}
    for path in sorted(ARTICLES.glob("*.md")):
        if path.stem in named:
            shutil.copy(path, corpus)
    return Settings(corpus, tmp_path / "scratch", None, 1, (200, 400), 20, FEW, 2, (corpus,))


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two parts that note when they are measured."""
    done: list[str] = []

    def part(name: str) -> Part:
        def figures(_: Settings) -> dict[str, int]:
            done.append(name)
            return {"n": len(done)}

        return Part(name, figures, lambda found: [Row(name, str(found["n"]), met=found["n"] < 2)])

    monkeypatch.setattr(run, "PARTS", {name: part(name) for name in ("one", "two")})
    return done


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 50) == 50
    assert percentile(values, 95) == 95
    assert percentile([7.0], 95) == 7
    assert latency([0.002, 0.004, 0.001]) == {"p50_ms": 2.0, "p95_ms": 4.0}


def test_only_own_tokens_count_as_multiply_adds() -> None:
    layer = 4 * 384 * 384 + 2 * 384 * 1536  # attention's four products, and the two wide ones
    assert engine.multiply_adds([1]) == 12 * (layer + 2 * 384)
    assert engine.multiply_adds([5, 7]) == engine.multiply_adds([5]) + engine.multiply_adds([7])


def test_a_part_that_is_in_the_file_is_not_measured_again_unless_named(
    settings: Settings, parts: list[str], tmp_path: Path
) -> None:
    to = tmp_path / "out" / "figures.json"
    first = run.report(settings, ["one"], to, None)
    assert parts == ["one"]
    both = run.report(settings, [], to, None)
    assert parts == ["one", "two"]
    assert first in both
    assert "| two | 2 |  |  | **no** |" in both
    assert run.report(settings, [], to, None) == both
    run.report(settings, ["one"], to, None)
    assert parts == ["one", "two", "one"]


def test_what_was_measured_before_an_interruption_stays(
    settings: Settings, parts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Settings) -> dict[str, int]:
        raise KeyboardInterrupt

    good, to = run.PARTS["two"], tmp_path / "figures.json"
    monkeypatch.setitem(run.PARTS, "two", Part("two", interrupted, good.rows))
    with pytest.raises(KeyboardInterrupt):
        run.report(settings, [], to, None)
    assert read(to).keys() == {"one"}
    monkeypatch.setitem(run.PARTS, "two", good)
    run.report(settings, [], to, None)
    assert parts == ["one", "two"]


def test_an_unknown_part_and_a_foreign_file_are_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="growth"):
        run.report(settings, ["grwth"], tmp_path / "f.json", None)
    (tmp_path / "f.json").write_text('{"splits": {}}')
    with pytest.raises(DatasetError, match="no findings"):
        run.report(settings, [], tmp_path / "f.json", None)


def test_the_ratio_to_a_peer_is_that_of_the_rates() -> None:
    def library(rate: float) -> dict[str, Any]:
        return {"characters_per_second": rate, "search": {"p50_ms": 10.0, "p95_ms": 20.0}}

    libraries = {OWN: library(70.0), "slow": library(10.0)}
    figures = {"characters": 1000, "libraries": libraries}
    first, second = indexing.rows(figures)
    assert (first.value, first.beside, first.met) == ("70 /s, 7.00 ×", "10 /s", True)
    assert second.beside == "10 / 20 ms"
    libraries["slow"] = library(21.0)
    assert indexing.rows(figures)[0].met is False


def test_all_questions_are_asked_by_so_many_at_once_and_an_error_is_not_hidden() -> None:
    together = threading.Barrier(4)
    asked: list[str] = []

    def ask(question: str) -> None:
        together.wait(10)
        asked.append(question)

    found = crowd(ask, [str(n) for n in range(8)], 4)
    assert sorted(asked) == [str(n) for n in range(8)]
    assert found["clients"] == 4
    assert found["per_second"] > 0

    def fail(_: str) -> None:
        raise DatasetError("503")

    with pytest.raises(DatasetError, match="503"):
        crowd(fail, ["a"], 2)


def test_questions_of_one_client_and_of_all_are_distinct(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.sync([news])
    asked: list[str] = []
    search = assistant.search

    def noted(question: str, k: int) -> list[Hit]:
        asked.append(question)
        return search(question, k)

    monkeypatch.setattr(assistant, "search", noted)
    questions = [f"Was ist {n}?" for n in range(70)]
    found = measure(assistant, questions, 3)
    assert asked[0] == asked[1] == questions[0]  # to load, then to warm up
    assert sorted(asked[1:]) == sorted(questions)
    assert found["alone"]["p50_ms"] > 0
    assert found["peak_bytes"] == pytest.approx(peak_bytes(), rel=0.2)


def test_an_index_is_asked_by_the_real_model_whatever_made_its_vectors(
    assistant: Assistant, news: Path, embedder: CountingEmbedder
) -> None:
    assistant.sync([news])
    settings = {"model": embedder.name, "fingerprint": "another"}
    claiming = Claiming(embedder, settings)
    assert claiming.fingerprint == "another"
    assert (claiming.embed_queries(["a"]) == embedder.embed_queries(["a"])).all()
    assert claiming.count_tokens(["a b"]) == embedder.count_tokens(["a b"])


SIZE = {
    "sentences": 1000,
    "disk": {"catalog, its vectors": 5, "vectors": 7},
    "alone": {"p50_ms": 10.0, "p95_ms": 20.0},
    "threads": {"per_second": 90.0, "clients": 16, "p50_ms": 1.0, "p95_ms": 2.0},
    "http": {"per_second": 50.0, "clients": 16, "p50_ms": 1.0, "p95_ms": 2.0, "peak_bytes": 9},
    "peak_bytes": 8,
    "vector_bytes": 4,
}
LARGE = {**SIZE, "sentences": 100_000, "alone": {"p50_ms": 31.0, "p95_ms": 40.0}}


def test_growth_is_judged_from_the_smallest_to_the_largest() -> None:
    rows = growth.rows({"sizes": [LARGE, SIZE]})
    assert "100 000 beside 1 000" in rows[-1].measure
    assert (rows[-1].value, rows[-1].met) == ("3.1 ×", False)
    met = {row.measure: row.met for row in rows}
    assert met["search at 1 000 sentences, 16 clients, threads"]
    assert not met["search at 1 000 sentences, 16 clients, http"]


def test_the_curves_are_drawn(tmp_path: Path) -> None:
    path = charts.draw({"sizes": [SIZE, LARGE]}, tmp_path / "new")
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(DatasetError, match="name a folder"):
        charts.draw({"sizes": [SIZE]}, path)


def test_made_vectors_are_laid_beside_real_ones(tmp_path: Path) -> None:
    def some(n: int, spread: float) -> NDArray[np.float32]:
        rows = np.ones((n, 16)) + spread * np.random.default_rng(n).standard_normal((n, 16))
        return unit_rows(rows.astype(np.float32))

    np.savez(tmp_path / "real.npz", vectors=some(300, 0.9).astype(np.float16))
    made = tmp_path / "index-500" / "vectors-1" / "de"
    made.mkdir(parents=True)
    likeness.block_of(some(500, 0.3).astype(np.float16), made)
    real, *_, close, _, _, _, _ = likeness.report(tmp_path, 500, some(5, 0.9))
    assert (real, close) == ("real: 300 sentences", "made, 300 of 500: 300 sentences")
    near, far = (
        likeness.distances(Block(made / "base"), asked, itself=False)[1][1]
        for asked in (some(50, 0.3), some(50, 0.9))
    )
    assert near < far
    with pytest.raises(DatasetError, match="python -m eval speed"):
        next(likeness.report(tmp_path, 7, some(5, 0.9)))


PARTS: Sequence[tuple[Part, int]] = [
    (indexing.PART, 1),
    (indexing.LARGER_PART, 1),
    (asking.PART, 1),
    (growth.PART, 11),
    (resync.PART, 2),
    (starting.COLD_PART, 1),
]


@pytest.mark.slow
@pytest.mark.parametrize(("part", "rows"), PARTS, ids=lambda value: getattr(value, "name", ""))
def test_each_part_measures_what_users_run(
    settings: Settings, part: Part, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (asking, starting):
        monkeypatch.setattr(module, "ARTICLES", settings.corpus)
    figures = part.measure(settings)
    assert json.loads(json.dumps(figures)) == figures
    assert len(part.rows(figures)) == rows


@pytest.mark.slow
def test_what_int8_costs_is_measured_on_the_same_questions(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ARTICLES", settings.corpus)
    monkeypatch.setattr(engine, "AT_LEAST", 0.01)
    monkeypatch.setattr(engine, "SIZES", (64,))
    figures = engine.measure(settings)
    assert figures["engines"].keys() >= {"int8", "fp32"}
    assert all(found["ndcg_10"] > 0.3 for found in figures["engines"].values())
    assert engine.rows(figures)
