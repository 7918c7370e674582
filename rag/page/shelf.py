"""The articles: what the page does to list, add, remove and correct them, as HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from html import escape
from itertools import count
from pathlib import Path

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import RagError
from rag.language.dates import parse_date
from rag.page.collection import found, listing_html, statistics_html
from rag.page.edge import checked
from rag.page.feedback import questions
from rag.page.page import FEEDBACK, Page
from rag.page.reasons import told
from rag.page.words import both, note
from rag.types import Period, SyncReport
from rag.uploads import keep_uploads

MOST_FILES = 100  # of one upload
GLANCE = 0.3  # seconds between two looks at how far a sync is

Progress = Callable[[int, int], None]

_DATES = "write 2026-02-01, 2026-02 or 2026"
_GERMAN_MONTH = re.compile(r"(\d{1,2})\.\s?(\d{4})")  # 2.2026


@dataclass(frozen=True, slots=True)
class Named:
    """A document of the table, and what is searched for there."""

    document: str
    search: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """The date and publisher that a document shall have; empty where unknown."""

    document: str
    published: str
    source: str
    search: str = ""


class Shelf:
    """The articles of one page; a sample can only be looked at."""

    def __init__(self, page: Page, config: Config) -> None:
        self._page = page
        self.limit = config.max_file_bytes
        self.editable = page.sample is None

    @property
    def _assistant(self) -> Assistant:
        return self._page.assistant

    def listing(self, search: str = "") -> str:
        return self.shown(search)[0]

    def shown(self, search: str = "") -> tuple[str, str]:
        """The table and the statistics of one moment."""
        try:
            documents, counts = self._assistant.documents(), self._assistant.counts()
        except RagError as error:
            return self._page.trouble(error, both("empty here")), ""
        if not documents:
            return self._page.trouble(None, both("empty here")), ""
        table = listing_html(found(documents, search), editable=self.editable)
        return table, statistics_html(counts, documents)

    def add(self, files: Iterable[str]) -> Iterator[str]:
        """Put uploaded files into the index: how far that is, then what came of it.

        The report names each file that was left out.
        """
        files = list(files)
        yield from _watched(lambda progress: self._add(files, progress))

    def _add(self, files: list[str], progress: Progress) -> str:
        folder = self._assistant.folder / "uploads"
        kept, refused = keep_uploads(files[:MOST_FILES], folder, self.limit)
        for path in map(Path, files[MOST_FILES:]):
            path.unlink()
            refused.append((path.name, f"more than {MOST_FILES} files at a time"))
        report = SyncReport()
        if kept:
            try:  # only these files: what was removed of earlier ones stays out
                report = self._assistant.sync(kept, restore=True, progress=progress)
            except RagError as error:
                return self._page.trouble(error)
        skipped = [*refused, *((Path(path).name, reason) for path, reason in report.skipped)]
        return _report_html(report, skipped)

    def resync(self) -> Iterator[str]:
        """Read all folders of the index again: how far that is, then what came of it."""
        yield from _watched(self._resync)

    def _resync(self, progress: Progress) -> str:
        try:
            report = self._assistant.sync(progress=progress)
        except RagError as error:
            return self._page.trouble(error)
        # A reader need not know where on the machine the folders are.
        shown = [("/".join(Path(path).parts[-2:]), reason) for path, reason in report.skipped]
        return _report_html(report, shown)

    def remove(self, sent: object) -> dict[str, str]:
        """Take a document out; what to say, and the table without it."""
        try:
            named = checked(Named, sent)
            self._assistant.remove(named.document)
        except RagError as error:
            return {"said": told(str(error))}
        return self._changed("removed", named.search)

    def correct(self, sent: object) -> dict[str, str]:
        """Set a date and publisher right; what to say, and the table with them."""
        try:
            wanted = checked(Correction, sent)
            published = _period(wanted.published.strip())
            self._assistant.correct(wanted.document, published, wanted.source.strip() or None)
        except RagError as error:
            return {"said": told(str(error))}
        return self._changed("saved", wanted.search)

    def _changed(self, key: str, search: str) -> dict[str, str]:
        listing, statistics = self.shown(search)
        return {"said": both(key), "listing": listing, "statistics": statistics}

    def as_questions(self, _: object = None) -> str:
        """What readers said of answers, as rows of test questions."""
        rows = questions(self._assistant.folder / FEEDBACK)
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _watched(work: Callable[[Progress], str]) -> Iterator[str]:
    """How far `work` is, from time to time, then what it returns."""
    shown = both("reading", "")

    def progress(done: int, total: int) -> None:
        nonlocal shown
        shown = both("reading", f"{done} / {total}")

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work, progress)
        for _ in count():
            yield note(shown, "waiting")
            if wait([running], GLANCE).done:
                break
        yield running.result()


def _report_html(report: SyncReport, skipped: Iterable[tuple[str, str]]) -> str:
    lines = [f"<li>{escape(name)}: {told(reason)}</li>" for name, reason in skipped]
    counted = {key: getattr(report, key) for key in ("added", "updated", "removed", "unchanged")}
    parts = [both(f"{key} count", n) for key, n in counted.items() if n]
    html = "" if lines and not parts else note(", ".join(parts) or both("nothing"))
    if lines:
        html += problem_list(both("skipped", len(lines)), lines)
    return html + "".join(note(told(notice)) for notice in report.notices)


def problem_list(title: str, lines: Iterable[str]) -> str:
    """What was left out; title and lines must be safe."""
    return f'<div class="note problem" role="status">{title}<ul>{"".join(lines)}</ul></div>'


def _period(written: str) -> Period | None:
    """`2026-02-01`, `1. Februar 2026`, `1 Feb 2026`, `1.2.2026`; or a month or year alone.

    Raises RagError for what is no date, or, as `02/01/2026`, may be two; nothing is None.
    """
    if found := _GERMAN_MONTH.fullmatch(written):
        month, year = found.groups()
        written = f"{year}-{month.zfill(2)}"
    try:
        if "/" in written:
            raise ValueError
        return parse_date(written) if written else None
    except ValueError:
        raise RagError(f"{written!r} is not a date: {_DATES}") from None
