"""The sample questions fit the sample articles, and the checker notices when they do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.check import problems
from eval.datasets import (
    ARTICLES,
    CORPUS,
    QUESTIONS,
    DatasetError,
    Question,
    locate,
    read_questions,
    resolve,
)
from rag.types import Document, Span


def document(doc_id: str, text: str) -> Document:
    return Document(doc_id, text, "", None, None, "de")


def test_the_sample_questions_fit_the_sample_articles() -> None:
    assert problems(QUESTIONS, ARTICLES, CORPUS) == []


def _rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"quotes": ["Das steht nirgends."], "answer": "steht"}, "no named article holds"),
        ({"documents": ["no-such-article"]}, "no such article"),
        ({"split": "test"}, "is of the test half, but"),
        ({"answer": "ein Fahrrad"}, "does not stand in the first quote"),
        ({"answerable": False}, "does not go with"),
        ({"category": "riddle"}, "unknown category"),
        ({"language": "fr"}, "use de or en"),
        ({"id": "de-002"}, "is used twice"),
    ],
)
def test_the_checker_names_each_fault(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    rows = _rows()
    rows[0] |= change
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert any(problem in line for line in problems(path, ARTICLES, CORPUS))


def test_the_checker_notices_an_unnamed_article_with_the_same_quote(tmp_path: Path) -> None:
    rows = _rows()
    row = next(row for row in rows if len(set(row["quotes"])) < len(row["documents"]))
    dropped = row["documents"].pop()
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    found = [line for line in problems(path, ARTICLES, CORPUS) if line.startswith(row["id"])]
    assert len(found) == 1
    assert f"{dropped} holds the quote too" in found[0]


def test_the_checker_notices_a_missing_field(tmp_path: Path) -> None:
    rows = _rows()
    del rows[3]["answer"]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert any(":4: has no answer" in line for line in problems(path, ARTICLES, CORPUS))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "questions.jsonl:1: not JSON"),
        ("[]", "write an object a line"),
        ('{"id": "1"}', "no question"),
        ('{"id": "1", "question": "?", "anser": ""}', "unknown field 'anser'"),
        ('{"id": "1", "question": "?", "quotes": "x"}', "quotes is a str; write a list"),
        ('{"id": "1", "question": "?", "quotes": ["x"]}', "quotes without documents"),
        ("", "no question in it"),
    ],
)
def test_a_faulty_question_file_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        read_questions(path)


def test_id_and_question_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "1", "question": "Wie viele?"}\n', encoding="utf-8")
    assert read_questions(path) == (Question("1", "Wie viele?"),)


def test_a_document_is_found_by_id_by_file_name_and_by_stem() -> None:
    ids = ["a/x.md", "a/y.v2.txt", "row-7"]
    assert resolve("row-7", ids) == "row-7"
    assert resolve("x", ids) == resolve("x.md", ids) == "a/x.md"
    assert resolve("y.v2", ids) == "a/y.v2.txt"


def test_a_name_that_fits_none_or_several_documents_is_refused() -> None:
    with pytest.raises(DatasetError, match="no such document"):
        resolve("z", ["a/x.md"])
    with pytest.raises(DatasetError, match="2 documents have this name"):
        resolve("x", ["a/x.md", "b/x.md"])


def test_a_quote_is_gold_in_every_named_document_that_holds_it() -> None:
    documents = {
        "a.md": document("a.md", "Neu. Es sind 3. Es sind 3."),
        "b.md": document("b.md", "Es sind 3."),
    }
    question = Question("1", "?", documents=("a", "b"), quotes=("Es sind 3.", "Es sind 3."))
    places = [(gold.doc_id, gold.span) for gold in locate(question, documents)]
    assert places == [("a.md", Span(5, 15)), ("a.md", Span(16, 26)), ("b.md", Span(0, 10))]


def test_a_document_without_quotes_is_gold_as_a_whole() -> None:
    (gold,) = locate(Question("1", "?", documents=("a",)), {"a.md": document("a.md", "Kurz.")})
    assert (gold.span, gold.text) == (Span(0, 5), "")
