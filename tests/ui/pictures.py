"""The pictures of the page in `docs/`, taken anew: python -m tests.ui.pictures"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.ui.browsing import BROWSERS, PATIENCE, ROOT, SWITCHES, Visit, serving, visiting

DOCS = ROOT / "docs"
SIZE = (1280, 800)
NARROW = 380

CHARGING = "Was kostet eine Kilowattstunde am Schnelllader?"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        cache = Path(os.environ.get("RAG_CACHE", folder / "cache"))
        articles = ROOT / "eval" / "articles"
        subprocess.run(
            [sys.executable, "-m", "rag.cli", "index", str(articles)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "RAG_CACHE": str(cache)},
            check=True,
            timeout=PATIENCE,
        )
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        with serving(folder, cache, "--index", "index") as server:
            _take(browser, server.url)
        browser.close()


def _take(browser: Any, url: str) -> None:
    with visiting(browser, url) as visit:
        _ask(visit, "Baut Tesla in Grünheide aus?")
        visit.page.hover(".said .cite")
        _keep(visit, "ui")
    with visiting(browser, url) as visit:
        _ask(visit, CHARGING)
        visit.page.click(".said .cite")
        visit.page.wait_for_selector("#reader[open] mark.now")
        _keep(visit, "ui-article")
    with visiting(browser, url, locale="en-GB") as visit:
        _ask(visit, "How many cars will BYD sell in 2025?")
        _keep(visit, "ui-conflict")
    with visiting(browser, url) as visit:
        _ask(visit, "Welche Zutaten gehören in ein Risotto mit Pilzen?")
        _keep(visit, "ui-nothing")
    with visiting(browser, url) as visit:
        visit.page.get_by_role("tab").nth(1).click()
        visit.page.wait_for_selector(".listing tr[data-doc]")
        _keep(visit, "ui-articles")
    with visiting(browser, url, width=NARROW, scheme="dark", touch=True) as visit:
        _ask(visit, CHARGING, width=NARROW)
        _keep(visit, "ui-narrow")


def _ask(visit: Visit, question: str, width: int = SIZE[0]) -> None:
    visit.page.set_viewport_size({"width": width, "height": SIZE[1]})
    visit.ask(question)


def _keep(visit: Visit, name: str) -> None:
    size = visit.page.viewport_size
    visit.page.set_viewport_size({"width": size["width"], "height": SIZE[1]})
    visit.page.wait_for_timeout(500)  # what moves comes to rest
    visit.page.screenshot(path=DOCS / f"{name}.png")


if __name__ == "__main__":
    main()
