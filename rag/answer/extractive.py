"""The default reader: picks the sentences that answer, or says that none does.

It needs no language model. Every sentence of its answers is a sentence of an article.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from rag.answer import frame
from rag.language.analysis import analyse
from rag.search.query import Query
from rag.types import (
    Abstention,
    Answer,
    AnswerKind,
    AnswerSentence,
    Citation,
    Evidence,
    Span,
    Vectors,
)

# Chosen on the dev half of the sample questions: python -m eval.tune, see eval/RESULTS.md.
LEXICAL = 0.10  # weight of the question's words that a sentence holds, against its cosine
PASSAGE = 0.30  # weight of the passage that a sentence stands in
ANSWERED = 1.135  # score from which the best sentence counts as an answer
STEEPNESS = 40.0  # of the probability around that score
RELEVANT = 0.84  # cosine below which the topic itself is absent
MARGIN = 0.035  # how far below the best sentence a further one may lie
REPEAT = 0.955  # cosine from which two sentences say the same
MOST = 5  # sentences of an answer

_MARK = re.compile(r"(?:\s|[-*•–>#]+\s|\d{1,3}[.)]\s)+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class ExtractiveReader:
    """Scores each sentence by its vector, its passage and the words it shares with the question."""

    name: str = "extractive"

    def read(self, query: Query, evidence: Evidence) -> Answer:
        if not evidence.sentences:
            empty = evidence.documents == 0
            why = Abstention.EMPTY_INDEX if empty else Abstention.NOTHING_RELEVANT
            return _abstain(query, evidence, why, 0.0, self.name)
        scores, cosines = score_sentences(query, evidence)
        best = float(scores.max())
        probability = 1 / (1 + math.exp(-STEEPNESS * (best - ANSWERED)))
        if best < ANSWERED:
            relevant = float(cosines.max()) >= RELEVANT
            why = Abstention.NOT_ANSWERED if relevant else Abstention.NOTHING_RELEVANT
            return _abstain(query, evidence, why, probability, self.name)
        sentences = _cite(_select(scores, evidence), evidence)
        kind: AnswerKind = "fact" if len(sentences) == 1 else "list"
        return Answer(
            question=query.text,
            language=query.language,
            kind=kind,
            heading=frame.heading(kind, query.language),
            sentences=sentences,
            groups=(),
            probability=probability,
            evidence=evidence,
            abstention=None,
            reader=self.name,
            notices=frame.notices(query.language, evidence),
        )


def score_sentences(query: Query, evidence: Evidence) -> tuple[Vectors, Vectors]:
    """(scores, cosines), one per sentence of the evidence. Headings cannot answer: score 0."""
    cosines = evidence.sentence_vectors @ evidence.query_vector
    passages = np.array([evidence.hits[s.hit].score for s in evidence.sentences], np.float32)
    overlap = np.array(
        [_overlap(query, evidence, number) for number in range(len(evidence.sentences))],
        np.float32,
    )
    scores = cosines + PASSAGE * passages + LEXICAL * overlap
    answers = [_can_answer(_quote(evidence, number)) for number in range(len(scores))]
    return np.where(answers, scores, 0).astype(np.float32), cosines


def _overlap(query: Query, evidence: Evidence, number: int) -> float:
    """Share of the question's words in a sentence of the question's language; else of numbers."""
    sentence = evidence.sentences[number]
    document = evidence.hits[sentence.hit].document
    quote = sentence.span.of(document.text)
    if document.language == query.language:
        words = set(query.terms.get(query.language, ()))
        held = set(analyse(quote, document.language))
    else:
        words, held = set(_NUMBER.findall(query.text)), set(_NUMBER.findall(quote))
    return len(words & held) / len(words) if words else 0.0


def _can_answer(quote: str) -> bool:
    """A heading or a question of the article is no answer."""
    return not quote.startswith("#") and not quote.endswith(("?", ":")) and " " in quote


def _select(scores: Vectors, evidence: Evidence) -> list[list[int]]:
    """Groups of sentences that say the same, most useful first."""
    chosen: list[list[int]] = []
    for number in np.argsort(-scores, kind="stable").tolist():
        if scores[number] < max(ANSWERED, float(scores.max()) - MARGIN):
            break
        vector = evidence.sentence_vectors[number]
        for group in chosen:
            if float(evidence.sentence_vectors[group[0]] @ vector) >= REPEAT:
                if _repeats(evidence, group, number):
                    group.append(number)
                break
        else:
            if len(chosen) < MOST:
                chosen.append([number])
    return chosen


def _repeats(evidence: Evidence, group: list[int], number: int) -> bool:
    """Another article that gives the same numbers confirms; the same article adds nothing."""
    articles = {evidence.hits[evidence.sentences[n].hit].document.doc_id for n in group}
    article = evidence.hits[evidence.sentences[number].hit].document.doc_id
    numbers = _NUMBER.findall(_quote(evidence, group[0]))
    return article not in articles and _NUMBER.findall(_quote(evidence, number)) == numbers


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


def _abstain(
    query: Query, evidence: Evidence, why: Abstention, probability: float, reader: str
) -> Answer:
    return Answer(
        question=query.text,
        language=query.language,
        kind="abstention",
        heading=frame.heading("abstention", query.language),
        sentences=(),
        groups=(),
        probability=probability,
        evidence=evidence,
        abstention=why,
        reader=reader,
        notices=(
            frame.reason(why, query.language),
            *frame.notices(query.language, evidence),
        ),
    )
