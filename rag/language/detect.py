"""Which language a question or an article is written in."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

DEFAULT = "de"
INSPECTED = 4_000  # characters; more changes no verdict and costs time

_WORD = re.compile(r"[^\W\d_]+")
_GERMAN = frozenset("der die das und ist nicht ein eine wie was wann wo wer".split())
_ENGLISH = frozenset("the and is not a an how what when where who of to".split())


def detect_language(text: str) -> str:
    """ISO 639-1 code of `text`; `de` when it has no letters."""
    words = _WORD.findall(text[:INSPECTED].lower())
    if not words:
        return DEFAULT
    german = sum(word in _GERMAN for word in words)
    english = sum(word in _ENGLISH for word in words)
    if german > 2 * english:
        return "de"
    if english > 2 * german:
        return "en"
    found = _detector().detect_language_of(text[:INSPECTED])
    return DEFAULT if found is None else found.iso_code_639_1.name.lower()


@functools.cache
def _detector() -> LanguageDetector:
    from lingua import LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()
