"""The paths of the documents. Work is done in threads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from rag.jsonform import document_form, report_form
from rag.serve import replies
from rag.serve.documents import MOST_FILES, add_files, add_rows
from rag.serve.errors import HELP, Problem, Refused
from rag.serve.forms import EXAMPLE, MOST_DOCUMENTS, ListRequest, NewDocument, NewDocuments
from rag.serve.service import Served

SENT = {  # what a POST of documents holds
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {
                "documents": {
                    "type": "array",
                    "items": NewDocument.model_json_schema(),
                    "minItems": 1,
                    "maxItems": MOST_DOCUMENTS,
                }
            },
            "required": ["documents"],
            "additionalProperties": False,
            "examples": [{"documents": [EXAMPLE]}],
        }
    },
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                "files": {
                    "type": "array",
                    "items": {"type": "string", "format": "binary"},
                    "minItems": 1,
                    "maxItems": MOST_FILES,
                }
            },
            "required": ["files"],
            "additionalProperties": False,
        }
    },
}

router = APIRouter()

DocumentId = Annotated[str, Path(examples=["news/2026-02-01.txt"])]


@router.get(
    "/v1/documents",
    responses={200: {"model": replies.DocumentsReply}, **replies.errors(422)},
)
async def documents(asked: Annotated[ListRequest, Query()], service: Served) -> Response:
    """The documents by id, a page at a time; `next` is the next page's `after`."""

    def reply() -> Response:
        # One more than is shown tells whether there is a next page.
        most = asked.limit + 1
        found, total = service.assistant.listed(asked.filter(), asked.after, most)
        page = found[: asked.limit]
        return JSONResponse(
            {
                "documents": [{**document_form(info), "chunks": info.chunks} for info in page],
                "total": total,
                "next": page[-1].doc_id if len(found) > len(page) else None,
            }
        )

    return await service.questions.run(reply)


@router.post(
    "/v1/documents",
    responses={
        200: {"model": replies.ReportReply},
        **replies.errors(400, 413, 415, 422),
    },
    openapi_extra={"requestBody": {"required": True, "content": SENT}},
)
async def add(request: Request, service: Served) -> Response:
    """Add articles or replace them, as JSON or as uploaded files; `skipped` names what was not."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    parts = (service.assistant, service.config)
    if kind == "application/json":
        body = await request.body()
        report = await service.change(lambda: add_rows(*parts, _rows(body)))
    elif kind == "multipart/form-data":
        async with request.form(max_files=MOST_FILES, max_fields=0) as form:
            files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
            if not files:
                raise Refused(Problem(422, "invalid_request", "there is no file in it", HELP))
            report = await service.change(lambda: add_files(*parts, files))
    else:
        raise Refused(Problem(415, "unsupported_media_type", f"the content is {kind!r}", HELP))
    return JSONResponse(report_form(report))


@router.get(
    "/v1/documents/{doc_id:path}",
    responses={200: {"model": replies.WholeDocument}, **replies.errors(404, 422)},
)
async def document(doc_id: DocumentId, service: Served) -> Response:
    """One document with its text; every `start` and `end` counts the code points of it."""

    def reply() -> Response:
        found = service.assistant.document(doc_id)
        return JSONResponse({**document_form(found), "text": found.text})

    return await service.questions.run(reply)


@router.delete("/v1/documents/{doc_id:path}", status_code=204, responses=replies.errors(404, 422))
async def remove(doc_id: DocumentId, service: Served) -> Response:
    """Take a document out of the index; a later sync leaves it out, sending it brings it back."""
    await service.change(lambda: service.assistant.remove(doc_id))
    return Response(status_code=204)


def _rows(body: bytes) -> list[NewDocument]:
    try:
        return NewDocuments.model_validate_json(body).documents
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
