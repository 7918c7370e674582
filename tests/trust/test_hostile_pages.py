"""Texts that would be scripts, shown by the real page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eval.trust.attacks_xss import EVERY, PAYLOADS
from eval.trust.hostile_pages import opened, page_of, questions, try_interface, try_page
from tests.ui.browsing import Server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with page_of(EVERY, tmp_path_factory.mktemp("pages")) as running:
        yield running


def test_no_text_of_an_article_runs_or_loads_anything(browser: Any, server: Server) -> None:
    assert len(EVERY) >= 150
    names = [f"{payload.replace('/', '∕')[:80]}.exe" for payload in PAYLOADS["attribute"]]
    with opened(browser, server) as tab:
        try_page(tab, questions(EVERY)[::6], [*names[::3], "<img src=x onerror=alert(1)>.txt"])
        try_interface(tab, server, EVERY[::12])
    assert tab.wrong == []
    assert tab.looked > 8


def test_the_page_keeps_its_files_and_asks_no_other_host_for_a_visitor(server: Server) -> None:
    files = (
        *(Path("/etc/passwd"), "index/catalog.sqlite", "../index/catalog.sqlite"),
        *("index/browser.secret", "ui.log", "%2e%2e/%2e%2e/etc/passwd", "/proc/self/environ"),
    )
    with httpx2.Client(base_url=server.url, follow_redirects=False, timeout=60) as client:
        for path in files:
            for route in ("gradio_api/file=", "gradio_api/file/", "file=", "static/", "assets/"):
                response = client.get(f"/{route}{path}")
                assert response.status_code >= 400, (route, path)
        for address in ("https://evil.example/x", "http://127.0.0.1:1/x", "//evil.example/x"):
            for route in ("gradio_api/file=", "gradio_api/proxy=", "gradio_api/stream/"):
                response = client.get(f"/{route}{address}")
                assert response.status_code >= 400, (route, address)
                assert "location" not in response.headers, (route, address)


def test_the_page_sends_a_policy_that_names_no_other_host(server: Server) -> None:
    headers = httpx2.get(server.url, timeout=60).headers
    policy = headers["content-security-policy"]
    assert "'self'" in policy
    assert "frame-ancestors" in policy
    assert "http:" not in policy
    assert "https:" not in policy
    assert headers["x-content-type-options"] == "nosniff"
