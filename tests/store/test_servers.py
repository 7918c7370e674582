"""Servers that keep nothing: three processes over one Milvus, of which one is killed under load."""

from __future__ import annotations

import itertools
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from rag.errors import IndexLocked
from rag.store import Store
from rag.store.milvus.address import Address
from rag.store.milvus.store import MilvusStore
from tests.store.running import milvus_server, running
from tests.store.samples import SETTINGS, adding, sample
from tests.store.server import assistant
from tests.trees import BAHN, BANK, WIND, write

QUESTION = {"question": "Was kostet die neue Strecke der Bahn?", "k": 2}


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of Milvus' protocol, which stands in for a large one."""
    with milvus_server(tmp_path_factory.mktemp("milvus")) as address:
        yield address


def test_one_of_three_servers_dies_under_load_and_no_other_question_fails(
    milvus: str, tmp_path: Path
) -> None:
    index = f"{milvus}/killed"
    news = tmp_path / "news"
    for name, text in (("bahn", BAHN), ("bank", BANK)):
        write(news / f"{name}.txt", text)
    with assistant(index) as own, ExitStack() as stack:
        own.sync(news)
        servers = [
            stack.enter_context(running("-m", "tests.store.server", index)) for _ in range(3)
        ]
        urls = [_url(server) for server in servers]
        answered, failed = _asked(urls, servers[0], lambda: own.sync(write(news / "w.txt", WIND)))
        assert own.counts().documents == 3
    assert answered > 30
    assert failed <= CLIENTS  # what was on its way to the one that was killed


CLIENTS = 3


def _asked(urls: list[str], victim: subprocess.Popen[str], meanwhile: object) -> tuple[int, int]:
    """Questions by turns to all servers, as a balancer would send them; one is killed half-way.

    How many were answered, and how many broke off; a server that refuses is not asked again.
    """
    lock, alive, stop = threading.Lock(), list(urls), threading.Event()
    turns, tally = itertools.count(), {"answered": 0, "broken": 0}

    def ask() -> None:
        with httpx2.Client(timeout=60) as client:
            while not stop.is_set():
                url = alive[next(turns) % len(alive)]
                try:
                    reply = client.post(f"{url}/v1/search", json=QUESTION)
                except httpx2.TransportError as error:
                    refused = isinstance(error, httpx2.ConnectError)
                    with lock:
                        tally["broken"] += not refused
                        if url in alive:
                            alive.remove(url)
                    continue
                assert reply.status_code == 200, reply.text
                assert reply.json()
                with lock:
                    tally["answered"] += 1

    failures: list[BaseException] = []

    def watched() -> None:
        try:
            ask()
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=watched) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    _until(lambda: tally["answered"] > 15 or bool(failures))
    victim.kill()
    victim.wait()
    assert callable(meanwhile)
    meanwhile()
    before = tally["answered"]
    _until(lambda: tally["answered"] > before + 15 or bool(failures))
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    return tally["answered"], tally["broken"]


def _until(done: object) -> None:
    assert callable(done)
    end = time.monotonic() + 120
    while not done():
        assert time.monotonic() < end, "nothing is answered any more"
        time.sleep(0.02)


def _url(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    told = ""
    for line in server.stdout:
        told += line
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise AssertionError(told)


def test_two_indexes_and_two_writers_on_one_server(milvus: str) -> None:
    first, other, second = (
        MilvusStore.create(Address.parse(f"{milvus}/{name}"), SETTINGS)
        for name in ("one", "one", "two")
    )
    with first.writer() as at_work, second.writer() as elsewhere:
        at_work.apply(adding(sample(0)))
        elsewhere.apply(adding(sample(1), sample(2)))
        with pytest.raises(IndexLocked, match="/one: process"), other.writer():
            pass
    counted = [_documents(store) for store in (first, other, second)]
    assert counted == [1, 1, 2]
    for store in (first, other, second):
        store.close()


def _documents(store: Store) -> int:
    with store.snapshot() as snapshot:
        return snapshot.counts().documents
