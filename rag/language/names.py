"""Names, codes, places and numbers in a question: what an answer must be about, in any language.

named = names("Was kostet der SU7 Ultra in Norwegen?", "de")
held(named, "No SU7 Ultra for Norwegians") == {"su7", "ultra", "su7 ultra", "Norwegen"}
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from rag.language.compounds import SPELT_OUT
from rag.language.exonyms import find_places, places
from rag.language.mentions import find_mentions

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w%])")
SHORTEST = 4  # letters that two forms of a name have in common at least
SHARE = 0.6  # and of the shorter one


@dataclass(frozen=True, slots=True)
class Names:
    """`words` are folded; `places` go by the name that `rag.language.exonyms` has for them."""

    words: frozenset[str]
    places: frozenset[str]

    def __len__(self) -> int:
        return len(self.words) + len(self.places)


@functools.lru_cache(maxsize=1 << 10)
def names(text: str, language: str) -> Names:
    """What `text` names by its own words; numbers are names too."""
    known = list(find_places(text))
    found = {match[0] for match in _NUMBER.finditer(text)}
    for mention in find_mentions(text, language):
        if any(place.start < mention.end and mention.start < place.end for place in known):
            continue
        parts = _WORD.findall(text[mention.start : mention.end])
        found.update(part for part in parts if not part.islower())
        code = text[mention.core : mention.end]
        if mention.kind == "code" and " " in code:
            found.add(code)  # an SU7 is no SU7 Ultra
    words = frozenset(folded(word) for word in found if len(word) > 1)
    return Names(words, frozenset(place.name for place in known))


def held(wanted: Names, text: str) -> frozenset[str]:
    """Those of the names that `text` holds, in whatever form."""
    plain = folded(text)
    words = _words(plain)
    found = {
        name
        for name in wanted.words
        if name in plain or any(word[0] == name[0] and same_name(name, word) for word in words)
    }
    return frozenset(found | (wanted.places & _places(text) if wanted.places else set()))


@functools.lru_cache(maxsize=1 << 12)
def _places(text: str) -> frozenset[str]:
    return frozenset(places(text))


@functools.lru_cache(maxsize=1 << 12)
def _words(plain: str) -> frozenset[str]:
    return frozenset(_WORD.findall(plain))


@functools.lru_cache(maxsize=1 << 12)
def folded(text: str) -> str:
    """For comparing: lower case, umlauts spelt out, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(SPELT_OUT))
    return "".join(c for c in plain if not unicodedata.combining(c))


def same_name(one: str, other: str) -> bool:
    """Whether two folded words may be forms of one name, or one is mistyped; not so numbers."""
    if one == other:
        return True
    short = min(len(one), len(other))
    if short < SHORTEST or one[0] != other[0] or any(c.isdigit() for c in one + other):
        return False
    common = next((n for n in range(short) if one[n] != other[n]), short)
    swapped = len(one) == len(other) and one[common + 2 :] == other[common + 2 :]
    if common >= max(SHORTEST, SHARE * short):
        return True
    return swapped and sorted(one) == sorted(other)
