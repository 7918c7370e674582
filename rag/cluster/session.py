"""Joining a Ray cluster, or starting one of this machine that lives as long as the work.

Our own reports nothing to anybody, listens on loopback only, opens no dashboard, and leaves neither
a process nor a file behind.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reads these when it is imported
os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # 0: a node's address is loopback
os.environ.setdefault("RAY_worker_niceness", "0")  # as without Ray; its default is 15

import ray

from rag.cluster import ADDRESS
from rag.cluster.workers import Workers
from rag.config import Config
from rag.errors import ConfigError, RagError

OBJECTS = 256_000_000  # bytes of shared memory for what is on its way
TRIES = 2  # to start a cluster of our own: now and then a node does not come up in Ray's 30 seconds


@contextmanager
def workers(address: str, config: Config, settings: Mapping[str, str]) -> Iterator[Workers]:
    """One worker for each processor of the cluster, or `config.threads` of them.

    Raises ConfigError for what is no address, and RagError where no cluster can be had.
    """
    if not ADDRESS.fullmatch(address):
        raise ConfigError(
            f"{address!r} is no address of a Ray cluster; write HOST:PORT, auto or local"
        )
    if ray.is_initialized():
        raise RagError("this process uses Ray already; call ray.shutdown() before")
    with _joined(address, config.threads) as processors:
        count = config.threads or processors
        pool = Workers(replace(_own(config), threads=1), settings, count)
        try:
            with _uninterrupted():
                pool.start()
            yield pool
        finally:
            pool.close()


@contextmanager
def _joined(address: str, threads: int) -> Iterator[int]:
    """Yields how many processors the cluster has."""
    folder = None
    ray._private.worker._worker_logs_enabled = False  # else it prints lost nodes to stdout
    try:
        if address == "local":
            # Its sockets lie there too, and their names may have 107 characters.
            folder = tempfile.mkdtemp(prefix="rag-ray-", dir="/tmp" if os.name == "posix" else None)
        _join(address, threads, folder)
        yield int(ray.cluster_resources().get("CPU", 1))
    finally:
        ray.shutdown()
        if folder is not None:
            shutil.rmtree(Path(folder), ignore_errors=True)


def _join(address: str, threads: int, folder: str | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    own = {
        "num_cpus": threads or os.cpu_count(),
        "num_gpus": 0,
        "include_dashboard": False,
        "object_store_memory": OBJECTS,
        "_temp_dir": folder,
    }
    tries = TRIES if address == "local" else 1
    while True:
        try:
            with _uninterrupted():
                ray.init(address, **quiet, **(own if address == "local" else {}))
            return
        except Exception as error:  # the class that Ray itself raises where a node is too slow
            tries -= 1
            if not tries:
                reason = " ".join(str(error).split())[:300]
                raise RagError(
                    f"{address}: no Ray cluster can be had there ({reason}); check it: ray status"
                ) from None
        ray.shutdown()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits: what is half there cannot be ended, and Ray ends this process for it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:  # even where Ray failed: that is not what the person waits to hear
            raise KeyboardInterrupt


def _own(config: Config) -> Config:
    """What a worker has to know; no secret leaves this process."""
    return Config(
        model=config.model,
        cache=config.cache,
        precision=config.precision,
        chunk_tokens=config.chunk_tokens,
        max_file_bytes=config.max_file_bytes,
    )
