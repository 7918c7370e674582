"""The server that the page is mounted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag import terminal
from rag.page.frame import SCRIPT
from rag.page.policy import Policy

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.assistant import Assistant
    from rag.config import Config
    from rag.page.access import Access


def host(assistant: Assistant, config: Config, access: Access) -> FastAPI:
    """HTTP API and MCP; where they are not installed, which is said, nothing behind the same gate.

    What is mounted on it is sent with a policy.
    """
    try:
        from rag.serve.app import build_app
    except ModuleNotFoundError as error:
        package, _, _ = (error.name or "").partition(".")
        terminal.say(
            f"The page comes without HTTP API and MCP, which need the package {package}; "
            "run: pip install 'rag[serve]'"
        )
        app = _gate(config, access)
    else:
        app = build_app(assistant, config, login=access.login, public=access.public)
    app.add_middleware(Policy, scripts=[SCRIPT])
    return app


def _gate(config: Config, access: Access) -> FastAPI:
    from fastapi import FastAPI

    from rag.serve.gate import Gate

    app = FastAPI(openapi_url=None)
    app.add_middleware(
        Gate,
        sizes={},
        token=config.token,
        login=access.login,
        public=access.public,
        rate=config.rate_limit,
    )
    return app
