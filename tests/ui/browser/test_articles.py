"""The articles in a real browser: added, corrected, removed; and what they must not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ui.browser.pages import COPY_TITLE, SENTENCE, open_articles
from tests.ui.browsing import PATIENCE, ROOT, Server, visiting

pytestmark = pytest.mark.slow

UPLOAD = (
    "Die Brücke von Sandloh ist 212 Meter lang und führt über die Wemme. Gebaut wurde sie 1932."
)
# Two files onto the area: one of another kind, and one with this text.
DROP = """([wrong, name, text]) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File(["x"], wrong));
  dropped.items.add(new File([text], name));
  const options = {bubbles: true, cancelable: true, dataTransfer: dropped};
  document.querySelector("#upload button").dispatchEvent(new DragEvent("drop", options));
}"""


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
        row.get_by_label("Quelle").fill("Sandloher  Blatt")
        page.keyboard.press("Enter")
        page.wait_for_selector("td.source:has-text('Sandloher Blatt')")
        page.wait_for_selector("tr[data-doc='uploads/brücke.txt'] .edit:focus")
        page.keyboard.press("Enter")
        assert row.get_by_label("Datum").input_value() == "8. Juli 2026"
        assert row.get_by_label("Quelle").input_value() == "Sandloher  Blatt", "as it was written"
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
