"""Documents cut into candidates, for the tests of near-copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.ingest.duplicates import signature
from rag.search.copies import Group, Passage
from rag.types import Document, Period

REPORT = (
    "Der Autobauer Kastor verzichtet auf den Ausbau seines Werks in Lindau.",
    "Dort sollen dauerhaft 375.000 Fahrzeuge im Jahr gebaut werden.",
    "Den Antrag zog der Konzern nach eigenen Angaben zum 30. April zurück.",
    "Die Zahl der Beschäftigten liegt laut Werksleiterin Dettmann bei 10.700.",
    "Entlassungen seien nach den Worten der Werksleiterin nicht vorgesehen.",
    "Im vergangenen Jahr wurden in Lindau rund 205.000 Fahrzeuge gefertigt.",
    "An der Fertigung von Batterien hält der Konzern in kleinerem Umfang fest.",
    "Dafür gibt er nach Angaben einer Sprecherin knapp eine Milliarde Euro aus.",
    "Die Gewerkschaft forderte eine Garantie der Beschäftigung bis zum Jahr 2030.",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    doc_id: str
    number: int
    sentences: tuple[str, ...]
    score: float
    signature: bytes
    published: Period | None = None


def describe(candidate: Candidate) -> Passage:
    return Passage(
        doc_id=candidate.doc_id,
        score=candidate.score,
        published=candidate.published,
        signature=candidate.signature,
        opening=candidate.number == 0,
        sentences=lambda: candidate.sentences,
    )


def cut(
    doc_id: str, sentences: Sequence[str], places: Sequence[int] = (), score: float = 1.0
) -> list[Candidate]:
    """A document in passages that end at `places`, the first one scored best."""
    document = Document(doc_id, " ".join(sentences), "", None, None, "de")
    signed = signature(document)
    ends = [*places, len(sentences)]
    starts = [0, *places]
    return [
        Candidate(doc_id, n, tuple(sentences[start:end]), score - n / 100, signed)
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
        if start < end
    ]


def folded(groups: list[Group[Candidate]]) -> dict[str, list[str]]:
    """Documents shown, each with the documents of its copies."""
    return {g.shown.doc_id: [copy.doc_id for copy in g.copies] for g in groups}
