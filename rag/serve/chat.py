"""Answers in OpenAI's chat form: Markdown with `[n]` marks and the sources below it.

What an article says is escaped, so that a client that shows Markdown loads nothing for it.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from rag.answer.frame import as_of, closest, frame_language, heading, translated
from rag.jsonform import answer_form
from rag.search.query import LONGEST
from rag.serve.errors import HELP, Problem, Refused
from rag.serve.forms import ChatRequest, Message
from rag.types import Answer, AnswerSentence, Citation, Document

MODEL = "articles"
CLOSEST = 3  # passages named where there is no answer

_SOURCES = {"de": "Quellen", "en": "Sources"}
_MARKUP = re.compile(r"([\\`*_\[\]<])")


def asked(request: ChatRequest) -> tuple[str, list[str]]:
    """The question and the earlier ones. Raises Refused where the user asks nothing last."""
    said = [_text(message) for message in request.messages if message.role == "user"]
    if request.messages[-1].role != "user" or not said[-1].strip():
        raise _refused("the last message is not a question of the user")
    if len(said[-1]) > LONGEST:
        raise _refused(f"the question is longer than {LONGEST} characters")
    return said[-1], said[:-1]


def _text(message: Message) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    if any(not isinstance(part.get("text"), str) for part in message.content):
        raise _refused("a message has a part that is no text")
    return "\n".join(part["text"] for part in message.content)


def _refused(reason: str) -> Refused:
    return Refused(Problem(422, "invalid_request", reason, HELP))


def markdown(answer: Answer) -> str:
    """The whole answer: what is said, then the notices and the sources.

    Xiaomi will 2026 550.000 Autos ausliefern. [1]

    Quellen:
    - [1] Xiaomi hebt Ziel an · Stadtkurier · Stand: 1. März 2026
    """
    parts = [_said(answer), *map(_plain, answer.notices)]
    if answer.citations:
        sources = [f"[{c.number}] {_source(c, answer.language)}" for c in answer.citations]
        parts.append(_listed(_SOURCES[frame_language(answer.language)], sources))
    elif answer.evidence.hits:
        near = {hit.document.doc_id: hit.document for hit in answer.evidence.hits[:CLOSEST]}
        origins = [_origin(document, answer.language) for document in near.values()]
        parts.append(_listed(closest(answer.language), origins))
    return "\n\n".join(parts)


def _said(answer: Answer) -> str:
    """What only grows while an answer does."""
    sentences = [_sentence(sentence) for sentence in answer.sentences]
    if answer.heading == heading("fact", answer.language):
        return " ".join(sentences)
    return "\n".join([answer.heading, *(f"- {sentence}" for sentence in sentences)])


def _sentence(sentence: AnswerSentence) -> str:
    marks = "".join(f"[{citation.number}]" for citation in sentence.citations)
    return f"{_plain(sentence.text)} {marks}"


def _listed(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"{title}:", *(f"- {line}" for line in lines)])


def _source(citation: Citation, language: str) -> str:
    origin = _origin(citation.document, language)
    if not citation.translation:
        return origin
    return f"{origin} · {translated(language)}: {_plain(citation.translation)}"


def _origin(document: Document, language: str) -> str:
    parts = (document.title, document.source, as_of(document, language))
    return " · ".join(_plain(part) for part in parts if part)


def _plain(text: str) -> str:
    """One line that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def completion(answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": markdown(answer), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {**_head("chat.completion"), "choices": [choice], "citations": _citations(answer)}


def chunks(answers: Iterable[Answer]) -> Iterator[dict[str, Any]]:
    """The pieces of a stream, the last with the citations.

    What was said cannot be taken back: an answer that ends otherwise than it began follows whole.
    """
    head = _head("chat.completion.chunk")
    sent, answer = "", None
    for answer in answers:
        text = _said(answer)
        if not sent:  # nothing before the first answer, which may be an error
            yield head | _choice({"role": "assistant", "content": ""})
        if text.startswith(sent) and text != sent:
            yield head | _choice({"content": text[len(sent) :]})
            sent = text
    assert answer is not None  # a stream of answers has a last one
    whole = markdown(answer)
    rest = whole[len(sent) :] if whole.startswith(sent) else f"\n\n---\n\n{whole}"
    if rest:
        yield head | _choice({"content": rest})
    yield head | _choice({}, "stop") | {"citations": _citations(answer)}


def _head(kind: str) -> dict[str, Any]:
    name = f"chatcmpl-{uuid.uuid4().hex}"
    return {"id": name, "object": kind, "created": int(time.time()), "model": MODEL}


def _choice(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}


def _citations(answer: Answer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer_form(answer)["citations"]
    return found
