"""What an index may hold after a process died, and whether it does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eval.trust.durable_driver import INDEX, SAID, open_assistant
from rag.assistant import Assistant
from rag.errors import IndexNotFound, RagError
from rag.types import Answer

Texts = Mapping[str, str]  # id → text


@dataclass(slots=True)
class Expected:
    """What was acknowledged; `last` has the last text of every document there ever was."""

    held: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    answers: int = 0  # that cited something

    def outcomes(self, said: Iterable[list[object]]) -> tuple[Texts, Texts]:
        """All acknowledged commits, and these with the one that was under way."""
        state, under_way = dict(self.held), dict(self.held)
        for line in said:
            if line[0] == "apply":
                assert isinstance(line[1], dict)
                changed = {**state, **line[1]}
                under_way = {name: text for name, text in changed.items() if text is not None}
                self.last |= under_way
            elif line[0] == "done":
                state = under_way
        return state, under_way

    def check(self, folder: Path, said: Iterable[list[object]]) -> Iterator[str]:
        """Open the index again: a line for each promise that does not hold."""
        allowed = self.outcomes(said)
        try:
            with open_assistant(folder) as assistant:
                yield from assistant.verify()
                infos = assistant.documents()
                now = {info.doc_id: assistant.document(info.doc_id).text for info in infos}
                if now not in allowed:
                    yield _difference(now, allowed)
                self.held = now
                yield from self._asked(assistant)
        except IndexNotFound:
            if allowed[0]:
                yield "the index is gone"
            self.held = {}
        except RagError as error:
            yield f"{type(error).__name__}: {error}"

    def _asked(self, assistant: Assistant) -> Iterator[str]:
        """Every committed document answers, no removed one does, every citation is exact."""
        for doc_id, text in self.last.items():
            sentence = text.partition(".")[0] + "."
            hits = assistant.search(sentence, 5)
            found = any(hit.document.doc_id == doc_id and sentence in hit.text for hit in hits)
            there = sentence in self.held.get(doc_id, "")
            if found != there:
                yield f"{doc_id}: {'is not found' if there else 'is found but was removed'}"
            if hits and hits[0].document.text != self.held.get(hits[0].document.doc_id):
                yield f"{hits[0].document.doc_id}: is found with another text"
        if self.held:
            doc_id, text = next(reversed(self.held.items()))
            answer = assistant.ask(
                f"Wie hoch ist die {text.partition(' ist ')[0].split(' ', 1)[1]}?"
            )
            self.answers += bool(answer.citations)
            yield from inexact(answer, self.held)


def inexact(answer: Answer, held: Texts) -> Iterator[str]:
    """Citations that differ from their document."""
    for citation in answer.citations:
        document = citation.document
        if held.get(document.doc_id) != document.text:
            yield f"{document.doc_id}: cited with a text that the index does not hold"
        if citation.span.of(document.text) != citation.quote:
            yield f"{document.doc_id}: {citation.quote!r} is not what stands there"


def _difference(now: Texts, allowed: tuple[Texts, Texts]) -> str:
    lost = [
        name for name in allowed[0] if now.get(name) not in {text.get(name) for text in allowed}
    ]
    more = [name for name in now if now[name] not in {text.get(name) for text in allowed}]
    return f"holds what was never committed together: lost {lost}, more {more}"


def said(folder: Path, size: int | None = None) -> list[list[object]]:
    """The lines of a driver, or those in the first `size` bytes of them."""
    try:
        data = (folder / SAID).read_bytes()[:size]
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in data.splitlines(keepends=True) if line.endswith(b"\n")]


__all__ = ["INDEX", "Expected", "inexact", "said"]
