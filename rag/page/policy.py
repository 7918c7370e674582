"""What a browser may load and run for the page: nothing of another host, no script but its own.

Gradio makes functions from its templates, hence `unsafe-eval`, and writes styles into elements.
Of inline scripts only those run that the page was sent with, each known by its hash: an `onerror`
or a `<script>` that an article brings along is refused even if it should come through unescaped.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"content-security-policy"
FILES = "default-src 'none'; frame-ancestors 'none'"  # of all that is no page
REST = (
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)

_INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def policy(html: bytes, scripts: Sequence[bytes] = ()) -> str:
    """That of a page, with the hashes of the scripts in it and of those that it puts there."""
    found = [*_INLINE.findall(html), *scripts]
    digests = (hashlib.sha256(script).digest() for script in found)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return f"default-src 'none'; script-src 'self' 'unsafe-eval' {hashes}; {REST}"


class Policy:
    """Middleware that sends the page, at `/`, and what is beside it each with a policy.

    Whoever has sent one of its own keeps it. `scripts` are the page's own, which Gradio puts into
    it in the browser.
    """

    def __init__(self, app: ASGIApp, scripts: Sequence[str] = ()) -> None:
        self._app = app
        self._scripts = [script.encode() for script in scripts]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == "/":
            await self._page(scope, receive, send)
        else:
            await self._app(scope, receive, _with(send, FILES))

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The policy stands before the page, so the page is held back until it is whole."""
        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)
            if message["type"] != "http.response.start" and not message.get("more_body"):
                html = b"".join(each.get("body", b"") for each in held)
                onward = _with(send, policy(html, self._scripts))
                for each in held:
                    await onward(each)

        await self._app({**scope, "headers": plain}, receive, hold)


def _with(send: Send, value: str) -> Send:
    async def onward(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if all(name.lower() != HEADER for name, _ in headers):
                headers += [(HEADER, value.encode()), (b"referrer-policy", b"no-referrer")]
            message = {**message, "headers": headers}
        await send(message)

    return onward
