"""MCP for a program that starts this one."""

from __future__ import annotations

import threading
from contextlib import suppress

from rag.assistant import Assistant
from rag.errors import RagError
from rag.serve.app import AT_ONCE, WAITING
from rag.serve.busy import Slots
from rag.serve.tools import build_tools


def talk(assistant: Assistant) -> None:
    """MCP over stdin and stdout, until the other side closes them."""
    threading.Thread(target=_load, args=(assistant,), daemon=True).start()
    build_tools(assistant, Slots(AT_ONCE, WAITING)).run("stdio")


def _load(assistant: Assistant) -> None:
    """So that the first question is quick; whoever asks it gets the error."""
    with suppress(RagError):
        _ = assistant.embedder
