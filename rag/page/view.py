"""An answer as the page shows and keeps it: one card a passage, best first, and no article whole.

A `Turn` is what the browser remembers of a question.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rag.language.quantities import Quantity, quantities
from rag.page.edge import Choice
from rag.types import Answer, AnswerSentence, Citation, Document, DocumentInfo, Hit, Span

AROUND = 1  # sentences shown on each side of what is quoted
# How likely a passage holds the answer, by how far its score is above the median of those found:
# a logistic curve through the 1,160 passages that 116 questions on the sample articles find (its
# log loss .156 on questions it was not made from; always saying 12 of 100 has .321). The score
# alone says less (.225), for its level differs from question to question.
STEEP, EVEN = 139.4, 0.03

NOTHING_CHOSEN = Choice()

_FIGURE = re.compile(
    r"\d+(?:[.,\N{NO-BREAK SPACE} ]\d+)*(?:\s?(?:%|Mi[ol]\w*|Mrd|Tsd|[bt]n|€)\b\.?)?"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """An article without its text."""

    doc_id: str
    title: str
    source: str | None
    published: str | None
    language: str
    url: str | None

    @property
    def web(self) -> str:
        """The address, if it is one of the web; else empty."""
        url = self.url or ""
        return url if url.lower().startswith(("http://", "https://")) else ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Code points of the article; `text` is what stands there."""

    number: int
    start: int
    end: int
    text: str
    translation: str


@dataclass(frozen=True, slots=True)
class Why:
    """What a passage's score is made of."""

    nearest: str
    score: float
    features: dict[str, float]
    contributions: dict[str, float]


@dataclass(frozen=True, slots=True)
class Card:
    """A passage; `text` begins at `start` in its article. Without quotes it is not cited."""

    origin: Origin
    start: int
    text: str
    quotes: tuple[Quote, ...]
    relevance: float | None  # how likely it holds the answer
    copies: tuple[Origin, ...]
    why: Why | None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the answer. `figures` are those that the other groups do not give."""

    text: str
    language: str  # empty: that of the question
    marks: tuple[int, ...]
    group: int | None
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer."""

    key: str  # letters and digits, unique on the page
    question: str
    language: str
    kind: str
    heading: str
    said: tuple[Said, ...]
    notices: tuple[str, ...]
    cards: tuple[Card, ...]
    filtered: Choice
    read: str  # the question, with what a follow-up leaves out
    reader: str

    def card(self, number: int) -> int:
        """Which card holds the quote with this number."""
        return next(
            n for n, card in enumerate(self.cards) if number in [q.number for q in card.quotes]
        )


def view(answer: Answer, key: str, question: str, filtered: Choice = NOTHING_CHOSEN) -> Turn:
    """The answer to `question` as typed; cards by rank, first those that are cited."""
    return Turn(
        key=key,
        question=question,
        language=answer.language,
        kind=answer.kind,
        heading=answer.heading,
        said=_said(answer),
        notices=answer.notices,
        cards=_cards(answer),
        filtered=filtered,
        read=answer.read or question,
        reader=answer.reader,
    )


def origin(document: Document | DocumentInfo) -> Origin:
    d = document
    published = None if d.published is None else str(d.published)
    return Origin(d.doc_id, d.title, d.source, published, d.language, d.url)


def _said(answer: Answer) -> tuple[Said, ...]:
    """The groups of a conflict first, in their order, then the rest."""
    groups = {n: number for number, group in enumerate(answer.groups) for n in group}
    order = [*groups, *(n for n in range(len(answer.sentences)) if n not in groups)]
    found = []
    for n in order:
        sentence = answer.sentences[n]
        first = sentence.citations[0]
        # A quote is in its article's language, what a language model wrote in the question's.
        language = first.document.language if sentence.text == first.quote else ""
        others = [answer.sentences[m] for m in groups if groups[m] != groups.get(n)]
        figures = _own(sentence, answer.question, others) if n in groups else ()
        marks = tuple(c.number for c in sentence.citations)
        found.append(Said(sentence.text, language, marks, groups.get(n), figures))
    return tuple(found)


def _own(claim: AnswerSentence, question: str, others: Sequence[AnswerSentence]) -> tuple[str, ...]:
    """The figures of a claim that others lack; where they repeat all of them, all.

    Where some are of what the others measure too, only those: a price, not the horsepower.
    """
    asked, elsewhere = _figures(question), {f for other in others for f in _figures(other.text)}
    given = {f: at for f, at in _figures(claim.text).items() if f not in asked}
    own = [figure for figure in given if figure not in elsewhere] or list(given)
    theirs = [quantity for other in others for quantity in _quantities(other)]
    ours = [each for each in _quantities(claim) if any(map(each.comparable, theirs))]
    alike = [f for f in own if any(each.start <= given[f] < each.end for each in ours)]
    return tuple(alike or own)


def _figures(text: str) -> dict[str, int]:
    """In order, each once, with where it stands."""
    found: dict[str, int] = {}
    for match in _FIGURE.finditer(text):
        found.setdefault(match[0].strip(), match.start())
    return found


def _quantities(claim: AnswerSentence) -> tuple[Quantity, ...]:
    return quantities(claim.text, claim.citations[0].document.language)


def _cards(answer: Answer) -> tuple[Card, ...]:
    """One a passage. A quote that stands in two passages is in the card of the better one."""
    hits = answer.evidence.hits
    quoted: dict[int, list[Citation]] = {}
    beyond = []  # quotes that no passage holds: a reader looked further
    for citation in answer.citations:
        passages = answer.passages(citation)
        place = next((n for n, hit in enumerate(hits) if any(hit is p for p in passages)), None)
        if place is None:
            quotes, span = _quotes([citation]), citation.span
            found = origin(citation.document)
            beyond.append(Card(found, span.start, citation.quote, quotes, None, (), None))
        else:
            quoted.setdefault(place, []).append(citation)
    relevances = _relevances([hit.score for hit in hits])
    if answer.abstention is not None:  # none holds the answer, however much nearer one is
        relevances = [None] * len(hits)
    ranked = [_found(hit, relevances[n], quoted.get(n, [])) for n, hit in enumerate(hits)]
    cited = [card for card in ranked if card.quotes]
    return (*cited, *beyond, *(card for card in ranked if not card.quotes))


def _relevances(scores: Sequence[float]) -> list[float | None]:
    """Of each, as a probability; of one that has none beside it, unknown."""
    if len(scores) < 2:
        return [None] * len(scores)
    middle = median(scores) + EVEN
    return [(1 + math.tanh(STEEP * (score - middle) / 2)) / 2 for score in scores]


def _found(hit: Hit, relevance: float | None, citations: Sequence[Citation]) -> Card:
    shown = _excerpt(hit, [c.span for c in citations] or [hit.best])
    nearest = hit.best.of(hit.document.text)
    return Card(
        origin=origin(hit.document),
        start=shown.start,
        text=shown.of(hit.document.text),
        quotes=_quotes(citations),
        relevance=relevance,
        copies=tuple(origin(copy) for copy in hit.copies),
        why=Why(nearest, hit.score, dict(hit.features), dict(hit.contributions)),
    )


def _quotes(citations: Sequence[Citation]) -> tuple[Quote, ...]:
    return tuple(
        Quote(c.number, c.span.start, c.span.end, c.quote, c.translation) for c in citations
    )


def _excerpt(hit: Hit, spans: Sequence[Span]) -> Span:
    """The sentences that hold the spans, and those around them."""
    start, end = min(s.start for s in spans), max(s.end for s in spans)
    sentences = hit.chunk.sentences
    before = [s.start for s in sentences if s.end <= start]
    after = [s.end for s in sentences if s.start >= end]
    holding = [s for s in sentences if s.start < end and start < s.end]
    return Span(
        min([start, *(s.start for s in holding), *before[-AROUND:]]),
        max([end, *(s.end for s in holding), *after[:AROUND]]),
    )
