"""Evidence → answer."""

from __future__ import annotations

from typing import Protocol

from rag.search.query import Query
from rag.types import Answer, Evidence


class Reader(Protocol):
    """Turns evidence into an answer whose every sentence cites, or into an abstention."""

    @property
    def name(self) -> str: ...

    def read(self, query: Query, evidence: Evidence) -> Answer: ...
