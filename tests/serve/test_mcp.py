"""The tools, called by the protocol's own client; over stdio see test_docs.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from rag.assistant import Assistant
from rag.config import Config
from rag.serve.app import build_app
from rag.serve.busy import Slots
from rag.serve.tools import build_tools
from tests.serve.living import serving
from tests.trees import BAHN

QUESTION = "Was kostet die neue Strecke der Bahn?"


def call(server: Any, name: str, **arguments: Any) -> CallToolResult:
    """One call in a session of its own."""

    async def session() -> CallToolResult:
        async with Client(server) as client:
            result = await client.call_tool(name, arguments)
            assert isinstance(result, CallToolResult)
            return result

    return anyio.run(session)


def value(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result
    content: dict[str, Any] | None = result.structured_content
    assert content is not None
    return content


def trouble(result: CallToolResult) -> str:
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.fixture
def tools(filled: Assistant) -> Any:
    return build_tools(filled, Slots(2, 2))


def test_the_tools_say_what_they_take_and_that_they_change_nothing(tools: Any) -> None:
    async def listed() -> list[Any]:
        async with Client(tools) as client:
            return (await client.list_tools()).tools

    found = {tool.name: tool for tool in anyio.run(listed)}
    assert set(found) == {"search_articles", "ask_articles", "get_article"}
    for tool in found.values():
        assert tool.annotations.read_only_hint
        assert tool.description
    assert found["ask_articles"].input_schema["required"] == ["question"]


def test_an_answer_cites_quotes_that_stand_in_the_article(tools: Any) -> None:
    answer = value(call(tools, "ask_articles", question=QUESTION))
    (cited,) = answer["citations"]
    assert answer["text"] == f"{cited['quote']}[1]"
    article = value(call(tools, "get_article", id=cited["document"]["id"]))
    assert article["text"][cited["start"] : cited["end"]] == cited["quote"]
    followup = call(tools, "ask_articles", question="Und 2027?", history=["Was baut sie 2026?"])
    assert value(followup)["notices"]


def test_passages_are_found_under_a_filter(tools: Any) -> None:
    hits = value(call(tools, "search_articles", question=QUESTION, k=1))["hits"]
    assert [hit["document"]["id"] for hit in hits] == ["news/bahn.txt"]
    english = value(call(tools, "search_articles", question=QUESTION, languages=["en"]))["hits"]
    assert {hit["document"]["language"] for hit in english} == {"en"}
    assert value(call(tools, "search_articles", question=QUESTION, since="2026"))["hits"] == []


def test_a_long_article_is_read_in_parts(tools: Any) -> None:
    whole = value(call(tools, "get_article", id="news/bahn.txt"))
    assert (whole["start"], whole["end"], whole["characters"]) == (0, len(BAHN), len(BAHN))
    part = value(call(tools, "get_article", id="news/bahn.txt", start=4, length=4))
    assert (part["text"], part["end"]) == (BAHN[4:8], 8)
    beyond = value(call(tools, "get_article", id="news/bahn.txt", start=10_000))
    assert (beyond["text"], beyond["end"]) == ("", 10_000)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("get_article", {"id": "none"}, "none: no such document in the index; find its id with"),
        ("ask_articles", {"question": " "}, "question"),
        ("ask_articles", {"question": "Ja?", "since": "2026-13"}, "since"),
        ("search_articles", {"question": "Ja?", "k": 0}, "k"),
        ("no_such_tool", {}, "no_such_tool"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    tools: Any, name: str, arguments: dict[str, Any], said: str
) -> None:
    assert said in trouble(call(tools, name, **arguments))


def test_a_crash_shows_nothing_of_the_inside(
    tools: Any, filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("the inside")

    monkeypatch.setattr(filled, "search", crash)
    assert "inside" not in trouble(call(tools, "search_articles", question=QUESTION))


@pytest.fixture
def address(filled: Assistant) -> Iterator[str]:
    with serving(build_app(filled, Config(), token="s3cret")) as address:
        yield f"{address}/mcp"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http_with_the_token_of_the_server(address: str, mode: str) -> None:
    async def session() -> CallToolResult:
        known = {"Authorization": "Bearer s3cret"}
        async with (
            httpx2.AsyncClient(headers=known) as http,
            Client(streamable_http_client(address, http_client=http), mode=mode) as client,
        ):
            result = await client.call_tool("ask_articles", {"question": QUESTION})
            assert isinstance(result, CallToolResult)
            return result

    assert value(anyio.run(session))["citations"]
    with pytest.RaisesGroup(MCPError, flatten_subgroups=True):
        call(address, "ask_articles", question=QUESTION)
