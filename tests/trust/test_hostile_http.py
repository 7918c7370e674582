"""Clients that send too much, too slowly, too often or what is no HTTP; others are still served."""

from __future__ import annotations

import asyncio
import resource
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import httpx2
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.serve.app import build_app
from rag.serve.patience import Patience
from rag.serve.rate import MOST_CLIENTS, Rate, network
from rag.serve.run import settings
from tests.trees import BAHN, write

HERE = "http://127.0.0.1"
TOKEN = "s3cret"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("http")
    write(folder / "news" / "bahn.txt", BAHN)
    assistant = Assistant(folder / "index", Config(), HashEmbedder())
    assistant.sync(folder / "news")
    return assistant


@contextmanager
def listening(assistant: Assistant) -> Iterator[int]:
    """The port of a server with the settings of `rag serve`."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = uvicorn.Server(settings(build_app(assistant, Config(rate_limit=0), token=TOKEN)))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def port(filled: Assistant) -> Iterator[int]:
    with listening(filled) as port:
        yield port


def alive(port: int) -> bool:
    url = f"{HERE}:{port}/v1/models"
    return httpx2.get(url, headers=BEARER, timeout=20).status_code == 200


# --- how often ---


def test_a_client_has_a_minutes_worth_and_then_so_many_a_minute() -> None:
    now = [0.0]
    rate = Rate(60, lambda: now[0])
    assert [rate.wait("a") for _ in range(60)] == [0] * 60
    assert rate.wait("a") == 1
    assert rate.wait("b") == 0
    now[0] = 10.0
    assert [rate.wait("a") for _ in range(12)] == [0] * 10 + [1, 1]
    assert [Rate(0).wait("a") for _ in range(1000)] == [0] * 1000


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200), st.integers(1, 60))
def test_no_client_gets_more_than_its_rate_and_who_waits_gets_in(
    pauses: list[float], most: int
) -> None:
    now, allowed = [0.0], 0
    rate = Rate(most, lambda: now[0])
    for pause in pauses:
        now[0] += pause
        seconds = rate.wait("a")
        allowed += not seconds
        assert allowed <= most + now[0] * most / 60 + 1e-6
        if seconds:
            now[0] += seconds
            assert rate.wait("a") == 0
            allowed += 1


def test_clients_are_remembered_in_bounded_space() -> None:
    rate = Rate(5)
    for number in range(MOST_CLIENTS + 50):
        rate.wait(str(number))
    assert len(rate._buckets) == MOST_CLIENTS


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_client_is_an_address_or_a_network(address: str, known: str) -> None:
    assert network(address) == known


def test_who_asks_too_often_is_told_when_to_come_back(filled: Assistant) -> None:
    with TestClient(build_app(filled, Config(rate_limit=3)), HERE) as client:
        answers = [client.get("/v1/models") for _ in range(4)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[3].headers["retry-after"]) <= 20
        problem = answers[3].json()
        assert (set(problem), problem["code"]) == ({"code", "message", "remedy"}, "rate_limited")


def test_with_a_token_its_owner_is_the_client_and_guesses_count_by_address(
    filled: Assistant,
) -> None:
    app = build_app(filled, Config(rate_limit=5), token=TOKEN)
    with TestClient(app, HERE) as client:
        guesses = [
            client.get("/v1/models", headers={"Authorization": f"Bearer {n}"}).status_code
            for n in range(8)
        ]
        assert guesses == [401] * 5 + [429] * 3
        assert client.get("/v1/models", headers=BEARER).status_code == 200
        other = TestClient(app, HERE, client=("192.0.2.1", 1))
        assert other.get("/v1/models").status_code == 401


# --- who ---


def test_every_secret_is_compared_in_constant_time(
    filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[bytes] = []

    def noted(given: bytes, secret: bytes) -> bool:
        compared.append(secret)
        return compare(given, secret)

    compare = secrets.compare_digest
    monkeypatch.setattr("rag.serve.gate.secrets.compare_digest", noted)
    with TestClient(build_app(filled, Config(), token=TOKEN, login="a:b"), HERE) as client:
        for given in ("Bearer s3cre", "Basic s3cret", "Bearer s3cret", ""):
            compared.clear()
            client.get("/v1/models", headers={"Authorization": given})
            assert compared == [b"s3cret", b"YTpi"]


def test_no_path_but_health_is_open(filled: Assistant) -> None:
    app = build_app(filled, Config(), token=TOKEN)
    paths = [str(getattr(route, "path", "/")) for route in app.router.routes]
    paths += ["/v1/ask/", "//v1/ask", "/V1/ASK", "/healthz/", "/healthz/../v1/models", "/docs"]
    with TestClient(app, HERE) as client:
        for path in {path.replace("{doc_id:path}", "x") for path in paths}:
            for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
                status = client.request(method, path).status_code
                assert status == 401 or path in ("/healthz", "/readyz"), (method, path)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
def test_no_other_site_may_read_an_answer(filled: Assistant, origin: str) -> None:
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    with TestClient(build_app(filled, Config(), token=TOKEN), HERE) as client:
        for method, path in (("OPTIONS", "/v1/ask"), ("GET", "/v1/models"), ("POST", "/mcp")):
            response = client.request(method, path, headers=asks | BEARER)
            assert response.status_code == 403
            assert not [name for name in response.headers if name.startswith("access-control")]


# --- how much, how slowly, and what is no HTTP ---

HOST = b"Host: 127.0.0.1\r\nAuthorization: Bearer s3cret\r\n"
POST = b"POST /v1/ask HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
ABUSES = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no line": b"\r\n\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown method": b"FOO /v1/ask HTTP/1.1\r\n" + HOST + b"\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a proxy's request": b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "a long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a long header": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 20_000 + b"\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\n" + HOST + b": a\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\n" + HOST + b"X: \0\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: evil.example\r\n" + HOST + b"\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "a length and pieces": POST
    + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n{}",
    "a length that is none": POST + b"Content-Length: \xb2\r\n\r\n{}",
    "more than it says": POST + b"Content-Length: 2\r\n\r\n{}" + b"{" * 10_000,
    "more than is allowed": POST + b"Content-Length: 99999999999\r\n\r\n{}",
    "pieces without a length": POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n",
    "a piece too long": POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}\r\n",
    "a socket": b"GET /v1/ask HTTP/1.1\r\n"
    + HOST + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    "many at once": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n") * 200,
    "half of a body": POST + b"Content-Length: 100\r\n\r\n{",
}  # fmt: skip


@pytest.mark.parametrize("abuse", ABUSES.values(), ids=ABUSES)
def test_what_is_no_proper_request_fails_alone(port: int, abuse: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        answer = b""
        with suppress(OSError):  # it may have hung up already
            client.sendall(abuse)
            client.shutdown(socket.SHUT_WR)
            with closing(client.makefile("rb")) as stream:
                answer = stream.readline()
    status = answer.split()[1:2]
    assert not answer or status[0][:1] in (b"2", b"4"), answer
    assert alive(port)


def test_who_trickles_loses_the_connection_and_others_are_served(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patience, "head_seconds", 0.5)
    monkeypatch.setattr(Patience, "body_seconds", 0.8)
    slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(60)]
    for number, client in enumerate(slow):
        starts = (b"", b"GET / HTTP/1.1\r\nX: ", POST + b"Content-Length: 9\r\n\r\n{")
        client.sendall(starts[number % 3])
    for client in slow[1::3]:  # a byte now and then is not enough
        client.sendall(b"a")
    assert alive(port)
    for client in slow:
        with client, closing(client.makefile("rb")) as stream:
            stream.read()  # comes to its end
    assert alive(port)


def test_who_takes_his_time_between_requests_may(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patience, "head_seconds", 0.4)
    with httpx2.Client(base_url=f"{HERE}:{port}", headers=BEARER) as client:
        for pause in (0.0, 0.3, 0.3, 0.3):
            time.sleep(pause)
            assert client.get("/v1/models").status_code == 200


def test_a_thousand_connections_at_once_are_all_answered(port: int) -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /v1/models HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        answer = await reader.readline()
        writer.close()
        return answer

    async def all_at_once() -> list[bytes]:
        return await asyncio.gather(*(one() for _ in range(1000)))

    try:
        assert set(asyncio.run(all_at_once())) == {b"HTTP/1.1 200 OK\r\n"}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
    assert alive(port)


def test_what_a_page_beside_reads_is_bounded_too(
    filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def page(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    monkeypatch.setattr("rag.serve.app.PAGE_BYTES", 100_000)
    app = build_app(filled, Config(max_file_bytes=3_000))
    app.mount("/", Starlette(routes=[Route("/{path:path}", page, methods=["POST"])]))
    with TestClient(app, HERE) as client:
        for path, most in (("/gradio_api/queue/join", 100_000), ("/gradio_api/upload", 1_300_000)):
            assert client.post(path, content=b"x" * most).text == str(most)
            for content in (b"x" * (most + 1), iter([b"x" * most, b"x"])):
                assert client.post(path, content=content).status_code == 413
