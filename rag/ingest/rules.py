"""How a line of a saved web page is told from its article: the notation of rules and its words.

A rule matches a whole line, cut free of bullets and mark-up, up to a length that no paragraph of
an article has. Its alternatives stand one a line, deeper lines continuing the one above, and are
regular expressions with three additions: `<word>` is one of WORDS, ` … ` is up to 90 characters
without a quotation mark (what an article quotes is no prompt of the page) and at the end the rest
of the line, and any line may end in punctuation. Case does not count.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag.ingest.words import WORDS

Scope = Literal[
    "anywhere",  # dropped wherever it stands
    "edge",  # dropped where no prose of the article lies above it, or none below
    "head",  # none above
    "tail",  # none below
    "section",  # a name in a menu: dropped in a row of them
    "links",  # heads a list of links
    "comments",  # heads the reader comments
    "maybe comments",  # heads them if what follows looks like comments
]

LONGEST = 600  # characters of a line that any rule looks at

_QUOTES = '„“”"«»'
_MARKUP = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)|\*\*|__|`|^\s*#{1,6}\s")
_LEADING = re.compile(r"^[^\w©(\[„“\"'‚«»@#]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of line. `longest` counts characters.

    Of `needs`, which is quick to look for, every line that the pattern matches has one in it.
    `spares_first`: never the line that may be the headline.
    """

    reason: str
    scope: Scope
    longest: int
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    spares_first: bool = False

    def holds(self, key: str) -> bool:
        if not 0 < len(key) <= self.longest:
            return False
        lower = key.lower()
        if self.needs and not any(word in lower for word in self.needs):
            return False
        return self.pattern.fullmatch(key) is not None


def pattern(alternatives: str) -> re.Pattern[str]:
    """Alternatives in the notation of this module."""
    lines = textwrap.dedent(alternatives).strip().replace("\n    ", "").split("\n")
    if not all(lines):
        raise ValueError("an empty alternative would match lines of mere punctuation")
    return re.compile(f"(?:{'|'.join(map(_expand, lines))})\\W{{0,4}}", re.IGNORECASE)


def rule(
    reason: str,
    scope: Scope,
    longest: int,
    alternatives: str,
    *,
    needs: str = "",
    spares_first: bool = False,
) -> Rule:
    """A rule whose alternatives are written in the notation of this module."""
    return Rule(reason, scope, longest, pattern(alternatives), tuple(needs.split()), spares_first)


def _expand(line: str) -> str:
    for word, alternatives in WORDS.items():
        line = line.replace(f"<{word}>", f"(?:{alternatives})")
    if line.startswith("… "):
        line = f"(?:[^{_QUOTES}]{{0,90}}[^\\w{_QUOTES}])?" + line[2:]
    line = line.replace(" … ", f"(?:[^\\w{_QUOTES}][^{_QUOTES}]{{0,90}})?(?<!\\w)")
    line = line.replace(" …", "(?:\\W.*)?")
    if "…" in line:
        raise ValueError(f"an ellipsis stands between spaces or at an end of the line: {line}")
    return line


def key_of(line: str) -> str:
    """What the rules see of a line: one-spaced, without bullets, emoji and Markdown; or nothing.

    Nothing stands for a line that is too long for any rule.
    """
    if len(line) > 2 * LONGEST:
        return ""
    bare = _LEADING.sub("", " ".join(_MARKUP.sub(r"\1", line).split()))
    return bare if len(bare) <= LONGEST else ""


def first_match(rules: Iterable[Rule], key: str) -> Rule | None:
    """The first rule that holds for a line, if any does."""
    return next((one for one in rules if one.holds(key)), None)
