"""Text → terms for lexical search."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

ANALYSIS_VERSION = "0"
_WORD = re.compile(r"\w+(?:[-.,]\w+)*")
_STEMMERS = {"de": "german", "en": "english"}


def analyse(text: str, language: str) -> list[str]:
    """Terms of `text` in order, repeats kept."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    if language not in _STEMMERS:
        return words
    return [term for term in _stemmer(language).analyze(" ".join(words)) if term]


@functools.cache
def _stemmer(language: str) -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.whitespace())
    return builder.filter(Filter.stemmer(_STEMMERS[language])).build()
