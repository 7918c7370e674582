"""A language model behind an OpenAI-compatible server: Ollama, vLLM, llama.cpp, a cloud."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import ConfigError, RagError

if TYPE_CHECKING:
    from openai import OpenAI

log = logging.getLogger(__name__)

Message = dict[str, str]

REPLY_SHARE = 4  # a reply may take this part of the context
LONGEST_REPLY = 10_000_000  # characters of protocol that are read, whatever the server sends
HISTORY = 6  # earlier questions that a follow-up may lean on
LONGEST_QUESTION = 500  # characters of a rewritten one
TEMPERATURE = 0.0

_REWRITE = (
    "Rewrite the last question so that it can be understood without the earlier ones. Keep its "
    "language. Change nothing else. Reply with the question only."
)


class LlmError(RagError):
    """The server cannot be reached, refuses, or sends what is no reply."""


class LlmClient:
    """Asks one model of one server. Safe to call from several threads.

    A server is first asked for JSON of a given schema, then for any JSON, then for text: what it
    took is remembered. A reply may take a quarter of the context if `reply_tokens` is 0. Raises
    ConfigError where the extra is not installed.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        timeout: float = 60,
        context_tokens: int = 4096,
        reply_tokens: int = 0,
    ) -> None:
        self.model = model
        self._reply_tokens = reply_tokens or context_tokens // REPLY_SHARE
        self.prompt_tokens = context_tokens - self._reply_tokens
        self._timeout = timeout
        self._openai = _open(base_url, api_key, timeout)
        self._format = 0  # how much structure the server is asked for: see `_formats`

    def complete(self, messages: Iterable[Message], schema: dict[str, Any] | None = None) -> str:
        """The whole reply. Raises LlmError."""
        return "".join(self._pieces(list(messages), schema, stream=False))

    def stream(self, messages: Iterable[Message], schema: dict[str, Any]) -> Iterator[str]:
        """The reply in the pieces that it comes in. Raises LlmError."""
        return self._pieces(list(messages), schema, stream=True)

    def rewrite(self, question: str, history: Sequence[str]) -> str:
        """A question that stands for itself; the given one where that fails."""
        earlier = "\n".join(f"- {' '.join(each.split())}" for each in history[-HISTORY:])
        asked = f"Earlier questions:\n{earlier}\nLast question: {question}"
        if not earlier:
            return question
        try:
            reply = self.complete([_message("system", _REWRITE), _message("user", asked)])
        except LlmError as error:
            log.warning("%s", error)
            return question
        line = next(iter(without_thoughts(reply).strip().splitlines()), "").strip("\"'„“” ")
        return line if line.endswith("?") and len(line) <= LONGEST_QUESTION else question

    def _pieces(
        self, messages: list[Message], schema: dict[str, Any] | None, *, stream: bool
    ) -> Iterator[str]:
        formats = _formats(schema, self._reply_tokens)
        for number in range(self._format if schema else 0, len(formats)):
            try:
                yield from self._reply(messages, formats[number], stream=stream)
            except _Refused as refused:
                if number + 1 == len(formats):
                    raise LlmError(f"{self.model}: {refused}; see the server's log") from None
                continue
            if schema:
                self._format = number
            return

    def _reply(
        self, messages: list[Message], extra: dict[str, Any], *, stream: bool
    ) -> Iterator[str]:
        import httpx2
        import openai

        request: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "stream": stream,
            **extra,
        }
        create = self._openai.chat.completions.with_streaming_response.create
        try:
            with create(**request) as response:
                yield from _contents(self._in_time(response.iter_lines()))
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            raise _Refused(_one_line(error)) from None
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, ValueError) as error:
            raise LlmError(f"{self.model}: {_one_line(error)}; is llm_base_url right?") from None

    def _in_time(self, lines: Iterable[str]) -> Iterator[str]:
        """The lines, as long as they keep within the time and length of a reply."""
        asked, size = time.monotonic(), 0
        for line in lines:
            size += len(line)
            if size > LONGEST_REPLY or time.monotonic() - asked > self._timeout:
                raise LlmError(f"{self.model}: the reply takes too long; raise llm_timeout")
            yield line


class _Refused(Exception):
    """The server does not take this request, perhaps for what it is asked to do."""


def without_thoughts(reply: str) -> str:
    """The reply without what a model that thinks aloud says first."""
    return re.sub(r"<think>.*?(?:</think>|\Z)", "", reply, flags=re.DOTALL)


def _open(base_url: str, api_key: str, timeout: float) -> OpenAI:
    try:
        from openai import OpenAI
    except ModuleNotFoundError:
        raise ConfigError(
            "llm_base_url needs the package openai; run: pip install 'rag[llm]'"
        ) from None
    # A local server asks for no key, but the client wants one; none is taken from elsewhere.
    return OpenAI(base_url=base_url, api_key=api_key or "none", timeout=timeout, max_retries=1)


def _formats(schema: dict[str, Any] | None, tokens: int) -> list[dict[str, Any]]:
    """From the most structure to none; OpenAI's newer models take the limit by another name."""
    usual = {"max_tokens": tokens, "temperature": TEMPERATURE}
    newer = {"max_completion_tokens": tokens}
    if schema is None:
        return [usual, newer]
    named = {"name": "reply", "strict": True, "schema": schema}
    form = {"response_format": {"type": "json_schema", "json_schema": named}}
    return [
        {**form, **usual},
        {**form, **newer},
        {"response_format": {"type": "json_object"}, **usual},
        usual,
        newer,
    ]


def _contents(lines: Iterable[str]) -> Iterator[str]:
    """What the model says, out of an event stream or, from a server without one, one object."""
    body = []
    for line in lines:
        if line.startswith("data:"):
            if line[5:].strip() != "[DONE]":
                yield _content(line[5:], "delta")
        elif not line.startswith((":", "event:", "id:", "retry:")):
            body.append(line)
    if whole := "\n".join(body).strip():
        yield _content(whole, "message")


def _content(text: str, part: str) -> str:
    """The text in an object of the protocol. Raises ValueError where it is none."""
    try:
        value = json.loads(text)
        if error := value.get("error"):
            raise ValueError(str(error))
        choices = value["choices"]
        content = choices[0][part].get("content") if choices else ""  # the last may count tokens
    except (LookupError, TypeError, AttributeError, RecursionError):
        raise ValueError("the server's reply has another form than OpenAI's") from None
    return content if isinstance(content, str) else ""


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
