"""The units that cleaning keeps or drops: lines, or whole paragraphs where lines are wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.ingest.edges import EDGES
from rag.ingest.furniture import FURNITURE
from rag.ingest.headings import HEADINGS
from rag.ingest.promotion import PROMOTION
from rag.ingest.rules import Rule, first_match, key_of

Drops = dict[int, str]  # number of a unit → why it is dropped

LONGEST_TITLE_LINE = 80  # characters; a heading or a name is shorter

_RULES = (*FURNITURE, *PROMOTION, *HEADINGS, *EDGES)
_SENTENCE_END = re.compile(r"[.!?][\"'“”’»«)\]]*\s*\Z")
_INNER_END = re.compile(r"\w{3}[.!?] [A-ZÄÖÜ„“\"]")


@dataclass(frozen=True, slots=True)
class Unit:
    """`lines` are places in the page; `gap`: a blank line stands before it."""

    lines: tuple[int, ...]
    text: str
    gap: bool
    key: str
    rule: Rule | None

    @property
    def prose(self) -> bool:
        """Whether it reads like sentences of an article; headings, names and links do not."""
        if len(self.text) < 30 or self.text.count(" ") < 4:
            return False
        if _SENTENCE_END.search(self.text[-20:]) or len(self.text) > 160:
            return True
        return len(self.text) > 60 and bool(_INNER_END.search(self.text))

    @property
    def short(self) -> bool:
        return len(self.text) <= LONGEST_TITLE_LINE and not self.prose


class UnitMaker:
    """Makes units; remembers what the rules said of a line, which no other line changes."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._seen: dict[str, tuple[str, Rule | None]] = {}

    def units(self, alive: Sequence[int]) -> list[Unit]:
        """Units of the lines with these numbers, of which some are blank."""
        blocks: list[list[int]] = [[]]
        for number in alive:
            if self._lines[number].strip():
                blocks[-1].append(number)
            elif blocks[-1]:
                blocks.append([])
        if not blocks[-1]:
            blocks.pop()
        if _wrapped([[self._lines[n] for n in block] for block in blocks]):
            return [self._unit(tuple(block), True) for block in blocks]
        return [self._unit((n,), n == block[0]) for block in blocks for n in block]

    def _unit(self, numbers: tuple[int, ...], gap: bool) -> Unit:
        text = " ".join(self._lines[n].strip() for n in numbers)
        if text not in self._seen:
            key = key_of(text)
            self._seen[text] = key, first_match(_RULES, key)
        return Unit(numbers, text, gap, *self._seen[text])


def _wrapped(blocks: Sequence[Sequence[str]]) -> bool:
    """Whether lines are cut at a fixed width, so that a line is no sentence and no heading."""
    inner = [len(line) for block in blocks for line in block[:-1]]
    longest = max((len(line) for block in blocks for line in block), default=0)
    if len(inner) < 4 or not 55 <= longest <= 100:
        return False
    return sum(length > 0.75 * longest for length in inner) > 0.8 * len(inner)


def drop(drops: Drops, places: Iterable[int], reason: str) -> None:
    """Drop these units; what another reason dropped before keeps it."""
    for place in places:
        drops.setdefault(place, reason)
