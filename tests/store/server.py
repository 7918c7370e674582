"""A server without a model, as `rag serve` would be: `python -m tests.store.server INDEX`."""

from __future__ import annotations

import sys

from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.serve.app import build_app
from rag.serve.run import listen

DIM = 48


def assistant(index: str) -> Assistant:
    return Assistant(index, Config(), HashEmbedder(DIM))


if __name__ == "__main__":
    listen(build_app(assistant(sys.argv[1]), Config()), "127.0.0.1", 0)
