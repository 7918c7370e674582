"""The default reader: picks the sentences that answer, or says that none does.

It needs no language model. Every sentence of its answers is a sentence of an article.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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

# Chosen on the dev half of the sample questions; `python -m eval tune` compares them with others.
LEXICAL = 0.03  # gain from the question's words, where article and question share a language
SAME_LANGUAGE = 0.03  # by how much cosines within a language lie above those between two
NO_NUMBER = 0.05  # loss of a sentence without a number where the question asks for one
ANCHORS = 0.04  # loss where sentence and title lack the question's names, codes and numbers
PASSAGE = 1.0  # weight of how well its passage fits, as search scored it
STANDOUT = 1.0  # weight of how far the best sentence stands above the next RIVALS
RIVALS = 5
ANSWERED = 1.69  # confidence from which the best sentence counts as an answer
STEEPNESS, EVEN = 20, 1.661  # the probability of an answer at a confidence: logistic
RELEVANT = 0.865  # cosine below which the topic itself is absent
MARGIN = 0.02  # how far below the best sentence a further one may lie
REPEAT = 0.955  # cosine from which two sentences say the same
MOST = 5  # sentences of an answer

_MARK = re.compile(r"(?:\s|[-*•–>#]+\s|\d{1,3}\)\s)+")  # `3.` may be a day: 3. Februar
_FACT = re.compile(
    r"\d+(?:[.,]\d+)*|\b(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)\w*"
    r"|\b(?:nicht|nie|niemals|ohne|kein\w*|not|never|no|without)\b|n[’']t\b"
)
_QUANTITY = re.compile(
    r"\d|\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend|million"
    r"|milliarde|hälfte|halb|drittel|viertel|dutzend|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve|hundred|thousand|billion|half|third|quarter|dozen)",
    re.IGNORECASE,
)


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
        certain = confidence(scores)
        probability = 1 / (1 + math.exp(-STEEPNESS * (certain - EVEN)))
        if certain < ANSWERED:
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
    """(scores, cosines), one per sentence of the evidence. What cannot answer scores 0."""
    cosines = evidence.sentence_vectors @ evidence.query_vector
    quotes = [_quote(evidence, number) for number in range(len(cosines))]
    documents = [evidence.hits[sentence.hit].document for sentence in evidence.sentences]
    same = np.array([d.language == query.language for d in documents])
    passages = np.array([evidence.hits[sentence.hit].score for sentence in evidence.sentences])
    gains = LEXICAL * _overlap(query, quotes, same) - SAME_LANGUAGE * same + PASSAGE * passages
    if query.asks_number:
        gains -= NO_NUMBER * np.array([not _quantity(query, quote) for quote in quotes])
    if query.anchors:
        pairs = zip(documents, quotes, strict=True)
        about = [f"{document.title} {quote}".lower() for document, quote in pairs]
        words = [re.compile(rf"(?<!\w){re.escape(anchor)}(?!\w)") for anchor in query.anchors]
        held = [sum(word.search(text) is not None for word in words) for text in about]
        gains -= ANCHORS * (1 - np.array(held) / len(query.anchors))
    answers = [_can_answer(quote) for quote in quotes]
    return np.where(answers, cosines + gains, 0).astype(np.float32), cosines


def _quantity(query: Query, quote: str) -> bool:
    """Whether a sentence holds a number that the question does not hold itself."""
    asked = "|".join(re.escape(each) for each in query.anchors if re.search(r"\d", each))
    rest = re.sub(rf"(?<!\w)(?:{asked})(?!\w)", "", quote, flags=re.IGNORECASE) if asked else quote
    return _QUANTITY.search(rest) is not None


def confidence(scores: Vectors) -> float:
    """How sure the best sentence is: its score, and more if it stands out from the next ones.

    Only what can answer counts: beside headings, which score 0, everything would stand out.
    """
    best, *rivals = np.sort(scores[scores > 0])[::-1][: RIVALS + 1].tolist() or [0.0]
    return float(best + STANDOUT * (best - np.mean(rivals or [best])))


def _overlap(query: Query, quotes: list[str], same: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of the question's words in each sentence of its language; rare words count more."""
    wanted = set(query.terms.get(query.language, ()))
    held = [
        wanted & set(analyse(quote, query.language)) if alike else set()
        for quote, alike in zip(quotes, same, strict=True)
    ]
    holders = {word: sum(word in words for words in held) for word in wanted}
    weight = {word: math.log(1 + len(quotes) / (1 + n)) for word, n in holders.items()}
    total = sum(weight.values()) or 1.0
    return np.array([sum(weight[word] for word in words) / total for words in held])


def _can_answer(quote: str) -> bool:
    """A heading or a question of the article is no answer, nor is a single word."""
    return not quote.startswith("#") and not quote.endswith("?") and " " in quote


def _select(scores: Vectors, evidence: Evidence) -> list[list[int]]:
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
        elif scores[number] > 0 and _confirms(evidence, group, number):
            group.append(number)
    return chosen


def _confirms(evidence: Evidence, group: list[int], number: int) -> bool:
    """Another article with the same facts confirms; the same article adds nothing."""
    articles = {evidence.hits[evidence.sentences[n].hit].document.doc_id for n in group}
    article = evidence.hits[evidence.sentences[number].hit].document.doc_id
    facts = _facts(_quote(evidence, group[0]))
    return article not in articles and _facts(_quote(evidence, number)) == facts


def _facts(quote: str) -> list[str]:
    """What may not differ between sentences that agree: numbers, months, denials."""
    return sorted(_FACT.findall(quote.lower()))


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
