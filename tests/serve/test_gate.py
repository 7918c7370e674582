"""Who may come in, and what any failure looks like from outside."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from rag.assistant import Assistant
from rag.config import Config
from rag.serve import replies
from rag.serve.app import MOST_BYTES, build_app
from tests.serve.conftest import HERE

TOKEN = "s3cret-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATHS = ("/v1/documents", "/v1/models", "/metrics", "/openapi.json", "/mcp", "/v1/x", "/", "/docs")


@pytest.fixture
def guarded(filled: Assistant) -> Iterator[TestClient]:
    app = build_app(filled, Config(), token=TOKEN)
    with TestClient(app, HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_but_health_is_told(guarded: TestClient, path: str) -> None:
    for headers in ({}, {"Authorization": TOKEN}, {"Authorization": f"Bearer {TOKEN}x"}):
        response = guarded.get(path, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"
    assert guarded.get(path, headers=BEARER).status_code != 401
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/readyz").status_code in (200, 503)  # it may still be loading


def test_the_settings_may_hold_the_token(filled: Assistant) -> None:
    with TestClient(build_app(filled, Config(token=TOKEN)), HERE) as client:
        assert client.get("/v1/models").status_code == 401
        assert client.get("/v1/models", headers=BEARER).status_code == 200


@given(st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n\0"), max_size=40))
def test_no_other_authorization_opens(given: str) -> None:
    from rag.serve.gate import Gate

    async def nothing(*_: object) -> None:
        """Never reached."""

    gate = Gate(nothing, sizes={}, token=TOKEN, login="ada:söze")
    assert not gate._secret(given)
    assert not gate._secret(f"Basic {given}")
    assert gate._secret(f"bearer  {TOKEN}") == "bearer"


def test_a_browser_may_log_in_instead(filled: Assistant) -> None:
    app = build_app(filled, Config(), token=TOKEN, login="ada:söze")
    basic = base64.b64encode("ada:söze".encode()).decode()
    with TestClient(app, HERE) as client:
        assert client.get("/v1/models").headers["www-authenticate"].startswith("Basic ")
        for known in (BEARER, {"Authorization": f"Basic {basic}"}):
            assert client.get("/v1/models", headers=known).status_code == 200
        wrong = {"Authorization": f"Basic {base64.b64encode(b'ada:x').decode()}"}
        assert client.get("/v1/models", headers=wrong).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:80", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1@evil.example", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
def test_another_name_for_this_machine_is_not_answered(
    client: TestClient, host: str, status: int
) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == status


def test_with_a_token_or_if_told_to_any_name_is_answered(
    guarded: TestClient, filled: Assistant
) -> None:
    other = {"Host": "articles.example"}
    assert guarded.get("/v1/models", headers=BEARER | other).status_code == 200
    with TestClient(build_app(filled, Config(), public=True), HERE) as client:
        assert client.get("/v1/models", headers=other).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:99"])
def test_the_page_of_another_site_cannot_ask(client: TestClient, origin: str) -> None:
    sent = {"documents": [{"id": "a", "text": "Das Werk steht."}]}
    response = client.post("/v1/documents", json=sent, headers={"Origin": origin})
    assert (response.status_code, response.json()["code"]) == (403, "wrong_origin")
    preflight = client.options("/v1/ask", headers={"Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 405
    own = client.get("/v1/models", headers={"Origin": HERE})
    assert own.status_code == 200
    for response in (preflight, own):
        assert not [name for name in response.headers if name.startswith("access-control")]


def test_a_page_beside_is_behind_the_same_gate_with_limits_of_its_own(filled: Assistant) -> None:
    async def page(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    app = build_app(filled, Config(), token=TOKEN, login="ada:pw")
    app.mount("/", Starlette(routes=[Route("/upload", page, methods=["POST"])]))
    with TestClient(app, HERE) as client:
        assert client.post("/upload").status_code == 401
        large = client.post("/upload", content=b"x" * (2 * MOST_BYTES), auth=("ada", "pw"))
        assert (large.status_code, large.text) == (200, str(2 * MOST_BYTES))
        assert "content-security-policy" not in large.headers
        assert client.get("/v1/models", auth=("ada", "pw")).status_code == 200


def test_a_socket_is_refused(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/v1/ask"):
        """It is not opened."""


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/chat/completions", "/mcp"])
@pytest.mark.parametrize("told", [True, False])
def test_a_request_larger_than_allowed_is_not_read(
    client: TestClient, path: str, told: bool
) -> None:
    body = b'{"question": "' + b"x" * MOST_BYTES + b'"}'
    content = body if told else iter([body[:10], body[10:]])
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    response = client.post(path, content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_articles_may_be_as_large_as_a_file(filled: Assistant) -> None:
    config = Config(max_file_bytes=1_000)
    with TestClient(build_app(filled, config), HERE) as client:
        large = {"files": ("a.txt", b"x" * 2_000)}
        assert "larger than 1000 bytes" in client.post("/v1/documents", files=large).text
        larger = {"files": ("a.txt", b"x" * 1_100_000)}
        assert client.post("/v1/documents", files=larger).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/none", None, 404, "not_found"),
        ("GET", "/v1/documents/none", None, 404, "document_not_found"),
        ("PUT", "/v1/ask", None, 405, "method_not_allowed"),
        ("GET", "/v1/documents?limit=0", None, 422, "invalid_request"),
        ("GET", "/v1/documents?x=1", None, 422, "invalid_request"),
        ("POST", "/v1/ask", b"{", 422, "invalid_request"),
        ("POST", "/v1/ask", b"\xff", 400, "bad_request"),
        ("POST", "/v1/ask", b"[" * 100_000, 400, "bad_request"),
        ("POST", "/v1/ask", b'{"question": "\\ud800"}', 422, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "Ja?", "\\ud800": 1}', 422, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "   "}', 422, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "Ja?", "k": 3}', 422, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "Ja?", "since": "2026-13"}', 422, "invalid_request"),
        ("POST", "/v1/search", b'{"question": "Ja?", "k": "3"}', 422, "invalid_request"),
        ("POST", "/v1/search", b'{"question": "Ja?", "k": 1000}', 422, "invalid_request"),
    ],
)
def test_every_failure_says_what_why_and_what_to_do(
    client: TestClient, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.request(method, path, content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    form = replies.Error.model_validate(response.json(), strict=True)
    assert form.message
    assert form.remedy
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_crash_shows_nothing_of_the_inside(
    client: TestClient, filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("the inside of /srv/index")

    monkeypatch.setattr(filled, "search", crash)
    monkeypatch.setattr(filled, "stream", crash)
    for path, more in (("/v1/search", {}), ("/v1/ask", {}), ("/v1/ask", {"stream": True})):
        response = client.post(path, json={"question": "Ja?", **more})
        assert (response.status_code, response.json()["code"]) == (500, "internal_error")
        assert "inside" not in response.text
        assert "Traceback" not in response.text


def test_a_disk_that_fails_is_told_without_its_paths(
    client: TestClient, filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/srv/index/catalog.sqlite")

    monkeypatch.setattr(filled, "remove", full)
    response = client.delete("/v1/documents/news/bahn.txt")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.json()["message"] == "No space left on device"
