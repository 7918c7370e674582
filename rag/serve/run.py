"""Listening: where, for whom, and until when."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from rag import terminal
from rag.errors import ConfigError
from rag.loopback import is_loopback
from rag.serve import memory
from rag.serve.patience import Patience

DRAIN_SECONDS = 30  # for what is being answered when the server is told to end


def check_access(host: str, token: str, *, public: bool) -> None:
    """Raises ConfigError for an address that others reach where nothing keeps them out."""
    if not token and not public and not is_loopback(host):
        raise ConfigError(
            f"{host} can be reached from other machines; set RAG_TOKEN, or say --public"
        )


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
    _raise_limit()
    memory.few_arenas()
    signal.signal(signal.SIGTERM, _end)  # after uvicorn has drained, it raises the signal again
    uvicorn.Server(settings(app)).run(sockets=[listener])


def settings(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        access_log=False,  # what is asked is nobody else's business
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        http=Patience,
        ws="none",
    )


def _raise_limit() -> None:
    """As many connections as the system permits: by default 1,024 files may be open at once."""
    with suppress(ImportError, OSError, ValueError):  # another system has no such limit
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
