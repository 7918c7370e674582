"""Stems of single words, by the Snowball stemmers of tantivy."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

_STEMMERS = {"de": "german", "en": "english"}
STEMMED = frozenset(_STEMMERS)

# Where the German stemmer errs: it keeps the s of `autos` and `suvs`, and takes that of `kurs`.
# The s of `preis` is its own.
_PLURAL_S = re.compile(r"(?:(?<=\w\w\w[aiouy])(?<!ni)(?<!ei)|(?<=\w\w[cpvw])(?<!new))s(?!\S)")
_OWN_S = re.compile(r"(?<=kur|zin|pul|ver)s(?!\S)")


def stems(words: Sequence[str], language: str) -> list[str]:
    """The stem of each word, which is lower-case and holds no white space; `language` in STEMMED.

    In German `ae` is read as `ä`, and umlauts are folded: `häuser` and `haeuser` give `haus`.
    """
    joined = " ".join(words)
    if language == "de":
        joined = _OWN_S.sub("se", _PLURAL_S.sub("", joined))
    return _stemmer(language).analyze(joined) if joined else []


@functools.cache
def _stemmer(language: str) -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.whitespace())
    return builder.filter(Filter.stemmer(_STEMMERS[language])).build()
