"""Processes that run while a test does; a server of Milvus' protocol among them."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Python with these arguments, killed when the block ends."""
    with subprocess.Popen(
        [sys.executable, "-u", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def milvus_server(folder: Path) -> Iterator[str]:
    """The embedded engine as a server, which stands in for a large one; its indexes' prefix."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["-m", "rag.store.milvus.embedded", str(folder / "served.db"), str(port)]
    with running(*command) as process:
        assert process.stdout is not None
        assert "listening" in process.stdout.readline()
        yield f"milvus:http://127.0.0.1:{port}"
