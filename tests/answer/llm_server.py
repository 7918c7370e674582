"""A server double: it speaks OpenAI's protocol on loopback and says what a script tells it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the server does with a request; by default it says `text`, in pieces if asked to."""

    text: str = ""
    status: int = 200
    raw: bytes | None = None  # the body as it is
    event: bool = True  # raw is an event stream
    delay: float = 0.0  # seconds before each piece
    breaks_off: bool = False  # the connection, half-way
    piece: int = 7  # characters


@dataclass
class Script:
    """Answers a request; remembers all."""

    reply: Callable[[Request], Reply | str]
    url: str = ""
    asked: list[Request] = field(default_factory=list)

    def shown(self, number: int = 0) -> str:
        """The last message of a request."""
        return str(self.asked[number]["messages"][-1]["content"])


def written(*items: tuple[str, list[str]], answered: bool = True) -> str:
    sentences = [{"text": text, "sentence_ids": ids} for text, ids in items]
    return json.dumps({"answered": answered, "sentences": sentences}, ensure_ascii=False)


def ids_of(shown: str) -> dict[str, str]:
    """Id → sentence, as a model would find them in the prompt."""
    return dict(re.findall(r"^(s\d+): (.*)$", shown, re.MULTILINE))


@contextmanager
def serving(reply: Callable[[Request], Reply | str] | Reply | str) -> Iterator[Script]:
    """A server on a free port until the end of the block."""
    script = Script(reply if callable(reply) else lambda _: reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            request = json.loads(self.rfile.read(length))
            script.asked.append(request)
            given = script.reply(request)
            with_reply = Reply(given) if isinstance(given, str) else given
            with suppress(OSError):  # the client may have gone
                self._send(with_reply, stream=bool(request.get("stream")))

        def _send(self, reply: Reply, *, stream: bool) -> None:
            plain = reply.raw is not None or reply.status != 200
            kind = "text/event-stream" if stream and not plain else "application/json"
            if plain and reply.event and reply.status == 200:
                kind = "text/event-stream"
            self.send_response(reply.status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            for part in _body(reply, stream=stream):
                time.sleep(reply.delay)
                self.wfile.write(part)
                self.wfile.flush()
            if reply.breaks_off:
                self.connection.close()

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()


def _body(reply: Reply, *, stream: bool) -> Iterator[bytes]:
    if reply.raw is not None:
        yield reply.raw
    elif reply.status != 200:
        yield json.dumps({"error": {"message": reply.text or "no"}}).encode()
    elif not stream:
        message = {"role": "assistant", "content": reply.text}
        yield json.dumps({"choices": [{"index": 0, "message": message}]}).encode()
    else:
        text = reply.text[: len(reply.text) // 2] if reply.breaks_off else reply.text
        for start in range(0, len(text), reply.piece):
            delta = {"content": text[start : start + reply.piece]}
            yield _event({"choices": [{"index": 0, "delta": delta}]})
        if not reply.breaks_off:
            yield _event({"choices": []})
            yield b"data: [DONE]\n\n"


def _event(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()
