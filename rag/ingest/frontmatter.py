"""Markdown: an article that may begin with YAML front matter."""

from __future__ import annotations

import re

from rag.errors import UnreadableFile
from rag.ingest.metadata import Metadata, read_metadata

LONGEST = 65_536  # characters; a longer "front matter" is text between two rules

_BLOCK = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"(?:[^\S\n]*(?:#.*)?\n)*[\"']?[\w-]{1,40}[\"']?[ \t]*:(?:\s|\Z)")
_HEADING = re.compile(r"#[ \t]+(.+?)[ \t#]*")
_FENCE = re.compile(r"[ \t]{0,3}(?:```|~~~)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_NAMES = {
    "title": ("title",),
    "source": ("source", "publisher", "site"),
    "published": ("published", "date"),
    "language": ("language", "lang"),
    "url": ("url",),
}


def split_front_matter(text: str, path: str) -> tuple[Metadata, str]:
    """What the front matter says, and the text after it.

    Text between two rules that is no list of `key: value` lines is text. Raises UnreadableFile for
    front matter that is no YAML, or whose date or language is none.
    """
    match = _BLOCK.match(text[: LONGEST + 1])
    if match is None or not _KEY.match(match.group(1)):
        return Metadata(), text
    values = _mapping(match.group(1), path)
    said: dict[str, str] = {}
    used: set[str] = set()
    for name, keys in _NAMES.items():
        key = next((key for key in keys if values.get(key)), None)
        if key is not None:
            said[name] = values[key]
            used.add(key)
    extra = {key: value for key, value in values.items() if key not in used and value}
    try:
        return read_metadata(said, extra), text[match.end() :]
    except ValueError as error:
        raise UnreadableFile(path, f"front matter: {error}") from None


def first_heading(text: str) -> str | None:
    """The first `# heading`, code blocks left out; None where there is none."""
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := _HEADING.fullmatch(line[:500].rstrip())):
            title = _LINK.sub(r"\1", match.group(1)).replace("**", "").strip("*_` ")
            if title:
                return title
    return None


def _mapping(block: str, path: str) -> dict[str, str]:
    """Keys in lower case and the values that are no list and no mapping, each as it is written."""
    import yaml

    try:
        # The base loader leaves every value a string: `title: No` stays No, 2024-05 stays a month.
        values = yaml.load(block, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 2}" if mark else ""
        raise UnreadableFile(path, f"front matter{line}: {error.problem}; mend the YAML") from None
    except (yaml.YAMLError, RecursionError):
        raise UnreadableFile(path, "front matter is no YAML; mend it") from None
    if not isinstance(values, dict):
        raise UnreadableFile(path, "front matter is no list of keys and values; mend it")
    return {str(key).lower(): value for key, value in values.items() if isinstance(value, str)}
