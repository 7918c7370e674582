"""How long a request may take to arrive: a client that trickles gives its connection back."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 20.0  # from the first byte, or from connecting, to the end of the headers
BODY_SECONDS = 300.0  # 20 MB of articles at half a Mbit a second


# One of two classes of uvicorn, which are alike in all that is used here.
class Patience(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """uvicorn waits for ever for a request that has begun; this closes the connection."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS
    _timer: asyncio.TimerHandle | None = None
    _body = False  # what the timer waits for

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wait(body=False)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        cycle = self.cycle
        if cycle is None or cycle.response_complete:  # the next request has begun
            self._wait(body=False)
        elif cycle.more_body:
            self._wait(body=True)
        else:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _wait(self, *, body: bool) -> None:
        if self._timer is not None and self._body == body:
            return
        self._stop()
        seconds = self.body_seconds if body else self.head_seconds
        self._body = body
        self._timer = self.loop.call_later(seconds, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
