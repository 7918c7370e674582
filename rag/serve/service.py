"""What all routes share: one assistant, the turns its calls wait for, and the counters."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import IndexNotFound, RagError
from rag.serve import memory
from rag.serve.busy import Slots
from rag.serve.metrics import Metrics
from rag.types import Answer, Filter

T = TypeVar("T")

log = logging.getLogger(__name__)


class Service:
    """`prepare` runs once, beside the server, so that the first question is quick."""

    def __init__(self, assistant: Assistant, config: Config, questions: Slots) -> None:
        self.assistant = assistant
        self.config = config
        self.questions = questions
        self.changes = Slots(at_once=1, waiting=8)  # one writer at a time
        self.metrics = Metrics(questions)
        self.prepared = threading.Event()

    async def change(self, call: Callable[[], T]) -> T:
        """What `call` returns, which changes the index. Raises Overloaded."""

        def changed() -> T:
            try:
                return call()
            finally:
                memory.give_back()

        return await self.changes.run(changed)

    def prepare(self) -> None:
        """Load what a question needs, by asking one."""
        try:
            _ = self.assistant.embedder, self.assistant.reader
            with suppress(IndexNotFound):
                self.assistant.search("Was ist neu?", k=1)
        except RagError as error:
            log.error("%s", error)
        finally:
            self.prepared.set()

    def ask(self, question: str, permitted: Filter, history: Sequence[str]) -> Answer:
        *_, answer = self.answers(question, permitted, history)
        return answer

    def answers(self, question: str, permitted: Filter, history: Sequence[str]) -> Iterator[Answer]:
        """The answer as it grows; the last is whole, and is counted."""
        answer = None
        for answer in self.assistant.stream(question, permitted, history=history):
            yield answer
        if answer is not None:
            self.metrics.answers.labels(answer.kind).inc()


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(_service)]  # for a route
