"""The application: HTTP interface, OpenAI's chat and MCP in one, over one assistant."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings
from starlette.routing import Route

from rag.assistant import Assistant
from rag.config import Config
from rag.jsonform import FORM
from rag.serve import collection, probes, questions
from rag.serve.busy import Slots
from rag.serve.documents import MOST_FILES
from rag.serve.errors import handle_errors
from rag.serve.gate import Gate
from rag.serve.metrics import Metered
from rag.serve.replies import errors
from rag.serve.service import Service
from rag.serve.tools import build_tools

AT_ONCE = 4  # questions in hand; more only make each other wait for the processor
WAITING = 64  # in line, a few seconds' worth; the next is told to come back
MOST_BYTES = 1_000_000  # of a request that carries no article
FRAME_BYTES = 1_000_000  # around the articles of a request
PAGE_BYTES = 32_000_000  # of what the page sends, mostly the conversation that the browser keeps


def build_app(
    assistant: Assistant,
    config: Config,
    *,
    token: str | None = None,
    login: str | None = None,
    public: bool = False,
    slots: Slots | None = None,
) -> FastAPI:
    """The application; a page may be mounted beside it and is then behind the same gate.

    `token`, by default that of `config`, is what programs must show as a bearer token, `login`
    (`user:password`) what browsers are asked for; with both, either opens. Without them, only
    loopback names are answered unless `public`. `slots` bound what runs at once.
    """
    service = Service(assistant, config, slots or Slots(AT_ONCE, WAITING))
    tools = build_tools(assistant, service.questions)
    # No session outlives its request, so a shutdown has none to wait for.
    tools.streamable_http_app(
        stateless_http=True,
        json_response=True,
        max_request_body_size=MOST_BYTES,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )  # the gate does that for all

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=service.prepare, daemon=True).start()
        async with tools.session_manager.run():
            yield

    token = token or config.token or None
    bearer = [Security(HTTPBearer(auto_error=False, description="The server's token."))]
    app = FastAPI(
        title="Article assistant",
        description="Ask a collection of articles; every sentence of the answer cites a quote.",
        version=str(FORM),
        lifespan=lifespan,
        docs_url=None,  # the page would come from another host
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.service = service
    app.include_router(probes.health)
    for router in (questions.router, collection.router, probes.router):
        app.include_router(
            router,
            dependencies=bearer if token else [],
            responses=errors(401, 403, 421, 429, 500, 503),
        )
    mcp = StreamableHTTPASGIApp(tools.session_manager)
    app.router.routes.append(Route("/mcp", mcp, methods=["POST"]))
    handle_errors(app)
    sizes = {
        "/v1/documents": config.max_file_bytes + FRAME_BYTES,
        "/v1/": MOST_BYTES,
        "/mcp": MOST_BYTES,
        "/gradio_api/upload": MOST_FILES * config.max_file_bytes + FRAME_BYTES,
        "/": PAGE_BYTES,
    }
    rate = config.rate_limit
    app.add_middleware(Gate, sizes=sizes, token=token, login=login, public=public, rate=rate)
    app.add_middleware(Metered, metrics=service.metrics)
    return app
