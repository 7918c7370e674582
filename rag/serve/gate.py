"""Who may come in, how often and with how much, before anything is read."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.loopback import is_loopback
from rag.serve.errors import Problem
from rag.serve.rate import Rate, network

OPEN = frozenset({"/healthz", "/readyz"})  # a probe has no token
OURS = ("/v1/", "/mcp", "/metrics", "/openapi.json", *sorted(OPEN))

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
_RATE = Problem(
    429, "rate_limited", "more requests than one client may send", "send it again after Retry-After"
)
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
    are under the same checks.

    Each client may send `rate` requests a minute, 0 is any number: all that show the same secret
    are one client, without it (a wrong one counts too) all from one address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sizes: Mapping[str, int],
        token: str | None = None,
        login: str | None = None,
        public: bool = False,
        rate: int = 0,
    ) -> None:
        self._app = app
        self._sizes = [(path, most, _limited(app, most)) for path, most in sizes.items()]
        self._secrets = [(b"bearer", token.encode())] if token else []
        if login:
            self._secrets.append((b"basic", base64.b64encode(login.encode())))
        self._challenge = 'Basic realm="articles", charset="UTF-8"' if login else "Bearer"
        self._any_host = public or bool(self._secrets)
        self._rate = Rate(rate)

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

        headers = Headers(scope=scope)
        secret = self._secret(headers.get("authorization", ""))
        seconds = self._rate.wait(secret or network((scope.get("client") or ("", 0))[0]))
        problem = _RATE if seconds else self._problem(path, headers, most, known=bool(secret))
        if problem is None:
            await app(scope, receive, hardened)
            return
        more = {_RATE: {"Retry-After": str(seconds)}, _TOKEN: {"WWW-Authenticate": self._challenge}}
        await problem.response(more.get(problem))(scope, receive, hardened)

    def _problem(
        self, path: str, headers: Headers, most: int | None, *, known: bool
    ) -> Problem | None:
        host = headers.get("host", "")
        if not self._any_host and not is_loopback(_name(host)):
            return _HOST
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return _ORIGIN
        if self._secrets and not known and path not in OPEN:
            return _TOKEN
        length = headers.get("content-length", "0")
        if most is not None and length.isdecimal() and int(length) > most:
            return _SIZE
        return None

    def _secret(self, authorization: str) -> str:
        """Which secret is shown: its kind, or empty. Compared in constant time, all of them."""
        scheme, _, given = authorization.encode("latin-1", "replace").partition(b" ")
        shown = [
            kind.decode()
            for kind, secret in self._secrets
            if secrets.compare_digest(given.strip(), secret) and scheme.lower() == kind
        ]
        return "".join(shown)


def _limited(app: ASGIApp, most: int) -> ASGIApp:
    """Counts what is read, for a body that does not say its length."""
    return RequestBodyLimitMiddleware(app, most)


def _name(host: str) -> str:
    """`[::1]:80` → `::1`. Empty for what is no host."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
