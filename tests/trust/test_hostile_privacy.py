"""Nothing leaves the machine, and no question is kept, unless somebody asked for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from rag.config import Config
from tests.trees import BAHN, BANK, write
from tests.trust.quiet import away

ROOT = Path(__file__).parents[2]
NEEDLE = "Xqzbrunnental"
QUESTION = f"Was kostet die neue Strecke der Bahn nach {NEEDLE}?"
PATIENCE = 180  # seconds


@pytest.mark.parametrize(
    ("event", "given", "name"),
    [
        ("socket.connect", (None, ("192.0.2.1", 80)), "192.0.2.1"),
        ("socket.connect", (None, ("::1", 80, 0, 0)), ""),
        ("socket.connect", (None, "/run/socket"), ""),
        ("socket.sendto", (None, ("198.51.100.7", 53)), "198.51.100.7"),
        ("socket.getaddrinfo", ("huggingface.co", 443, 0, 0, 0), "huggingface.co"),
        ("socket.getaddrinfo", (b"localhost", 80, 0, 0, 0), ""),
        ("socket.gethostbyname", ("127.0.0.1",), ""),
        ("open", ("192.0.2.1",), ""),
    ],
)
def test_a_call_to_another_machine_is_noticed(
    event: str, given: tuple[object, ...], name: str
) -> None:
    assert away(event, given) == name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("privacy")
    write(folder / "news" / "bahn.txt", BAHN)
    write(folder / "news" / "bank.txt", BANK)
    (folder / "tmp").mkdir()
    return folder


@contextmanager
def running(folder: Path, module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a home and with scratch files of its own; what it calls is in `calls`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RAG_", "GRADIO_", "HF_"))}
    own = {"HOME": str(folder), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)}
    cache = os.environ.get("RAG_CACHE") or str(Config.load().cache_dir)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.trust.quiet", str(folder / "calls"), module, *words],
        cwd=folder,
        env={**kept, **own, "RAG_CACHE": cache},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finished(folder: Path, *words: str) -> str:
    with running(folder, "rag.cli", *words) as process:
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    return said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def asked_over_http(folder: Path, module: str, *words: str) -> str:
    """What the server printed until it was told to end."""
    port = free_port()
    with running(folder, module, *words, "--port", str(port)) as process:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and process.poll() is None:
                try:
                    if client.get("/readyz").status_code == 200:
                        break
                except httpx2.TransportError:
                    time.sleep(0.2)
            assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200
            client.post("/v1/ask", json={"question": QUESTION, "since": "x"})
            client.get("/v1/documents", params={"after": NEEDLE, "x": NEEDLE})
            client.get("/")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE)
    return said


@pytest.mark.slow
def test_indexing_asking_and_serving_call_nobody_and_keep_no_question(folder: Path) -> None:
    finished(folder, "index", "news")
    assert NEEDLE not in finished(folder, "ask", QUESTION, "--json").replace(QUESTION, "")
    printed = asked_over_http(folder, "rag.cli", "serve")
    printed += asked_over_http(folder, "ui", "--index", "index")
    assert (folder / "calls").read_text(encoding="utf-8") == ""
    assert NEEDLE not in printed
    forms = (NEEDLE.encode(), NEEDLE.encode("utf-16-le"), NEEDLE.casefold().encode())
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(form in content for form in forms), path
