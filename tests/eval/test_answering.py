"""The page's own speed: what is asked, and what is made of the times. A browser test asks it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from eval.datasets import DatasetError
from eval.speed import answering
from eval.speed.parts import Settings
from eval.speed.run import PARTS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, tmp_path, questions=5)


def test_the_first_questions_are_not_timed_and_none_is_asked_twice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def conversation(index: Path, program: str, questions: Sequence[str]) -> list[float]:
        asked.extend(questions)
        return [9.0] * answering.FIRST + [0.2, 0.3, 0.1, 0.2, 1.2]

    monkeypatch.setattr(answering, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(answering, "indexed", lambda *_: nullcontext())
    monkeypatch.setattr(answering, "_conversation", conversation)
    figures = answering.measure(settings)
    assert len(set(asked)) == len(asked) == answering.FIRST + settings.questions
    (row,) = answering.rows(figures)
    assert row.value.startswith("200 /")
    assert row.beside == "slowest: 1200 ms"
    assert row.met is False
    assert PARTS["answering"] is answering.PART


def test_without_a_browser_the_part_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "which", lambda _: None)
    with pytest.raises(DatasetError, match="apt-get install chromium"):
        answering.measure(settings)
