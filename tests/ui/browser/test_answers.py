"""An answer in a real browser: its quotes, its article, its line of time; by touch and keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import read_questions
from tests.ui import staged
from tests.ui.browser.pages import CHARGING, RISOTTO, XIAOMI, XIAOMI_QUOTE, open_articles
from tests.ui.browsing import Server, visiting

pytestmark = pytest.mark.slow


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
        assert page.get_by_role("complementary", name="Lei Jun").count() == 1
        assert page.get_by_role("dialog").count() == 0, "beside the answer it is none"
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
        assert page.get_by_role("dialog").count() == 1
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
