"""Each given folder is a root, reconciled by itself; none loses anything by mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.errors import IndexNotFound, SourceError
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, BANK, WIND, counts, ids, rows, write


def test_a_root_that_is_not_given_stays_as_it_is(assistant: Assistant, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write(one / "a.txt", BAHN)
    write(two / "b.txt", BANK)
    assistant.sync([one, two])
    shutil.rmtree(one)
    write(two / "c.txt", WIND)
    assert counts(assistant.sync([two])) == (1, 0, 0, 1)
    assert ids(assistant) == ["one/a.txt", "two/b.txt", "two/c.txt"]


@pytest.mark.parametrize("gone", ["missing", "empty"])
def test_a_missing_or_empty_root_loses_nothing_unless_pruned(
    assistant: Assistant, news: Path, gone: str
) -> None:
    assistant.sync([news])
    shutil.rmtree(news)
    if gone == "empty":
        news.mkdir()
    for paths in ([news], [], [news / "bahn.txt"] if gone == "missing" else []):
        report = assistant.sync(paths)
        assert counts(report) == (0, 0, 0, 0)
        assert "nothing was removed (--prune removes)" in report.notices[0]
    assert len(ids(assistant)) == 2
    assert counts(assistant.sync([news], prune=True)) == (0, 0, 2, 0)
    assert ids(assistant) == []
    assert assistant.verify() == []


def test_a_subfolder_that_is_gone_is_removed_with_its_root_synced(
    assistant: Assistant, news: Path
) -> None:
    write(news / "sub" / "wind.txt", WIND)
    assistant.sync([news])
    shutil.rmtree(news / "sub")
    assert counts(assistant.sync([news / "sub"])) == (0, 0, 0, 0)
    assert counts(assistant.sync([news])) == (0, 0, 1, 2)


def test_a_folder_inside_a_known_root_belongs_to_it(assistant: Assistant, news: Path) -> None:
    write(news / "sub" / "wind.txt", WIND)
    assistant.sync([news])
    write(news / "sub" / "more.txt", BAHN)
    write(news / "not given.txt", BAHN)
    assert counts(assistant.sync([news / "sub"])) == (1, 0, 0, 1)
    (news / "sub" / "wind.txt").unlink()
    assert counts(assistant.sync([news / "sub"])) == (0, 0, 1, 1)
    assert ids(assistant) == ["news/bahn.txt", "news/bank.txt", "news/sub/more.txt"]


def test_a_single_file_and_then_its_folder_are_one_root(assistant: Assistant, news: Path) -> None:
    assert counts(assistant.sync([news / "bahn.txt"])) == (1, 0, 0, 0)
    assert ids(assistant) == ["news/bahn.txt"]
    write(news / "bahn.txt", WIND)
    assert counts(assistant.sync()) == (0, 1, 0, 0)
    assert counts(assistant.sync([news])) == (1, 0, 0, 1)
    (news / "bank.txt").unlink()
    assert counts(assistant.sync()) == (0, 0, 1, 1)


def test_paths_that_overlap_are_read_once(assistant: Assistant, news: Path) -> None:
    write(news / "sub" / "wind.txt", WIND)
    rows(news / "sub" / "rows.jsonl", x=BAHN)
    given = [news / "sub", news, news / "bahn.txt", news, news / "sub" / ".." / "bank.txt"]
    seen: list[tuple[int, int]] = []
    report = assistant.sync(given, progress=lambda done, total: seen.append((done, total)))
    assert counts(report) == (4, 0, 0, 0)
    assert seen[-1] == (4, 4)
    assert report.skipped == ()
    assert ids(assistant) == ["news/bahn.txt", "news/bank.txt", "news/sub/wind.txt", "x"]


def test_relative_paths_and_detours_name_the_same_root(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.sync(str(news))
    monkeypatch.chdir(news)
    assert counts(assistant.sync(["."])) == (0, 0, 0, 2)
    assert counts(assistant.sync([Path("..", "news", "..", "news")])) == (0, 0, 0, 2)


def test_roots_of_the_same_name_are_told_apart(assistant: Assistant, tmp_path: Path) -> None:
    one = write(tmp_path / "one" / "news" / "a.txt", BAHN).parent
    two = write(tmp_path / "two" / "news" / "a.txt", BANK).parent
    assistant.sync([one, two])
    assert ids(assistant) == ["news-2/a.txt", "news/a.txt"]
    assert counts(assistant.sync([two])) == (0, 0, 0, 1)


@pytest.mark.parametrize("single_file", [False, True])
def test_a_folder_takes_over_the_roots_inside_it(
    assistant: Assistant, embedder: CountingEmbedder, tmp_path: Path, single_file: bool
) -> None:
    parent = tmp_path / "parent"
    write(parent / "sub" / "a.txt", BAHN)
    write(parent / "sub" / "b.txt", WIND)
    rows(parent / "sub" / "rows.jsonl", x=BANK, y=WIND)
    assistant.sync([parent / "sub"])
    if single_file:
        assistant.sync([write(parent / "alone.txt", BANK)])
    assistant.remove(["sub/b.txt", "y"])
    embedder.embedded.clear()
    report = assistant.sync([parent])
    assert report.skipped == ()
    assert ids(assistant) == [
        *(["parent/alone.txt"] if single_file else []),
        "parent/sub/a.txt",
        "x",
    ]
    assert embedder.embedded == []
    assert assistant.verify() == []
    assert counts(assistant.sync()) == (0, 0, 0, 3 if single_file else 2)
    assistant.sync([parent], restore=True)
    assert {"parent/sub/b.txt", "y"} <= set(ids(assistant))


@pytest.mark.parametrize("gone", ["missing", "empty"])
def test_a_folder_takes_over_no_root_that_is_missing_or_empty(
    assistant: Assistant, tmp_path: Path, gone: str
) -> None:
    parent = tmp_path / "parent"
    write(parent / "sub" / "a.txt", BAHN)
    write(parent / "other.txt", BANK)
    assistant.sync([parent / "sub"])
    shutil.rmtree(parent / "sub")
    if gone == "empty":
        (parent / "sub").mkdir()
    report = assistant.sync([parent])
    assert "sub is missing or empty; nothing was removed" in report.notices[0]
    assert ids(assistant) == ["parent/other.txt", "sub/a.txt"]
    write(parent / "sub" / "b.txt", WIND)
    assert counts(assistant.sync()) == (1, 0, 1, 1)
    assert ids(assistant) == ["parent/other.txt", "parent/sub/b.txt"]
    assert assistant.verify() == []


def test_pruning_a_missing_root_inside_another_removes_just_that(
    assistant: Assistant, tmp_path: Path
) -> None:
    parent = tmp_path / "parent"
    write(parent / "sub" / "a.txt", BAHN)
    write(parent / "other.txt", BANK)
    assistant.sync([parent / "sub"])
    shutil.rmtree(parent / "sub")
    assistant.sync([parent])
    assert counts(assistant.sync([parent / "sub"], prune=True)) == (0, 0, 1, 0)
    assert ids(assistant) == ["parent/other.txt"]


def test_a_mistyped_path_is_refused_and_makes_no_index(
    assistant: Assistant, news: Path, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"nws: no such file or folder"):
        assistant.sync([tmp_path / "nws"])
    with pytest.raises(IndexNotFound):
        assistant.sync()
    assert not assistant.folder.exists()
    assistant.sync([news])
    with pytest.raises(SourceError, match=r"nws"):
        assistant.sync([news, tmp_path / "nws"])
