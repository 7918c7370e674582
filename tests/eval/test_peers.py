"""The measuring of other libraries, with one made here in their place."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from eval.beir import Beir, write_beir
from eval.compare import table
from eval.datasets import DatasetError
from eval.peers import run
from eval.peers.libraries import PEERS
from tests.conftest import CountingEmbedder

TASK = Beir(
    corpus={
        "a": {"text": "Das Werk steht in Halle.", "title": "Werk"},
        "b": {"text": "Die Bank steht in London."},
    },
    queries={"q1": "werk", "q2": "bank", "q3": "nirgends"},
    qrels={"dev": {"q1": {"a": 1}}, "test": {"q2": {"b": 1}, "q3": {"a": 1}}},
)


class Words:
    """Finds each document whose text holds the question, as often as it has words."""

    modes: tuple[str, ...] = ("dense", "hybrid")
    cuts = False
    opened: ClassVar[list[tuple[Path, int]]] = []

    def __init__(self, model: Path, depth: int) -> None:
        self.opened.append((model, depth))

    def index(self, texts: Sequence[tuple[str, str]]) -> None:
        self.texts = list(texts)

    def search(self, mode: str, question: str) -> Iterable[str]:
        found = [i for i, text in self.texts if question in text.lower() for _ in text.split()]
        return found if mode == "dense" else ["b", *found]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Words, "opened", [])
    monkeypatch.setitem(PEERS, "words", Words)
    write_beir(TASK, tmp_path / "task")
    return tmp_path


def measured(folder: Path, *options: str) -> Path:
    out = folder / "out"
    names = ["--model", str(folder / "model"), "--out", str(out), "--peer", "words"]
    run.main([str(folder / "task"), *names, *options])
    return out


def test_each_mode_leaves_figures_that_can_be_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = measured(folder)
    dense, hybrid = (json.loads((out / f"words-{m}.json").read_text()) for m in Words.modes)
    means = {s: row["measures"]["nDCG@10"]["mean"] for s, row in dense["splits"].items()}
    assert means == {"dev": 1.0, "test": 0.5}
    assert dense["splits"]["test"]["per_query"]["q3"]["R@10"] == 0
    assert hybrid["splits"]["dev"]["per_query"]["q1"]["RR@10"] == 0.5
    printed = [line.split()[:4] for line in capsys.readouterr().out.splitlines()[1:]]
    assert printed[:2] == [
        ["words-dense", "dev", "1", "1.0000"],
        ["words-dense", "test", "2", "0.5000"],
    ]
    assert "dev" in table(out / "words-dense.json", out / "words-hybrid.json")


def test_the_run_lists_a_document_once_at_its_best_rank(folder: Path) -> None:
    out = measured(folder, "--split", "dev")
    assert (out / "words-dense.run").read_text() == "q1 Q0 a 1 1 words-dense\n"
    assert (out / "words-hybrid.run").read_text() == (
        "q1 Q0 b 1 2 words-hybrid\nq1 Q0 a 2 1 words-hybrid\n"
    )


def test_a_title_is_part_of_the_text_and_long_texts_are_cut_on_demand(folder: Path) -> None:
    assert run.whole(TASK)[0] == ("a", "Werk\nDas Werk steht in Halle.")
    long = Beir({"c": {"text": "Ein Satz mit Worten. " * 200}}, {}, {})
    cut = run.pieces(long)
    assert len(cut) > 4
    assert {doc_id for doc_id, _ in cut} == {"c"}
    assert max(len(text) for _, text in cut) <= run.PIECE
    measured(folder)
    measured(folder, "--pieces")
    assert Words.opened == [(folder / "model", run.DEPTH), (folder / "model", run.PIECES)]


def test_groups_are_those_of_the_retrieval_command(folder: Path) -> None:
    out = measured(folder, "--split", "test", "--group-by", ".")
    row = json.loads((out / "words-dense.json").read_text())
    assert row["splits"]["test"]["groups"] == {"q2": "b", "q3": "a"}


def test_groups_that_do_not_fit_stop_it_before_anything_is_measured(folder: Path) -> None:
    with pytest.raises(DatasetError, match="does not match"):
        measured(folder, "--group-by", "x")
    assert not Words.opened


def test_an_interval_stands_beside_each_mean(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = measured(folder, "--split", "test")
    row = json.loads((out / "words-dense.json").read_text())["splits"]["test"]
    assert row["measures"]["R@5"] == {"mean": 0.5, "low": 0.0, "high": 1.0}
    assert row["p50_ms"] > 0
    assert capsys.readouterr().out.splitlines()[1].count("0.5000 0.000–1.000") == len(run.SHOWN)


@pytest.fixture
def own_model(folder: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("rag.embed.open_embedder", lambda _: embedder)
    monkeypatch.setenv("RAG_MODEL", "weights")
    return str(folder / "task")


def script(path: Path, *lines: str) -> str:
    """A program in the place of the other environment's Python."""
    path.write_text("\n".join((f"#!{sys.executable}", "import sys", *lines)))
    path.chmod(0o755)
    return str(path)


def test_this_project_is_measured_after_the_peers_with_the_same_options(
    own_model: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    python = script(tmp_path / "python", "print('peer', *sys.argv[1:])")
    options = [own_model, "--split", "dev", "--python", python, "--out", str(tmp_path / "out")]
    run.main(options)
    peers, rows = capfd.readouterr().out.splitlines()
    assert peers.split() == ["peer", "-m", "eval.peers.run", *options, "--model", "weights"]
    assert rows.split()[:3] == ["rag", "dev", "1"]
    found = json.loads((tmp_path / "out" / "rag.json").read_text())
    assert list(found["splits"]["dev"]["per_query"]) == ["q1"]


@pytest.mark.parametrize("program", [None, "sys.exit(3)"])
def test_without_the_peers_nothing_is_measured(
    own_model: str, tmp_path: Path, program: str | None
) -> None:
    python = script(tmp_path / "python", program) if program else str(tmp_path / "none")
    with pytest.raises(DatasetError, match="exit code 3" if program else "peers/README"):
        run.main([own_model, "--python", python, "--out", str(tmp_path / "out")])
    assert not list((tmp_path / "out").iterdir())
