"""Settings: defaults, then a file, then the environment; nothing unknown passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Config
from rag.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`rag.toml` of the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "rag.toml"


def test_without_file_and_environment_the_defaults_hold(file: Path) -> None:
    assert Config.load({}) == Config()


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(file: Path) -> None:
    file.write_text('index = "from file"\nthreads = 2\nchunk_tokens = 100\n', encoding="utf-8")
    config = Config.load({"RAG_INDEX": "from environment", "RAG_CHUNK_TOKENS": "64"})
    assert config == Config(index="from environment", threads=2, chunk_tokens=64)


def test_another_file_can_be_named(file: Path, tmp_path: Path) -> None:
    file.write_text("threads = 2", encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text("threads = 3", encoding="utf-8")
    assert Config.load({"RAG_CONFIG": str(other)}).threads == 3
    with pytest.raises(ConfigError, match=r"RAG_CONFIG names .*gone\.toml.*correct or unset"):
        Config.load({"RAG_CONFIG": str(tmp_path / "gone.toml")})


def test_an_unknown_key_is_refused_and_the_known_are_named(file: Path) -> None:
    file.write_text('modell = "x"', encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"rag\.toml: unknown setting 'modell'; known are .*model"
    ):
        Config.load({})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('threads = "2"', "threads is a str; it must be int"),
        ("index = 2", "index is a int; it must be str"),
        ("threads = true", "threads is a bool; it must be int"),
        ("threads = ", "rag.toml: .*mend or remove the file"),
    ],
)
def test_a_wrong_type_in_the_file_is_refused(file: Path, line: str, reason: str) -> None:
    file.write_text(line, encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        Config.load({})


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"RAG_THREADS": "two"}, "RAG_THREADS is 'two'; it must be a number"),
        ({"RAG_THREADS": "-1"}, "threads is -1; use 0 to 1024"),
        ({"RAG_MODLE": "x"}, "RAG_MODLE is no setting"),
        ({"RAG_INDEX": ""}, "index is empty"),
        ({"RAG_CHUNK_TOKENS": "31"}, "chunk_tokens is 31; use 32 to 100000"),
        ({"RAG_PRECISION": "int4"}, "precision is 'int4'; use one of auto, int8, bf16, fp32"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(
    file: Path, environment: dict[str, str], reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason):
        Config.load(environment)


def test_the_cache_folder_is_the_one_given_or_that_of_the_user(tmp_path: Path) -> None:
    assert Config(cache=str(tmp_path)).cache_dir == tmp_path
    assert Config(cache="~/x").cache_dir == Path.home() / "x"
    assert Config().cache_dir.name == "rag-articles"
