"""The command line: what it prints where, and with which exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import rag.embed
from rag.cli import main
from rag.embed.double import HashEmbedder
from tests.trees import write


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `rag ARGUMENTS` in an empty folder, with the test double for a model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rag.embed, "open_embedder", lambda _: HashEmbedder())

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["rag", *arguments])
        code: str | int | None = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return Result(int(code or 0), out, err)

    return run


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    write(folder / "werk.txt", "01.02.2026\n\nDas neue Werk steht in Halle. Es baut 500 Autos.")
    write(folder / "bank.txt", "March 5, 2024\n\nThe bank is in London. It has 12 branches.")
    return folder


def test_index_then_ask_in_another_run(run: Run, articles: Path) -> None:
    first = run("index", "articles")
    assert (first.code, first.out) == (0, "2 added, 0 updated, 0 removed, 0 unchanged, 0 skipped\n")
    answer = json.loads(run("ask", "Wo steht das neue Werk?", "--json").out)
    assert answer["form"] == 1
    for citation in answer["citations"]:
        text = run("show", citation["document"]["id"]).out
        assert citation["quote"] in text


def test_the_json_form_is_as_documented(run: Run, articles: Path) -> None:
    run("index", "articles")
    documented = (Path(__file__).parents[1] / "docs" / "json.md").read_text(encoding="utf-8")
    answer = json.loads(run("ask", "Wo steht das neue Werk?", "--json").out)
    (hit, *_) = json.loads(run("search", "Werk", "-k", "1", "--json").out)
    explained = json.loads(run("explain", "Wo steht das Werk 2026?", "--json").out)
    report = json.loads(run("index", "--json").out)
    nested = [*explained["query"], *explained["query"]["time"], *explained["hits"][0]["best"]]
    for name in [*answer, *hit, *hit["document"], *explained, *nested, *report]:
        assert f"`{name}`" in documented or name in documented


def test_explain_says_why_each_passage_stands_where_it_does(run: Run, articles: Path) -> None:
    run("index", "articles")
    question = ("Wo steht das neue Werk?", "-k", "2", "--language", "de")
    (found,) = json.loads(run("search", *question, "--json").out)
    result = run("explain", *question)
    assert result.code == 0
    assert "language   de" in result.out
    assert f"\n1. {found['document']['title']}" in result.out
    assert found["chunk"] in result.out
    for name, share in found["contributions"].items():
        assert f"    {name} " in result.out
        assert f" {share:.4f}\n" in result.out
    assert result.out.endswith(f" {found['score']:.4f}\n")
    explained = json.loads(run("explain", *question, "--json").out)
    assert [{**hit, "best": None} for hit in explained["hits"]] == [{**found, "best": None}]


def test_a_skipped_file_is_named_and_the_rest_indexed(run: Run, articles: Path) -> None:
    (articles / "bild.png").write_bytes(b"\x89PNG\x00")
    result = run("index", "articles")
    assert result.code == 3
    assert "bild.png" in result.err
    assert "2 added" in result.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ask", "Wo?"), "rag index"),
        (("index",), "rag index"),
        (("index", "nowhere"), "no such file"),
        (("show", "x"), "rag index"),
        (("ask", "Wo?", "--since", "gestern"), "2026-02"),
    ],
)
def test_an_error_is_one_line_with_a_remedy(
    run: Run, arguments: tuple[str, ...], says: str
) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert says in result.err


def test_an_error_makes_no_index(run: Run, tmp_path: Path) -> None:
    run("index", "nowhere")
    run("ask", "Wo?")
    assert list(tmp_path.iterdir()) == []


def test_filters_leave_out_what_they_should(run: Run, articles: Path) -> None:
    run("index", "articles")
    assert "bank" not in run("list", "--since", "2025").out
    assert "werk" not in run("list", "--until", "2025").out
    assert "werk" not in run("list", "--language", "en").out
    hits = json.loads(run("search", "Wo?", "--since", "2026-02", "--json").out)
    assert {hit["document"]["id"] for hit in hits} == {"articles/werk.txt"}


def test_removed_stays_out_until_restored(run: Run, articles: Path) -> None:
    run("index", "articles")
    assert run("remove", "articles/werk.txt").code == 0
    write(articles / "werk.txt", "Das Werk steht jetzt in Jena. Es baut 700 Autos im Jahr.")
    run("index", "articles")
    assert "werk" not in run("list").out
    run("index", "articles", "--restore")
    assert "werk" in run("list").out


def test_what_cleaning_dropped_can_be_shown(run: Run, articles: Path) -> None:
    run("index", "articles")
    assert "01.02.2026" in run("show", "articles/werk.txt", "--removed").out
    assert "01.02.2026" not in run("show", "articles/werk.txt").out.split("\n\n", 1)[1]


def test_verify_passes_then_names_what_is_broken(run: Run, articles: Path, tmp_path: Path) -> None:
    run("index", "articles")
    assert run("verify") == (0, "every invariant holds\n", "")
    (cache,) = (tmp_path / "index").glob("vectors-*")
    file = next(cache.rglob("base.vectors"))
    file.write_bytes(file.read_bytes()[:-1])
    result = run("verify")
    assert result.code == 1
    assert cache.name in result.out
    assert "rag index" in result.out


def test_doctor_changes_nothing(run: Run, tmp_path: Path) -> None:
    result = run("doctor")
    assert result.code == 0
    assert "faiss-cpu" in result.out
    assert list(tmp_path.iterdir()) == []


def test_an_article_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a" / "x.txt", "Das Werk \x1b[31mbrennt\x1b[0m in Halle. Es ist rot.")
    run("index", "a")
    for command in (("show", "a/x.txt"), ("search", "Werk"), ("list",)):
        assert "\x1b" not in run(*command).out


def test_another_model_is_refused_with_the_remedy(
    run: Run, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("index", "articles")
    other = HashEmbedder(dim=64)
    monkeypatch.setattr(other, "fingerprint", "1" * 64, raising=False)
    monkeypatch.setattr(rag.embed, "open_embedder", lambda _: other)
    refused = run("ask", "Wo steht das Werk?")
    assert refused.code == 1
    assert "rag index --rebuild" in refused.err
    assert run("index").code == 1
    assert run("index", "--rebuild").code == 0
    assert run("ask", "Wo steht das Werk?").code == 0
    assert run("verify").code == 0


def test_files_of_the_user_in_the_index_folder_stay(run: Run, tmp_path: Path) -> None:
    own = [tmp_path / name for name in ("tmp-notes.md", "vectors-backup.npy", "lexical-x")]
    for path in own:
        write(path, "Das gehört dem Nutzer und bleibt, wie es ist.")
    write(tmp_path / "articles" / "a.txt", "Das Werk steht in Halle. Es baut Autos.")
    run("index", "articles", "--index", ".")
    run("index", "articles", "--index", ".", "--rebuild")
    assert all(path.exists() for path in own)


def test_an_index_inside_the_articles_is_no_article(run: Run, articles: Path) -> None:
    inside = str(articles / "index")
    assert run("index", "articles", "--index", inside).code == 0
    assert run("index", "articles", "--index", inside).out.startswith("0 added")


def test_a_filter_that_permits_nothing_says_so(run: Run, articles: Path) -> None:
    run("index", "articles")
    assert "Filter" in run("ask", "Wo steht das Werk?", "--source", "Nirgends").out


@pytest.mark.parametrize("k", ["10000000000", "3"])
def test_any_number_of_passages_may_be_asked_for(run: Run, articles: Path, k: str) -> None:
    run("index", "articles")
    assert len(json.loads(run("search", "Werk", "-k", k, "--json").out)) == 2


def test_ctrl_c_while_indexing_says_what_stays(
    run: Run, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(HashEmbedder, "embed_documents", interrupt)
    result = run("index", "articles")
    assert result.code == 130
    assert "run the command again" in result.err
