"""What a JSONL row or a front matter says about an article, and the title where it says none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from rag.language.dates import parse_date
from rag.types import Period

LONGEST_TITLE = 120  # characters
SHORTENED_TITLE = 100

_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE)
_EMPTY = ("", "~", "null")
_ENDS_SENTENCE = (".", "!", ":", ";", ",", "…")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is said, and None where nothing is."""

    title: str | None = None
    source: str | None = None
    published: Period | None = None
    language: str | None = None
    url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def read_metadata(values: Mapping[str, str], extra: Mapping[str, str]) -> Metadata:
    """`values` has some of title, source, published, language and url.

    Raises ValueError, whose message is the reason, for a date or a language that is none: an
    article without the date that was meant would be left out of answers silently.
    """
    given = {key: text for key, value in values.items() if (text := _one_line(value)) not in _EMPTY}
    language = given.get("language")
    if language is not None:
        match = _LANGUAGE.fullmatch(language)
        if match is None:
            raise ValueError(f"language is {language!r}; write its two letters, such as de")
        language = match.group(1).lower()
    published = given.get("published")
    return Metadata(
        title=given.get("title"),
        source=given.get("source"),
        published=None if published is None else parse_date(published),
        language=language,
        url=given.get("url"),
        extra=extra,
    )


def title_of(text: str, captions: Collection[str] = ()) -> str:
    """The headline of a text that names none: its first line if that is one, else its first words.

    A headline is short, ends no sentence and has text below it. A caption is no headline.
    """
    lines = [_one_line(line) for line in text.strip().split("\n", 20)[:20] if line.strip()]
    while len(lines) > 1 and lines[0] in captions:
        del lines[0]
    first = lines[0].lstrip("#").strip() or lines[0]
    ends = first.rstrip("\"'”“’»«)").endswith(_ENDS_SENTENCE)
    if len(first) <= LONGEST_TITLE and not ends and len(lines) > 1:
        return first
    return shorten(first)


def shorten(text: str) -> str:
    """At most 100 characters, cut between words; ` …` marks that something is missing."""
    if len(text) <= SHORTENED_TITLE:
        return text
    cut = text[:SHORTENED_TITLE]
    return (cut.rsplit(None, 1)[0] if " " in cut else cut).rstrip(",;:–- ") + " …"


def _one_line(text: str) -> str:
    return " ".join(text.split())
