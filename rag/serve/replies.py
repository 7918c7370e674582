"""What responses hold, for the OpenAPI document; `rag.jsonform` makes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.types import AnswerKind


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Error(Reply):
    code: str = Field(examples=["document_not_found"])
    message: str = Field(examples=["news/a.txt: no such document"])
    remedy: str = Field(examples=["list the documents with GET /v1/documents"])


class DocumentReply(Reply):
    id: str
    title: str
    source: str | None
    published: str | None
    language: str
    url: str | None


class ListedDocument(DocumentReply):
    chunks: int


class WholeDocument(DocumentReply):
    text: str


class DocumentsReply(Reply):
    documents: list[ListedDocument]
    total: int
    next: str | None


class Passage(Reply):
    chunk: str
    document: DocumentReply
    start: int
    end: int
    text: str
    score: float
    ranks: dict[str, int | None]
    features: dict[str, float]
    contributions: dict[str, float]
    copies: list[DocumentReply]


class SearchReply(Reply):
    form: int
    hits: list[Passage]


class CitationReply(Reply):
    number: int
    document: DocumentReply
    start: int
    end: int
    quote: str
    translation: str | None


class SentenceReply(Reply):
    text: str
    citations: list[int]


class AnswerReply(Reply):
    form: int
    question: str
    language: str
    kind: AnswerKind
    heading: str
    text: str
    sentences: list[SentenceReply]
    citations: list[CitationReply]
    probability: float
    abstention: str | None
    notices: list[str]
    reader: str
    evidence: list[Passage]


class Skipped(Reply):
    path: str
    reason: str


class ReportReply(Reply):
    added: int
    updated: int
    removed: int
    unchanged: int
    skipped: list[Skipped]
    notices: list[str]


class Status(Reply):
    status: Literal["ok", "ready"]


class ChatMessage(Reply):
    role: Literal["assistant"]
    content: str
    refusal: None


class Choice(Reply):
    index: Literal[0]
    message: ChatMessage
    logprobs: None
    finish_reason: Literal["stop"]


class Completion(Reply):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    citations: list[CitationReply]


class Model(Reply):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Models(Reply):
    object: Literal["list"]
    data: list[Model]


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the `responses` of a route: each status with the form of an error."""
    return {status: {"model": Error} for status in statuses}
