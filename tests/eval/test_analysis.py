"""The ablation of the analysis: it changes what it says it changes, and leaves nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from eval import analysis as ablation
from eval.analysis import Asked, Step, Task, report
from rag.language.analysis import analyse

TASK = Task(
    "made up",
    ("Das Auslieferungsziel steigt auf 550.000 Autos.", "Der Start in Ulm.", "Ein Haus am See."),
    (
        Asked("Welches Ziel?", frozenset([0]), "a"),
        Asked("Wann starten sie?", frozenset([1]), "b"),
        Asked("Häuser?", frozenset([2]), "c"),
    ),
)


@pytest.fixture
def small() -> Iterator[None]:
    with patch.object(ablation, "_sample", lambda: TASK):
        yield


def figures(text: str) -> dict[str, float]:
    """nDCG@10 of each step, in the first column."""
    return {line[:32].strip(): float(line[32:40]) for line in text.splitlines()[2:]}


@pytest.mark.usefixtures("small")
def test_a_step_that_a_question_needs_is_worth_its_share() -> None:
    found = figures(report())
    assert found["everything"] == 1
    assert found["compounds whole"] == pytest.approx(2 / 3, abs=1e-3)
    assert found["compounds split in questions"] == pytest.approx(2 / 3, abs=1e-3)
    assert found["compounds split in texts"] == 1
    assert found["words unstemmed"] < 1
    assert found["questions spelt ae, oe, ue, ss"] == 1


@pytest.mark.usefixtures("small")
def test_afterwards_the_analysis_is_as_before() -> None:
    before = analyse("Auslieferungsziel 550.000", "de")
    report()
    assert analyse("Auslieferungsziel 550.000", "de") == before


def test_a_question_is_measured_by_the_texts_that_answer_it() -> None:
    assert np.array_equal(ablation._measure(TASK, Step("everything")), np.ones((3, 2)))


def test_the_sample_has_questions_with_their_paragraphs() -> None:
    task = ablation._sample()
    assert len(task.asked) > 20
    assert all(asked.relevant <= set(range(len(task.texts))) for asked in task.asked)


def test_the_benchmarks_are_read_from_their_folder(tmp_path: Path) -> None:
    path = tmp_path / "train.de.jsonl"
    path.write_text(
        '{"id": 1, "question": "Was?", "context": "a\\nb\\na", "answers": [2]}\n'
        '{"id": 2, "question": "Wer?", "context": "a\\nb\\na", "answers": []}\n'
    )
    pages, lines = ablation._omos(path)
    assert (pages.texts, len(pages.asked)) == (("a\nb\na",), 1)
    assert lines.texts == ("a", "b")
    assert lines.asked[0].relevant == {0}
