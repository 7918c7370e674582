"""German nouns, which are written with a capital as names are.

Two lists know them: the parts of compounds (rag.language.compounds) and `data/nouns.txt`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from rag.language.compounds import SPELT_OUT, parts_of_compounds, split_compound
from rag.language.stems import stems

NOUNS = Path(__file__).parent / "data" / "nouns.txt"
# Costs as the last and the first part of compounds, from which on a noun is rare: `kiel`, `ultra`.
COMMON = 9.7
FREQUENT = 7.5
NOUN_ENDING = re.compile(
    r"(?:ie|(?:ung|heit|keit|schaft|ion|taet|ik|ismus|nis|ment|tum|weite|ur|anz|enz)(?:e?n|es?|s)?)$"
)
_TOWN = re.compile(r"[a-z]{3}(?:brueck|bruecken|burg|furt|hausen|muende)s?$")
_UMLAUT = re.compile(r"([aou])e(?=[a-z]{1,6}$)")
_FIRMS = "brenntag hochtief kaufland rheinmetall rossmann salzgitter volkswagen"  # like compounds
FIRMS = frozenset(_FIRMS.split())


@functools.lru_cache(maxsize=1 << 14)
def is_german_noun(word: str, determined: bool) -> bool:
    """Whether a word is a common noun, or a rare one that is `determined`.

    Without an article a rare one is more often a name: `Kettler`, `Newton`, `in Kiel`.
    """
    spelt = word.lower().translate(SPELT_OUT)
    if spelt in FIRMS or (not determined and _TOWN.search(spelt)):
        return False
    plurals, own = [*_singular(spelt)], {spelt, spelt.removesuffix("s")}
    if NOUN_ENDING.search(spelt) or any(split_compound(form) for form in (spelt, *plurals)):
        return True
    parts, known = parts_of_compounds(), _known()
    if parts.first.get(spelt.removesuffix("n"), FREQUENT) < FREQUENT or not known.isdisjoint(
        plurals
    ):
        return True
    if determined:
        return bool(known & {*own, spelt.removesuffix("es")})
    (stem,) = stems([spelt], "de") or ("",)
    return bool(parts.lemmas & own) and parts.last.get(stem, COMMON) < COMMON


@functools.cache
def _known() -> frozenset[str]:
    return parts_of_compounds().lemmas.union(NOUNS.read_text(encoding="ascii").split())


def _singular(spelt: str) -> Iterator[str]:
    """What a noun may be the plural of: `haus` for `haeuser`."""
    for ending in ("e", "n", "en", "er", "nen"):
        if spelt.endswith(ending):
            stem = spelt[: -len(ending)]
            plain = _UMLAUT.sub(r"\1", stem)
            if ending != "er":
                yield stem
            if plain != stem:
                yield plain
