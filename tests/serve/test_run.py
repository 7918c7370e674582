"""`rag serve`: where it listens, and how it ends."""

from __future__ import annotations

import os
import platform
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from rag.assistant import Assistant
from rag.cli import main
from rag.config import Config
from rag.errors import ConfigError
from rag.loopback import is_loopback
from rag.serve.run import check_access
from tests.answer.llm_server import Reply
from tests.answer.llm_server import serving as serving_llm

ROOT = Path(__file__).parents[2]
QUESTION = "Was kostet die neue Strecke der Bahn?"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "192.168.1.2", "articles.example", "")],
)
def test_others_are_let_in_by_a_token_or_a_word_only(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback
    check_access(host, "token", public=False)
    check_access(host, "", public=True)
    if loopback:
        check_access(host, "", public=False)
    else:
        with pytest.raises(ConfigError, match=r"RAG_TOKEN, or say --public"):
            check_access(host, "", public=False)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """The exit code of the command line."""
    monkeypatch.setattr(sys, "argv", ["rag", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def test_a_place_that_cannot_be_had_is_named(
    filled: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    index = ("--index", str(filled.folder))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(monkeypatch, "serve", *index, "--port", port) == 1
    assert f"cannot listen on port {port} of 127.0.0.1; choose another" in capsys.readouterr().err
    assert run(monkeypatch, "serve", *index, "--host", "0.0.0.0") == 1
    assert "can be reached from other machines; set RAG_TOKEN" in capsys.readouterr().err
    assert run(monkeypatch, "serve", *index, "--token", "a b") == 1
    assert "token has blanks" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["serve", "mcp"])
def test_a_missing_package_is_named_with_what_installs_it(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("rag.serve.")]:
        if not name.endswith("commands"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert run(monkeypatch, command) == 1
    assert "prometheus_client; run: pip install 'rag[serve]'" in capsys.readouterr().err


@contextmanager
def started(index: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rag.cli", "serve", "--index", str(index), "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://[\d.:]+", line)
        assert found, line
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_a_server_that_is_told_to_end_answers_first_with_the_real_model(
    tmp_path: Path, news: Path
) -> None:
    index, scratch = tmp_path / "index", tmp_path / "scratch"
    scratch.mkdir()
    with Assistant.open(index, config=Config()) as assistant:
        assistant.sync(news)
    with serving_llm(Reply(status=500, delay=1.5)) as model, ThreadPoolExecutor(1) as pool:
        settings = {
            "RAG_LLM_BASE_URL": model.url,
            "RAG_LLM_MODEL": "slow",
            "RAG_TOKEN": "s3cret",
            "TMPDIR": str(scratch),
        }
        with started(index, **settings) as (process, address):
            client = httpx2.Client(
                base_url=address, headers={"Authorization": "Bearer s3cret"}, timeout=60
            )
            while client.get("/readyz").status_code != 200:
                time.sleep(0.1)
            asked = pool.submit(client.post, "/v1/ask", json={"question": QUESTION})
            while not model.asked:
                assert not asked.done(), asked.result().text
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert asked.result(30).json()["citations"]
            assert process.wait(30) == 128 + signal.SIGTERM
            with pytest.raises(httpx2.ConnectError):
                httpx2.get(f"{address}/healthz")
    assert list(scratch.iterdir()) == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library decides itself")
def test_what_was_freed_goes_back_to_the_system() -> None:
    code = """
from pathlib import Path
from rag.serve import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

blocks = [b"x" * (64_000 + i) for i in range(2_000)]
keeps = b"x" * 64_000  # above them, so that the heap cannot shrink
del blocks
freed = resident()
memory.give_back()
print(freed - resident())
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 100e6
