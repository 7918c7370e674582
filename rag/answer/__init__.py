"""Evidence → answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from rag.search.query import Query
from rag.types import Answer, Evidence


class Reader(Protocol):
    """Turns evidence into an answer whose every sentence cites, or into an abstention."""

    @property
    def name(self) -> str: ...

    def read(self, query: Query, evidence: Evidence) -> Answer: ...


@runtime_checkable
class Writer(Reader, Protocol):
    """A reader that writes: its answer grows, and it can put a follow-up into a whole question."""

    def stream(self, query: Query, evidence: Evidence) -> Iterator[Answer]: ...

    def rewrite(self, question: str, history: Sequence[str]) -> str: ...


def answers(reader: Reader, query: Query, evidence: Evidence) -> Iterator[Answer]:
    """The answer as it grows; of a reader that does not write there is one."""
    if isinstance(reader, Writer):
        yield from reader.stream(query, evidence)
    else:
        yield reader.read(query, evidence)


def rewritten(reader: Reader, question: str, history: Sequence[str]) -> str:
    """A follow-up as a question that stands for itself; as it is where the reader cannot write."""
    return reader.rewrite(question, history) if isinstance(reader, Writer) else question
