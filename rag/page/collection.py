"""The articles of the index as HTML: a table to manage them, and how many there are of when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from rag.language.dates import spoken
from rag.page.words import both, dated, grouped
from rag.store import Counts
from rag.types import DocumentInfo, Period

MOST_LISTED = 200  # rows of the table
MOST_MONTHS = 120  # bars; a longer time is shown by year
HEIGHT = 96  # pixels of the highest bar

_COLUMNS = ("date", "article", "source", "language", "chunks")


def found(documents: Sequence[DocumentInfo], search: str) -> list[DocumentInfo]:
    """Those whose title, publisher, date or id holds each word, the newest first."""
    words = search.casefold().split()
    fitting = [d for d in documents if all(word in _searched(d) for word in words)]
    return sorted(fitting, key=lambda d: d.published.first.isoformat() if d.published else "")[::-1]


def _searched(d: DocumentInfo) -> str:
    dates = [spoken(d.published, language) for language in ("de", "en")] if d.published else []
    return " ".join((d.title, d.source or "", str(d.published or ""), *dates, d.doc_id)).casefold()


def listing_html(documents: Sequence[DocumentInfo], *, editable: bool) -> str:
    """A table of the first of these documents, with what can be done with each."""
    if not documents:
        return f'<p class="meta" role="status">{both("none found")}</p>'
    rows = "".join(_row(d, editable) for d in documents[:MOST_LISTED])
    head = "".join(f'<th scope="col" class="{key}">{both(key)}</th>' for key in _COLUMNS)
    if editable:
        head += f'<th scope="col" class="actions"><span class="sr">{both("actions")}</span></th>'
    more = len(documents) - MOST_LISTED
    rest = f'<p class="meta">{both("more", grouped(more))}</p>' if more > 0 else ""
    return (
        f'<div class="listing"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"</div>{rest}"
    )


def _row(d: DocumentInfo, editable: bool) -> str:
    actions = ""
    if editable:
        actions = (
            f'<td class="actions"><button type="button" class="edit">{both("correct")}</button>'
            f'<button type="button" class="remove">{both("remove")}</button>'
            f'<button type="button" class="save">{both("save")}</button>'
            f'<button type="button" class="cancel">{both("cancel")}</button></td>'
        )
    published = str(d.published) if d.published else ""
    date = dated(published) if published else "–"
    return (
        f'<tr data-doc="{escape(d.doc_id)}">'
        f'<td class="date" data-value="{published}">{date}</td>'
        f'<td class="article" lang="{escape(d.language)}">'
        f'<button type="button" class="opens">{escape(d.title)}</button></td>'
        f'<td class="source" data-value="{escape(d.source or "")}">{escape(d.source or "–")}</td>'
        f'<td class="language">{escape(d.language.upper())}</td>'
        f'<td class="chunks"><span class="unit">{both("chunks")}: </span>{d.chunks}</td>'
        f"{actions}</tr>"
    )


def statistics_html(counts: Counts, documents: Sequence[DocumentInfo]) -> str:
    """How many articles, passages and sentences there are, and of when."""
    figures = (
        ("documents", counts.documents),
        ("passages", counts.chunks),
        ("sentences", counts.sentences),
        ("undated", sum(d.published is None for d in documents)),
    )
    cells = "".join(f"<div><dd>{grouped(n)}</dd><dt>{both(key)}</dt></div>" for key, n in figures)
    return f'<dl class="figures">{cells}</dl>{_chart(documents)}'


def _chart(documents: Sequence[DocumentInfo]) -> str:
    """A bar for each month between the first and the last, or for each year."""
    days = [d.published.first for d in documents if d.published]
    if not days:
        return ""
    first, last = min(days), max(days)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months <= MOST_MONTHS:
        key = "months"
        names = [_month(first.year * 12 + first.month - 1 + n) for n in range(months)]
        counted = Counter(_month(day.year * 12 + day.month - 1) for day in days)
    else:
        key = "years"
        names = [f"{year:04}" for year in range(first.year, last.year + 1)]
        counted = Counter(f"{day.year:04}" for day in days)
    drawn = "".join(_drawn(names, counted, language) for language in ("de", "en"))
    return (
        f'<figure class="chart"><figcaption class="label">{both(key)}</figcaption>{drawn}</figure>'
    )


def _drawn(names: Sequence[str], counted: Counter[str], language: str) -> str:
    first, last = (spoken(Period.parse(name), language) for name in (names[0], names[-1]))
    bars = "".join(_bars(names, counted, language))
    return (
        f'<div class="t" lang="{language}"><svg width="100%" height="{HEIGHT + 36}" role="img"'
        f' aria-label="{first} – {last} · {counted.total()}">{bars}</svg></div>'
    )


def _bars(names: Sequence[str], counted: Counter[str], language: str) -> Iterator[str]:
    highest = max(counted.values())
    width = 100 / len(names)
    labelled = ""
    for n, name in enumerate(names):
        count, left = counted[name], n * width
        height = round(HEIGHT * count / highest)
        if count:
            yield (
                f'<rect x="{left + width * 0.12:.2f}%" width="{width * 0.76:.2f}%" rx="2"'
                f' y="{HEIGHT + 14 - height}" height="{height}">'
                f"<title>{spoken(Period.parse(name), language)}: {count}</title></rect>"
            )
        year = name[:4]
        if year != labelled and left <= 94:
            labelled = year
            yield f'<text x="{left:.2f}%" y="{HEIGHT + 32}">{year}</text>'


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
