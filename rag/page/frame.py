"""What stands around the page's own parts: head, header, dialogs, and the script and style."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.page.conversation import MOST_TURNS
from rag.page.reasons import told
from rag.page.words import PAGE, both

_HERE = Path(__file__).parent

LONGEST_QUESTION = 1000  # characters

ICON = _HERE / "icon.svg"

FONT = ("system-ui", "sans-serif")

STYLE = (_HERE / "style.css").read_text(encoding="utf-8")

# One script, whose parts share their names and nothing with the rest of the page.
_PARTS = [(_HERE / name).read_text(encoding="utf-8") for name in ("page.js", "shelf.js")]
SCRIPT = '"use strict";\n{\n' + "\n".join(_PARTS) + "}\n"
HEAD = f"<script>{SCRIPT}</script>"

# What Gradio gives to the scripts of its components only, handed on to `page.js`.
CONNECT = "window.rag = server"
ASK = "(...sent) => window.ragAsk(...sent)"
KEEP = f"(kept, added) => window.ragKeep(kept, added, {MOST_TURNS})"
FOLLOW = """let pending = false;
watch("value", () => {
  const turn = element.querySelector(".turn");
  const follows = document.querySelector(":is(#past, #earlier) .turn");
  if (follows && (pending || turn?.matches(".pending"))) turn?.scrollIntoView({block: "start"});
  pending = Boolean(turn?.matches(".pending"));
});"""
LIST = "window.ragListing = (html) => { props.value = html }"
STATISTICS = "window.ragStatistics = (html) => { props.value = html }"
DAY = """element.addEventListener("change", (event) => {
  props.value = event.target.value; trigger("change") })"""

SPEAK = """window.ragSpeak = (language) => { props.value = language; trigger("change") };
const chosen = localStorage.getItem("rag-language");
if (chosen) window.ragSpeak(chosen);"""

HEADER = f"""<header><h1 class="brand">{both("brand")}</h1>
<span class="switch" role="group" aria-label="{" / ".join(PAGE["language"])}">
<button type="button" data-language="de" lang="de" title="Deutsch">DE</button>
<button type="button" data-language="en" lang="en" title="English">EN</button></span></header>"""

HERO = f"<h2>{both('title')}</h2><p>{both('subtitle')}</p>"

# From the field, at the foot of the page, back over all that follows an answer.
SKIP = f'<button type="button" class="skip">{both("to answer")}</button>'

# Filled by the script: the article, the quote behind a mark, what was done.
DIALOGS = f"""
<dialog id="reader" aria-labelledby="article-title">
<button type="button" class="close">{both("close")} <kbd>Esc</kbd></button>
<div class="body" tabindex="0"></div></dialog>
<dialog id="sure"><form method="dialog"><p><b></b></p><p>{both("sure")}</p>
<button value="">{both("cancel")}</button>
<button value="remove" class="danger">{both("remove")}</button></form></dialog>
<div id="peek" role="note" hidden><q></q><p class="about"></p>
<button type="button">{both("open")}</button></div>
<div id="said" role="status"></div>
<template id="failed">{both("failed")}</template>
<template id="unreachable">{both("unreachable")}</template>
<template id="no-feedback">{both("no feedback")}</template>
<template id="too-long">{both("too long", LONGEST_QUESTION)}</template>
<template id="file">{both("file")}</template>
<template id="date-form">{both("date form")}</template>
<template id="drop">{both("drop")}</template>
<template id="copied">{both("copied")}</template>"""

AFTER = "() => window.ragAfter()"
RESTORE = "() => window.ragRestored()"


def limits(suffixes: Sequence[str], most: int) -> str:
    """What may be uploaded, for the script, and the words for what may not."""
    kinds, size = " ".join(suffixes), f"{most / 1e6:.3g}"
    return (
        f'<div id="refused" data-suffixes="{kinds}" data-most="{most}"></div>'
        f'<template id="wrong-kind">{told(f"not one of {kinds}")}</template>'
        f'<template id="too-large">{both("too large", size)}</template>'
        f'<template id="refused-title">{both("refused")}</template>'
    )


def date_field(key: str) -> str:
    """A field for a day, whose value is `2026-02-01` or empty, as a Gradio template."""
    return f'<label class="day">{both(key)}<input type="date" value="${{value}}"></label>'
