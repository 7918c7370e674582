"""How much runs at once: a few calls in threads, some more that wait, and the rest is refused."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from anyio.to_thread import run_sync

from rag.serve.errors import Overloaded

T = TypeVar("T")


class End:
    """After the last item of a stream."""


END = End()


class Slots:
    """`at_once` calls run in threads of their own, `waiting` more wait in line.

    Nothing here blocks the event loop.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._most = at_once + waiting
        self._turns = anyio.Semaphore(at_once)
        self._threads = anyio.CapacityLimiter(at_once)
        self._feeding: set[asyncio.Task[None]] = set()  # or they might be collected
        self.taken = 0  # running or waiting

    async def run(self, call: Callable[[], T]) -> T:
        """What `call` returns. Raises Overloaded at once if too many wait already."""
        async with self._turn():
            return await self._thread(call)

    async def stream(self, items: Iterator[T]) -> AsyncGenerator[T]:
        """Each item when it is there; in one turn, however slowly a client takes them.

        Raises Overloaded as `run`. Where the client goes, `items` are closed.
        """
        sink, source = anyio.create_memory_object_stream[T](math.inf)
        task = asyncio.create_task(self._feed(items, sink))
        self._feeding.add(task)
        task.add_done_callback(self._fed)
        with source:
            async for item in source:
                yield item
        await asyncio.shield(task)  # for its error

    async def _feed(self, items: Iterator[T], sink: MemoryObjectSendStream[T]) -> None:
        """Never cancelled: a thread that is at work on `items` cannot be stopped."""
        with sink:
            async with self._turn():
                try:
                    while sink.statistics().open_receive_streams:  # else the client has gone
                        item = await self._thread(lambda: next(items, END))
                        if isinstance(item, End):
                            return
                        with suppress(anyio.BrokenResourceError):
                            sink.send_nowait(item)
                finally:
                    if isinstance(items, Generator):
                        await self._thread(items.close)

    def _fed(self, task: asyncio.Task[None]) -> None:
        self._feeding.discard(task)
        if not task.cancelled():
            task.exception()  # whoever is still there gets it

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self.taken >= self._most:
            raise Overloaded("too many requests; send it again in a moment")
        self.taken += 1
        try:
            async with self._turns:
                yield
        finally:
            self.taken -= 1

    async def _thread(self, call: Callable[[], T]) -> T:
        return await run_sync(call, limiter=self._threads)
