"""A sync makes the index agree with its files, and a second one finds nothing to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

import rag.pipeline
import rag.preparing
import rag.sync
from rag.assistant import Assistant
from rag.config import Config
from rag.errors import SourceError
from rag.ingest import Reading, read_file
from rag.types import Vectors
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, BANK, WIND, counts, ids, rows, write


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


def test_progress_counts_the_documents_of_a_long_file(
    assistant: Assistant, news: Path, tmp_path: Path
) -> None:
    path = rows(tmp_path / "rows.jsonl", x=BAHN, y=BANK, z=WIND)
    seen: list[tuple[int, int]] = []
    assistant.sync([path, news], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    seen.clear()
    assistant.sync(progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]  # what has not changed is not read


def test_unchanged_text_is_not_embedded_again(
    assistant: Assistant, embedder: CountingEmbedder, news: Path
) -> None:
    bank = write(news / "bank.txt", f"Bank raises rates\n\n{BANK}").read_text(encoding="utf-8")
    assistant.sync([news])
    assert sorted(embedder.embedded) == sorted(set(embedder.embedded))
    embedder.embedded.clear()
    (news / "bahn.txt").rename(news / "zug.txt")
    write(news / "bank.txt", bank + "\n")
    write(news / "copy.txt", bank)
    assistant.sync([news])
    assert embedder.embedded == []
    assert ids(assistant) == ["news/bank.txt", "news/copy.txt", "news/zug.txt"]
    write(news / "bank.txt", bank + " The markets fell.")
    assistant.sync([news])
    # The title once more: its vector is a part of that of the new sentence.
    assert sorted(embedder.embedded) == ["Bank raises rates", "The markets fell."]


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
    monkeypatch.setattr(rag.preparing, "CLOCK_STEP", -1)  # as if the files were old
    assistant.sync([news])
    monkeypatch.setattr(rag.preparing, "_digest", None)
    assert counts(assistant.sync([news])) == (0, 0, 0, 2)


def test_a_change_within_one_tick_of_the_clock_is_seen(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.sync, "signature", lambda *_: ("the same size and times", False, 1))
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
        patch.setattr(rag.preparing, "read_file", read_and_disturb)
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
    monkeypatch.setattr(rag.pipeline, "BATCH_SENTENCES", 2)
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
