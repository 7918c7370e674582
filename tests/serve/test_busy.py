"""Turns: how many calls run, how many wait, and that a turn always comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import aclosing

import anyio
import anyio.to_thread
import pytest

from rag.serve.busy import Slots
from rag.serve.errors import Overloaded


def test_no_more_run_than_may_and_the_rest_waits_in_line() -> None:
    running, most = 0, 0
    lock = threading.Lock()
    order: list[int] = []

    async def session() -> None:
        slots = Slots(at_once=2, waiting=8)

        def work(number: int) -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
                order.append(number)
            threading.Event().wait(0.01)
            with lock:
                running -= 1

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(slots.run, lambda number=number: work(number))
        assert slots.taken == 0

    anyio.run(session)
    assert most == 2
    assert sorted(order) == list(range(10))


def test_what_cannot_wait_is_refused_at_once_and_the_rest_is_done() -> None:
    async def session() -> None:
        slots = Slots(at_once=1, waiting=1)
        go = threading.Event()
        done: list[str] = []

        async def ask() -> None:
            done.append(await slots.run(lambda: str(go.wait(30))))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            tasks.start_soon(ask)
            await anyio.sleep(0.01)
            with pytest.raises(Overloaded):
                await slots.run(str)
            go.set()
        assert done == ["True", "True"]
        assert await slots.run(lambda: 3) == 3

    anyio.run(session)


@pytest.mark.parametrize("how", ["left", "cancelled", "failed"])
def test_a_stream_that_ends_early_gives_its_turn_back_and_stops(how: str) -> None:
    ended = threading.Event()

    def pieces() -> Iterator[int]:
        try:
            yield 1
            if how == "failed":
                raise ValueError(how)
            yield 2
        finally:
            ended.set()

    async def session() -> None:
        slots = Slots(at_once=1, waiting=0)
        with anyio.CancelScope() as scope:
            try:
                async with aclosing(slots.stream(pieces())) as stream:
                    async for piece in stream:
                        if piece == 1 and how == "cancelled":
                            scope.cancel()
                            await anyio.lowlevel.checkpoint()
                        elif how == "left":
                            break
            except ValueError:
                assert how == "failed"
        with anyio.fail_after(30):
            while slots.taken:
                await anyio.sleep(0.001)
        assert ended.is_set()
        assert await slots.run(lambda: 3) == 3

    anyio.run(session)


def test_a_client_that_does_not_read_keeps_nobody_waiting() -> None:
    async def session() -> None:
        slots = Slots(at_once=1, waiting=1)
        stream = slots.stream(iter(range(1_000)))
        assert await anext(stream) == 0
        assert await slots.run(lambda: 3) == 3
        assert [item async for item in stream] == list(range(1, 1_000))

    anyio.run(session)


def test_a_client_that_goes_while_a_thread_is_at_work_stops_what_follows() -> None:
    at_work, go, ended = threading.Event(), threading.Event(), threading.Event()

    def pieces() -> Iterator[int]:
        try:
            yield 1
            at_work.set()
            assert go.wait(30)
            yield 2
            raise AssertionError("nobody asks for more")
        finally:
            ended.set()

    async def session() -> None:
        slots = Slots(at_once=1, waiting=0)
        async with aclosing(slots.stream(pieces())) as stream:
            assert await anext(stream) == 1
            await anyio.to_thread.run_sync(at_work.wait)
        assert slots.taken == 1  # its thread is still there
        go.set()
        with anyio.fail_after(30):
            while slots.taken:
                await anyio.sleep(0.001)
        assert ended.is_set()

    anyio.run(session)
