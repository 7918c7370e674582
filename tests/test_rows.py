"""Rows of JSONL files bring ids of their own, which may move, clash or break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import rag.indexing
import rag.pipeline
from rag.assistant import Assistant
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, BANK, WIND, counts, ids, rows, write


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
    monkeypatch.setattr(rag.pipeline, "BATCH_SENTENCES", batch)
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
