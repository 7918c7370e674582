"""Reading and writing tasks in BEIR's layout, and OMoS-QA as one of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.beir import Beir, omos, read_beir, write_beir
from eval.datasets import DatasetError
from tests.trees import write

TASK = Beir(
    corpus={
        "d1": {"text": 'Ein "Satz".\nNoch\u2028einer.', "title": "Titel", "published": "2026-02"},
        "d 2": {"text": "A sentence.", "language": "en"},
    },
    queries={"q1": 'Was "ist" das?', "q2": "What\tis it?", "spare": "?"},
    qrels={"de": {"q1": {"d1": 1, "d 2": 0}}, "en": {"q2": {"d1": 1, "d 2": 2}}},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_beir(TASK, tmp_path)
    return tmp_path


def test_what_was_written_is_read_back(folder: Path) -> None:
    assert read_beir(folder) == TASK
    assert read_beir(folder, ["en"]).qrels == {"en": TASK.qrels["en"]}


def test_a_split_that_is_not_there_is_named_with_those_that_are(folder: Path) -> None:
    with pytest.raises(DatasetError, match="has no split 'test'; it has de, en"):
        read_beir(folder, ["test"])


def test_a_folder_in_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no qrels/SPLIT\.tsv there"):
        read_beir(tmp_path / "nowhere")


def test_metadata_counts_and_a_title_stands_in_for_an_empty_text(folder: Path) -> None:
    row = {"_id": "d1", "text": " ", "title": "Titel", "metadata": {"url": "https://x.de", "a": 1}}
    other = {"_id": "d 2", "text": "x", "source": "Blatt", "metadata": {}}
    write(folder / "corpus.jsonl", f"{json.dumps(row)}\n{json.dumps(other)}\n")
    assert read_beir(folder).corpus == {
        "d1": {"text": "Titel", "title": "Titel", "url": "https://x.de"},
        "d 2": {"text": "x", "source": "Blatt"},
    }


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("corpus.jsonl", '{"text": "x"}', r"corpus\.jsonl:1: no _id"),
        ("corpus.jsonl", '{"_id": "d1", "text": null}', r"corpus\.jsonl:1: no text"),
        ("queries.jsonl", '{"_id": "q1", "text": "?"}\n' * 2, r":2: the _id 'q1' is used twice"),
        ("qrels/de.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tyes\n", r"de\.tsv:2: write"),
        ("qrels/de.tsv", "query-id\tcorpus-id\tscore\nq1 d1 1\n", r"de\.tsv:2: write"),
        ("qrels/de.tsv", "query-id\tcorpus-id\tscore\nq9\td1\t1\n", r"queries\.jsonl has no 'q9'"),
        ("qrels/de.tsv", "query-id\tcorpus-id\tscore\nq1\td9\t1\n", r"corpus\.jsonl has no 'd9'"),
        ("qrels/de.tsv", "query-id\tcorpus-id\tscore\n", r"de\.tsv: no judgement"),
    ],
)
def test_each_fault_is_named_with_its_place(
    folder: Path, file: str, text: str, message: str
) -> None:
    write(folder / file, text)
    with pytest.raises(DatasetError, match=message):
        read_beir(folder, ["de"])


def test_omos_has_each_page_once_and_only_the_questions_that_it_answers(tmp_path: Path) -> None:
    def row(number: int, question: str, page: str, answers: list[int]) -> str:
        return json.dumps({"id": number, "question": question, "context": page, "answers": answers})

    german, english = "Seite A.\nZeile.", "Page A.\nLine."
    for language, (a, b) in {"de": (german, "Seite B."), "en": (english, "Page B.")}.items():
        rows = [row(1, f"{language}-1?", a, [1]), row(2, f"{language}-2?", a, [])]
        write(tmp_path / f"train.{language}.jsonl", "\n".join(rows))
        # The same number in another part is another question.
        rows = [row(1, f"{language}-3?", a, [0]), row(4, f"{language}-4?", b, [])]
        write(tmp_path / f"dev.{language}.jsonl", "\n".join(rows))
    task = omos(tmp_path, "de")
    assert sorted(r["text"] for r in task.corpus.values()) == [german, "Seite B."]
    asked = {
        split: [(task.queries[q], task.corpus[d]["text"]) for q, ds in qrels.items() for d in ds]
        for split, qrels in task.qrels.items()
    }
    assert asked == {
        "train-de": [("de-1?", german)],
        "train-en": [("en-1?", german)],
        "dev-de": [("de-3?", german)],
        "dev-en": [("en-3?", german)],
    }
    assert {r["text"] for r in omos(tmp_path, "en").corpus.values()} == {english, "Page B."}
