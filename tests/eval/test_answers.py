"""Answers on rows of OMoS-QA's form: reading the rows, the measures, and whole runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from eval.__main__ import app
from eval.answers import Asked, Measured, as_json, pair, table
from eval.datasets import DatasetError
from eval.omos import Item, line_spans, page_id, predicted_lines, read_items
from rag.types import Answer, AnswerSentence, Citation, Document, Evidence, Span
from tests.conftest import CountingEmbedder
from tests.trees import write

HALLE = "Werk in Halle\nDas Werk in Halle baut Autos.\nEs hat 300 Leute.\nEs hat 300 Leute."
KIEL = "Hafen in Kiel\nDer Hafen in Kiel wächst."
runner = CliRunner()


@pytest.fixture(autouse=True)
def own_model(embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    for place in ("rag.embed.open_embedder", "eval.collection.open_embedder"):
        monkeypatch.setattr(place, lambda _: embedder)


def row(number: int | str, question: str, page: str, answers: list[int]) -> str:
    return json.dumps({"id": number, "question": question, "context": page, "answers": answers})


def file(path: Path, *rows: str) -> Path:
    return write(path, "\n".join(rows))


def asked(number: str, page: str, gold: set[int], found: set[int], *, cited: bool = True) -> Asked:
    item = Item("?", page, frozenset(gold))
    return Asked(number, item, frozenset(found), cited, not found, 0.5, 0.02)


def measured(*of: Asked, everywhere: bool = False) -> Measured:
    return Measured(of, everywhere, ("a.jsonl", "b.jsonl"), "hash")


def values(found: Measured) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in found.figures()}


# --- rows ---


def test_rows_are_read_by_id_and_other_keys_are_ignored(tmp_path: Path) -> None:
    extra = json.dumps({**json.loads(row(7, "Wo?", HALLE, [2, 0, 2])), "city": "Halle"})
    items = read_items(file(tmp_path / "f", extra, "", row("x", "Wer?", HALLE, [])))
    assert items == {
        "7": Item("Wo?", HALLE, frozenset([0, 2])),
        "x": Item("Wer?", HALLE, frozenset()),
    }


def changed(**fields: object) -> str:
    return json.dumps({**json.loads(row(2, "Wo?", HALLE, [1])), **fields})


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "not JSON"),
        (changed(id=None), "no id"),
        (changed(id=True), "no id"),
        (changed(id=1), "the id 1 is used twice"),
        (changed(id="1"), "the id '1' is used twice"),
        (changed(question=" "), "no question"),
        (changed(context="\n"), "no context"),
        (changed(context=["a"]), "no context"),
        (changed(context="halb \ud800"), "half a surrogate pair in context"),
        (changed(answers=None), "answers are None"),
        (changed(answers=[True]), "answers are "),
        (changed(answers=["1"]), "answers are "),
        (changed(answers=[4]), "answer line 4; the context has the lines 0 to 3"),
        (changed(answers=[-1]), "answer line -1"),
    ],
)
def test_a_bad_row_is_one_line_with_its_place(tmp_path: Path, bad: str, reason: str) -> None:
    path = file(tmp_path / "f.jsonl", row(1, "Wo?", HALLE, []), bad)
    with pytest.raises(DatasetError) as raised:
        read_items(path)
    assert str(raised.value).startswith(f"{path}:2: ")
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_questions_go_with_the_page_and_the_lines_of_the_same_id() -> None:
    english = {"1": Item("Where?", "Works\nIn Halle.", frozenset([1]))}
    german = {"1": Item("Wo?", HALLE, frozenset([0, 1])), "2": Item("Wer?", KIEL, frozenset())}
    assert pair(english, german) == {"1": Item("Where?", HALLE, frozenset([0, 1]))}
    with pytest.raises(DatasetError, match="lacks 1 ids of the questions, such as '2'"):
        pair(german, english)


# --- predicted lines ---


def answer(*places: tuple[Document, Span]) -> Answer:
    citations = [Citation(n, d, s, s.of(d.text)) for n, (d, s) in enumerate(places, 1)]
    vectors = np.empty((0, 2), np.float32)
    return Answer(
        question="?",
        language="de",
        kind="list",
        heading="",
        sentences=tuple(AnswerSentence(c.quote, (c,)) for c in citations),
        groups=(),
        probability=0.5,
        evidence=Evidence((), (), vectors, np.zeros(2, np.float32), 1, 1),
        abstention=None,
        reader="double",
    )


def document(text: str, doc_id: str | None = None) -> Document:
    return Document(doc_id or page_id(text), text, "", None, None, "de")


def test_lines_count_by_offset_even_where_they_repeat() -> None:
    page = "Titel\nTitel\n\nText hier"
    assert [span.of(page) for span in line_spans(page)] == page.split("\n")
    assert predicted_lines(answer((document(page), Span(6, 11))), page) == {1}


def test_half_of_a_line_is_enough_and_other_pages_do_not_count() -> None:
    page, other = "0123456789\nabcdefghij", document("abcdefghij\n0123456789")
    assert predicted_lines(answer((document(page), Span(5, 15))), page) == {0}
    parts = answer((document(page), Span(11, 13)), (document(page), Span(18, 21)))
    assert predicted_lines(parts, page) == {1}
    assert predicted_lines(answer((other, Span(0, 21))), page) == frozenset()


def test_a_page_that_was_indexed_with_another_text_is_refused() -> None:
    with pytest.raises(DatasetError, match="the indexed page differs"):
        predicted_lines(answer((document("anders", page_id(KIEL)), Span(0, 6))), KIEL)


# --- measures ---


def test_sentence_measures_are_means_over_the_answerable_questions() -> None:
    found = values(
        measured(
            asked("1", HALLE, {1, 2}, {1}),  # P 1, R 1/2, F1 2/3
            asked("2", HALLE, {1}, {0, 2}),  # 0
            asked("3", HALLE, {1}, set()),  # P 1, as published, R and F1 0
            asked("4", KIEL, set(), {1}),  # not answerable: it counts below only
        )
    )
    assert found["sentence P"] == pytest.approx(2 / 3)
    assert found["sentence R"] == pytest.approx(1 / 6)
    assert found["sentence F1"] == pytest.approx(2 / 9)


def test_no_answer_measures_take_the_empty_prediction_as_positive() -> None:
    found = values(
        measured(
            asked("1", HALLE, {1}, set()),
            asked("2", HALLE, set(), set()),
            asked("3", KIEL, set(), {1}),
            asked("4", KIEL, set(), {1}),
        )
    )
    assert found["no-answer P"] == 1 / 2
    assert found["no-answer R"] == 1 / 3
    assert found["no-answer F1"] == pytest.approx(0.4)


def test_open_questions_are_counted_by_line_page_and_silence() -> None:
    found = values(
        measured(
            asked("1", HALLE, {1}, {1, 2}),
            asked("2", HALLE, {1}, {0}),
            asked("3", HALLE, {1}, set(), cited=False),
            asked("4", KIEL, set(), set(), cited=False),
            everywhere=True,
        )
    )
    assert list(found.values()) == pytest.approx([1 / 3, 2 / 3, 1 / 3, 1])


def test_a_measure_without_a_question_is_a_dash() -> None:
    found = measured(asked("1", HALLE, {1}, {1}))
    assert values(found)["no-answer F1"] is None
    assert table(found).splitlines()[1].split()[-3:] == ["–", "20", "20"]


lines = st.sets(st.integers(0, 3))


@given(st.lists(st.tuples(lines, lines), min_size=1, max_size=12))
def test_more_questions_on_the_same_pages_add_no_certainty(
    pairs: list[tuple[set[int], set[int]]],
) -> None:
    each = [asked(str(n), f"{HALLE}\n{n}", *sets) for n, sets in enumerate(pairs)]
    once, thrice = measured(*each).figures(), measured(*each, *each, *each).figures()
    for figure, again in zip(once, thrice, strict=True):
        assert again.value == (figure.value and pytest.approx(figure.value))
        assert (again.low, again.high) == pytest.approx((figure.low, figure.high))
        if figure.value is not None:
            assert -1e-9 <= figure.low <= figure.high <= 1 + 1e-9


# --- whole runs ---


def run(*arguments: object) -> Any:
    return runner.invoke(app, ["answers", *map(str, arguments)])


@pytest.mark.parametrize("options", [(), ("--open",)])
def test_the_command_prints_and_writes_figures_that_can_be_compared(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    german = file(
        tmp_path / "de.jsonl",
        row(1, "Was baut das Werk in Halle?", HALLE, [1]),
        row(2, "Wie viele Leute hat es?", HALLE, [2, 3]),
        row(3, "Wächst der Hafen in Kiel?", KIEL, [1]),
        row(4, "Wer leitet den Hafen?", KIEL, []),
    )
    english = file(
        tmp_path / "en.jsonl",
        row(1, "What does the plant build?", "x\ny", [0]),
        row(3, "Does the port grow?", "x", []),
    )
    out = tmp_path / "out.json"
    made = run(english, "--context", german, "--json", out, *options)
    assert made.exit_code == 0, made.output
    heading, figures, _ = made.stdout.splitlines()
    assert ("sentence F1" in heading) is not bool(options)
    assert figures.split()[0] == "2"
    said = json.loads(out.read_text(encoding="utf-8"))
    assert [q["id"] for q in said["questions"]] == ["1", "3"]
    assert [q["lines"] for q in said["questions"]] == [[1], [1]]  # those of the German pages
    assert len(said["splits"]["answerable"]["per_query"]) == 2
    compared = runner.invoke(app, ["compare", str(out), str(out)])
    assert compared.exit_code == 0, compared.output
    assert len({len(line) for line in compared.stdout.splitlines()}) == 1


def test_a_given_page_is_the_only_one_that_is_cited(tmp_path: Path) -> None:
    question = "Wächst der Hafen in Kiel?"
    rows = file(tmp_path / "f", row(1, question, HALLE, []), row(2, question, KIEL, [1]))
    given, everywhere = tmp_path / "given.json", tmp_path / "open.json"
    assert run(rows, "--json", given).exit_code == 0
    assert run(rows, "--json", everywhere, "--open").exit_code == 0
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in (given, everywhere))
    assert second["questions"][0]["predicted"] == []
    assert first["questions"][1]["predicted"] in ([], [1])


def test_a_fault_is_found_before_anything_is_embedded(
    tmp_path: Path, embedder: CountingEmbedder
) -> None:
    good, bad = file(tmp_path / "a", row(1, "Wo?", HALLE, [])), file(tmp_path / "b", "[]")
    assert isinstance(run(good, "--context", bad).exception, DatasetError)
    assert isinstance(run(tmp_path / "nowhere").exception, DatasetError)
    assert embedder.embedded == []


def test_figures_without_answerable_questions_are_valid_json() -> None:
    said = json.loads(json.dumps(as_json(measured(asked("1", KIEL, set(), set())))))
    assert said["splits"] == {}
    assert said["measures"]["sentence F1"]["mean"] is None
    assert said["measures"]["no-answer F1"]["mean"] == 1
