"""Whatever goes wrong, a client reads `{code, message, remedy}`; no trace leaves the server."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from rag.errors import (
    DocumentNotFound,
    IndexDamaged,
    IndexLocked,
    IndexMismatch,
    IndexNotFound,
    ModelError,
    RagError,
    SourceError,
)

log = logging.getLogger(__name__)

LONGEST = 1_000  # characters of a message; a request may quote itself in it
VISIBLE = r"[^\s\x00-\x1f\x7f-\x9f]"  # of a text that is not empty
RETRY_SECONDS = "1"
HELP = "see /openapi.json for what a request may hold"

_LIST = "list the documents with GET /v1/documents"
LOG = "the server's log may say more"
_FILL = "add articles with POST /v1/documents or: rag index FOLDER"

# Error of the library: status, code, and the remedy where the message's own is for a terminal.
_KINDS: dict[type[RagError], tuple[int, str, str]] = {
    DocumentNotFound: (404, "document_not_found", _LIST),
    SourceError: (422, "unreadable_source", ""),
    IndexNotFound: (503, "index_not_found", _FILL),
    IndexMismatch: (503, "index_mismatch", ""),
    IndexLocked: (503, "index_locked", "send the request again in a moment"),
    IndexDamaged: (503, "index_damaged", ""),
    ModelError: (503, "model_unavailable", ""),
    RagError: (503, "unavailable", ""),
}
_STATUSES = {
    400: ("bad_request", HELP),
    404: ("not_found", "see /openapi.json for the paths"),
    405: ("method_not_allowed", "use a method that the header Allow names"),
    413: ("too_large", "send less at once"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a client sees it; `code` is for programs, the rest for people."""

    status: int
    code: str
    message: str
    remedy: str

    @property
    def form(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message[:LONGEST], "remedy": self.remedy}

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        return _Ascii(self.form, self.status, headers)


class Overloaded(RagError):
    """As much waits as may wait."""


class Refused(RagError):
    """A request that cannot be done as it stands; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.message}; {problem.remedy}")
        self.problem = problem


BUSY = Problem(429, "busy", "more is being asked than can wait", "send it again after Retry-After")
INTERNAL = Problem(500, "internal_error", "the server failed", "its log says why")


class _Ascii(JSONResponse):
    """What a client sent may be half a character, which only an escape can carry."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def problem_of(error: RagError) -> Problem:
    """Messages of the library end in `; <remedy>`."""
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, Overloaded):
        return BUSY
    status, code, remedy = next(_KINDS[kind] for kind in type(error).__mro__ if kind in _KINDS)
    message, mark, own = str(error).rpartition("; ")
    if not mark:
        message, own = own, LOG
    return Problem(status, code, message, remedy or own)


def handle_errors(app: FastAPI) -> None:
    """Give every failure of `app` this form."""
    app.add_exception_handler(RagError, _on_rag_error)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(OSError, _on_system)
    app.add_exception_handler(ClientDisconnect, _on_gone)
    app.add_exception_handler(Exception, _on_crash)


async def _on_rag_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RagError)
    problem = problem_of(error)
    retry = problem.status == 429 or isinstance(error, IndexLocked)
    return problem.response({"Retry-After": RETRY_SECONDS} if retry else None)


async def _on_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return invalid(error.errors()).response()


def invalid(errors: Any) -> Problem:
    """What pydantic says, without what was sent; in words where it speaks of its own parts."""
    told = (f"{'.'.join(map(str, each['loc']))}: {_said(each)}" for each in errors)
    return Problem(422, "invalid_request", "; ".join(told), HELP)


def _said(error: Mapping[str, Any]) -> str:
    if error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] == VISIBLE:
        return "there is nothing in it that can be read"
    if error["type"] in ("model_attributes_type", "dict_type"):
        return "not a JSON object; send one, with the header Content-Type: application/json"
    return str(error["msg"]).removeprefix("Value error, ")


async def _on_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, remedy = _STATUSES.get(error.status_code, ("refused", HELP))
    return Problem(error.status_code, code, str(error.detail), remedy).response(error.headers)


async def _on_system(_: Request, error: Exception) -> Response:
    """A full disk, say."""
    assert isinstance(error, OSError)
    log.error("%s", error)
    return Problem(503, "unavailable", error.strerror or "the system failed", LOG).response()


async def _on_gone(*_: Any) -> Response:
    """Nobody reads it."""
    return Problem(400, "bad_request", "the request broke off", HELP).response()


async def _on_crash(_: Request, error: Exception) -> Response:  # noqa: ARG001
    """The server logs it with its trace."""
    return INTERNAL.response()
