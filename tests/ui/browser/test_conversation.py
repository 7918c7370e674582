"""Asking on in a real browser: filters, follow-ups, tabs, and the page's language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.ui.browser.pages import CHARGING, XIAOMI, XIAOMI_QUOTE, open_articles
from tests.ui.browsing import PATIENCE, Server, Visit, visiting

pytestmark = pytest.mark.slow


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
        page.wait_for_function(
            "asked => document.querySelector('#ask textarea').value === asked", arg=XIAOMI
        )
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


def test_a_second_enter_asks_nothing(browser: Any, server: Server) -> None:
    with visiting(browser, server.url) as visit:
        page = visit.page
        page.wait_for_selector(".status", state="attached")
        page.fill("#ask textarea", XIAOMI)
        page.press("#ask textarea", "Enter")
        page.press("#ask textarea", "Enter")
        page.wait_for_selector("#now .said")
        page.wait_for_timeout(500)
        assert page.locator(".turn").count() == 1
        assert page.locator(".note:visible").count() == 0


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
