"""Who may come in, and with how much: host, origin, token and size, before anything is read."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.serve.errors import Problem

OPEN = frozenset({"/healthz", "/readyz"})  # a probe has no token
OURS = ("/v1/", "/mcp", "/metrics", "/openapi.json", *sorted(OPEN))
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_HOST = Problem(
    421,
    "wrong_host",
    "the server does not answer under this name",
    "use its own address, or start it with a token",
)
_ORIGIN = Problem(
    403, "wrong_origin", "a page of another site may not ask", "ask without a browser"
)
_TOKEN = Problem(
    401, "unauthorized", "no token, or a wrong one", "send the header Authorization: Bearer TOKEN"
)
_SIZE = Problem(413, "too_large", "the request is larger than is allowed", "send less at once")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


class Gate:
    """Middleware. Without `token` and `login` only loopback names are answered unless `public`.

    That, and refusing the pages of other sites, keeps them from asking through a visitor's browser.
    `login` is `user:password`, which a browser asks for. `sizes` are the most bytes of a request by
    the beginning of its path, the first that fits counts. Paths of others (a page mounted beside)
    are under the same checks, but for size.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sizes: Mapping[str, int],
        token: str | None = None,
        login: str | None = None,
        public: bool = False,
    ) -> None:
        self._app = app
        self._sizes = [(path, most, _limited(app, most)) for path, most in sizes.items()]
        self._secrets = [(b"bearer", token.encode())] if token else []
        if login:
            self._secrets.append((b"basic", base64.b64encode(login.encode())))
        self._challenge = 'Basic realm="articles", charset="UTF-8"' if login else "Bearer"
        self._any_host = public or bool(self._secrets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        app, most = self._app, None
        for start, size, limited in self._sizes:
            if path.startswith(start):
                app, most = limited, size
                break
        ours = path.startswith(OURS)

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                if ours:
                    headers.update(_HEADERS)
            await send(message)

        problem = self._problem(path, Headers(scope=scope), most)
        if problem is None:
            await app(scope, receive, hardened)
            return
        challenge = {"WWW-Authenticate": self._challenge} if problem is _TOKEN else None
        await problem.response(challenge)(scope, receive, hardened)

    def _problem(self, path: str, headers: Headers, most: int | None) -> Problem | None:
        host = headers.get("host", "")
        if not self._any_host and _name(host) not in LOOPBACK:
            return _HOST
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return _ORIGIN
        if path not in OPEN and not self._known(headers.get("authorization", "")):
            return _TOKEN
        length = headers.get("content-length", "0")
        if most is not None and length.isdecimal() and int(length) > most:
            return _SIZE
        return None

    def _known(self, authorization: str) -> bool:
        """Compared in constant time, all of them."""
        if not self._secrets:
            return True
        scheme, _, given = authorization.encode("latin-1", "replace").partition(b" ")
        matches = [
            secrets.compare_digest(given.strip(), secret) and scheme.lower() == kind
            for kind, secret in self._secrets
        ]
        return any(matches)


def _limited(app: ASGIApp, most: int) -> ASGIApp:
    """Counts what is read, for a body that does not say its length."""
    return RequestBodyLimitMiddleware(app, most)


def _name(host: str) -> str:
    """`[::1]:80` → `::1`. Empty for what is no host."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
