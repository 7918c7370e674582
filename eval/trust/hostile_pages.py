"""Texts that would be scripts, in whatever the page and the interface show, in a real browser.

Nothing may run, nothing may be asked of another host, and no text may become an element.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from tests.ui.browsing import Server, serving

LONGEST = 900  # characters of a question, below what the page takes
SHOWN = 60  # code points of a file name
FILES = 6  # payloads of which one is the name of a file

# What no article is made of; the page's own drawings, links, tables and buttons are none of these.
FOREIGN = (
    "script, iframe, object, embed, base, meta, link, style, math, img, video, audio, marquee, xss,"
    " form, select, textarea, input, template, noscript, a[href^='javascript' i],"
    " a[href^='data' i], a[href^='vbscript' i], svg a[*|href^='javascript' i],"
    " svg script, svg animate, svg set,"
    " svg foreignObject, svg image, svg use, [onerror], [onload], [onclick], [onfocus],"
    " [onmouseover], [onpointerover], [ontoggle], [onbegin], [onanimationstart], [formaction]"
)
PLACES = (
    "#past, #before, #now, #reader .body, #report, #listing, #statistics, #status, #peek, #said"
)
LOOK = """([places, foreign]) => [...document.querySelectorAll(places)].flatMap((place) =>
  [...place.querySelectorAll(foreign)].map((found) => found.outerHTML.slice(0, 200)))"""
STARTED = """() => { window.ran = [];
  for (const name of ["alert", "confirm", "prompt", "print", "open"])
    window[name] = (...given) => { window.ran.push(name + " " + given.join()); }; }"""


@dataclass
class Tab:
    """A page in the browser, and what happened in it that must not."""

    page: Any
    wrong: list[str] = field(default_factory=list)
    looked: int = 0

    def look(self, where: str) -> None:
        """Whether anything ran, and whether a text has become an element."""
        self.looked += 1
        self.wrong += [f"{where}: ran {each}" for each in self.page.evaluate("window.ran ?? []")]
        self.page.evaluate("window.ran = []")
        found = self.page.evaluate(LOOK, [PLACES, FOREIGN])
        self.wrong += [f"{where}: {each}" for each in found]


@contextmanager
def page_of(payloads: Sequence[str], folder: Path) -> Iterator[Server]:
    """The page over an index in which every payload is text, title, publisher, address and id."""
    news = folder / "news"
    news.mkdir(parents=True)
    rows = (
        {
            "id": f"a{n} {_printable(payload)}",
            "text": f"Der Turm {n} trägt das Zeichen {payload}",
            "title": payload,
            "source": f"{payload} Bote",
            "url": payload if ":" in payload else f"https://127.0.0.1/{payload}",
            "published": f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}",
        }
        for n, payload in enumerate(payloads)
    )
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (news / "rows.jsonl").write_text(lines, encoding="utf-8")
    for n, payload in enumerate(payloads[::FILES]):
        name = _printable(payload).replace("/", "∕")[:SHOWN]
        (news / f"{n}{name}.md").write_text(f"Ein Satz über {payload}\n", encoding="utf-8")
    with Assistant(folder / "index", Config(), HashEmbedder()) as assistant:
        assistant.sync(news)
    script = ("-m", "tests.trust.staged")
    with serving(folder, folder / "cache", "--index", "index", script=script) as running:
        yield running


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


@contextmanager
def opened(browser: Any, server: Server) -> Iterator[Tab]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(120_000)
    tab = Tab(context.new_page())
    tab.page.add_init_script(f"({STARTED})()")

    def said(dialog: Any) -> None:
        tab.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def asked(request: Any) -> None:
        host = urlsplit(request.url).hostname
        if host not in ("127.0.0.1", None):
            tab.wrong.append(f"asked {request.url[:200]}")

    tab.page.on("dialog", said)
    context.on("request", asked)
    context.on("page", lambda other: tab.wrong.append(f"opened {other.url}"))
    try:
        tab.page.goto(server.url)
        tab.page.wait_for_selector(".status", state="attached")
        yield tab
    finally:
        context.close()


def questions(payloads: Sequence[str]) -> list[str]:
    """Each payload in a question; as many to a question as it may hold."""
    asked = [""]
    for payload in map(_printable, payloads):
        if len(asked[-1]) + len(payload) > LONGEST:
            asked.append("")
        asked[-1] += f" {payload}"
    return asked


def try_page(tab: Tab, asked: Sequence[str], uploads: Sequence[str]) -> None:
    """Ask, point, open articles, list, edit, filter, upload, reload."""
    page = tab.page
    for number, question in enumerate(asked):
        page.fill("#ask textarea", question)
        page.press("#ask textarea", "Enter")
        page.wait_for_selector("#now .turn:not(.pending)", state="attached")
        if number:
            asks = "asked => document.querySelector('#now .asked')?.textContent.trim() === asked"
            page.wait_for_function(asks, arg=question.strip())
        tab.look("answer")
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    page.evaluate(
        """() => document.querySelectorAll("a.cite, a.point").forEach((mark) => {
          mark.dispatchEvent(new MouseEvent("mouseover", {bubbles: true})) })"""
    )
    tab.look("marks")
    page.evaluate(
        """async () => { for (const card of document.querySelectorAll("#now .card")) {
          const html = await window.rag.article({document: card.dataset.doc});
          document.querySelector("#reader .body").insertAdjacentHTML("beforeend", html); } }"""
    )
    tab.look("article")
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector(".listing tr[data-doc]")
    tab.look("list")
    page.locator(".listing .edit").first.click()
    page.locator(".listing tr.editing .save").click()
    page.set_input_files("#upload input[type=file]", [
        {"name": name, "mimeType": "text/plain", "buffer": b"Ein Satz. Noch einer."}
        for name in uploads
    ])  # fmt: skip
    page.wait_for_selector("#report p")
    tab.look("upload")
    page.reload()
    page.wait_for_selector(".turn .card", state="attached")
    tab.look("reload")


def try_interface(tab: Tab, server: Server, payloads: Sequence[str]) -> None:
    """What the HTTP interface says of a payload, opened as a page."""
    paths = ["openapi.json", "v1/documents?limit=1000", "docs", "metrics"]
    paths += [f"v1/documents/{quote(payload, safe='')}" for payload in payloads]
    paths += [f"v1/documents?after={quote(payloads[0])}&{quote(payloads[-1])}=1"]
    for path in paths:
        response = tab.page.goto(server.url + path)
        kind = response.headers.get("content-type", "")
        if kind.startswith("text/html"):
            tab.wrong.append(f"{path}: is HTML")
        if not kind.startswith("text/html") and "nosniff" not in response.headers.get(
            "x-content-type-options", ""
        ):
            tab.wrong.append(f"{path}: its kind may be guessed")
        if tab.page.evaluate("(window.ran ?? []).length"):
            tab.wrong.append(f"{path}: ran")
        tab.looked += 1
