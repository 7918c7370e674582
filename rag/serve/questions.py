"""The paths that take a question, each in a turn of its own; answers may come as a stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter
from fastapi.sse import format_sse_event
from starlette.responses import JSONResponse, Response, StreamingResponse

from rag.errors import RagError
from rag.jsonform import FORM, answer_form, hit_form
from rag.serve import chat, replies
from rag.serve.errors import Problem, problem_of
from rag.serve.forms import AskRequest, ChatRequest, SearchRequest
from rag.serve.service import Served, Service
from rag.types import Answer, Filter

STREAM = "text/event-stream"
EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}

router = APIRouter()


@router.post(
    "/v1/search",
    responses={200: {"model": replies.SearchReply}, **replies.errors(400, 413, 422)},
)
async def search(asked: SearchRequest, service: Served) -> Response:
    """The passages that fit a question best."""

    def reply() -> Response:
        hits = service.assistant.search(asked.question, asked.k, asked.filter())
        return JSONResponse({"form": FORM, "hits": [hit_form(hit) for hit in hits]})

    return await service.questions.run(reply)


@router.post(
    "/v1/ask",
    responses={
        200: {"model": replies.AnswerReply, "content": {STREAM: {"schema": EVENT}}},
        **replies.errors(400, 413, 422),
    },
)
async def ask(asked: AskRequest, service: Served) -> Response:
    """An answer whose every sentence cites, or an abstention that says why.

    With `stream`, each event `answer` holds the whole form, as far as it is written; `done` ends
    the stream, `error` breaks it off.
    """
    question = (asked.question, asked.filter(), asked.history)
    if asked.stream:
        return await _streamed(service, _events(service.answers(*question)), _broken_event)
    return await service.questions.run(lambda: JSONResponse(answer_form(service.ask(*question))))


@router.get("/v1/models", responses={200: {"model": replies.Models}})
async def models() -> Response:
    """The one model that /v1/chat/completions knows."""
    model = {"id": chat.MODEL, "object": "model", "created": 0, "owned_by": "rag"}
    return JSONResponse({"object": "list", "data": [model]})


@router.post(
    "/v1/chat/completions",
    responses={
        200: {"model": replies.Completion, "content": {STREAM: {"schema": EVENT}}},
        **replies.errors(400, 413, 422),
    },
)
async def complete(asked: ChatRequest, service: Served) -> Response:
    """OpenAI's chat: the last message is the question, the user's earlier ones its history.

    The answer is Markdown with `[n]` marks and a list of sources; `citations` has the exact quotes.
    """
    question, history = chat.asked(asked)
    said = (question, Filter(), history)
    if asked.stream:
        pieces = chat.chunks(service.answers(*said))
        return await _streamed(service, _chunks(pieces), _broken_chunk)
    return await service.questions.run(lambda: JSONResponse(chat.completion(service.ask(*said))))


def _events(answers: Iterator[Answer]) -> Iterator[bytes]:
    for answer in answers:
        yield format_sse_event(event="answer", data_str=json.dumps(answer_form(answer)))
    yield format_sse_event(event="done", data_str="{}")


def _broken_event(problem: Problem) -> bytes:
    return format_sse_event(event="error", data_str=json.dumps(problem.form))


def _chunks(pieces: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for piece in pieces:
        yield format_sse_event(data_str=json.dumps(piece))
    yield format_sse_event(data_str="[DONE]")


def _broken_chunk(problem: Problem) -> bytes:
    return format_sse_event(data_str=json.dumps({"error": problem.form}))


async def _streamed(
    service: Service, pieces: Iterator[bytes], broken: Callable[[Problem], bytes]
) -> Response:
    """The pieces as they come. What fails before the first has the status of its error."""
    stream = service.questions.stream(pieces)
    first = await anext(stream)

    async def body() -> AsyncIterator[bytes]:
        async with aclosing(stream):
            yield first
            try:
                async for piece in stream:
                    yield piece
            except RagError as error:
                yield broken(problem_of(error))

    return StreamingResponse(body(), media_type=STREAM, headers={"X-Accel-Buffering": "no"})
