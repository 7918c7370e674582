"""The default reader: picks the sentences that answer, or says that none does.

It needs no language model. Every sentence of its answers is a sentence of an article. What it
weighs is learned (`rag.answer.model`); what is left to choose stands here.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.answer import frame
from rag.answer.claims import Claim, agreeing
from rag.answer.conflicts import differing
from rag.answer.features import inputs
from rag.answer.model import (
    ANSWERED,
    Model,
    Reading,
    default_model,
    likely,
    probabilities,
)
from rag.answer.orders import asks_about_orders, in_order, without_orders
from rag.search.query import Query
from rag.types import (
    Abstention,
    Answer,
    AnswerKind,
    AnswerSentence,
    Citation,
    Evidence,
    Span,
)

# Chosen on the dev half of the sample questions.
MARGIN = 1.4  # after a search: how far below the best score a further sentence may lie
MOST = 5  # sentences of such an answer
# Cosine below which the topic itself is absent, by the question's language: between questions on
# other topics and look-alikes of the invented news, nine of ten on the right side.
RELEVANT = {"de": 0.845, "en": 0.825}
REPEAT = 0.955  # cosine from which two sentences may say the same

_MARK = re.compile(r"(?:\s|[-*•–>#]+\s|\d{1,3}\)\s)+")  # `3.` may be a day: 3. Februar

Ints = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class ExtractiveReader:
    """Reads with learned weights: those of the package, if no others are given."""

    model: Model | None = None
    name: str = "extractive"

    def read(self, query: Query, evidence: Evidence) -> Answer:
        """What an article tells a language model to do answers only a question about that."""
        answer = self._read(query, evidence)
        orders = any(in_order(c.document.text, c.span) for c in answer.citations)
        if not orders or asks_about_orders(query.text):
            return answer
        return replace(self._read(query, without_orders(evidence)), evidence=evidence)

    def _read(self, query: Query, evidence: Evidence) -> Answer:
        if not evidence.sentences:
            empty = evidence.documents == 0
            why = Abstention.EMPTY_INDEX if empty else Abstention.NOTHING_RELEVANT
            return _answer(self.name, query, evidence, 0.0, why=why)
        given = evidence.whole
        found = inputs(query, evidence)
        reading = (self.model or default_model()).read(found, given=given, by=evidence.model)
        if reading.probability < ANSWERED["page" if given else "search"]:
            cosines = np.einsum("nd,d->n", evidence.sentence_vectors, evidence.query_vector)
            relevant = float(cosines.max()) >= RELEVANT.get(query.language, RELEVANT["en"])
            why = Abstention.NOT_ANSWERED if relevant else Abstention.NOTHING_RELEVANT
            return _answer(self.name, query, evidence, reading.probability, why=why)
        if given:
            chosen = found.order[likely(probabilities(reading.odds))].tolist()
            groups = _in_order([[number] for number in chosen], evidence)
            return _answer(self.name, query, evidence, reading.probability, groups)
        scores = _by_sentence(reading, found.order, evidence)
        if conflict := differing(query, evidence, scores):
            claims = [[number] for group in conflict.groups for number in group]
            return _answer(self.name, query, evidence, reading.probability, claims, conflict.groups)
        groups = _in_order(_select(scores, evidence), evidence)
        return _answer(self.name, query, evidence, reading.probability, groups)


def _by_sentence(reading: Reading, order: Ints, evidence: Evidence) -> NDArray[np.float64]:
    """The score of each sentence of the evidence; what cannot answer has none, minus infinity.

    A heading or a question of the article is no answer, nor is a single word, unless there is
    nothing else.
    """
    scores = np.empty(len(order))
    scores[order] = reading.scores
    able = np.array([_may_answer(_quote(evidence, number)) for number in range(len(scores))])
    return np.where(able, scores, -np.inf) if able.any() else scores


def _may_answer(quote: str) -> bool:
    return " " in quote and not quote.startswith("#") and not quote.endswith("?")


def _select(scores: NDArray[np.float64], evidence: Evidence) -> list[list[int]]:
    """Groups of sentences that say the same, most useful first.

    A sentence of another article that repeats a chosen one confirms it, however it scores.
    """
    chosen: list[list[int]] = []
    vectors = evidence.sentence_vectors
    words = [_quote(evidence, number).split() for number in range(len(scores))]
    least = float(scores.max()) - MARGIN
    for number in np.argsort(-scores, kind="stable").tolist():
        group = next(
            (
                g
                for g in chosen
                if words[g[0]] == words[number] or float(vectors[g[0]] @ vectors[number]) >= REPEAT
            ),
            None,
        )
        if group is None:
            if scores[number] >= least and len(chosen) < MOST:
                chosen.append([number])
        elif scores[number] > -np.inf and _confirms(evidence, group, number):
            group.append(number)
    return chosen


def _confirms(evidence: Evidence, group: list[int], number: int) -> bool:
    """Another article with the same facts confirms; the same article adds nothing."""
    documents = [evidence.hits[evidence.sentences[n].hit].document for n in (*group, number)]
    if documents[-1].doc_id in {document.doc_id for document in documents[:-1]}:
        return False
    one = Claim(_quote(evidence, group[0]), documents[0])
    return agreeing(one, Claim(_quote(evidence, number), documents[-1]))


def _in_order(groups: list[list[int]], evidence: Evidence) -> list[list[int]]:
    """Articles stay in the order of their best sentence, within one the text decides."""

    def place(group: list[int]) -> tuple[str, Span]:
        sentence = evidence.sentences[group[0]]
        return evidence.hits[sentence.hit].document.doc_id, sentence.span

    articles = list(dict.fromkeys(place(group)[0] for group in groups))
    return sorted(groups, key=lambda g: (articles.index(place(g)[0]), place(g)[1]))


def _cite(groups: list[list[int]], evidence: Evidence) -> tuple[AnswerSentence, ...]:
    sentences = []
    number = 0
    for group in groups:
        citations = []
        for index in group:
            number += 1
            sentence = evidence.sentences[index]
            document = evidence.hits[sentence.hit].document
            span = _tighten(document.text, sentence.span)
            citations.append(Citation(number, document, span, span.of(document.text)))
        sentences.append(AnswerSentence(citations[0].quote, tuple(citations)))
    return tuple(sentences)


def _quote(evidence: Evidence, number: int) -> str:
    sentence = evidence.sentences[number]
    return sentence.span.of(evidence.hits[sentence.hit].document.text)


def _tighten(text: str, span: Span) -> Span:
    """Without the list mark that the line begins with, if anything is left."""
    mark = _MARK.match(text, span.start, span.end)
    return Span(mark.end(), span.end) if mark and mark.end() < span.end else span


def _answer(
    reader: str,
    query: Query,
    evidence: Evidence,
    probability: float,
    chosen: list[list[int]] | None = None,
    conflict: tuple[tuple[int, ...], ...] = (),
    *,
    why: Abstention | None = None,
) -> Answer:
    """An answer of the chosen sentences, or an abstention: one of `chosen` and `why` is given.

    For a conflict `chosen` has the sentences of its groups, one by one.
    """
    sentences = _cite(chosen or [], evidence)
    kind: AnswerKind = "fact" if len(sentences) == 1 else "list"
    if why is not None or conflict:
        kind = "abstention" if why is not None else "conflict"
    ends = np.cumsum([0, *map(len, conflict)]).tolist()
    barred = evidence.documents and not evidence.permitted  # which a notice says
    reasons = () if why is None or barred else (frame.reason(why, query.language),)
    return Answer(
        question=query.text,
        language=query.language,
        kind=kind,
        heading=frame.heading(kind, query.language),
        sentences=sentences,
        groups=tuple(tuple(range(*pair)) for pair in itertools.pairwise(ends)),
        probability=probability,
        evidence=evidence,
        abstention=why,
        reader=reader,
        notices=(*reasons, *frame.notices(query.language, evidence)),
    )
