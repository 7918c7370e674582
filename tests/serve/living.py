"""A real server on loopback, and readers that answer as a test wants it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from fastapi import FastAPI

from rag.answer.extractive import ExtractiveReader
from rag.search.query import Query
from rag.types import Answer, Evidence


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of a server that runs until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)


class Waiting:
    """A reader that answers when it is let."""

    name = "waiting"

    def __init__(self) -> None:
        self.reached = threading.Semaphore(0)
        self.go = threading.Event()

    def read(self, query: Query, evidence: Evidence) -> Answer:
        self.reached.release()
        assert self.go.wait(30)
        return ExtractiveReader().read(query, evidence)


class Growing:
    """A reader that writes the sentences given, each in a piece; then it fails, if told to."""

    name = "growing"

    def __init__(self, *pieces: str, failure: Exception | None = None, pause: float = 0.0) -> None:
        self._pieces = pieces
        self._failure = failure
        self._pause = pause  # seconds after each piece
        self.written = 0
        self.closed = False

    def read(self, query: Query, evidence: Evidence) -> Answer:
        *_, answer = self.stream(query, evidence)
        return answer

    def stream(self, query: Query, evidence: Evidence) -> Iterator[Answer]:
        answer = ExtractiveReader().read(query, evidence)
        citations = answer.sentences[0].citations
        try:
            for number in range(len(self._pieces)):
                texts = self._pieces[: number + 1]
                sentences = tuple(replace(answer.sentences[0], text=text) for text in texts)
                assert citations
                self.written = number + 1
                yield replace(answer, sentences=sentences)
                time.sleep(self._pause)
            if self._failure:
                raise self._failure
        finally:
            self.closed = True

    def rewrite(self, question: str, _: Sequence[str]) -> str:
        return question
