"""Questions through the assistant, and what each one scored.

Retrieval is judged by passage. A hit is relevant when its passage overlaps a gold quote in that
document. Passages that hold the same gold quotes, such as two near-copies, are one relevant item:
the first of them in a ranking counts, and the others are taken out of it, so that neither showing
nor folding copies is rewarded. Where a question names documents without quotes, any passage of
the document is relevant, and all of them are one item.

An answer *cites* a question's gold when its citations cover at least half of the characters of
one gold quote. Citation precision is the share of the cited characters that lie in gold quotes;
citation recall the share of the gold characters that are cited, where equal quotes of several
documents count once, by the one that is covered most. All three, and whether the answer string
is there, are 0 for an answerable question that was not answered.

A conflict is shown rightly when the question is of that category and two groups of the answer's
sentences cite different gold quotes of different documents.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from unittest.mock import patch

from eval.datasets import Gold, Question, locate
from eval.measures import covered, covers_half, ndcg, recall_at, reciprocal_rank, union
from rag import Answer, Assistant, Citation, Document, Filter, Hit, Span
from rag.answer import Reader
from rag.search.query import Query
from rag.types import Chunk, Evidence

DEPTH = 10  # hits that a ranking is cut at
WHOLE = 10_000  # more passages than any document has


@dataclass(frozen=True, slots=True)
class Ranked:
    """How well the hits fit the gold."""

    ndcg_10: float
    recall_1: float
    recall_5: float
    reciprocal_rank: float


@dataclass(frozen=True, slots=True)
class Cited:
    """How well the citations fit the gold quotes."""

    gold: bool
    precision: float
    recall: float
    answer: bool | None  # the answer string stands in the text or in a quote; None without one


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question; `ranked` is None without gold, `cited` without gold quotes.

    `conflict` is whether one is shown rightly, None where none is asked for nor shown.
    """

    question: Question
    languages: frozenset[str]  # of the documents that hold the answer
    answer: Answer
    ranked: Ranked | None
    cited: Cited | None
    conflict: bool | None
    seconds: float  # that `ask` took
    reading: float  # seconds of these, after retrieval

    @property
    def abstained(self) -> bool:
        return self.answer.abstention is not None

    @property
    def failed(self) -> bool:
        """Answered without need, not with a gold quote, or a conflict is missing or made up."""
        if self.question.answerable is False:
            return not self.abstained
        if self.conflict is False:
            return True
        return self.cited is not None and not self.cited.gold


class Timed:
    """A reader with a clock: `seconds` is what the last answer took."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.name = reader.name
        self.seconds = 0.0

    def read(self, query: Query, evidence: Evidence) -> Answer:
        start = time.perf_counter()
        answer = self._reader.read(query, evidence)
        self.seconds = time.perf_counter() - start
        return answer


def run(
    assistant: Assistant,
    questions: Sequence[Question],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Outcome]:
    """Ask every question once. The first is asked once more before, to load what is loaded late.

    Raises DatasetError where a question does not fit the collection.
    """
    named = {i.doc_id: assistant.document(i.doc_id) for i in assistant.documents()}
    golds = [locate(question, named) for question in questions]
    chunks = {i: _chunks(assistant, i) for i in sorted({g.doc_id for gold in golds for g in gold})}
    assistant.ask(questions[0].question)
    assert assistant._reader is not None  # the first question has made it
    clock = Timed(assistant._reader)
    outcomes = []
    for done, (question, gold) in enumerate(zip(questions, golds, strict=True), 1):
        with patch.object(assistant, "_reader", clock):
            start = time.perf_counter()
            answer = assistant.ask(question.question)
            seconds = time.perf_counter() - start
        hits = assistant.search(question.question, DEPTH) if gold else []
        outcomes.append(
            Outcome(
                question=question,
                languages=frozenset(named[g.doc_id].language for g in gold),
                answer=answer,
                ranked=rank(hits, gold, chunks) if gold else None,
                cited=cite(answer, gold, question.answer) if gold and question.quotes else None,
                conflict=shows_conflict(answer, question.category, gold),
                seconds=seconds,
                reading=clock.seconds,
            )
        )
        progress(done, len(questions))
    return outcomes


def _chunks(assistant: Assistant, doc_id: str) -> list[Chunk]:
    """All of one document: a filter for a single document returns it whole."""
    only = Filter(doc_ids=frozenset([doc_id]))
    return [hit.chunk for hit in assistant.search(doc_id, WHOLE, only)]


def rank(
    hits: Iterable[Hit], gold: Sequence[Gold], chunks: Mapping[str, Sequence[Chunk]]
) -> Ranked:
    """Judge a ranking by the definition above. `chunks` has all passages of each gold document."""
    items = {_held(chunk, gold) for doc_id in {g.doc_id for g in gold} for chunk in chunks[doc_id]}
    total = len(items - {frozenset()})
    ranking: list[bool] = []
    seen: set[frozenset[str]] = set()
    for hit in hits:
        held = _held(hit.chunk, gold)
        if held not in seen:
            ranking.append(bool(held))
        if held:
            seen.add(held)
    return Ranked(
        ndcg_10=ndcg(ranking, total, 10),
        recall_1=recall_at(ranking, total, 1),
        recall_5=recall_at(ranking, total, 5),
        reciprocal_rank=reciprocal_rank(ranking),
    )


def _held(chunk: Chunk, gold: Sequence[Gold]) -> frozenset[str]:
    """The gold quotes that a passage overlaps, by text."""
    return frozenset(
        g.text or g.doc_id
        for g in gold
        if g.doc_id == chunk.doc_id and covered(g.span, [chunk.span])
    )


def cite(answer: Answer, gold: Sequence[Gold], string: str) -> Cited:
    """Judge an answer by the definition above."""
    cited = _by_document((c.document, c.span) for c in answer.citations)
    right = {g.doc_id: [h.span for h in gold if h.doc_id == g.doc_id] for g in gold}
    characters = sum(len(span) for spans in cited.values() for span in spans)
    hits = sum(covered(s, right.get(i, [])) for i, spans in cited.items() for s in spans)
    best: dict[str, int] = {}
    for g in gold:
        best[g.text] = max(best.get(g.text, 0), covered(g.span, cited.get(g.doc_id, [])))
    return Cited(
        gold=any(covers_half(g.span, cited.get(g.doc_id, [])) for g in gold),
        precision=hits / characters if characters else 0.0,
        recall=sum(best.values()) / sum(map(len, best)),
        answer=_says(answer.text, answer.citations, string) if string else None,
    )


def shows_conflict(answer: Answer, category: str, gold: Sequence[Gold]) -> bool | None:
    """Judge by the definition above; None where no conflict is asked for nor shown.

    Nor can one be judged without a category, or without gold quotes where one is asked for.
    """
    asked, shown = category == "conflict", answer.kind == "conflict"
    if not category or not (asked or shown) or (asked and not any(g.text for g in gold)):
        return None
    if not (asked and shown):
        return False
    held = [_held_by(answer, group, gold) for group in answer.groups]
    return any(
        a.doc_id != b.doc_id and a.text != b.text
        for one, other in combinations(held, 2)
        for a in one
        for b in other
    )


def _held_by(answer: Answer, group: Sequence[int], gold: Sequence[Gold]) -> list[Gold]:
    """The gold quotes that the sentences of a group cover by half or more."""
    citations = [c for number in group for c in answer.sentences[number].citations]
    cited = _by_document((c.document, c.span) for c in citations)
    return [g for g in gold if covers_half(g.span, cited.get(g.doc_id, []))]


def _by_document(places: Iterable[tuple[Document, Span]]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for document, span in places:
        spans.setdefault(document.doc_id, []).append(span)
    return {doc_id: union(found) for doc_id, found in spans.items()}


def _says(text: str, citations: Iterable[Citation], string: str) -> bool:
    wanted = " ".join(string.split())
    return any(wanted in " ".join(said.split()) for said in (text, *(c.quote for c in citations)))
