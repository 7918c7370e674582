"""The reader that lets a language model put the answer into words.

The extractive reader answers first. The model may say the same in one piece, in the question's
language, and translate the quotes; it may not answer what the evidence does not hold. Whatever goes
wrong with it, the extractive answer stands.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer import Reader
from rag.answer.llm.checks import Embed, question_faults, translation_faults
from rag.answer.llm.client import LlmClient, LlmError
from rag.answer.llm.composing import Draft
from rag.answer.llm.prompt import Prompt, prompt, translation_prompt
from rag.answer.llm.reply import TRANSLATIONS, denied, parse, parse_translations, schema
from rag.answer.llm.words import said
from rag.answer.orders import is_order, without_orders
from rag.search.query import Query
from rag.types import Abstention, Answer, AnswerSentence, Citation, Evidence, EvidenceSentence

LONGEST = 40_000  # characters of a reply that are read

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LlmReader:
    """Lets `client` write and `fallback` decide whether there is an answer.

    With `embed`, a sentence must also mean what it cites, as multilingual-e5-small sees it;
    without, nothing that is in another language than its quotes can be shown.
    """

    client: LlmClient
    fallback: Reader
    embed: Embed | None = None

    @property
    def name(self) -> str:
        return f"llm:{self.client.model}"

    def read(self, query: Query, evidence: Evidence) -> Answer:
        """Never raises for the model's sake: without it the extractive answer has a notice."""
        *_, answer = self.stream(query, evidence)
        return answer

    def rewrite(self, question: str, history: Sequence[str]) -> str:
        """A question that stands for itself; the given one where the model fails or invents."""
        whole = self.client.rewrite(question, history)
        return question if question_faults(whole, [question, *history]) else whole

    def stream(self, query: Query, evidence: Evidence) -> Iterator[Answer]:
        """The answer as it grows; each has passed the checks, and the last is the whole."""
        withheld = _with_orders(evidence)
        quoted = self._quoted(query, evidence) if withheld else self.fallback.read(query, evidence)
        if withheld:
            quoted = _with(quoted, said("withheld", query.language))
        shown = prompt(query, evidence, withheld, self.client.prompt_tokens)
        hopeless = quoted.abstention not in (None, Abstention.NOT_ANSWERED)
        if hopeless or not shown.ids:
            yield quoted
        elif quoted.kind == "conflict":  # both sides stay as they are, with their dates
            yield self._translated(quoted)
        else:
            draft = Draft(query, evidence, quoted, shown.ids, self.name, self.embed)
            yield from self._written(draft, query, shown)

    def _written(self, draft: Draft, query: Query, shown: Prompt) -> Iterator[Answer]:
        reply, seen = "", 0
        try:
            for piece in self.client.stream(shown.messages, schema(shown.ids)):
                reply += piece
                if len(reply) > LONGEST:
                    break
                if "}" not in piece or draft.must_be_whole:
                    continue
                written = [] if denied(reply) else parse(reply)
                kept = draft.add(written[seen:])
                seen = max(seen, len(written))
                if kept:
                    yield draft.answer()
        except LlmError as error:
            log.warning("%s", error)
            yield _with(draft.quoted, said("failed", query.language))
            return
        if denied(reply):
            yield _with(draft.quoted, said("unanswered", query.language))
            return
        draft.add(parse(reply)[seen:])
        if not draft.stands:
            key = "failed" if not parse(reply) else "replaced"
            yield _with(draft.quoted, said(key, query.language))
            return
        yield self._translated(draft.answer(whole=True))

    def _quoted(self, query: Query, evidence: Evidence) -> Answer:
        """What the extractive reader answers without the orders to a model among the sentences."""
        rest = without_orders(evidence)
        return replace(self.fallback.read(query, rest), evidence=evidence)

    def _translated(self, answer: Answer) -> Answer:
        """Each quote of another language with its translation, as far as it passes the checks."""
        foreign = [c for c in answer.citations if c.document.language != answer.language]
        if not foreign:
            return answer
        messages = translation_prompt(foreign, answer.language)
        try:
            texts = parse_translations(self.client.complete(messages, TRANSLATIONS))
        except LlmError as error:
            log.warning("%s", error)
            return answer
        found: dict[int, str] = {}
        for number, citation in enumerate(foreign, 1):
            text = texts.get(f"s{number}", "")
            if text and not translation_faults(text, citation, answer.language, self.embed):
                found[citation.number] = text
        sentences = tuple(
            AnswerSentence(s.text, tuple(_with_translation(c, found) for c in s.citations))
            for s in answer.sentences
        )
        return replace(answer, sentences=sentences)


def _with_translation(citation: Citation, found: dict[int, str]) -> Citation:
    return replace(citation, translation=found.get(citation.number, ""))


def _with_orders(evidence: Evidence) -> set[str]:
    """Ids of documents with an order to a model, which may fill a sentence or run over several."""
    found = {
        evidence.hits[s.hit].document.doc_id for s in evidence.sentences if _is_order(s, evidence)
    }
    for hit in evidence.hits:
        if any(map(is_order, (hit.text, hit.document.title, hit.document.source or ""))):
            found.add(hit.document.doc_id)
    return found


def _is_order(sentence: EvidenceSentence, evidence: Evidence) -> bool:
    return is_order(sentence.span.of(evidence.hits[sentence.hit].document.text))


def _with(answer: Answer, notice: str) -> Answer:
    return replace(answer, notices=(*answer.notices, notice))
