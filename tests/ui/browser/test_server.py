"""`python ui.py` as a process of its own: failing, starting, and with an API beside the page."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from mcp import Client

from tests.ui.browser.pages import CHARGING, XIAOMI, XIAOMI_QUOTE, open_articles
from tests.ui.browsing import PATIENCE, ROOT, Server, serving, visiting

pytestmark = pytest.mark.slow

BROKEN = """
import time, ui
from pathlib import Path

def stream(*_, **__):
    while Path("hold").exists():
        time.sleep(0.1)
    raise RuntimeError("a secret detail")

ui.Assistant.stream = ui.Assistant.document = stream
ui.main()
"""
SLOW_MODEL = """
import time, ui
from pathlib import Path
from rag import embed

def wait():
    while not Path("go").exists():
        time.sleep(0.1)

opened = embed.open_embedder
embed.open_embedder = lambda config: (wait(), opened(config))[1]
ui.main()
"""
# No MCP, and a language model at an address where nothing listens.
POOR = """
import os, sys
sys.modules["mcp"] = None
os.environ |= {"RAG_LLM_BASE_URL": "http://127.0.0.1:9/v1", "RAG_LLM_MODEL": "none"}
import ui
ui.main()
"""


def test_an_unexpected_failure_shows_one_line_and_no_trace(
    browser: Any, tmp_path: Path, cache: Path
) -> None:
    with (
        serving(tmp_path, cache, "--index", "mine", script=("-c", BROKEN)) as running,
        visiting(browser, running.url, locale="en-US") as visit,
    ):
        page = visit.page
        page.wait_for_selector(".note:has-text('No articles yet')", timeout=PATIENCE * 1000)
        visit.picture("empty")
        page.click(".note .upload")
        page.wait_for_selector("#listing .note:has-text('Drop files into the field')")
        assert not page.locator("#search").is_visible(), "there is nothing to search"
        page.get_by_role("tab").nth(0).click()
        page.fill("#ask textarea", "Anything?")
        page.click("#ask button")
        page.wait_for_selector(".problem", timeout=PATIENCE * 1000)
        assert page.inner_text(".problem") == "Something went wrong; the terminal says more."
        shown = page.inner_text("body")
        assert "a secret detail" not in shown
        assert "Traceback" not in shown
        page.wait_for_function("document.querySelector('#ask textarea').value === 'Anything?'")
        (tmp_path / "hold").touch()
        page.press("#ask textarea", "Enter")
        page.wait_for_selector(".turn.pending .waiting")
        page.fill("#ask textarea", "And half a")
        (tmp_path / "hold").unlink()
        page.wait_for_selector(".problem")
        page.wait_for_timeout(300)
        assert page.input_value("#ask textarea") == "And half a", "what was typed is still there"
        assert "a secret detail" in running.log.read_text(encoding="utf-8")
        port = str(urlsplit(running.url).port)
        second = subprocess.run(
            [sys.executable, str(ROOT / "ui.py"), "--index", "mine", "--port", port],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.splitlines() == [
        f"ui.py: cannot listen on port {port} of 127.0.0.1; choose another: --port 8001"
    ]


def test_the_conversation_outlives_a_server_whose_language_model_is_down(
    browser: Any, tmp_path: Path, folder: Path, cache: Path
) -> None:
    index = ("--index", str(folder / "index"))
    with ExitStack() as servers:
        poor = servers.enter_context(serving(tmp_path, cache, *index, script=("-c", POOR)))
        assert "run: pip install 'rag[serve]'" in poor.log.read_text(encoding="utf-8")
        with visiting(browser, poor.url) as visit:
            page = visit.page
            visit.ask(CHARGING)
            assert "56 Cent" in page.inner_text(".said")
            assert "Das Sprachmodell ist nicht erreichbar" in page.inner_text("#now .notice")
            visit.picture("model-down")
            visit.ask(XIAOMI)
            servers.close()
            page.locator(".said .cite").first.click()
            page.wait_for_selector("#said:has-text('Der Server antwortet nicht')")
            assert not page.locator("#reader").is_visible()
            page.fill("#ask textarea", "Und 2025?")
            page.press("#ask textarea", "Enter")
            page.wait_for_selector(".toast-body", state="attached")
            assert not page.locator(".toast-body").is_visible(), "it speaks English only"
            port = urlsplit(poor.url).port or 0
            servers.enter_context(serving(tmp_path, cache, *index, port=port))
            page.wait_for_selector("#past .turn", timeout=PATIENCE * 1000)
            visit.complaints.clear()  # that the server was gone
            assert page.locator("#past h2").all_inner_texts() == [CHARGING, XIAOMI]
            page.wait_for_function("document.querySelector('#ask textarea')?.value === 'Und 2025?'")
            visit.ask("Und 2025?")
            assert "Wie viele Autos will Xiaomi 2025 ausliefern?" in page.inner_text("#now .notice")
            assert page.locator(".turn h2").all_inner_texts() == [CHARGING, XIAOMI, "Und 2025?"]


def test_api_and_tools_are_at_the_address_of_the_page(server: Server) -> None:
    async def answer() -> dict[str, Any]:
        async with Client(f"{server.url}mcp") as client:
            tools = await client.list_tools()
            assert {tool.name for tool in tools.tools} >= {"ask_articles", "get_article"}
            result = await client.call_tool("ask_articles", {"question": XIAOMI})
            content: dict[str, Any] = result.structured_content or {}
            return content

    with ThreadPoolExecutor(1) as beside:  # this thread has the browser's event loop
        content = beside.submit(anyio.run, answer).result()
    assert content["citations"][0]["quote"] == XIAOMI_QUOTE
    with urllib.request.urlopen(f"{server.url}v1/documents?limit=2") as reply:
        listed = json.loads(reply.read())
    assert len(listed["documents"]) == 2
    assert listed["next"] == listed["documents"][-1]["id"]


def test_who_has_no_index_is_shown_the_sample_and_what_is_being_waited_for(
    browser: Any, tmp_path: Path, cache: Path
) -> None:
    with (
        serving(tmp_path, cache, script=("-c", SLOW_MODEL)) as running,
        visiting(browser, running.url, locale="en-US") as visit,
    ):
        page = visit.page
        assert "Sample texts, all invented" in page.inner_text("#sample")
        page.wait_for_selector(".waiting:has-text('…')")
        visit.picture("start")
        page.click("#examples button >> nth=0")
        page.wait_for_selector(".turn.pending .waiting")
        asked = page.inner_text(".turn.pending h2")
        page.reload()
        page.wait_for_function("document.querySelector('#ask textarea')?.value")
        visit.complaints.clear()  # that the answer was broken off
        assert page.input_value("#ask textarea") == asked
        page.press("#ask textarea", "Enter")
        page.wait_for_selector(".turn.pending .waiting")
        page.fill("#ask textarea", "Und 2025?")
        page.press("#ask textarea", "Enter")
        (tmp_path / "go").touch()
        page.wait_for_selector("#earlier .turn:not(.pending)", timeout=PATIENCE * 1000)
        assert "550.000" in page.locator("#earlier blockquote mark").first.inner_text()
        second = page.locator("#now .turn:not(.pending) h2").get_by_text("Und 2025?", exact=True)
        second.wait_for()
        open_articles(page)
        assert page.inner_text(".figures dd >> nth=0") == "45"
        assert page.locator("input[type=file], tr .edit").count() == 0
    assert not (tmp_path / "index").exists()
