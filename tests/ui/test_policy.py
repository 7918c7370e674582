"""What a browser is told that the page may do, with the API beside it and without."""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from rag.assistant import Assistant
from rag.config import Config
from rag.page.access import Access
from rag.page.beside import host
from rag.page.frame import SCRIPT
from rag.page.policy import FILES

HERE = "http://127.0.0.1"
INLINE = "window.own = '<b>ä</b>';\nrun()"
PAGE = (
    f"<script>{INLINE}</script><script type=module crossorigin src=./a.js></script>"
    "<img src=x onerror=hit()>"
)


@pytest.fixture
def beside(assistant: Assistant, news: Path) -> Any:
    assistant.sync([news])
    app = host(assistant, Config(), Access())
    app.router.routes.append(
        Mount(
            "/",
            routes=[
                Route("/", lambda _: HTMLResponse(PAGE)),
                Route("/file", lambda _: PlainTextResponse("x")),
            ],
        )
    )
    return app


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in map(str.split, policy.split(";"))}


def hashed(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_only_the_scripts_that_the_page_was_sent_with_run(beside: Any) -> None:
    with TestClient(beside, HERE) as client:
        response = client.get("/", headers={"Accept-Encoding": "br, gzip"})
    assert response.text == PAGE
    told = directives(response.headers["content-security-policy"])
    assert told["script-src"] == ["'self'", "'unsafe-eval'", hashed(INLINE), hashed(SCRIPT)]
    assert told["default-src"] == told["object-src"] == told["frame-ancestors"] == ["'none'"]
    sources = {value for values in told.values() for value in values}
    assert not [s for s in sources if s == "*" or "http" in s or s == "blob:"]
    assert [name for name, values in told.items() if "data:" in values] == ["img-src"]
    assert response.headers["referrer-policy"] == "no-referrer"


def test_what_is_no_page_may_do_nothing_and_the_api_keeps_its_own(beside: Any) -> None:
    with TestClient(beside, HERE) as client:
        assert client.get("/file").headers["content-security-policy"] == FILES
        api = client.get("/v1/models").headers
        assert api.get_list("content-security-policy") == [
            "default-src 'none'; frame-ancestors 'none'"
        ]


def test_without_the_extra_the_page_says_what_is_missing_and_keeps_its_gate(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "rag.serve.app", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.streamable_http_manager", None)
    app = host(assistant, Config(), Access(login="ada:pw"))
    told = capsys.readouterr().err
    assert "need the package mcp; run: pip install 'rag[serve]'" in told
    app.router.routes.append(Route("/", lambda _: HTMLResponse(PAGE)))
    with TestClient(app, HERE) as client:
        assert client.get("/").status_code == 401
        known = client.get("/", auth=("ada", "pw"))
        assert (known.status_code, known.text) == (200, PAGE)
        assert hashed(INLINE) in known.headers["content-security-policy"]
        assert client.get("/v1/models", auth=("ada", "pw")).status_code == 404
