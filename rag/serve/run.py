"""Listening: where, for whom, and until when."""

from __future__ import annotations

import ipaddress
import signal
import socket
import threading
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from rag import terminal
from rag.assistant import Assistant
from rag.errors import ConfigError, RagError
from rag.serve.app import AT_ONCE, WAITING
from rag.serve.busy import Slots
from rag.serve.tools import build_tools

DRAIN_SECONDS = 30  # for what is being answered when the server is told to end


def check_access(host: str, token: str, *, public: bool) -> None:
    """Raises ConfigError for an address that others reach where nothing keeps them out."""
    if not token and not public and not is_loopback(host):
        raise ConfigError(
            f"{host} can be reached from other machines; set RAG_TOKEN, or say --public"
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what was begun. Raises ConfigError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError, UnicodeError):
        raise ConfigError(
            f"cannot listen on port {port} of {host}; choose another: --port 8001"
        ) from None
    shown = f"[{host}]" if ":" in host else host
    terminal.say(f"Listening on http://{shown}:{listener.getsockname()[1]} (Ctrl-C ends)")
    settings = uvicorn.Config(
        app,
        access_log=False,  # what is asked is nobody else's business
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ws="none",
    )
    signal.signal(signal.SIGTERM, _end)  # after uvicorn has drained, it raises the signal again
    uvicorn.Server(settings).run(sockets=[listener])


def talk(assistant: Assistant) -> None:
    """MCP over stdin and stdout, until the other side closes them."""
    threading.Thread(target=_load, args=(assistant,), daemon=True).start()
    build_tools(assistant, Slots(AT_ONCE, WAITING)).run("stdio")


def _load(assistant: Assistant) -> None:
    """So that the first question is quick; whoever asks it gets the error."""
    with suppress(RagError):
        _ = assistant.embedder


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
