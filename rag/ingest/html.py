"""HTML: the article of a page and what its head says about it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from rag.errors import UnreadableFile
from rag.ingest.metadata import Metadata
from rag.language.dates import parse_date
from rag.types import Period

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_ELEMENTS = 100_000  # about ten seconds; the longest articles have half of that

_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE)
_DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "og:published_time",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.created",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publish-date",
    "date",
)


class Page(NamedTuple):
    """The text of a page and what its markup says."""

    text: str
    said: Metadata


def read_page(html: str, path: str) -> Page:
    """The article of a page. Raises UnreadableFile where there is none or it is too complex."""
    import trafilatura
    from lxml.etree import LxmlError

    tree = trafilatura.load_html(html)
    if tree is None:
        raise UnreadableFile(path, "no article text found")
    count = sum(1 for _ in tree.iter())
    if count > MOST_ELEMENTS:
        reason = f"{count} HTML elements, more than {MOST_ELEMENTS}; save the article alone"
        raise UnreadableFile(path, reason)
    head = _Head(tree)
    try:
        found = trafilatura.bare_extraction(
            tree, include_comments=False, include_tables=True, with_metadata=False
        )
    # Its clean-up meets markup that its authors did not; one such page is not the end of a sync.
    except (LxmlError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise UnreadableFile(path, f"broken HTML ({type(error).__name__})") from None
    text = "" if found is None else found.text or ""
    if not text.strip():
        raise UnreadableFile(path, "no article text found")
    return Page(text, head.read())


class _Head:
    """Reads metadata off a page. Dates are only taken where the markup says what they are."""

    def __init__(self, tree: _Element) -> None:
        self._tree = tree
        self._meta: dict[str, str] = {}
        for element in tree.iter("meta"):
            name = element.get("property") or element.get("name") or element.get("itemprop") or ""
            content = " ".join((element.get("content") or "").split())
            if content:
                self._meta.setdefault(name.strip().lower(), content)
        self._linked = _linked_data(tree)

    def read(self) -> Metadata:
        return Metadata(
            title=self.title(),
            source=self.source(),
            published=self.published(),
            language=self.language(),
            url=self.url(),
        )

    def title(self) -> str | None:
        headings = [_text(element) for element in self._tree.iter("h1")]
        titles = [_text(element) for element in self._tree.iter("title")]
        return next(filter(None, [self._meta.get("og:title"), *headings, *titles]), None)

    def source(self) -> str | None:
        publisher = self._linked.get("publisher")
        name = publisher.get("name") if isinstance(publisher, dict) else None
        named = self._meta.get("og:site_name") or (name if isinstance(name, str) else None)
        if named or self.url() is None:
            return named
        return (urlsplit(self.url() or "").hostname or "").removeprefix("www.") or None

    def url(self) -> str | None:
        links = [
            element.get("href")
            for element in self._tree.iter("link")
            if (element.get("rel") or "").lower() == "canonical"
        ]
        return next((url for url in [*links, self._meta.get("og:url")] if _is_web(url)), None)

    def language(self) -> str | None:
        """The declared one, save `en`: page templates bring it along for pages in any language."""
        root = next(self._tree.iter("html"), self._tree)
        match = _LANGUAGE.fullmatch((root.get("lang") or "").strip())
        code = match.group(1).lower() if match else None
        return None if code == "en" else code

    def published(self) -> Period | None:
        candidates: list[str | None] = [self._meta.get(name) for name in _DATE_NAMES]
        linked = self._linked.get("datePublished")
        candidates.insert(1, linked if isinstance(linked, str) else None)
        for element in self._tree.iter("time"):
            if element.get("pubdate") is not None or element.get("itemprop") == "datePublished":
                candidates.append(element.get("datetime") or _text(element))
        times = [element.get("datetime") for element in self._tree.iter("time")]
        if len(times) == 1:
            candidates.append(times[0])
        for candidate in filter(None, candidates):
            try:
                return parse_date(candidate)
            except ValueError:
                continue  # a template's empty field, or words; the next may be a date
        return None


def _linked_data(tree: _Element) -> dict[str, Any]:
    """The first schema.org object of the page that has a publication date, or an empty one."""
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue  # many pages carry broken ones
        for item in data if isinstance(data, list) else [data]:
            graph = item.get("@graph") if isinstance(item, dict) else None
            for node in graph if isinstance(graph, list) else [item]:
                if isinstance(node, dict) and "datePublished" in node:
                    return node
    return {}


def _is_web(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _text(element: _Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())
