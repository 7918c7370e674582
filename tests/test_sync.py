"""A sync makes the index agree with folders and files, and loses nothing by mistake."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

import rag.indexing
import rag.sync
from rag.assistant import Assistant
from rag.config import Config
from rag.errors import IndexNotFound, SourceError
from rag.ingest import Reading, read_file
from rag.types import SyncReport, Vectors
from tests.conftest import CountingEmbedder

BAHN = "Die Bahn baut eine neue Strecke nach Kassel. Sie kostet rund 20 Millionen Euro."
BANK = "The bank raised its rates on Monday. Analysts had expected that for several weeks."
WIND = "Der Wind dreht heute auf Nord. Am Abend fällt in Kiel etwas Regen."


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    write(folder / "bahn.txt", BAHN)
    write(folder / "bank.txt", BANK)
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rows(path: Path, **texts: str) -> Path:
    """A JSONL file with these ids."""
    return write(path, "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in texts.items()))


def ids(assistant: Assistant) -> list[str]:
    return [info.doc_id for info in assistant.documents()]


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged


# --- what changed ---


def test_it_counts_what_it_did(assistant: Assistant, news: Path) -> None:
    assert counts(assistant.sync([news])) == (2, 0, 0, 0)
    assert counts(assistant.sync([news])) == (0, 0, 0, 2)
    write(news / "bahn.txt", WIND)
    write(news / "sub" / "wind.txt", WIND)
    (news / "bank.txt").unlink()
    assert counts(assistant.sync([news])) == (1, 1, 1, 0)
    assert ids(assistant) == ["news/bahn.txt", "news/sub/wind.txt"]
    assert assistant.document("news/bahn.txt").text == WIND
    assert assistant.verify() == []


def test_progress_ends_when_all_files_are_done(assistant: Assistant, news: Path) -> None:
    seen: list[tuple[int, int]] = []
    assistant.sync([news], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_unchanged_text_is_not_embedded_again(
    assistant: Assistant, embedder: CountingEmbedder, news: Path
) -> None:
    assistant.sync([news])
    assert sorted(embedder.embedded) == sorted(set(embedder.embedded))
    embedder.embedded.clear()
    (news / "bahn.txt").rename(news / "zug.txt")
    write(news / "bank.txt", BANK + "\n")
    write(news / "copy.txt", BANK)
    assistant.sync([news])
    assert embedder.embedded == []
    assert ids(assistant) == ["news/bank.txt", "news/copy.txt", "news/zug.txt"]
    write(news / "bank.txt", BANK + " The markets fell.")
    assistant.sync([news])
    assert [text for text in embedder.embedded if "markets" not in text] == []


def test_other_chunks_need_no_new_vectors_and_a_rebuild_embeds_all(
    assistant: Assistant, embedder: CountingEmbedder, news: Path, tmp_path: Path
) -> None:
    write(news / "long.txt", "\n\n".join(f"Absatz {n} sagt etwas Neues. {BAHN}" for n in range(9)))
    assistant.sync([news])
    before = {info.doc_id: info.chunks for info in assistant.documents()}
    everything = set(embedder.embedded)
    embedder.embedded.clear()
    finer = Assistant(assistant.folder, Config(chunk_tokens=40), embedder)
    assert counts(finer.sync()) == (0, 0, 0, 3)
    assert embedder.embedded == []
    after = {info.doc_id: info.chunks for info in finer.documents()}
    assert after["news/long.txt"] > before["news/long.txt"]
    finer.sync(rebuild=True)
    assert set(embedder.embedded) == everything
    assert finer.verify() == []


def test_a_file_that_has_not_changed_is_not_opened(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.sync, "CLOCK_STEP", -1)  # as if the files were old
    assistant.sync([news])
    monkeypatch.setattr(rag.sync, "_digest", None)
    assert counts(assistant.sync([news])) == (0, 0, 0, 2)


def test_a_change_within_one_tick_of_the_clock_is_seen(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.sync, "_signature", lambda *_: ("the same size and times", False))
    assistant.sync([news])
    write(news / "bahn.txt", BAHN.replace("20", "30"))
    assert counts(assistant.sync([news])) == (0, 1, 0, 1)


def test_a_file_that_changes_while_it_is_read_is_read_again_next_time(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_and_disturb(path: Path, doc_id: str, limit: int) -> Reading:
        original = path.read_text(encoding="utf-8")
        write(path, WIND + " Und so weiter und so fort.")
        reading = read_file(path, doc_id, limit)
        write(path, original)
        return reading

    with monkeypatch.context() as patch:
        patch.setattr(rag.sync, "read_file", read_and_disturb)
        assistant.sync([news])
    assert counts(assistant.sync([news])) == (0, 2, 0, 0)
    assert assistant.document("news/bahn.txt").text == BAHN


def test_a_file_that_vanishes_meanwhile_is_reported(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(done: int, total: int) -> None:
        (news / "bank.txt").unlink(missing_ok=True)

    report = assistant.sync([news], progress=vanish)
    assert report.skipped == ((str(news / "bank.txt"), "No such file or directory"),)
    assert ids(assistant) == ["news/bahn.txt"]


# --- roots ---


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


# --- what cannot be read ---


def test_an_unreadable_file_keeps_its_last_good_version(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    (news / "bahn.txt").write_bytes(b"")
    for _ in range(2):
        report = assistant.sync([news])
        assert counts(report) == (0, 0, 0, 2)
        assert [path for path, _ in report.skipped] == [str(news / "bahn.txt")]
        assert assistant.document("news/bahn.txt").text == BAHN
    write(news / "bahn.txt", WIND)
    report = assistant.sync([news])
    assert counts(report) == (0, 1, 0, 1)
    assert report.skipped == ()
    (news / "bahn.txt").write_bytes(b"")
    assistant.sync([news])
    (news / "bahn.txt").unlink()
    assert counts(assistant.sync([news])) == (0, 0, 1, 1)


def test_a_file_of_another_kind_is_skipped_and_the_rest_goes_on(
    assistant: Assistant, news: Path
) -> None:
    write(news / "table.xlsx", "x")
    os.mkfifo(news / "pipe.txt")
    report = assistant.sync([news])
    assert counts(report) == (2, 0, 0, 0)
    reasons = dict(report.skipped)
    assert reasons[str(news / "pipe.txt")] == "not a regular file"
    assert ".xlsx is not supported" in reasons[str(news / "table.xlsx")]
    assert assistant.sync([news]).skipped == report.skipped


def test_a_name_that_is_not_unicode_is_skipped(assistant: Assistant, news: Path) -> None:
    name = os.fsencode(news) + b"/caf\xe9.txt"
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(BAHN.encode())
    report = assistant.sync([news])
    assert counts(report) == (2, 0, 0, 0)
    assert report.skipped == ((f"{news}/caf�.txt", "the name is not Unicode; rename it"),)
    with pytest.raises(SourceError, match="the name is not Unicode"):
        assistant.sync([os.fsdecode(name)])


def test_a_raised_limit_lets_a_large_file_in(
    assistant: Assistant, embedder: CountingEmbedder, news: Path
) -> None:
    write(news / "long.txt", f"{BAHN} " * 10)
    small = Assistant(assistant.folder, Config(max_file_bytes=300), embedder)
    report = small.sync([news])
    assert counts(report) == (2, 0, 0, 0)
    assert "too large" in report.skipped[0][1]
    assert counts(assistant.sync([news])) == (1, 0, 0, 2)


# --- rows of JSONL ---


def test_a_broken_row_keeps_what_it_may_have_been(assistant: Assistant, tmp_path: Path) -> None:
    path = rows(tmp_path / "rows" / "a.jsonl", x=BAHN, y=BANK)
    assistant.sync([path.parent])
    write(path, json.dumps({"id": "x", "text": WIND}) + '\n{"id": "y", "te')
    report = assistant.sync([path.parent])
    assert counts(report) == (0, 1, 0, 1)
    assert report.skipped[0][0] == f"{path}:2"
    assert ids(assistant) == ["x", "y"]
    assert assistant.document("x").text == WIND
    rows(path, x=WIND)
    assert counts(assistant.sync([path.parent])) == (0, 0, 1, 1)


def test_an_id_that_two_files_use_stays_with_the_first(
    assistant: Assistant, tmp_path: Path
) -> None:
    folder = tmp_path / "rows"
    rows(folder / "a.jsonl", x=BAHN)
    rows(folder / "b.jsonl", x=BANK, y=WIND)
    for _ in range(2):
        report = assistant.sync([folder])
        assert report.skipped == (("rows/b.jsonl", "the id 'x' is already used by rows/a.jsonl"),)
        assert assistant.document("x").text == BAHN
    (folder / "a.jsonl").unlink()
    report = assistant.sync([folder])
    assert report.skipped == ()
    assert assistant.document("x").text == BANK
    assert counts(assistant.sync([folder])) == (0, 0, 0, 2)


@pytest.mark.parametrize("batch", [1, 2_000])
@pytest.mark.parametrize(("source", "target"), [("a", "b"), ("b", "a")])
def test_an_id_may_move_to_another_file(
    assistant: Assistant,
    embedder: CountingEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    target: str,
    batch: int,
) -> None:
    monkeypatch.setattr(rag.sync, "BATCH_SENTENCES", batch)
    folder = tmp_path / "rows"
    rows(folder / f"{source}.jsonl", x=BAHN, y=WIND)
    rows(folder / f"{target}.jsonl", z=BANK)
    assistant.sync([folder])
    embedder.embedded.clear()
    rows(folder / f"{source}.jsonl", y=WIND)
    rows(folder / f"{target}.jsonl", x=BAHN, z=BANK)
    report = assistant.sync([folder])
    assert report.skipped == ()
    assert ids(assistant) == ["x", "y", "z"]
    assert embedder.embedded == []
    assert counts(assistant.sync([folder])) == (0, 0, 0, 3)


def test_an_id_moves_when_its_file_is_renamed(assistant: Assistant, tmp_path: Path) -> None:
    path = rows(tmp_path / "rows" / "a.jsonl", x=BAHN)
    assistant.sync([path.parent])
    path.rename(path.with_name("0.jsonl"))
    report = assistant.sync([path.parent])
    assert counts(report) == (0, 1, 0, 0)
    assert counts(assistant.sync([path.parent])) == (0, 0, 0, 1)
    assert assistant.verify() == []


def test_a_corrected_date_is_a_change_that_embeds_nothing(
    assistant: Assistant, embedder: CountingEmbedder, tmp_path: Path
) -> None:
    row = {"id": "x", "text": BAHN, "published": "2025"}
    path = write(tmp_path / "rows.jsonl", json.dumps(row))
    assistant.sync([path])
    embedder.embedded.clear()
    write(path, json.dumps(row | {"published": "2026-02-01"}))
    assert counts(assistant.sync([path])) == (0, 1, 0, 0)
    assert str(assistant.document("x").published) == "2026-02-01"
    assert embedder.embedded == []


# --- what was removed by hand ---


def test_a_removed_document_stays_out_until_it_is_restored(
    assistant: Assistant, embedder: CountingEmbedder, news: Path
) -> None:
    rows(news / "rows.jsonl", x=BAHN, y=WIND)
    assistant.sync([news])
    assistant.remove(["news/bank.txt", "x"])
    assert ids(assistant) == ["news/bahn.txt", "y"]
    assert counts(assistant.sync([news])) == (0, 0, 0, 2)
    write(news / "bank.txt", BANK + " Shares fell.")
    rows(news / "rows.jsonl", x=BAHN, y=BANK)
    report = assistant.sync([news])
    assert counts(report) == (0, 1, 0, 1)
    assert report.notices == ("2 removed documents stay out (--restore brings them back)",)
    embedder.embedded.clear()
    assert counts(assistant.sync([news], restore=True)) == (2, 0, 0, 2)
    assert counts(assistant.sync([news])) == (0, 0, 0, 4)
    assert assistant.verify() == []


# --- interruptions ---


class Interrupting(CountingEmbedder):
    """Is interrupted at its `n`th call, like a user who presses Ctrl-C."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.left = n

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return super().embed_documents(texts)


@pytest.mark.parametrize("rebuild", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_next_run_finishes_what_was_interrupted(
    assistant: Assistant,
    embedder: CountingEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    n: int,
    rebuild: bool,
) -> None:
    folder = tmp_path / "news"
    texts = {f"x{i}": f"Satz {i} ist neu. {BAHN}" for i in range(4)}
    rows(folder / "rows.jsonl", **texts)
    write(folder / "bahn.txt", BAHN)
    if rebuild:
        assistant.sync([folder])
    monkeypatch.setattr(rag.sync, "BATCH_SENTENCES", 2)
    monkeypatch.setattr(rag.indexing, "BATCH_SENTENCES", 2)
    interrupted = Assistant(assistant.folder, Config(), Interrupting(n))
    with pytest.raises(KeyboardInterrupt):
        interrupted.sync([folder], rebuild=rebuild)
    assert interrupted.verify() == []
    done = ids(interrupted)
    assert len(done) == (5 if rebuild else n - 1)
    report = assistant.sync([folder])
    assert counts(report) == (5 - len(done), 0, 0, len(done))
    assert ids(assistant) == sorted(["news/bahn.txt", *texts])
    assert assistant.verify() == []
