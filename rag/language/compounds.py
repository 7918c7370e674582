"""German compounds → their parts, by how many words of the language each part builds.

    split_compound("auslieferungsziele") == ("auslieferungs", "ziele")

The parts come from `data/compounds.txt`; data/README.md says where that is from. The cost of a part
is minus the logarithm of its share among all parts of its kind, as in Koehn and Knight (2003), who
take the geometric mean of frequencies. The cheapest reading wins; a linking letter belongs to the
part before it.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.language.stems import stems

DATA = Path(__file__).parent / "data" / "compounds.txt"
SHORTEST = 3  # letters of a part
LONGEST = 60  # letters of a compound that is looked at
UNKNOWN = 16.0  # cost of a word that the list does not have, and 1 for each of its letters
INFLECTED = 1.5  # cost of a last part that is not written as the list has it

SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LETTERS = re.compile(rf"[a-z]{{{2 * SHORTEST},{LONGEST}}}")


@dataclass(frozen=True, slots=True)
class Parts:
    """What compounds are made of, each with its cost; all without umlauts."""

    first: Mapping[str, float]  # all but the last part, with its linking letters
    last: Mapping[str, float]  # by stem: it is inflected
    lemmas: frozenset[str]  # of the last parts

    @classmethod
    def of(cls, first: Mapping[str, float], last: Mapping[str, float]) -> Parts:
        """From how many compounds each part builds."""
        by_stem: dict[str, float] = {}
        for stem, count in zip(stems(list(last), "de"), last.values(), strict=True):
            by_stem[stem] = by_stem.get(stem, 0.0) + count
        return cls(_costs(first), _costs(by_stem), frozenset(last))


def split_compound(word: str) -> tuple[str, ...]:
    """The parts of a lower-case German word, umlauts spelt out; none where it is no compound."""
    plain = word.translate(SPELT_OUT)
    return best_split(plain, parts_of_compounds())[1] if _LETTERS.fullmatch(plain) else ()


def best_split(word: str, parts: Parts) -> tuple[float, tuple[str, ...]]:
    """The cheapest reading of a word in a-z and its cost; no parts where that is the word itself.

    Time grows with the square of the word.
    """
    length = len(word)
    cuts = range(SHORTEST, length - SHORTEST + 1)
    cost = {0: 0.0}  # of the cheapest reading up to here
    before: dict[int, int] = {}  # where its last part begins
    for end in cuts:
        for start in [*cost]:
            price = parts.first.get(word[start:end])
            if price is not None and cost[start] + price < cost.get(end, math.inf):
                cost[end], before[end] = cost[start] + price, start
    tails = [word[cut:] for cut in before]
    whole, *endings = stems([word, *tails], "de")
    least, best = parts.last.get(whole, UNKNOWN + length), 0
    for cut, tail, stem in zip(before, tails, endings, strict=True):
        price = parts.last.get(stem, math.inf) + INFLECTED * (tail not in parts.lemmas)
        if cost[cut] + price < least:
            least, best = cost[cut] + price, cut
    found = [word[best:]] if best else []
    while best:
        found.insert(0, word[before[best] : best])
        best = before[best]
    return least, tuple(found)


@functools.cache
def parts_of_compounds() -> Parts:
    """Those of `data/compounds.txt`."""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for line in DATA.read_text(encoding="ascii").splitlines():
        word, as_first, as_last = line.split(" ")
        if as_first != "0":
            first[word] = int(as_first)
        if as_last != "0":
            last[word] = int(as_last)
    return Parts.of(first, last)


def _costs(counts: Mapping[str, float]) -> dict[str, float]:
    total = math.log(sum(counts.values()))
    return {part: total - math.log(count) for part, count in counts.items()}
