"""Checked sentences of a model → an answer; what fails a check gives way to its quote."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from rag.answer import frame
from rag.answer.llm.checks import Embed, faults
from rag.answer.llm.reply import Written
from rag.answer.llm.words import said
from rag.search.query import Query
from rag.types import Abstention, Answer, AnswerKind, AnswerSentence, Citation, Evidence

log = logging.getLogger(__name__)

Place = tuple[str, int, int]  # of a quote: document id, start, end


class Draft:
    """An answer in the making. `quoted` is the extractive one, `ids` what the model may cite."""

    def __init__(
        self,
        query: Query,
        evidence: Evidence,
        quoted: Answer,
        ids: Mapping[str, int],
        reader: str,
        embed: Embed | None,
    ) -> None:
        self.quoted = quoted
        self._query = query
        self._evidence = evidence
        self._ids = ids
        self._reader = reader
        self._embed = embed
        self._kept: list[AnswerSentence] = []
        self._written = 0  # of those kept, by the model
        self._failed = 0

    @property
    def must_be_whole(self) -> bool:
        """Where no quote answers, the model may, but only if all that it writes stands."""
        return self.quoted.abstention is not None

    @property
    def stands(self) -> bool:
        """Whether it is an answer with a sentence of the model in it."""
        return self._written > 0 and not (self.must_be_whole and self._failed)

    def add(self, written: Iterable[Written]) -> bool:
        """Check further sentences; whether one was kept."""
        before = len(self._kept)
        for each in written:
            cited = [self._citation(self._ids[i]) for i in each.ids if i in self._ids]
            found = faults(each.text, cited, self._query, self._embed)
            if found:
                log.info("left out, for its %s: %s", ", ".join(found), each.text)
                self._failed += 1
                self._keep_quotes(cited)
            elif all(each.text != kept.text for kept in self._kept):
                self._kept.append(AnswerSentence(each.text, tuple(cited)))
                self._written += 1
        return len(self._kept) > before

    def answer(self, *, whole: bool = False) -> Answer:
        """What stands so far, its quotes numbered in order; notices when it is the `whole`."""
        language, quoted = self._query.language, self.quoted
        numbers: dict[Place, int] = {}
        for citation in (c for sentence in self._kept for c in sentence.citations):
            numbers.setdefault(_place(citation), len(numbers) + 1)
        kind: AnswerKind = "fact" if len(self._kept) == 1 else "list"
        notices = [n for n in quoted.notices if not _is_reason(n, language)]
        if whole and self._failed:
            notices.append(said("replaced", language))
        return Answer(
            question=self._query.text,
            language=language,
            kind=kind,
            heading=frame.heading("fact", language),  # the same from the first sentence to the last
            sentences=tuple(_numbered(sentence, numbers) for sentence in self._kept),
            groups=(),
            probability=quoted.probability,
            evidence=self._evidence,
            abstention=None,
            reader=self._reader,
            notices=tuple(notices),
        )

    def _keep_quotes(self, cited: Iterable[Citation]) -> None:
        """The extractive answer's sentences that quote what was cited, each once."""
        places = [_place(citation) for citation in cited]
        for sentence in self.quoted.sentences:
            theirs = [_place(citation) for citation in sentence.citations]
            if sentence not in self._kept and any(_overlap(a, b) for a in places for b in theirs):
                self._kept.append(sentence)

    def _citation(self, index: int) -> Citation:
        sentence = self._evidence.sentences[index]
        document = self._evidence.hits[sentence.hit].document
        return Citation(0, document, sentence.span, sentence.span.of(document.text))


def _numbered(sentence: AnswerSentence, numbers: Mapping[Place, int]) -> AnswerSentence:
    citations = (
        Citation(numbers[_place(c)], c.document, c.span, c.quote) for c in sentence.citations
    )
    return AnswerSentence(sentence.text, tuple(citations))


def _place(citation: Citation) -> Place:
    return citation.document.doc_id, citation.span.start, citation.span.end


def _overlap(one: Place, other: Place) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def _is_reason(notice: str, language: str) -> bool:
    """Why the extractive reader abstained, which no longer holds."""
    return notice in {frame.reason(why, language) for why in Abstention}
