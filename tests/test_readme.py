"""What the README tells a newcomer to type does work."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

import rag.embed
from rag.answer.model import ANSWERED
from rag.cli import main
from rag.embed.double import HashEmbedder
from tests.trees import write

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one article, and the test double for a model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rag.embed, "open_embedder", lambda _: HashEmbedder())
    # What the double's vectors say of an answer means nothing.
    monkeypatch.setitem(ANSWERED, "search", 0.0)
    text = "01.02.2026\n\nDas Entwicklungszentrum entsteht in Ulm. Xiaomi will Autos ausliefern."
    return write(tmp_path / "articles" / "ulm.txt", text).parent


def test_the_python_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for example in _blocks("python"):
        exec(compile(example, "README.md", "exec"), names)
    assert "2026-02-01" in capsys.readouterr().out
    assert names["passages"]


def test_the_commands_run(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for block in _blocks("sh") for line in block.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("rag ")]
    assert len(commands) >= 3
    for command in commands:
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code


def test_every_file_it_points_to_is_there() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_ci_runs_its_test_command() -> None:
    command = next(
        line for block in _blocks("sh") for line in block.splitlines() if "pytest" in line
    )
    install, test = command.split(" && ")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").replace("--quiet --no-compile ", "")
    assert install in script
    assert f"\n{test}\n" in script
