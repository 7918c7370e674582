"""Settings: defaults, then a TOML file, then the environment. Unknown keys are rejected.

The file is `rag.toml` in the working directory, or what `RAG_CONFIG` names. Each field is also an
environment variable, upper case with the prefix `RAG_`: `model` is `RAG_MODEL`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rag.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. Sizes are in bytes or tokens as the name says."""

    index: str = "index"  # folder relative to the working directory, or milvus:… (docs/milvus.md)
    model: str = ""  # hub id or folder of a sentence-transformers model; empty: the packaged one
    cache: str = ""  # where converted models are kept; empty: the user's cache directory
    threads: int = 0  # 0: one per core
    precision: str = "auto"  # auto, int8, bf16 or fp32, for the packaged model
    chunk_tokens: int = 256  # aim for passages; a single longer sentence may exceed it
    max_file_bytes: int = 20_000_000
    llm_base_url: str = ""  # of an OpenAI-compatible server; empty: answers are quotes only
    llm_model: str = ""  # what that server calls the model
    llm_api_key: str = field(default="", repr=False)  # shown nowhere
    llm_timeout: int = 60  # seconds for a reply
    llm_context_tokens: int = 4096  # what prompt and reply may take together
    token: str = field(default="", repr=False)  # that clients of `rag serve` must show, if any
    rate_limit: int = 1200  # requests a minute of one client of `rag serve`; 0: any number

    def __post_init__(self) -> None:
        if self.precision not in ("auto", "int8", "bf16", "fp32"):
            raise ConfigError(f"precision is {self.precision!r}; use one of auto, int8, bf16, fp32")
        if not self.index:
            raise ConfigError("index is empty; name a folder or leave the setting out")
        if bool(self.llm_base_url) != bool(self.llm_model):
            raise ConfigError("llm_base_url and llm_model go together; set both or neither")
        if self.llm_base_url and not self.llm_base_url.startswith(("http://", "https://")):
            raise ConfigError(
                f"llm_base_url is {self.llm_base_url!r}; begin it with http:// or https://"
            )
        if not all("!" <= character <= "~" for character in self.token):
            raise ConfigError("token has blanks or letters beyond ASCII; use others")
        limits = {
            "threads": (0, 1024),
            "chunk_tokens": (32, 100_000),
            "max_file_bytes": (1, 2_000_000_000),
            "llm_timeout": (1, 3600),
            "llm_context_tokens": (1536, 2_000_000),
            "rate_limit": (0, 1_000_000),
        }
        for name, (least, most) in limits.items():
            if not least <= getattr(self, name) <= most:
                raise ConfigError(f"{name} is {getattr(self, name)}; use {least} to {most}")

    @property
    def index_dir(self) -> Path:
        return _folder("index", self.index)

    @property
    def index_at(self) -> str | Path:
        """The folder of the index, or its address in Milvus."""
        return self.index if self.index.startswith("milvus:") else self.index_dir

    @property
    def cache_dir(self) -> Path:
        if self.cache:
            return _folder("cache", self.cache)
        import platformdirs

        return Path(platformdirs.user_cache_dir("rag-articles"))

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read the settings. Raises ConfigError for an unknown key or a wrong type."""
        env = os.environ if environment is None else environment
        path = Path(env.get("RAG_CONFIG", "rag.toml"))
        values: dict[str, Any] = {}
        if path.is_file():
            values = _read_file(path)
        elif "RAG_CONFIG" in env:
            raise ConfigError(f"RAG_CONFIG names {path}, which is not a file; correct or unset it")
        known = {f"RAG_{f.name.upper()}" for f in fields(cls)} | {"RAG_CONFIG"}
        for name in env:
            if name.startswith("RAG_") and name not in known:
                raise ConfigError(f"{name} is no setting; known are {', '.join(sorted(known))}")
        for f in fields(cls):
            name = f"RAG_{f.name.upper()}"
            if name not in env:
                continue
            values[f.name] = env[name]
            if f.type == "int":
                try:
                    values[f.name] = int(env[name])
                except ValueError:
                    raise ConfigError(f"{name} is {env[name]!r}; it must be a number") from None
        return cls(**values)


def _folder(name: str, value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ConfigError(f"{name} is {value!r}, but there is no such user; correct it") from None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}; mend or remove the file") from None
    types = {f.name: f.type for f in fields(Config)}
    for key, value in values.items():
        if key not in types:
            raise ConfigError(f"{path}: unknown setting {key!r}; known are {', '.join(types)}")
        if type(value).__name__ != types[key]:
            raise ConfigError(f"{path}: {key} is a {type(value).__name__}; it must be {types[key]}")
    return values
