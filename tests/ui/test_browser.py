"""The page in a real browser, served by `python ui.py` with the real model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from mcp import Client

from eval.datasets import read_questions
from tests.trees import write
from tests.ui import staged
from tests.ui.browsing import PATIENCE, ROOT, Server, Visit, serving, visiting

pytestmark = pytest.mark.slow

SENTENCE = (
    'Der Leuchtturm von Quellenhagen misst <script>window.hit=1</script> <img src="/x" '
    'onerror="window.hit=2"> 47 Meter, ${window.hit=3} {{hit}} $$x^2$$ '
    "(siehe javascript:window.hit=4)."
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
# Two files onto the area: one of another kind, and one with this text.
DROP = """([wrong, name, text]) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File(["x"], wrong));
  dropped.items.add(new File([text], name));
  const options = {bubbles: true, cancelable: true, dataTransfer: dropped};
  document.querySelector("#upload button").dispatchEvent(new DragEvent("drop", options));
}"""
ARTICLES = ("xiaomi-ziel-2026", "su7-ultra-price", "used-evs", "ladepreise", "byd", "tesla")

XIAOMI = "Wie viele Autos will Xiaomi 2026 ausliefern?"
XIAOMI_QUOTE = "Xiaomi will 2026 nun 550.000 Elektroautos ausliefern."
CHARGING = "Was kostet eine Kilowattstunde am Schnelllader?"
RISOTTO = "Welche Zutaten gehören in ein Risotto mit Pilzen?"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the model is converted once; that of the run, if it has one."""
    given = os.environ.get("RAG_CACHE")
    return Path(given) if given else tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """With an index of sample articles and of one, printed twice, that tries to take over."""
    folder = tmp_path_factory.mktemp("own")
    for name in ARTICLES:
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
    return folder


@pytest.fixture(scope="module")
def server(folder: Path, cache: Path) -> Iterator[Server]:
    with serving(folder, cache, script=("-m", "tests.ui.staged")) as running:
        yield running


def open_articles(page: Any) -> None:
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector(".listing tr[data-doc]")


def serious(page: Any) -> list[str]:
    """What axe-core finds that keeps people out, as rule and element."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{found['id']}: {node['html'][:120]}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def test_an_answer_shows_its_quote_and_a_mark_opens_the_article(
    browser: Any, server: Server
) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        visit.ask(XIAOMI)
        assert page.inner_text(".said > span") == XIAOMI_QUOTE
        assert page.inner_text("blockquote mark") == XIAOMI_QUOTE
        assert page.get_attribute("blockquote", "lang") == "de"
        visit.picture("answer")
        page.hover(".said .cite")
        assert page.inner_text("#peek q") == XIAOMI_QUOTE
        assert "Elektro-Kurier 5. Januar 2026 DE" in page.inner_text("#peek p")
        assert page.locator(".card time").first.get_attribute("datetime") == "2026-01-05"
        page.click("[data-language=en]")
        assert "Elektro-Kurier 5. Januar 2026 DE" in page.inner_text(".card .about >> nth=0")
        page.click(".said .cite")
        page.wait_for_selector("#reader[open] mark.now")
        assert "5 January 2026" in page.inner_text("#reader .about")
        page.keyboard.press("Escape")
        page.click("[data-language=de]")
        page.click(".said .cite")
        page.wait_for_selector("#reader[open] mark.now")
        assert "5. Januar 2026" in page.inner_text("#reader .about")
        assert page.inner_text("#reader mark") == XIAOMI_QUOTE
        assert "Vier Neuheiten angekündigt" in page.inner_text("#reader .text")
        assert "#" not in page.inner_text("#reader .text"), "Markdown is shown as formatting"
        assert page.locator(".card.now").count() == 1
        assert page.locator("#reader mark.now").bounding_box()["y"] < 800
        visit.picture("article")
        page.keyboard.press("Escape")
        assert not page.locator("#reader").is_visible()
        assert page.evaluate("document.activeElement.className") == "cite"
        for leave in (page.go_back, page.get_by_role("tab").nth(1).click):
            page.get_by_role("tab").nth(0).click()
            page.click(".said .cite")
            page.wait_for_selector("#reader[open] mark.now")
            leave()
            page.wait_for_selector("#reader[open]", state="detached")
            assert page.locator("#now .turn").count() == 1, "the page is still there"


def test_an_answer_is_there_within_a_second_or_so(browser: Any, server: Server) -> None:
    with visiting(browser, server.url) as visit:
        visit.ask(XIAOMI)
        visit.ask(CHARGING)
        assert visit.seconds < 3, "ten times what it takes, for a machine that is busy"


def test_on_a_telephone_a_tap_shows_the_quote_and_opens_the_article(
    browser: Any, server: Server
) -> None:
    with visiting(
        browser, f"{server.url}?__theme=dark", width=380, scheme="dark", touch=True
    ) as visit:
        page = visit.page
        visit.ask(CHARGING)
        assert visit.fits()
        visit.picture("narrow-dark")
        page.locator(".said .cite").first.tap()
        quote = page.inner_text("#peek q")
        assert quote == page.locator(".said > span").first.inner_text()
        assert not page.locator("#reader").is_visible()
        page.locator("#peek button").tap()
        page.wait_for_selector("#reader[open] mark.now")
        assert page.inner_text("#reader mark.now") == quote
        assert page.locator("#reader").bounding_box()["width"] < 381
        page.locator("#reader .close").tap()
        assert not page.locator("#reader").is_visible()
        assert "__theme=dark" in page.url, "the page was loaded anew"
        open_articles(page)
        assert visit.fits()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_alone_asks_opens_an_article_and_why_it_was_found(
    browser: Any, server: Server, scheme: str
) -> None:
    with visiting(browser, server.url, width=380, scheme=scheme) as visit:
        page = visit.page
        visit.ask(CHARGING)
        page.keyboard.press("Shift+Tab")
        assert page.inner_text(".skip:focus-visible") == "Zur Antwort"
        page.keyboard.press("Enter")
        assert page.inner_text(".asked:focus-visible") == CHARGING
        page.keyboard.press("Tab")
        assert page.locator(".said .cite:focus-visible").count() == 1
        assert page.locator("#peek").is_visible()
        page.keyboard.press("Enter")
        page.wait_for_selector("#reader[open] mark")
        page.keyboard.press("Escape")
        table = page.locator(".card .why table").first
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.locator(".why summary:focus-visible").count():
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


def test_differing_figures_are_marked_in_the_claims_and_on_the_line_of_time(
    browser: Any, server: Server
) -> None:
    with visiting(browser, server.url, locale="en-GB") as visit:
        page = visit.page
        visit.ask(staged.QUESTION)
        assert page.inner_text(".answer .label").lower() == "sources differ"
        assert page.locator(".group b").all_inner_texts() == ["4,6 Mio.", "5,5 Mio."]
        assert page.locator(".timeline .figure:visible").all_text_contents() == [
            "5,5 Mio.",
            "4,6 Mio.",
        ]
        assert page.locator(".timeline .dot:visible").count() > 0
        visit.picture("conflict")
        page.locator(".timeline .differs:visible").first.click()
        page.wait_for_selector("#reader[open] mark.now")
        assert "5,5 Mio." in page.inner_text("#reader mark.now")


def test_filters_narrow_what_may_answer(browser: Any, server: Server) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        visit.ask(XIAOMI)
        page.click("#filters button")
        page.fill("#until input", "2025-12-31")
        page.get_by_label("Sprachen").click()
        page.get_by_role("option", name="Deutsch").click()
        page.keyboard.press("Escape")
        visit.ask("Wie viele Autos plant Xiaomi 2026?")
        assert not page.locator("#since").is_visible(), "what is set does not cover the answer"
        assert page.get_attribute("#filters > button", "data-set") == "2"
        shown = page.inner_text("#now")
        assert "Gefiltert: … – 31. Dezember 2025 · DE" in shown
        assert "480.000" in shown
        assert "5. Januar 2026" not in shown
        page.click("#filters button")
        page.fill("#since input", "2026-01-01")
        page.fill("#ask textarea", XIAOMI)
        page.press("#ask textarea", "Enter")
        page.wait_for_selector("#now .problem:has-text('liegt nach')")
        page.click("#filters button")
        page.fill("#since input", "1990-01-01")
        page.fill("#until input", "1990-12-31")
        visit.ask("Wie viele Autos plant Xiaomi?")
        assert "Der Filter lässt keinen Artikel zu." in page.inner_text("#now")
        assert "nichts zu diesem Thema" not in page.inner_text("#now")
        page.click("#now .unfilter")
        page.wait_for_selector('#filters > button[data-set=""]')
        assert page.input_value("#ask textarea") == "Wie viele Autos plant Xiaomi?"
        visit.ask(XIAOMI)
        assert "Gefiltert" not in page.inner_text("#now")


def test_a_conversation_goes_on_outlives_the_page_and_can_be_taken_along(
    browser: Any, server: Server, tmp_path: Path
) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        visit.ask(XIAOMI)
        page.click(".copy")
        page.wait_for_selector("#said:has-text('Kopiert')")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"## {XIAOMI}\n")
        assert "1. [Lei Jun nennt Jahresziel" in copied
        assert copied.count(XIAOMI_QUOTE) == 1, "what is said need not be quoted too"
        visit.ask("Und 2025?")
        assert "Wie viele Autos will Xiaomi 2025 ausliefern?" in page.inner_text("#now .notice")
        page.reload()
        page.wait_for_selector(".turn >> nth=1")
        assert page.locator(".turn h2").all_inner_texts() == [XIAOMI, "Und 2025?"]
        page.locator("#past .cite").first.click()
        page.wait_for_selector("#reader[open] mark.now")
        page.keyboard.press("Escape")
        with page.expect_download() as saved:
            page.click("#export")
        assert re.fullmatch(r"Gespräch \d{4}-\d\d-\d\d\.md", saved.value.suggested_filename)
        text = Path(saved.value.path()).read_text(encoding="utf-8")
        assert text.startswith(copied)
        assert "## Und 2025?" in text
        page.click("#new")
        page.wait_for_selector(".turn", state="detached")
        page.reload()
        page.wait_for_selector(".status", timeout=PATIENCE * 1000)
        assert page.locator(".turn").count() == 0


def test_a_question_sent_while_another_is_answered_is_asked_next(
    browser: Any, server: Server
) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        page.wait_for_selector("#ask textarea")  # and no longer: readers are quick
        for question in (XIAOMI, CHARGING):
            page.fill("#ask textarea", question)
            page.press("#ask textarea", "Enter")
            page.wait_for_selector("#now .turn", state="attached")
        page.locator("#now .turn:not(.pending) h2").get_by_text(CHARGING, exact=True).wait_for()
        assert page.locator("#earlier .turn h2").inner_text() == XIAOMI
        assert page.input_value("#ask textarea") == ""


def test_two_tabs_keep_their_own_conversations(browser: Any, server: Server) -> None:
    with visiting(browser, server.url) as visit:
        other = Visit(visit.page.context.new_page())
        other.page.goto(server.url)
        visit.ask(XIAOMI)
        other.ask(CHARGING)
        visit.ask("Und 2025?")
        for each, asked in ((visit, [XIAOMI, "Und 2025?"]), (other, [CHARGING])):
            each.page.wait_for_timeout(100)  # Gradio writes what it keeps a moment later
            each.page.reload()
            each.page.wait_for_selector("#past .turn")
            assert each.page.locator(".turn h2").all_inner_texts() == asked
        new = visit.page.context.new_page()
        new.goto(server.url)
        new.wait_for_selector("#past .turn")
        assert new.locator(".turn h2").all_inner_texts() == [CHARGING], "the last that was open"


def test_the_language_follows_the_browser_and_can_be_switched(browser: Any, server: Server) -> None:
    with visiting(browser, server.url, locale="en-GB") as visit:
        page = visit.page
        assert page.inner_text("#hero h2") == "Ask your articles"
        page.click("[data-language=de]")
        page.wait_for_selector("html[lang=de] #ask button:has-text('Fragen')")
        assert page.inner_text("#hero h2") == "Fragen Sie Ihre Artikel"
        assert page.title() == "Artikel-Assistent"
        assert page.get_attribute("#ask textarea", "placeholder").startswith("Ihre Frage")
        page.evaluate("navigator.clipboard.writeText('Warum nur? '.repeat(900))")
        page.focus("#ask textarea")
        page.keyboard.press("Control+v")
        page.wait_for_selector("#said:has-text('höchstens 1000 Zeichen')")
        open_articles(page)
        assert page.get_by_role("button", name="Dateien hierher ziehen").is_visible()
        page.click("[data-language=en]")
        assert page.get_by_role("button", name="Drop files here").is_visible()
        assert "Drop files here" in page.evaluate(
            "getComputedStyle(document.querySelector('#upload [data-words]'), '::after').content"
        )


def test_what_the_articles_do_not_hold_is_not_answered_and_readers_can_object(
    browser: Any, server: Server, folder: Path
) -> None:
    with visiting(browser, server.url, width=380, scheme="dark") as visit:
        page = visit.page
        visit.ask(RISOTTO)
        assert page.inner_text(".answer .label") == "Keine Antwort in den Artikeln"
        assert page.locator(".closest").count() > 0
        assert page.locator(".turn :is(mark, .said, .timeline)").count() == 0
        assert visit.fits()
        page.click("[data-verdict=missed]")
        page.wait_for_selector(".done:has-text('Danke')")
        assert page.get_attribute("[data-verdict=missed]", "aria-pressed") == "true"
        line = (folder / "index" / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1]
        assert json.loads(line)["question"] == RISOTTO
        open_articles(page)
        with page.expect_download() as saved:
            page.click("#questions")
        rows = read_questions(Path(saved.value.path()))
        assert (rows[-1].question, rows[-1].category) == (RISOTTO, "missed")


def test_an_article_cannot_take_the_page_over(browser: Any, server: Server) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        visit.ask("Wie viele Meter misst der Leuchtturm von Quellenhagen?")
        assert page.text_content("blockquote mark") == SENTENCE
        assert (
            page.text_content(".card .opens") == 'Leuchtturm <img src="/x" onerror="window.hit=5">'
        )
        assert page.text_content(".also cite") == COPY_TITLE
        page.hover(".said .cite")
        assert page.text_content("#peek q") == SENTENCE
        page.click(".also .opens")
        page.wait_for_selector("#reader[open] h2")
        assert page.text_content("#reader h2") == COPY_TITLE
        assert page.locator(":is(.turn, #reader) :is(script, img, [href^=javascript])").count() == 0
        page.keyboard.press("Escape")
        open_articles(page)
        row = page.locator("tr:has-text('Leuchtturm')")
        row.locator(".edit").click()
        assert row.locator("input").last.input_value() == '"><script>window.hit=6</script>'
        row.locator(".cancel").click()
        row.locator(".remove").click()
        assert page.text_content("#sure b") == 'Leuchtturm <img src="/x" onerror="window.hit=5">'
        assert page.evaluate("window.hit") is None


def test_articles_are_searched_added_corrected_and_removed(
    browser: Any, server: Server, folder: Path
) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        page.wait_for_selector(".status", timeout=PATIENCE * 1000)
        open_articles(page)
        assert page.locator(".chart rect").count() > 3
        before = int(page.inner_text(".figures dd >> nth=0"))
        visit.picture("articles")
        files = [
            {"name": "brücke.txt", "mimeType": "text/plain", "buffer": UPLOAD.encode()},
            {"name": "kaputt.jsonl", "mimeType": "text/plain", "buffer": b"no json"},
            {"name": "bericht.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"},
        ]
        page.set_input_files("#upload input[type=file]", files)
        page.wait_for_selector("#report .note:has-text('1 neu')", timeout=PATIENCE * 1000)
        assert "kaputt.jsonl:1: kein JSON" in page.inner_text("#report .problem")
        assert "bericht.pdf: keine von .txt" in page.inner_text("#refused")
        page.set_input_files("#upload input[type=file]", files[2:])
        page.wait_for_selector("#report .note", state="detached")
        assert not page.locator(".toast-body").count()
        page.evaluate(DROP, ["turm.exe", "turm.txt", "Der Turm von Sandloh ist 40 Meter hoch."])
        page.wait_for_selector("#refused:has-text('turm.exe')")
        page.wait_for_selector(f".figures dd:has-text('{before + 2}')", timeout=PATIENCE * 1000)
        page.fill("#search textarea", "turm.txt")
        page.locator("tr[data-doc='uploads/turm.txt'] .remove").click()
        page.click("#sure .danger")
        page.wait_for_selector(f".figures dd:has-text('{before + 1}')")
        page.fill("#search textarea", "brücke")
        row = page.locator("tr[data-doc='uploads/brücke.txt']")
        page.wait_for_function("document.querySelectorAll('tr[data-doc]').length === 1")
        row.locator(".edit").click()
        row.get_by_label("Datum").fill("gestern")
        page.keyboard.press("Enter")
        page.wait_for_selector("#said:has-text('ist kein Datum')")
        page.keyboard.press("Escape")
        assert row.locator(".date").inner_text() == "–"
        row.locator(".edit").click()
        row.get_by_label("Datum").fill("8.7.2026")
        row.get_by_label("Quelle").fill("Sandloher Blatt")
        page.keyboard.press("Enter")
        page.wait_for_selector("td.source:has-text('Sandloher Blatt')")
        page.wait_for_selector("tr[data-doc='uploads/brücke.txt'] .edit:focus")
        page.keyboard.press("Enter")
        assert row.get_by_label("Datum").input_value() == "8. Juli 2026"
        page.keyboard.press("Enter")
        page.wait_for_selector("tr[data-doc='uploads/brücke.txt'] time[datetime='2026-07-08']")
        page.click("#resync")
        page.wait_for_selector("#report .note:has-text('unverändert')", timeout=PATIENCE * 1000)
        assert "neu" not in page.inner_text("#report")
        page.get_by_role("tab").nth(0).click()
        visit.ask("Wie lang ist die Brücke von Sandloh?")
        assert "212 Meter" in page.locator("blockquote mark").first.inner_text()
        assert "Sandloher Blatt 8. Juli 2026" in page.inner_text(".card .about")
        open_articles(page)
        row.locator(".remove").click()
        assert "Brücke" in page.inner_text("#sure b")
        page.click("#sure button >> nth=0")
        assert row.count() == 1, "not removed before it is confirmed"
        row.locator(".remove").click()
        page.click("#sure .danger")
        page.wait_for_selector("#listing:has-text('Kein Artikel passt')")
        page.wait_for_selector(f".figures dd:has-text('{before}')")
    assert (folder / "index" / "uploads" / "brücke.txt").is_file()


def test_no_file_of_the_machine_can_be_read(browser: Any, server: Server, folder: Path) -> None:
    with visiting(browser, server.url) as visit:
        for path in (folder / "index" / "catalog.sqlite", ROOT / "ui.py", "/etc/passwd"):
            reply = visit.page.request.get(f"{server.url}gradio_api/file={path}")
            assert reply.status in (403, 404), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_people_out(browser: Any, server: Server, scheme: str) -> None:
    with visiting(browser, server.url, scheme=scheme) as visit:
        page = visit.page
        page.click("#filters button")
        assert serious(page) == []
        visit.ask(staged.QUESTION)
        for closed in (".others > summary", ".why summary", ".cite"):
            page.locator(closed).first.click()
        page.wait_for_selector("#reader[open] mark")
        page.wait_for_function("document.querySelector('#reader').getAnimations().length === 0")
        assert serious(page) == []
        page.keyboard.press("Escape")
        open_articles(page)
        page.locator(".edit").first.click()
        assert serious(page) == []


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


def test_no_script_but_the_page_s_own_runs(browser: Any, server: Server) -> None:
    """Even one that comes through unescaped."""
    with visiting(browser, server.url) as visit:
        page = visit.page
        html = '<img src="data:," onerror="window.hit=1"><svg onload="window.hit=2"></svg>'
        page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", html)
        page.evaluate(
            "() => { const made = document.createElement('script');"
            " made.textContent = 'window.hit = 3'; document.body.append(made); }"
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.hit") is None
        refused = [each for each in visit.complaints if "Content Security Policy" in each]
        assert len(refused) == 3
        visit.complaints.clear()


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
