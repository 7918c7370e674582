"""What the server counts, for Prometheus. No question, answer or document is in it."""

from __future__ import annotations

from time import perf_counter

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.serve.busy import Slots
from rag.store import Counts

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
METHODS = frozenset({"GET", "POST", "DELETE"})


class Metrics:
    """The counters of one server, in a registry of their own."""

    def __init__(self, slots: Slots) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "rag_requests", "HTTP requests.", ["method", "route", "status"], registry=self._registry
        )
        self.seconds = Histogram(
            "rag_request_seconds",
            "Time until the whole response was sent.",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.answers = Counter("rag_answers", "Answers by kind.", ["kind"], registry=self._registry)
        self._size = Gauge(
            "rag_index_size", "What the index holds.", ["of"], registry=self._registry
        )
        self._up = Gauge("rag_index_up", "1 if the index can be read.", registry=self._registry)
        Gauge("rag_questions_in_hand", "Running or waiting.", registry=self._registry).set_function(
            lambda: slots.taken
        )

    def page(self, counts: Counts | None) -> Response:
        """The text that Prometheus reads; `counts` is None where the index cannot be read."""
        self._up.set(counts is not None)
        if counts is not None:
            self._size.labels("documents").set(counts.documents)
            self._size.labels("chunks").set(counts.chunks)
            self._size.labels("sentences").set(counts.sentences)
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class Metered:
    """Middleware: counts each request by the pattern of its path, of which there are few."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.requests.labels(method, route, status).inc()
            self._metrics.seconds.labels(route).observe(perf_counter() - begun)
