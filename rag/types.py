"""Every value that passes between the parts, on one screen. All are immutable."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]  # (n, dim) unit rows, or (dim,) for one
else:
    Vectors = object  # importing this module loads no numpy


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points of `Document.text`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A date as exact as it is known: a day, a month or a year, both ends included."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """`2026-02-01`, `2026-02` or `2026`. Raises ValueError for anything else."""
        match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
        if match is None:
            raise ValueError(f"{text!r} is not a date: write 2026-02-01, 2026-02 or 2026")
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        if month is None:
            return cls(date(year, 1, 1), date(year, 12, 31))
        if day is None:
            return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
        return cls(date(year, month, day), date(year, month, day))

    def __str__(self) -> str:
        """The shortest form that `parse` reads back; a free range is `first/last`."""
        iso = self.first.isoformat()
        for form in (iso, iso[:7], iso[:4]):
            if Period.parse(form) == self:
                return form
        return f"{iso}/{self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Document:
    """One whole article. `text` is cleaned; spans count its code points."""

    doc_id: str
    text: str
    title: str
    source: str | None
    published: Period | None
    language: str  # ISO 639-1
    url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Removed:
    """A block that cleaning dropped, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """The retrieved unit: a run of whole sentences of one document."""

    chunk_id: str  # `<doc_id>#<n>`, n counting from 0 in the document
    doc_id: str
    span: Span
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document without its text, for lists."""

    doc_id: str
    title: str
    source: str | None
    published: Period | None
    language: str
    url: str | None
    characters: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may answer. `None` means any; dates are inclusive and keep what overlaps."""

    doc_ids: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    languages: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None

    @property
    def dated(self) -> bool:
        return self.since is not None or self.until is not None

    def permits(self, document: Document) -> bool:
        """The definition that every store must agree with."""
        if self.doc_ids is not None and document.doc_id not in self.doc_ids:
            return False
        if self.sources is not None and document.source not in self.sources:
            return False
        if self.languages is not None and document.language not in self.languages:
            return False
        if not self.dated:
            return True
        if document.published is None:
            return False
        after = self.since is None or document.published.last >= self.since
        before = self.until is None or document.published.first <= self.until
        return after and before


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that search returned, and why.

    `ranks` counts from 1 and is None where a list lacked it. `score` is the sum of
    `contributions`, which has one for each of `features`. `copies` are other articles that print
    the same passage; `best` is the sentence that is nearest to the question.
    """

    chunk: Chunk
    document: Document
    score: float
    ranks: Mapping[Literal["dense", "lexical"], int | None]
    best: Span
    features: Mapping[str, float] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)
    copies: tuple[DocumentInfo, ...] = ()

    @property
    def text(self) -> str:
        return self.chunk.span.of(self.document.text)


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence that may be cited: which hit it stands in, and where in the document."""

    hit: int
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What search hands to a reader. `sentence_vectors` has a unit row per sentence.

    `question_vector` is the question as it is read for its answer; None is the query's.
    """

    hits: tuple[Hit, ...]
    sentences: tuple[EvidenceSentence, ...]
    sentence_vectors: Vectors
    query_vector: Vectors
    documents: int  # in the index
    permitted: int  # of these, by the filter
    undated: int = 0  # left out by a date filter because they have no date
    degraded: bool = False  # found without the search caches, because they are damaged
    model: str = ""  # whose vectors these are
    whole: bool = False  # of one article, which the filter names
    question_vector: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """Law: `document.text[span.start:span.end] == quote`.

    `translation` is a language model's, for a reader who asked in another language, or empty.
    """

    number: int
    document: Document
    span: Span
    quote: str
    translation: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    text: str
    citations: tuple[Citation, ...]


class Abstention(StrEnum):
    """Why there is no answer: a closed set."""

    EMPTY_INDEX = "empty index"
    NOTHING_RELEVANT = "nothing relevant"
    NOT_ANSWERED = "no passage answers this"


AnswerKind = Literal["fact", "list", "conflict", "abstention"]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Sentences that each cite; `heading` and `notices` are the frame, in the question's language.

    `groups` lists, for a conflict, the indexes of the sentences that agree with each other.
    `read` is the whole question that a follow-up was read as; empty where it was read as typed.
    """

    question: str
    language: str
    kind: AnswerKind
    heading: str
    sentences: tuple[AnswerSentence, ...]
    groups: tuple[tuple[int, ...], ...]
    probability: float
    evidence: Evidence
    abstention: Abstention | None
    reader: str
    notices: tuple[str, ...] = ()
    read: str = ""

    @property
    def text(self) -> str:
        """The sentences with their `[n]` marks; empty for an abstention."""
        return " ".join(
            s.text + "".join(f"[{c.number}]" for c in s.citations) for s in self.sentences
        )

    def passages(self, citation: Citation) -> list[Hit]:
        """The hits that a quote stands in: as a rule one, none where a reader looked further."""
        quote = citation.span
        return [
            hit
            for hit in self.evidence.hits
            if hit.chunk.doc_id == citation.document.doc_id
            and hit.chunk.span.start < quote.end
            and quote.start < hit.chunk.span.end
        ]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Each citation once, by number."""
        unique = {c.number: c for s in self.sentences for c in s.citations}
        return tuple(unique[n] for n in sorted(unique))


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, counted in documents; `skipped` pairs a path with the reason."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()
