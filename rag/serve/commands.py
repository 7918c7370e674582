"""`rag serve` and `rag mcp`. The packages that they need are loaded when they run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import ConfigError

Index = Annotated[
    str | None,
    typer.Option("--index", help="Folder, or milvus:… (docs/milvus.md).", show_default="index"),
]


def serve(
    index: Index = None,
    host: Annotated[str, typer.Option(help="Default: this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(help="What clients must show; RAG_TOKEN keeps it out of process lists."),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Let other machines in without a token.")
    ] = False,
) -> None:
    """Serve the index over HTTP (docs/http.md) and MCP (docs/mcp.md)."""
    with _needed():
        from rag.serve.app import build_app
        from rag.serve.run import check_access, listen
    config = Config.load()
    if token is not None:
        config = replace(config, token=token)
    check_access(host, config.token, public=public)
    with Assistant.open(index, config=config) as assistant:
        listen(build_app(assistant, config, public=public), host, port)


def mcp(index: Index = None) -> None:
    """Serve the index to a program with a language model, over stdin and stdout (docs/mcp.md)."""
    with _needed():
        from rag.serve.stdio import talk
    with Assistant.open(index) as assistant:
        talk(assistant)


@contextmanager
def _needed() -> Iterator[None]:
    """Around an import of the server: raises ConfigError with the command that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"serving needs the package {error.name}; run: pip install 'rag[serve]'"
        ) from None
