"""Ranking and judging documents, on tasks small enough to be worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from eval import retrieval
from eval.__main__ import app
from eval.beir import Beir, write_beir
from eval.datasets import DatasetError
from eval.measures import ndcg, recall_at, reciprocal_rank
from eval.retrieval import group, indexed_corpus, judge, measure, rank, trec_run
from rag import Assistant
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, BANK, WIND, rows

TASK = Beir(
    corpus={"bahn": {"text": BAHN}, "bank": {"text": BANK}, "wind": {"text": WIND}},
    queries={"q1": "Wohin baut die Bahn eine neue Strecke?", "q2": "Wohin dreht der Wind?"},
    qrels={"test": {"q1": {"bahn": 1}, "q2": {"wind": 1}}},
)
runner = CliRunner()


@pytest.fixture(autouse=True)
def own_model(embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    for place in ("rag.embed.open_embedder", "eval.collection.open_embedder"):
        monkeypatch.setattr(place, lambda _: embedder)


@pytest.fixture
def task(tmp_path: Path) -> str:
    write_beir(TASK, tmp_path / "task")
    return str(tmp_path / "task")


@given(
    st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=12),
    st.sets(st.sampled_from("abcdefghijklmnop"), min_size=1),
)
def test_the_package_and_our_own_measures_agree(found: list[str], relevant: set[str]) -> None:
    values = judge({"q": found}, {"q": dict.fromkeys(relevant, 1)})
    ranking, total = [doc_id in relevant for doc_id in found], len(relevant)
    assert values["nDCG@10"]["q"] == pytest.approx(ndcg(ranking, total, 10))
    assert values["R@1"]["q"] == pytest.approx(recall_at(ranking, total, 1))
    assert values["R@5"]["q"] == pytest.approx(recall_at(ranking, total, 5))
    assert values["R@10"]["q"] == pytest.approx(recall_at(ranking, total, 10))
    assert values["RR@10"]["q"] == pytest.approx(reciprocal_rank(ranking[:10]))


def test_a_query_without_results_counts_0() -> None:
    values = judge({"q1": ["a"], "q2": []}, {"q1": {"a": 1}, "q2": {"a": 1}, "q3": {"b": 1}})
    assert values["nDCG@10"] == {"q1": 1, "q2": 0, "q3": 0}


def test_grades_weigh_in_ndcg() -> None:
    values = judge({"q": ["a", "b"]}, {"q": {"a": 1, "b": 3}})
    best = 3 + 1 / math.log2(3)
    assert values["nDCG@10"]["q"] == pytest.approx((1 + 3 / math.log2(3)) / best)


def test_a_document_ranks_once_where_its_best_chunk_does(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = " ".join(f"Die Bahn fährt im Jahr {n} nach Kassel und nach Kiel." for n in range(400))
    assistant.sync([rows(tmp_path / "a.jsonl", long=long, bahn=BAHN, bank=BANK, wind=WIND)])
    assert assistant.counts().chunks > 8
    question = "Fährt die Bahn nach Kassel und nach Kiel?"
    whole = rank(assistant, question)
    assert sorted(whole) == ["bahn", "bank", "long", "wind"]
    assert whole[0] == "long"
    monkeypatch.setattr(retrieval, "CHUNKS", 2)  # both of the long document
    assert rank(assistant, question, 1) == ["long"]
    assert rank(assistant, question) == whole


def test_the_group_is_what_the_pattern_matches_in_the_relevant_id() -> None:
    qrels = {"q1": {"a2p0": 0, "a1p0": 1}, "q2": {"a1p7": 1}, "q3": {"a2p0": 1}}
    assert group(qrels, r"a\d+") == {"q1": "a1", "q2": "a1", "q3": "a2"}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("(", "no regular expression"), ("b", "does not match"), ("a", "all queries into one group")],
)
def test_a_pattern_that_makes_no_groups_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        group({"q1": {"a1": 1}, "q2": {"a2": 1}}, pattern)


def test_a_large_corpus_is_indexed_from_several_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval, "PART_BYTES", 100)
    with indexed_corpus(TASK.corpus, tmp_path / "kept") as assistant:
        assert [info.doc_id for info in assistant.documents()] == ["bahn", "bank", "wind"]
    assert len(list((tmp_path / "kept-rows").iterdir())) > 1


def test_a_kept_index_is_not_embedded_again_and_holds_one_corpus(
    tmp_path: Path, embedder: CountingEmbedder
) -> None:
    for _ in range(2):
        with indexed_corpus(TASK.corpus, tmp_path / "kept") as assistant:
            assert rank(assistant, TASK.queries["q1"])[0] == "bahn"
    assert len(embedder.embedded) == len(set(embedder.embedded))
    less = {"bahn": TASK.corpus["bahn"]}
    with indexed_corpus(less, tmp_path / "kept") as assistant:  # taken out of the task since
        assert assistant.counts().documents == 1
    with Assistant.open(tmp_path / "kept") as assistant:
        assistant.sync([rows(tmp_path / "other.jsonl", fremd=WIND)])
    with (
        pytest.raises(DatasetError, match="holds 1 other documents"),
        indexed_corpus(less, tmp_path / "kept"),
    ):
        pass


def test_documents_that_cannot_be_indexed_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with indexed_corpus({**TASK.corpus, "leer": {"text": " "}}) as assistant:
        assert assistant.counts().documents == 3
    assert "1 of 4 documents could not be indexed, such as 'leer'" in capsys.readouterr().err


def test_a_written_run_is_judged_the_same_and_refuses_ids_with_blanks() -> None:
    with indexed_corpus(TASK.corpus) as assistant:
        judged = measure(assistant, TASK)
    written: dict[str, dict[str, float]] = {}
    for query, _, doc_id, _, score, _ in map(
        str.split, trec_run([each.run for each in judged], "rag").splitlines()
    ):
        written.setdefault(query, {})[doc_id] = float(score)
    assert {query: len(found) for query, found in written.items()} == {"q1": 3, "q2": 3}
    again = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], TASK.qrels["test"], written)
    assert again[ir_measures.nDCG @ 10] == judged[0].figures["nDCG@10"][0]
    with indexed_corpus({"a b": {"text": BAHN}}) as assistant:
        judged = measure(assistant, Beir({}, TASK.queries, {"test": {"q1": {"a b": 1}}}))
    with pytest.raises(DatasetError, match="'a b': a TREC run cannot hold"):
        trec_run([each.run for each in judged], "rag")


def test_the_command_prints_and_writes_the_figures(task: str, tmp_path: Path) -> None:
    figures, run = tmp_path / "f.json", tmp_path / "f.run"
    made = runner.invoke(
        app, ["retrieval", task, "--split", "test", "--json", str(figures), "--run", str(run)]
    )
    assert made.exit_code == 0, made.output
    heading, row = made.stdout.splitlines()
    assert heading.split() == ["split", "n", *retrieval.MEASURES, "queries/s"]
    assert row.split()[:4] == ["test", "2", "1.000", "1.00–1.00"]
    said = json.loads(figures.read_text(encoding="utf-8"))
    assert said["data"] == "task"
    assert said["documents"] == 3
    assert said["splits"]["test"]["per_query"]["q2"]["RR@10"] == 1
    assert run.read_text(encoding="utf-8").splitlines()[0] == "q1 Q0 bahn 1 3 rag"
    compared = runner.invoke(app, ["compare", str(figures), str(figures)])
    assert compared.exit_code == 0, compared.output
    for line in compared.stdout.splitlines()[1:]:
        assert line.split()[-1] == "1.0000"


def test_a_wrong_pattern_is_found_before_anything_is_embedded(
    task: str, embedder: CountingEmbedder
) -> None:
    assert runner.invoke(app, ["retrieval", task, "--group-by", "x"]).exit_code == 1
    assert embedder.embedded == []


def test_groups_are_written_and_compared(task: str, tmp_path: Path) -> None:
    plain, grouped = str(tmp_path / "a.json"), str(tmp_path / "b.json")
    for options in ([plain], [grouped, "--group-by", ".*"]):
        made = runner.invoke(app, ["retrieval", task, "--json", *options])
        assert made.exit_code == 0, made.output
    said = json.loads(Path(grouped).read_text(encoding="utf-8"))
    assert said["splits"]["test"]["groups"] == {"q1": "bahn", "q2": "wind"}
    refused = runner.invoke(app, ["compare", plain, grouped])
    assert "groups of test differ" in str(refused.exception)
