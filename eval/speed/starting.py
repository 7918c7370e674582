"""From the start of a process: to the answer of `rag ask`, and to a page that can be used."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory

from eval.collection import indexed
from eval.datasets import ARTICLES, DatasetError
from eval.speed.parts import ROOT, Figures, Part, Row, Settings, seconds

QUESTION = "Wie viele Autos will Xiaomi 2026 ausliefern?"
COLD, PAGE = 2.0, 8.0  # seconds
PATIENCE = 120.0


def measure_cold(settings: Settings) -> Figures:
    """Processes, with the files in the system's cache, as on the second question of a day."""
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        folder = Path(scratch) / "index"
        with indexed([ARTICLES], folder):
            pass
        command = ["rag.cli", "ask", QUESTION, "--index", str(folder)]
        runs = [_process(command) for _ in range(settings.rounds + 1)][1:]
    library = "import sentence_transformers"
    return {
        "seconds": runs,
        "import_sentence_transformers": seconds(lambda: _run([sys.executable, "-c", library])),
    }


def _process(command: Sequence[str]) -> float:
    return seconds(lambda: _run([sys.executable, "-m", *command]))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise DatasetError(f"{' '.join(command)}: ended with exit code {done.returncode}")


def rows_cold(figures: Figures) -> Sequence[Row]:
    took = median(figures["seconds"])
    peer = figures["import_sentence_transformers"]
    return [
        Row(
            "cold rag ask, from process start to its end",
            f"{took:.2f} s",
            f"import sentence_transformers: {peer:.1f} s",
            f"{COLD:.1f} s",
            took <= COLD,
        )
    ]


def measure_page(settings: Settings) -> Figures:
    """`python ui.py` over an index, until a question can be typed, and until it is answered."""
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        folder = Path(scratch) / "index"
        with indexed([ARTICLES], folder):
            pass
        browser = which("chromium")
        look = _in_browser if browser else _by_http
        found = [look(folder, browser or "") for _ in range(settings.rounds)]
    return {
        "browser": bool(browser),
        **{name: [each[name] for each in found] for name in found[0]},
    }


def _in_browser(index: Path, program: str) -> dict[str, float]:
    """The browser is open before the clock starts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        with served(index) as (url, start, _):
            page.goto(url)
            page.set_default_timeout(1000 * PATIENCE)
            page.wait_for_selector(".status", state="attached")
            page.fill("#ask textarea", QUESTION)
            usable = time.perf_counter() - start
            page.press("#ask textarea", "Enter")
            answer = page.locator("#now .turn:not(.pending) .said")
            answer.get_by_text("550.000").first.wait_for()
            return {"usable": usable, "answered": time.perf_counter() - start}


def _by_http(index: Path, _: str) -> dict[str, float]:
    with served(index) as (_, start, listening):
        return {"usable": listening - start}


@contextmanager
def served(index: Path) -> Iterator[tuple[str, float, float]]:
    """The address of the page, when its process was started and when it listened."""
    start = time.perf_counter()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "ui.py", "--index", str(index), "--port", port]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"https?://([\w.\[\]]+:\d+)\S*", line):
                _wait(found[1])
                yield found[0].rstrip("/"), start, time.perf_counter()
                return
        raise DatasetError(f"{' '.join(command)}: ended with exit code {process.wait()}")
    finally:
        process.terminate()
        process.wait()


def _wait(address: str) -> None:
    """Until the page itself is served."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < PATIENCE:
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise DatasetError(f"{address}: no page after {PATIENCE:.0f} s")


def rows_page(figures: Figures) -> Sequence[Row]:
    usable = median(figures["usable"])
    answered = f"answered: {median(figures['answered']):.1f} s" if "answered" in figures else ""
    how = "a question can be typed" if figures["browser"] else "GET / answers"
    return [
        Row(
            f"python ui.py with an index, until {how}",
            f"{usable:.1f} s",
            answered,
            f"{PAGE:.0f} s",
            usable <= PAGE,
        )
    ]


COLD_PART = Part("cold", measure_cold, rows_cold)
PAGE_PART = Part("page", measure_page, rows_page)
