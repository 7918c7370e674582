"""Answers and lists as HTML, every word of an article escaped, and the page's style sheet.

Around an answer the words are in the question's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rag.answer.frame import also_in, as_of, frame_language, translated
from rag.types import Answer, Citation, Document, DocumentInfo, Hit, Span
from rag.whyform import why_html

CLOSEST = 3  # passages shown where there is no answer
COPIES = 3  # other articles with the same passage that are shown unfolded
MOST_AROUND = 50_000  # code points on each side of a quote in its whole article

_COLUMNS = (("Datum", "Date"), ("Titel", "Title"), ("Quelle", "Source"), ("Sprache", "Language"))
_TEXT = {  # key: German, English
    "sources": ("Quellen", "Sources"),
    "closest": ("Ähnliche Textstellen, keine Antwort", "Closest passages, not answers"),
    "unknown": ("Quelle unbekannt", "Source unknown"),
    "whole": ("Ganzen Artikel zeigen", "Show the whole article"),
    "more": ("Weitere Artikel: {}", "More articles: {}"),
}

STYLE = """
html:lang(de) .t:lang(en), html:not(:lang(de)) .t:lang(de) { display: none }
.gradio-container { --accent: #0f766e; --quiet: #526074; --mark: #fde68a; --marked: #1c1917 }
.dark .gradio-container { --accent: #5eead4; --quiet: #9fb0c6; --mark: #854d0e; --marked: #fffbeb }
.gradio-container .main.fillable { max-width: 50rem !important; padding: 2rem 1rem 4rem !important }
.html-container { padding: 0 !important; font-size: 1rem; line-height: 1.6 }
#top h1 { font-size: 2rem; font-weight: 700; line-height: 1.2; letter-spacing: -.02em }
#top p, .status, .meta { color: var(--quiet) }
.note { border-left: 4px solid var(--accent); padding: .7rem 1rem; border-radius: 0 8px 8px 0;
  background: var(--background-fill-secondary); overflow-wrap: anywhere }
.note + .note { margin-top: .5rem }
.note code { font-family: ui-monospace, monospace; font-size: .9em; white-space: nowrap }
.problem { border-color: #dc2626 }
.waiting::before { content: ""; display: inline-block; width: .9em; height: .9em;
  margin-right: .6em; color: var(--accent); border: 2px solid; border-right-color: transparent;
  border-radius: 50%; vertical-align: -.1em; animation: turn .8s linear infinite }
@keyframes turn { to { transform: rotate(1turn) } }
#ask { gap: .5rem; flex-wrap: nowrap; align-items: stretch }
#ask textarea { font-size: 1.1rem; padding: .75rem 1rem; border-radius: 8px }
#ask button { flex: none; min-width: 5.5rem; border-radius: 8px; background: #0f766e; color: #fff }
#ask button:hover { background: #115e59 }
#examples { gap: .4rem; flex-wrap: wrap }
#examples button { flex: 0 1 auto; min-width: 0; width: auto; padding: .3rem .8rem;
  font-size: .9rem; font-weight: 400; border-radius: 99px; text-align: left; white-space: normal }
.answer h2 { font-size: .8rem; font-weight: 600; letter-spacing: .07em; text-transform: uppercase;
  margin-top: 1.8rem; color: var(--quiet) }
.answer h2:first-child { color: var(--accent); margin-top: .5rem }
.said { font: 1.35rem/1.5 Charter, "Bitstream Charter", "Noto Serif", Georgia, serif;
  margin: .5rem 0 1rem; overflow-wrap: anywhere }
.group { border-left: 3px solid var(--border-color-primary); padding-left: 1rem; margin: 1rem 0 }
.cite { font: 600 .75rem/1 system-ui, sans-serif; vertical-align: .3em; margin-left: .25em;
  padding: .2em .4em; border-radius: 5px; color: var(--accent); text-decoration: none;
  background: color-mix(in srgb, var(--accent) 14%, transparent) }
.card { border: 1px solid var(--border-color-primary); border-radius: 12px; padding: 1rem 1.1rem;
  margin: .8rem 0; background: var(--block-background-fill); overflow-wrap: anywhere }
.card:focus { outline: 2px solid var(--accent) }
.card h3 { font-size: 1.05rem; font-weight: 600; line-height: 1.35; unicode-bidi: isolate }
.card > .cite { float: right; font-size: .85rem; margin: .2em 0 0 .6em }
.card a, .card summary { color: var(--accent) }
.closest { border-style: dashed }
.meta { font-size: .92rem }
.meta > * { white-space: nowrap }
.passage { margin: .7rem 0; white-space: pre-line; unicode-bidi: isolate; color: var(--quiet) }
.passage mark { background: var(--mark); color: var(--marked); border-radius: 3px }
.card summary { cursor: pointer; font-size: .92rem; width: fit-content; border-radius: 3px }
.card summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px }
.also, .why { font-size: .92rem }
.also, .why p { color: var(--quiet); margin: .3rem 0 }
.why table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  overflow-wrap: normal }
.why :is(th, td) { text-align: left; font-weight: 400; padding: .25rem .8rem .25rem 0 }
.why :is(th, td):is(:nth-child(2), :nth-child(3):not([colspan])) { text-align: right; width: 3rem }
.why :is(th, td):last-child { width: 45%; padding-right: 0 }
.why tr { border-top: 1px solid var(--border-color-primary) }
.why thead th { color: var(--quiet); vertical-align: bottom }
.why .bar { display: block; height: 5px; border: 1px solid var(--accent); border-radius: 2px;
  background: var(--accent) }
.why tbody td:last-child { background: linear-gradient(var(--border-color-primary) 0 0)
  center/100% 5px no-repeat }
.why .less { background: none }
.table { overflow: auto; max-height: 24rem }
.table table { border-collapse: collapse; width: 100%; font-size: .92rem }
.table th { text-align: left; padding: 0; font-weight: 600; color: var(--quiet) }
.table td { padding: .4rem .8rem .4rem 0; vertical-align: top; unicode-bidi: isolate;
  border-bottom: 1px solid var(--border-color-primary) }
.table td:first-child { white-space: nowrap }
"""

# The policy keeps the page from asking another host for anything.
HEAD = """
<meta http-equiv="Content-Security-Policy" content="default-src 'self' data: blob:;
 script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'">
<script>document.documentElement.lang = navigator.language.startsWith("de") ? "de" : "en"</script>
"""

# A plain `#source-1` would load the page anew where its address has a query.
GO_TO_SOURCE = """element.addEventListener("click", (event) => {
  const mark = event.target.closest("a.cite");
  if (!mark) return;
  event.preventDefault();
  const card = element.querySelector(mark.getAttribute("href"));
  card.focus({preventScroll: true});
  card.scrollIntoView({block: "center"});
})"""


def answer_html(answer: Answer) -> str:
    """Heading, sentences (a conflict's by group), notices, then the sources.

    The mark `[1]` links to `#source-1`. Without an answer, the closest passages follow.
    """
    language = answer.language
    html = f'<h2 role="status">{escape(answer.heading)}</h2>'
    for group in answer.groups:
        html += f'<div class="group">{"".join(_sentence(answer, n) for n in group)}</div>'
    grouped = {number for group in answer.groups for number in group}
    rest = (n for n in range(len(answer.sentences)) if n not in grouped)
    html += "".join(_sentence(answer, n) for n in rest)
    html += "".join(f"<p>{escape(notice)}</p>" for notice in answer.notices)
    cards = [_source(citation, answer) for citation in answer.citations]
    if not cards:
        cards = [_closest(hit, language) for hit in answer.evidence.hits[:CLOSEST]]
    if cards:
        heading = _said("sources" if answer.citations else "closest", language)
        html += f"<h2>{heading}</h2>{''.join(cards)}"
    return f'<section class="answer" lang="{frame_language(language)}">{html}</section>'


def documents_html(documents: Sequence[DocumentInfo]) -> str:
    """A table of date, title, source and language."""
    rows = (
        f"<tr><td>{d.published or '–'}<td {_lang(d)}>{escape(d.title)}"
        f"<td>{escape(d.source or '–')}<td>{escape(d.language)}"
        for d in documents
    )
    head = "".join(f"<th>{both(german, english)}" for german, english in _COLUMNS)
    return f'<div class="table" tabindex="0"><table><tr>{head}{"".join(rows)}</table></div>'


def both(german: str, english: str) -> str:
    """A text of the page, safe as HTML, of which `STYLE` shows what the browser's language is."""
    return f'<span class="t" lang="de">{german}</span><span class="t" lang="en">{english}</span>'


def marked(text: str, shown: Span, quote: Span) -> str:
    """What `shown` spans, escaped, with exactly the `quote` inside it marked."""
    parts = (Span(shown.start, quote.start), quote, Span(quote.end, shown.end))
    before, inside, after = (escape(part.of(text)) for part in parts)
    return f"{before}<mark>{inside}</mark>{after}"


def _sentence(answer: Answer, number: int) -> str:
    sentence = answer.sentences[number]
    marks = "".join(
        f'<a class="cite" href="#source-{c.number}">[{c.number}]</a>' for c in sentence.citations
    )
    first = sentence.citations[0]
    # A quote is in its article's language, what a language model wrote in the question's.
    lang = f" {_lang(first.document)}" if sentence.text == first.quote else ""
    return f'<p class="said"><span{lang}>{escape(sentence.text)}</span>{marks}</p>'


def _source(citation: Citation, answer: Answer) -> str:
    """The quote in its passage, and on demand in its whole article."""
    document, quote = citation.document, citation.span
    hits = answer.passages(citation)
    spans = (hit.chunk.span for hit in hits)
    passage = next((s for s in spans if s.start <= quote.start and quote.end <= s.end), quote)
    around = Span(max(0, quote.start - MOST_AROUND), quote.end + MOST_AROUND)
    block = f'class="passage" {_lang(document)}'
    return (
        f'<article class="card" id="source-{citation.number}" tabindex="-1">'
        f'<span class="cite">[{citation.number}]</span>{_origin(document, answer.language)}'
        f"<blockquote {block}>{marked(document.text, passage, quote)}</blockquote>"
        f"{_translation(citation, answer.language)}"
        f"{_copies(hits, answer.language)}"
        f"<details><summary>{_said('whole', answer.language)}</summary>"
        f"<div {block}>{marked(document.text, around, quote)}</div></details>"
        f"{''.join(why_html(hit, answer.language) for hit in hits)}</article>"
    )


def _translation(citation: Citation, language: str) -> str:
    if not citation.translation:
        return ""
    return f'<p class="meta">{translated(language)}: {escape(citation.translation)}</p>'


def _closest(hit: Hit, language: str) -> str:
    return (
        f'<article class="card closest">{_origin(hit.document, language)}'
        f'<blockquote class="passage" {_lang(hit.document)}>{escape(hit.text)}</blockquote>'
        f"{_copies([hit], language)}{why_html(hit, language)}</article>"
    )


def _copies(hits: Iterable[Hit], language: str) -> str:
    """A line for each other article that prints these passages; after some they are folded."""
    copies = {copy.doc_id: copy for hit in hits for copy in hit.copies}.values()
    lines = [f'<p class="also">{_also(copy, language)}</p>' for copy in copies]
    shown, folded = "".join(lines[:COPIES]), "".join(lines[COPIES:])
    if folded:
        more = _said("more", language).format(len(lines) - COPIES)
        shown += f"<details><summary>{more}</summary>{folded}</details>"
    return shown


def _also(copy: DocumentInfo, language: str) -> str:
    """`also in Courier · Title · 2026-02-01 · Original`"""
    source = escape(copy.source or _said("unknown", language))
    parts = [source, f"<cite {_lang(copy)}>{escape(copy.title)}</cite>"]
    if copy.published is not None:
        parts.append(str(copy.published))
    return f"{also_in(language)} {' · '.join([*parts, *_original(copy)])}"


def _origin(document: Document, language: str) -> str:
    """Title, publisher, date, original."""
    source = escape(document.source or _said("unknown", language))
    parts = [source, f"<span>{as_of(document, language)}</span>", *_original(document)]
    title = f"<h3 {_lang(document)}>{escape(document.title)}</h3>"
    return f'{title}<p class="meta">{" · ".join(parts)}</p>'


def _original(document: Document | DocumentInfo) -> list[str]:
    """A link, only where the address is one of the web."""
    url = document.url or ""
    if not url.lower().startswith(("http://", "https://")):
        return []
    return [f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">Original ↗</a>']


def _lang(document: Document | DocumentInfo) -> str:
    return f'lang="{escape(document.language)}"'


def _said(key: str, language: str) -> str:
    german, english = _TEXT[key]
    return german if frame_language(language) == "de" else english
