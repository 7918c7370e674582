from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.datasets import read_questions
from rag.page import feedback
from rag.page.feedback import Feedback, Quoted, forget, keep, questions

HELPFUL = Feedback(
    "helpful",
    "Wie hoch?",
    "de",
    "fact",
    "hand",
    quotes=[Quoted("turm", 26, 44, "Er misst 47 Meter.")],
)
SILENT = Feedback("helpful", "Wie alt?", "de", "abstention", "hand")
MISSED = Feedback("missed", "How <old>?", "en", "abstention", "hand")


def test_a_verdict_is_a_line_of_json(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feedback.jsonl"
    assert keep(HELPFUL, path)
    assert keep(SILENT, path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row["verdict"] for row in rows] == ["helpful", "helpful"]
    assert rows[0]["quotes"] == [
        {"document": "turm", "start": 26, "end": 44, "quote": "Er misst 47 Meter."}
    ]
    assert rows[0]["at"] <= rows[1]["at"]


def test_a_full_file_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "feedback.jsonl"
    assert keep(HELPFUL, path)
    monkeypatch.setattr(feedback, "MOST_BYTES", path.stat().st_size + 10)
    assert not keep(HELPFUL, path)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_verdicts_are_questions_that_the_evaluation_reads(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    for each in (MISSED, HELPFUL, SILENT, replace(SILENT, question="Warum?", filtered=True)):
        keep(each, path)
    rows = tmp_path / "questions.jsonl"
    rows.write_text("\n".join(map(json.dumps, questions(path))), encoding="utf-8")
    missed, helpful, silent, filtered = read_questions(rows)
    assert (missed.question, missed.answerable, missed.category) == ("How <old>?", None, "missed")
    assert (helpful.answerable, helpful.documents) == (True, ("turm",))
    assert helpful.quotes == ("Er misst 47 Meter.",)
    assert silent.answerable is False
    assert filtered.answerable is None, "what the filter left out may answer it"


def test_the_last_verdict_on_a_question_counts(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    keep(HELPFUL, path)
    keep(Feedback("wrong", "Wie hoch?", "de", "fact", "hand"), path)
    (question,) = questions(path)
    assert question["category"] == "wrong"
    assert "quotes" not in question


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\r", "\r\n", "\n"])
def test_other_line_ends_in_a_quote_or_question_end_no_row(tmp_path: Path, end: str) -> None:
    path = tmp_path / "feedback.jsonl"
    quoted = replace(HELPFUL.quotes[0], quote=f"Er misst{end}47 Meter.")
    keep(replace(HELPFUL, question=f"Wie{end}hoch?", quotes=[quoted]), path)
    keep(MISSED, path)
    assert [row["question"] for row in questions(path)] == [f"Wie{end}hoch?", MISSED.question]
    forget(path, ["turm"])
    assert [row["question"] for row in questions(path)] == [MISSED.question]


def test_a_row_that_was_cut_off_hides_no_other_and_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    keep(replace(HELPFUL, question="Größe?"), path)
    keep(MISSED, path)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: whole.index("ö".encode()) + 1])  # in the middle of a letter
    assert len(questions(path)) == 2
    forget(path, ["berg"])
    assert path.read_bytes() == whole


def test_without_verdicts_there_are_no_questions(tmp_path: Path) -> None:
    assert questions(tmp_path / "feedback.jsonl") == []
