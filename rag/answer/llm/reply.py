"""What the model wrote → sentences with ids, however little it keeps to the form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rag.answer.llm.client import without_thoughts

_ANSWERED = re.compile(r'"answered"\s*:\s*(true|false)', re.IGNORECASE)
_ID = re.compile(r"(?<![\w])s?(\d{1,4})(?!\w)", re.IGNORECASE)
_MARKS = re.compile(r"\s?[\[(]s\d{1,4}(?:,\s?s\d{1,4})*[\])]", re.IGNORECASE)
_DECODER = json.JSONDecoder()
_LONGEST = 2_000  # characters of one sentence
_MOST = 12  # sentences; a model that repeats itself never ends

_TEXT = {"type": "string"}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with just these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def schema(ids: Iterable[str]) -> dict[str, Any]:
    """The form of an answer whose sentences cite some of `ids`."""
    cited = {"type": "array", "items": {**_TEXT, "enum": list(ids)}, "minItems": 1}
    sentences = {"type": "array", "items": _object(text=_TEXT, sentence_ids=cited)}
    return _object(answered={"type": "boolean"}, sentences=sentences)


TRANSLATIONS = _object(translations={"type": "array", "items": _object(id=_TEXT, text=_TEXT)})


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence that the model wrote, in one line, and the ids that it cites."""

    text: str
    ids: tuple[str, ...]


def denied(reply: str) -> bool:
    """Whether the model says that the articles hold no answer."""
    found = _ANSWERED.search(without_thoughts(reply))
    return found is not None and found[1].lower() == "false"


def parse(reply: str) -> list[Written]:
    """The whole sentences of a reply, which may be cut off, fenced or still coming."""
    items = [_written(item) for item in _objects(without_thoughts(reply), "text")]
    return list(dict.fromkeys(item for item in items if item.text))[:_MOST]


def parse_translations(reply: str) -> dict[str, str]:
    """Id → text, of the objects that hold both."""
    items = _objects(without_thoughts(reply), "text")
    return {_ids(item.get("id"))[0]: _line(item["text"]) for item in items if _ids(item.get("id"))}


def _objects(text: str, key: str) -> Iterator[dict[str, Any]]:
    """Each innermost JSON object that is whole and holds a string under `key`, in order."""
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield from _holding(value, key)
        at = text.find("{", end)


def _holding(value: Any, key: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and isinstance(value.get(key), str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holding(inner, key)


def _written(item: dict[str, Any]) -> Written:
    return Written(_line(item["text"]), _ids(item.get("sentence_ids", item.get("ids"))))


def _ids(value: Any) -> tuple[str, ...]:
    """`["s3", "S7"]`, `"s3, s7"` and `[3, 7]` are s3 and s7."""
    given = value if isinstance(value, list) else [value]
    found = [f"s{int(n)}" for each in given for n in _ID.findall(_text(each))]
    return tuple(dict.fromkeys(found))


def _text(value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000
    return value if isinstance(value, str) else str(value) if whole else ""


def _line(text: str) -> str:
    """One line, without the ids that models like to put behind a sentence."""
    return _MARKS.sub("", " ".join(text[:_LONGEST].split()))
