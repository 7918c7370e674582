"""The assistant and the commands over an index in Milvus: what they do with one in a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Config, Filter, Period
from rag.assistant import Assistant
from rag.cli import main
from rag.embed.double import HashEmbedder
from rag.errors import DocumentNotFound, IndexNotFound, SourceError
from rag.purging import purge
from tests.trees import BAHN, WIND, counts, ids, write


@pytest.fixture
def index(tmp_path: Path) -> str:
    return f"milvus:{tmp_path}/archive.db"


@pytest.fixture
def kept(index: str, news: Path) -> Iterator[Assistant]:
    """Of two articles."""
    with Assistant(index, Config(), HashEmbedder(48)) as assistant:
        assert counts(assistant.sync(news)) == (2, 0, 0, 0)
        yield assistant


def test_an_index_lives_as_one_in_a_folder_does(kept: Assistant, news: Path) -> None:
    assert ids(kept) == ["news/bahn.txt", "news/bank.txt"]
    assert counts(kept.sync()) == (0, 0, 0, 2)
    write(news / "wind.txt", WIND)
    write(news / "bahn.txt", BAHN.replace("20", "30"))
    assert counts(kept.sync(news)) == (1, 1, 0, 1)
    (hit, *_) = kept.search("neue Strecke der Bahn", k=1)
    assert "30 Millionen" in hit.text
    assert kept.document(hit.chunk.doc_id).text == hit.document.text
    kept.correct("news/wind.txt", Period.parse("2026-02"), "Kurier")
    assert [i.doc_id for i in kept.documents(Filter(sources=frozenset({"Kurier"})))] == [
        "news/wind.txt"
    ]
    kept.remove("news/bank.txt")
    assert counts(kept.sync()) == (0, 0, 0, 2)
    assert counts(kept.sync(restore=True))[0] == 1
    assert counts(kept.sync(rebuild=True))[3] == 3
    (news / "bahn.txt").unlink()
    assert counts(kept.sync(news))[2] == 1
    assert kept.verify() == []


def test_what_is_purged_is_gone(kept: Assistant, index: str) -> None:
    (left,) = purge(index, ["news/bahn.txt"])
    assert str(left).endswith("bahn.txt")
    assert ids(kept) == ["news/bank.txt"]
    with pytest.raises(DocumentNotFound):
        purge(index, ["news/none.txt"])


def test_nothing_is_made_for_a_mistyped_path(index: str, tmp_path: Path) -> None:
    with Assistant(index, Config(), HashEmbedder(48)) as assistant:
        with pytest.raises(IndexNotFound):
            assistant.sync()
        with pytest.raises(SourceError):
            assistant.sync(tmp_path / "none")
        assert assistant.counts().documents == 0
    assert not (tmp_path / "archive.db").exists()


def test_uploads_and_feedback_lie_beside_it(kept: Assistant, tmp_path: Path) -> None:
    assert kept.folder == tmp_path / "archive.db"
    assert Assistant("milvus:http://h/news", Config()).folder == Path("news.files")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """The exit code of the command line."""
    monkeypatch.setattr(sys, "argv", ["rag", *arguments])
    try:
        main()
    except SystemExit as end:
        return end.code or 0
    return 0


def test_the_commands_take_its_address(
    kept: Assistant,
    index: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "list", "--index", index) == 0
    assert "news/bahn.txt" in capsys.readouterr().out
    monkeypatch.setenv("RAG_INDEX", index)
    assert run(monkeypatch, "show", "news/bahn.txt") == 0
    assert "Strecke nach Kassel" in capsys.readouterr().out
    assert run(monkeypatch, "doctor") == 0
    assert "index holds: 2 documents" in capsys.readouterr().out
    assert run(monkeypatch, "remove", "news/bank.txt") == 0
    assert run(monkeypatch, "verify") == 0
    assert "every invariant holds" in capsys.readouterr().out
    assert ids(kept) == ["news/bahn.txt"]
    archive, copy, new = (str(tmp_path / name) for name in ("x.jsonl", "copy.db", "new.db"))
    assert run(monkeypatch, "export", archive) == 0
    assert run(monkeypatch, "import", archive, "--index", f"milvus:{copy}") == 0
    assert run(monkeypatch, "import", archive, "--index", f"milvus:{copy}") == 1
    assert "is there already" in capsys.readouterr().err
    monkeypatch.setenv("RAG_INDEX", f"milvus:{copy}")
    assert run(monkeypatch, "verify", "--repair", f"milvus:{new}") == 0
    assert f"1 documents saved in milvus:{new}, 0 not" in capsys.readouterr().out
    assert run(monkeypatch, "verify", "--index", f"milvus:{new}") == 0
