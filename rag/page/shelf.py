"""The articles: what the page does to list, add, remove and correct them, as HTML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import RagError
from rag.page.collection import found, listing_html, statistics_html
from rag.page.edge import checked
from rag.page.feedback import questions
from rag.page.page import FEEDBACK, Page
from rag.page.reasons import told
from rag.page.words import both, note
from rag.types import Period, SyncReport
from rag.uploads import keep_uploads

MOST_FILES = 100  # of one upload

Progress = Callable[[int, int], None]


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
            return self._page.trouble(error), ""
        if not documents:
            return self._page.trouble(), ""
        table = listing_html(found(documents, search), editable=self.editable)
        return table, statistics_html(counts, documents)

    def add(self, files: Iterable[str], progress: Progress) -> str:
        """Put uploaded files into the index. The report names each one that was left out."""
        files = list(files)
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

    def resync(self, progress: Progress) -> str:
        """Read all folders of the index again."""
        try:
            report = self._assistant.sync(progress=progress)
        except RagError as error:
            return self._page.trouble(error)
        return _report_html(report, report.skipped)

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
            published = Period.parse(wanted.published.strip()) if wanted.published.strip() else None
            self._assistant.correct(wanted.document, published, wanted.source.strip() or None)
        except (RagError, ValueError) as error:  # the latter of a date
            return {"said": told(str(error))}
        return self._changed("saved", wanted.search)

    def _changed(self, key: str, search: str) -> dict[str, str]:
        listing, statistics = self.shown(search)
        return {"said": both(key), "listing": listing, "statistics": statistics}

    def as_questions(self, _: object = None) -> str:
        """What readers said of answers, as rows of test questions."""
        rows = questions(self._assistant.folder / FEEDBACK)
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _report_html(report: SyncReport, skipped: Iterable[tuple[str, str]]) -> str:
    counted = (report.added, report.updated, report.removed, report.unchanged)
    html = note(both("report", *counted))
    lines = [f"<br>{escape(name)}: {told(reason)}" for name, reason in skipped]
    if lines:
        html += note(both("skipped", len(lines)) + "".join(lines), "note problem")
    return html + "".join(note(told(notice)) for notice in report.notices)
