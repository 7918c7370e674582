"""`python ui.py` as a process, and a visit to its page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "tests" / "output"
PATIENCE = 180  # seconds; the first start converts the model
SHORT_PATIENCE = 60  # seconds, for what needs no model
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Server:
    """`python ui.py`, while it runs."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass
class Visit:
    """A page in a browser tab, with what it asked for and complained about."""

    page: Any
    hosts: set[str | None] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def ask(self, question: str) -> None:
        """Type a question and wait for its answer; `seconds` is how long that took."""
        page = self.page
        page.wait_for_selector(".status", state="attached", timeout=PATIENCE * 1000)
        page.fill("#ask textarea", question)
        begun = time.monotonic()
        page.press("#ask textarea", "Enter")
        asked = page.locator("#now .turn:not(.pending) h2").get_by_text(question, exact=True)
        asked.wait_for(timeout=PATIENCE * 1000)
        self.seconds = time.monotonic() - begun

    def picture(self, name: str) -> None:
        OUTPUT.mkdir(exist_ok=True)
        self.page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)

    def fits(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@contextmanager
def launched() -> Iterator[Any]:
    """Debian's Chromium; tests skip without it, but not in CI."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        missing = "no browser; install Debian's chromium: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        yield running
        running.close()


@contextmanager
def serving(
    folder: Path,
    cache: Path,
    *options: str,
    script: tuple[str, ...] = (str(ROOT / "ui.py"),),
    port: int = 0,
) -> Iterator[Server]:
    """Listens on `port`, by default any free one."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    log = folder / "ui.log"
    command = [sys.executable, *script, "--port", str(port), *options]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAG_")}
    environment |= {"RAG_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + PATIENCE
        while f"http://127.0.0.1:{port}" not in log.read_text(encoding="utf-8"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < end, "the page did not come up"
            time.sleep(0.1)
        yield Server(f"http://127.0.0.1:{port}/", process, log)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def visiting(
    browser: Any,
    url: str,
    *,
    width: int = 1280,
    scheme: str = "light",
    locale: str = "de-DE",
    touch: bool = False,
) -> Iterator[Visit]:
    """Open the page; afterwards it must have asked no other host and reported no error.

    What goes wrong leaves a trace in `OUTPUT`; `playwright show-trace` plays it.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 860},
        color_scheme=scheme,
        locale=locale,
        has_touch=touch,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.tracing.start(screenshots=True, snapshots=True)
    context.set_default_timeout(SHORT_PATIENCE * 1000)
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.hosts.add(urlsplit(request.url).hostname))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on(
        "console",
        lambda message: visit.complaints.append(message.text) if message.type == "error" else None,
    )
    try:
        visit.page.goto(url)
        visit.page.wait_for_selector("#ask textarea")
        yield visit
        assert visit.hosts <= {"127.0.0.1", None}
        assert visit.complaints == []
    except BaseException:  # a failed assertion or a timeout: keep what the page looked like
        OUTPUT.mkdir(exist_ok=True)
        name = os.environ.get("PYTEST_CURRENT_TEST", "visit").split("::")[-1].split()[0]
        context.tracing.stop(path=OUTPUT / f"failed-{name}.zip")
        raise
    finally:
        context.close()
