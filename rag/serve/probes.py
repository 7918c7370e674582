"""The paths for those who watch the server. The first two are open to all and tell little."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from rag.errors import RagError
from rag.serve import replies
from rag.serve.errors import LOG, Problem, problem_of
from rag.serve.service import Served

health = APIRouter()
router = APIRouter()


@health.get("/healthz", responses={200: {"model": replies.Status}})
async def healthz() -> Response:
    """The process runs."""
    return JSONResponse({"status": "ok"})


@health.get("/readyz", responses={200: {"model": replies.Status}, **replies.errors(503)})
async def readyz(service: Served) -> Response:
    """The model is loaded and the index, if there is one, can be read."""
    if not service.prepared.is_set():
        loading = Problem(503, "loading", "the model is being loaded", "ask again in a moment")
        return loading.response({"Retry-After": "1"})
    try:
        await run_sync(lambda: (service.assistant.embedder, service.assistant.counts()))
    except RagError as error:
        code = problem_of(error).code
        return Problem(503, code, "questions cannot be answered", LOG).response()
    return JSONResponse({"status": "ready"})


@router.get("/metrics", responses={200: {"content": {"text/plain": {}}}})
async def metrics(service: Served) -> Response:
    """Counters for Prometheus."""
    try:
        counts = await run_sync(service.assistant.counts)
    except RagError:
        return service.metrics.page(None)
    return service.metrics.page(counts)
