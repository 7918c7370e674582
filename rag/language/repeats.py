"""Whether one passage repeats what another says, sentence by sentence.

A sentence is repeated word by word but for articles and joining words: any other single word may
turn what it says, as "freigesprochen" and "verurteilt" do. What stands around an agency's words
does not count.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.language.facts import is_fact, words

_JOINING = (
    "der die das dem den des dieser diese dieses diesem diesen und auch bereits schon zudem",
    "ausserdem ferner nun dabei demnach jedoch aber allerdings hingegen dagegen the a an this that",
    "these and also already moreover furthermore however meanwhile too",
)
HARMLESS = frozenset(word for line in _JOINING for word in line.split())
BINS, EMPTY = 128, 0xFFFF  # of a document's signature, and a bin that nothing fell into
ADDED = 0.15  # share of a passage's words that may stand in sentences of its own
UNRELATED = 0.5  # share of words in common from which a sentence is changed rather than added

_COMPLETE = 6  # words from which a sentence is taken to say something by itself

# `Berlin (dpa) – ` before, `. (dpa/ts)` after; `Berlin – ` might also be a name in a list.
_OPENING = 3  # sentences of a document that may begin with a dateline; the title may be one
_TOWN = r"[^\W\d_a-zäöüß]\w*\.?(?:(?:[ /-]|, )(?:[^\W\d_a-zäöüß]\w*\.?|am|an der|im)){0,3}"
_INITIAL = r"[a-zäöü]{2,6}(?:[/, -]{1,2}[a-zäöü]{2,6}){0,3}"
_AGENCY = re.compile(rf"{_TOWN}\s+\((?:{_INITIAL}|AP|AFP|Reuters|dpa-AFX)\)\s*[-–—:]\s+")
_PLACE = re.compile(rf"{_TOWN}\s+[–—-]\s+")
_INITIALS = re.compile(rf"(?<=[.!?…\"“”»]) \({_INITIAL}\)$")


@dataclass(frozen=True, slots=True)
class _Sentence:
    words: tuple[str, ...]  # casefolded
    core: tuple[str, ...]  # those that may not differ: all but `HARMLESS`
    place: frozenset[str]  # of a dateline without an agency, which might also be a name


@functools.lru_cache(maxsize=1 << 12)
def _sentence(text: str, opening: bool) -> _Sentence:
    """Without what papers put around an agency's words: a dateline before, initials after."""
    place: frozenset[str] = frozenset()
    if text.endswith(")") and (initials := _INITIALS.search(text, max(0, len(text) - 40))):
        text = text[: initials.start()]
    if opening and (agency := _AGENCY.match(text)):
        text = text[agency.end() :]
    elif opening and (dateline := _PLACE.match(text)):
        place = frozenset(words(dateline.group().casefold()))
        text = text[dateline.end() :]
    plain = tuple(words(text.casefold()))
    core = tuple(word for word in plain if word not in HARMLESS) or plain
    return _Sentence(plain, core, place)


class Sentences:
    """The sentences of a passage, ready to be compared with those of another one."""

    def __init__(self, texts: Iterable[str], opening: bool) -> None:
        """`opening`: whether a document begins with them."""
        datelines = _OPENING if opening else 0
        made = [_sentence(text, n < datelines) for n, text in enumerate(texts)]
        self.all = [sentence for sentence in made if sentence.words]
        self.total = sum(len(sentence.words) for sentence in self.all)

    @functools.cached_property
    def by_core(self) -> dict[tuple[str, ...], _Sentence]:
        """By the words that may not differ; of equal ones the first."""
        found: dict[tuple[str, ...], _Sentence] = {}
        for sentence in self.all:
            found.setdefault(sentence.core, sentence)
        return found

    @functools.cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for s in self.all for word in (*s.words, *s.place))


def repeated(passage: Sentences, by: Sentences) -> list[bool]:
    """For each sentence of a passage whether another passage repeats it, in the same order.

    A short one, such as a heading or a cell of a table, has its meaning from the one before it, so
    it counts only together with that.
    """
    found = [_find(sentence, passage, by) for sentence in passage.all]
    held = [False] * len(found)
    if not any(found):
        return held
    matcher = SequenceMatcher(None, found, [sentence.words for sentence in by.all], False)
    for start, other, length in matcher.get_matching_blocks():
        run: Iterable[int] = range(start, start + length)
        if start and other:
            run = itertools.dropwhile(lambda n: len(passage.all[n].words) < _COMPLETE, run)
        for number in run:
            held[number] = True
    return held


def _find(sentence: _Sentence, passage: Sentences, by: Sentences) -> tuple[str, ...]:
    """The words of the sentence of `by` that says what `sentence` says; empty if there is none."""
    other = by.by_core.get(sentence.core)
    if other and sentence.place <= by.vocabulary and other.place <= passage.vocabulary:
        return other.words
    return ()


def are_added(own: Sequence[_Sentence], total: int, near: Sequence[Sentences]) -> bool:
    """Whether sentences are few, without a fact, and a paper's own rather than changed ones."""
    if not own:
        return True
    if sum(len(sentence.words) for sentence in own) > ADDED * total:
        return False
    others = [set(other.words) for texts in near for other in texts.all]
    for sentence in own:
        mine = set(sentence.words)
        if any(map(is_fact, mine)) or any(len(mine & o) >= UNRELATED * len(mine) for o in others):
            return False
    return True
