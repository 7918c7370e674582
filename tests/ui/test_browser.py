"""The page in a real browser, served by `python ui.py` with the real model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.trees import write
from tests.ui.browsing import BROWSERS, PATIENCE, ROOT, SWITCHES, Server, serving, visiting

pytestmark = pytest.mark.slow

SENTENCE = (
    'Der Leuchtturm von Quellenhagen misst <script>window.hit=1</script> <img src="/x" '
    'onerror="window.hit=2"> 47 Meter, ${window.hit=3} {{hit}} $$x^2$$ '
    "[siehe](javascript:window.hit=4)."
)
HOSTILE = f"""---
title: 'Leuchtturm <img src="/x" onerror="window.hit=5">'
source: '"><script>window.hit=6</script>'
published: 2026-02-03
url: "javascript:window.hit=7"
---

{SENTENCE}

Er steht seit 1901 auf der Düne und wird im Mai neu gestrichen.
"""
COPY_TITLE = 'Küste <img src="/x" onerror="window.hit=8">'
COPY = (
    HOSTILE.replace("2026-02-03", "2026-02-09")
    .replace('Leuchtturm <img src="/x" onerror="window.hit=5">', COPY_TITLE)
    .replace("window.hit=6", "window.hit=9")
)
UPLOAD = (
    "Die Brücke von Sandloh ist 212 Meter lang und führt über die Wemme. Gebaut wurde sie 1932."
)
BROKEN = """
import ui

def stream(*_, **__):
    raise RuntimeError("a secret detail")

ui.Assistant.stream = stream
ui.main()
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Server]:
    """An index of sample articles and of one, printed twice, that tries to take the page over."""
    folder = tmp_path_factory.mktemp("own")
    for name in ("xiaomi-ziel-2026-550000", "su7-ultra-price", "used-evs", "ladepreise"):
        for path in (ROOT / "eval" / "articles").glob(f"*{name}*.md"):
            write(folder / "news" / path.name, path.read_text(encoding="utf-8"))
    write(folder / "news" / "leuchtturm.md", HOSTILE)
    write(folder / "news" / "küste.md", COPY)
    subprocess.run(
        [sys.executable, "-m", "rag.cli", "index", "news"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "RAG_CACHE": str(cache)},
        check=True,
        timeout=PATIENCE,
    )
    with serving(folder, cache) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
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


def test_a_german_question_is_answered_with_the_quote_marked(browser: Any, server: Server) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        visit.ask("Wie viele Autos will Xiaomi 2026 ausliefern?")
        quote = "Xiaomi will 2026 nun 550.000 Elektroautos ausliefern."
        assert page.inner_text(".said span") == quote
        assert page.inner_text("blockquote mark") == quote
        assert page.get_attribute("blockquote", "lang") == "de"
        assert page.inner_text("h1") == "Fragen Sie Ihre Artikel"
        assert page.locator(".note").count() == 0, "the sample's banner is not for an own index"
        visit.picture("answer-de-light")


def test_an_english_question_in_the_dark(browser: Any, server: Server) -> None:
    with visiting(browser, server.url, scheme="dark", locale="en-GB") as visit:
        page = visit.page
        visit.ask("What does the SU7 Ultra cost in China?")
        assert "529,900 yuan" in page.locator("blockquote mark").first.inner_text()
        assert page.inner_text("h1") == "Ask your articles"
        assert page.get_by_role("button", name="Ask", exact=True).is_visible()
        visit.picture("answer-en-dark")


def test_a_mark_leads_to_its_source_and_the_article_unfolds(browser: Any, server: Server) -> None:
    with visiting(browser, f"{server.url}?__theme=dark", width=380) as visit:
        page = visit.page
        visit.ask("Was kostet eine Kilowattstunde am Schnelllader?")
        page.locator(".said .cite").first.press("Enter")
        assert page.evaluate("document.activeElement.id") == "source-1"
        assert "__theme=dark" in page.url, "the page was loaded anew"
        page.locator("summary").first.press("Enter")
        whole = page.locator("details .passage").first
        assert whole.is_visible()
        assert whole.locator("mark").inner_text() == page.locator(".said span").first.inner_text()
        assert "Bußgelder bis 50.000 Euro" in whole.inner_text()
        assert visit.fits()
        visit.picture("article-narrow")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_alone_opens_why_a_source_was_found(
    browser: Any, server: Server, scheme: str
) -> None:
    with visiting(browser, server.url, width=380, scheme=scheme) as visit:
        page = visit.page
        visit.ask("Was kostet eine Kilowattstunde am Schnelllader?")
        page.locator(".said .cite").first.press("Enter")
        table = page.locator("#source-1 .why table")
        assert not table.is_visible()
        for _ in range(4):  # past the link to the original and the whole article
            page.keyboard.press("Tab")
            if page.locator("#source-1 .why summary:focus-visible").count():
                break
        page.keyboard.press("Enter")
        assert table.is_visible()
        head, first, *_, last = table.locator("tr").all()
        assert head.inner_text().split("\t") == ["Merkmal", "Wert", "Anteil an der Bewertung"]
        bars = [bar.bounding_box()["width"] for bar in table.locator(".bar").all()]
        assert bars == sorted(bars, reverse=True)
        assert 5 * bars[-1] < bars[0] < first.locator("td").last.bounding_box()["width"]
        assert last.inner_text().startswith("Bewertung")
        assert visit.fits()
        visit.picture(f"why-narrow-{scheme}")


def test_what_the_articles_do_not_hold_is_not_answered(browser: Any, server: Server) -> None:
    with visiting(browser, server.url, width=380, scheme="dark") as visit:
        page = visit.page
        visit.ask("Welche Zutaten gehören in ein Risotto mit Pilzen?")
        assert page.inner_text(".answer h2").lower() == "keine antwort in den artikeln"
        assert page.locator(".closest").count() > 0
        assert page.locator(".answer mark, .said").count() == 0
        assert visit.fits()
        visit.picture("abstention-narrow-dark")


def test_an_article_cannot_take_the_page_over(browser: Any, server: Server) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        visit.ask("Wie viele Meter misst der Leuchtturm von Quellenhagen?")
        assert page.text_content("blockquote mark") == SENTENCE
        assert page.text_content(".card h3") == 'Leuchtturm <img src="/x" onerror="window.hit=5">'
        assert page.text_content(".also cite") == COPY_TITLE
        assert page.locator(".answer :is(script, img, [href^=javascript])").count() == 0
        for summary in page.locator(".card summary").all():
            summary.click()
        page.get_by_text("Alle Artikel").click()
        page.wait_for_selector(".table td")
        assert page.evaluate("window.hit") is None
        visit.picture("hostile")


def test_an_uploaded_file_can_be_asked_at_once(browser: Any, server: Server) -> None:
    with visiting(browser, server.url, width=380) as visit:
        page = visit.page
        page.wait_for_selector(".status", timeout=PATIENCE * 1000)
        files = [
            {"name": "brücke.txt", "mimeType": "text/plain", "buffer": UPLOAD.encode()},
            {"name": "kaputt.jsonl", "mimeType": "text/plain", "buffer": b"no json"},
        ]
        page.set_input_files("input[type=file]", files)
        page.wait_for_selector(".note:has-text('1 neu')", timeout=PATIENCE * 1000)
        assert "kaputt.jsonl:1: " in page.inner_text(".problem")
        visit.picture("upload-narrow")
        visit.ask("Wie lang ist die Brücke von Sandloh?")
        assert "212 Meter" in page.locator("blockquote mark").first.inner_text()
        assert visit.fits()


def test_an_unexpected_failure_shows_one_line_and_no_trace(
    browser: Any, tmp_path: Path, cache: Path
) -> None:
    with (
        serving(tmp_path, cache, "--index", "mine", script=("-c", BROKEN)) as running,
        visiting(browser, running.url, locale="en-US") as visit,
    ):
        page = visit.page
        page.fill("#ask textarea", "Anything?")
        page.click("#ask button")
        page.wait_for_selector(".problem", timeout=PATIENCE * 1000)
        assert page.inner_text(".problem") == "An error; the terminal says more."
        visit.picture("failure")
        shown = page.inner_text("body")
        assert "a secret detail" not in shown
        assert "Traceback" not in shown
        assert "a secret detail" in running.log.read_text(encoding="utf-8")


def test_who_has_no_index_is_shown_the_sample(browser: Any, tmp_path: Path, cache: Path) -> None:
    with (
        serving(tmp_path, cache) as running,
        visiting(browser, running.url, locale="en-US") as visit,
    ):
        page = visit.page
        assert "Sample texts, all invented" in page.inner_text(".note")
        assert page.locator("input[type=file]").count() == 0
        visit.picture("sample-start")
        page.click("#examples button >> nth=0")
        page.wait_for_selector(".answer", timeout=PATIENCE * 1000)
        assert page.input_value("#ask textarea") == page.inner_text("#examples button >> nth=0")
        assert "550.000" in page.locator("blockquote mark").first.inner_text()
        page.wait_for_selector(".status:has-text('45 articles')", timeout=PATIENCE * 1000)
    assert not (tmp_path / "index").exists()


def test_a_new_index_invites_to_add_articles_and_a_taken_port_is_one_line(
    browser: Any, tmp_path: Path, cache: Path
) -> None:
    with (
        serving(tmp_path, cache, "--index", "mine") as running,
        visiting(browser, running.url, locale="en-US") as visit,
    ):
        visit.page.wait_for_selector(".note:has-text('No articles yet')", timeout=PATIENCE * 1000)
        visit.picture("empty")
        port = str(urlsplit(running.url).port)
        second = subprocess.run(
            [sys.executable, str(ROOT / "ui.py"), "--index", "mine", "--port", port],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines() == [
        f"ui.py: cannot listen on port {port} of 127.0.0.1; choose another: --port 7870"
    ]
