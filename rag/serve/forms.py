"""What requests may hold. Every question and every date is checked here, once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from rag.search.query import LONGEST
from rag.serve.errors import VISIBLE
from rag.types import Filter, Period

MOST_PASSAGES = 100
MOST_LISTED = 1_000
MOST_NAMED = 1_000  # values of one filter

MOST_DOCUMENTS = 1_000  # in one request

EXAMPLE = {
    "id": "a1",
    "text": "Das Werk steht in Halle.",
    "title": "Neues Werk",
    "source": "Blatt",
    "published": "2026-02-03",
}
QUESTION = "Wie viele Autos will Xiaomi 2026 ausliefern?"


def _legible(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _whole(number: object) -> object:
    """JSON knows one kind of number: 10.0 is an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _period(text: str) -> str:
    Period.parse(text)
    return text


Question = Annotated[
    str,
    Field(max_length=LONGEST, pattern=VISIBLE, examples=[QUESTION]),
    AfterValidator(_legible),
]
Day = Annotated[
    str,
    AfterValidator(_period),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": r"^[12]\d{3}(-(0[1-9]|1[0-2]))?$"},
            ],
            "examples": ["2026-02-01", "2026-02", "2026"],
        }
    ),
]
Names = Annotated[list[str], Field(min_length=1, max_length=MOST_NAMED)]


class Strict(BaseModel):
    """A misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Selection(Strict):
    """Which documents may answer; what is left out permits all."""

    since: Day | None = Field(default=None, description="only articles from this date on")
    until: Day | None = Field(default=None, description="only articles up to this date")
    sources: Names | None = Field(default=None, description="only these publishers")
    languages: Names | None = Field(
        default=None, description="only these languages", examples=[["de"]]
    )
    documents: Names | None = Field(default=None, description="only these ids")

    def filter(self) -> Filter:
        return Filter(
            doc_ids=None if self.documents is None else frozenset(self.documents),
            sources=None if self.sources is None else frozenset(self.sources),
            languages=None if self.languages is None else frozenset(self.languages),
            since=None if self.since is None else Period.parse(self.since).first,
            until=None if self.until is None else Period.parse(self.until).last,
        )


class SearchRequest(Selection):
    question: Question
    k: Annotated[int, BeforeValidator(_whole)] = Field(
        default=10, ge=1, le=MOST_PASSAGES, description="how many passages"
    )


class AskRequest(Selection):
    question: Question
    history: list[str] = Field(
        default=[], max_length=100, description="the earlier questions as typed, oldest first"
    )
    stream: bool = Field(default=False, description="server-sent events: the answer as it grows")


class ListRequest(Selection):
    """One page of the documents, by id. A query has text only: numbers are read, null is not."""

    model_config = ConfigDict(strict=False)

    since: Day | SkipJsonSchema[None] = None
    until: Day | SkipJsonSchema[None] = None
    sources: Names | SkipJsonSchema[None] = None
    languages: Names | SkipJsonSchema[None] = None
    documents: Names | SkipJsonSchema[None] = None

    limit: int = Field(default=100, ge=1, le=MOST_LISTED)
    after: str = Field(default="", description="the id that the page before ended with: its `next`")


class NewDocument(Strict):
    id: str = Field(
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )
    text: str = Field(pattern=VISIBLE, description="kept as it is")
    title: str | None = None
    source: str | None = Field(default=None, description="the publisher")
    published: Day | None = None
    language: str | None = Field(default=None, pattern="^[a-z]{2}$", examples=["de"])
    url: str | None = None


class NewDocuments(Strict):
    documents: list[NewDocument] = Field(min_length=1, max_length=MOST_DOCUMENTS)


class Message(BaseModel):
    """A turn of a conversation; only what the user said is read."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None


class ChatRequest(BaseModel):
    """As OpenAI's; what is not named here is accepted and has no effect."""

    model: Literal["articles"]
    messages: list[Message] = Field(
        min_length=1, max_length=1_000, examples=[[{"role": "user", "content": QUESTION}]]
    )
    stream: bool = False
    n: Literal[1] | None = 1
