"""Asking: what the page does with a question, as HTML. Articles are in `shelf`."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.errors import (
    DocumentNotFound,
    IndexDamaged,
    IndexLocked,
    IndexMismatch,
    IndexNotFound,
    RagError,
)
from rag.page.article import article_html
from rag.page.conversation import MOST_TURNS, kept, turns
from rag.page.edge import Choice, checked
from rag.page.feedback import FILE, Feedback, keep
from rag.page.reasons import told
from rag.page.turn import asked_html, turn_html
from rag.page.view import view
from rag.page.words import both, grouped, note
from rag.progress import progress_bar

log = logging.getLogger("ui")

FEEDBACK = FILE
SECRET = "browser.secret"

_INVITATION = f'{both("empty")} <button type="button" class="upload">{both("upload")}</button>'


@dataclass(frozen=True, slots=True)
class Shown:
    """What changes on the page; `kept` is what the browser adds to the conversation it keeps."""

    now: str
    kept: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article to open, its quotes as number, start, end and text."""

    document: str
    at: int = 0
    quotes: list[tuple[int, int, int, str]] = field(default_factory=list)


class Page:
    """One page over one assistant. `prepare` runs once, beside it."""

    def __init__(self, assistant: Assistant, sample: Path | None = None) -> None:
        """`sample` is a folder of articles that fill the index before the first question."""
        self.assistant = assistant
        self.sample = sample
        self._prepared = threading.Event()
        self._waiting = both("model")
        self._problem = ""

    def prepare(self) -> None:
        """Load the model and index the sample, so that the first question is quick."""
        try:
            if self.sample:
                self._index_sample(self.sample)
            else:
                _ = self.assistant.embedder
        except RagError as error:
            self._problem = str(error)
            log.error("%s", error)
        finally:
            self._prepared.set()

    def _index_sample(self, articles: Path) -> None:
        with progress_bar("Indexing the sample articles") as bar:

            def progress(done: int, total: int) -> None:
                self._waiting = both("indexing", done, total)
                bar(done, total)

            try:
                self.assistant.sync([articles], progress=progress)
            except IndexLocked:
                log.warning("another process is indexing the sample articles; using what is there")
            except (IndexMismatch, IndexDamaged):  # of another version or model: only a copy
                self.assistant.close()
                shutil.rmtree(self.assistant.folder)
                self.assistant.sync([articles], progress=progress)

    def ask(self, question: str, choice: Choice, before: object) -> Iterator[Shown]:
        """What is being waited for, then the answer; `before` are the earlier questions.

        The browser has emptied the field, so that the next question can be typed while this one
        is answered; it puts back what comes without anything to keep.
        """
        if not question.strip():
            yield Shown(note(both("no question")))
            return
        yield Shown(_pending(question, note(both("searching"), "waiting")))
        for waiting in self._wait():
            yield Shown(_pending(question, waiting))
        key = secrets.token_hex(4)
        try:
            wanted = choice.filter()
            if wanted.since and wanted.until and wanted.since > wanted.until:
                yield Shown(_pending(question, note(both("range"), "note problem")))
                return
            history = checked(list[str], before)[-MOST_TURNS:]
            turn = None
            for answer in self.assistant.stream(question, wanted, history=history):
                turn = view(answer, key, question, choice)
                yield Shown(turn_html(turn))
        except RagError as error:
            yield Shown(_pending(question, self.trouble(error)))
            return
        if turn is not None:
            yield Shown(turn_html(turn), kept([turn]))

    def restore(self, before: object) -> str:
        """The conversation that the browser kept."""
        try:
            return "".join(map(turn_html, turns(before))) if before else ""
        except RagError as error:
            log.warning("%s", error)
            return ""

    def status(self) -> Iterator[str]:
        """What is being waited for, then how much there is to ask."""
        yield from self._wait()
        try:
            counts = self.assistant.counts()
        except RagError as error:
            yield self.trouble(error)
            return
        if counts.documents and not self._problem:
            held = grouped(counts.documents), grouped(counts.chunks)
            yield f'<p class="status">{both("status", *held)}</p>'
        else:
            yield self.trouble()

    def choices(self) -> tuple[list[str], list[str]]:
        """Publishers and languages to filter by, the most frequent first."""
        try:
            documents = self.assistant.documents()
        except RagError:  # there is nothing to choose, and `status` says why
            return [], []
        sources = [d.source for d in documents if d.source]
        return _by_number(sources), _by_number([d.language for d in documents])

    def article(self, sent: object) -> str:
        """A whole article with its quotes marked."""
        try:
            wanted = checked(Wanted, sent)
            document = self.assistant.document(wanted.document)
        except DocumentNotFound:
            return note(both("gone"), "note problem")
        except RagError as error:
            return self.trouble(error)
        return article_html(document, wanted.quotes, wanted.at)

    def feedback(self, sent: object) -> str:
        """Keep a verdict beside the index."""
        try:
            stored = keep(checked(Feedback, sent), self.assistant.folder / FEEDBACK)
        except RagError as error:
            return told(str(error))
        except OSError as error:
            log.error("%s: %s", FEEDBACK, error.strerror)
            stored = False
        return both("thanks") if stored else both("failed")

    def secret(self) -> str:
        """What the browser's memory is encrypted with: that of one index is no use to another."""
        path = self.assistant.folder / SECRET
        try:
            return path.read_text(encoding="ascii")
        except OSError:
            made = secrets.token_hex(16)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)
            path.write_text(made, encoding="ascii")
        except OSError as error:
            log.warning("%s: %s; conversations last until the next start", path, error.strerror)
        return made

    def trouble(self, error: RagError | None = None, invitation: str = _INVITATION) -> str:
        """One line for an error; without an index or articles in it, an invitation."""
        if error is not None and not isinstance(error, IndexNotFound):
            return note(told(str(error)), "note problem")
        return note(told(self._problem), "note problem") if self._problem else note(invitation)

    def _wait(self) -> Iterator[str]:
        while not self._prepared.wait(0.2):
            yield note(self._waiting, "waiting")


def _by_number(values: Sequence[str]) -> list[str]:
    counted = Counter(values)
    return sorted(counted, key=lambda value: (-counted[value], value))


def _pending(question: str, below: str) -> str:
    """A question that has no answer yet, with what there is to say."""
    says = f"{asked_html(question)}{below}"
    return f'<section class="turn pending"><div class="says">{says}</div></section>'
