"""Features of sentences that come from their wording: words, names, form."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.answer.signs import KINDS, Signs, fits, kinds, signs
from rag.language.analysis import analyse
from rag.language.names import Names, held, names
from rag.search.query import Query
from rag.types import Evidence, EvidenceSentence

_WORD = re.compile(r"\w(?:[\w.,-]*\w)?")
_KEPT = 1 << 13  # sentences whose terms are remembered: the same ones come up again


def shared_words(
    query: Query, texts: Sequence[str], languages: Sequence[str], runs: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.float64], dict[str, ArrayLike]]:
    """The share of the question's words in each sentence, rare ones for more; and the columns."""
    count = len(texts)
    wanted = {language: frozenset(query.terms.get(language, ())) for language in set(languages)}
    held = [
        wanted[language] & _terms(text, language) if wanted[language] else frozenset()
        for text, language in zip(texts, languages, strict=True)
    ]
    weights: dict[str, Mapping[str, float]] = {}
    for language, words in wanted.items():
        known = {word: sum(word in each for each in held) for word in words}
        raw = {word: math.log(1 + count / (1 + n)) for word, n in known.items()}
        total = sum(raw.values()) or 1.0
        weights[language] = {word: weight / total for word, weight in raw.items()}
    shares = np.array(
        [sum(weights[lang][w] for w in words) for lang, words in zip(languages, held, strict=True)]
    )
    everywhere = {
        language: frozenset().union(
            *(h for h, each in zip(held, languages, strict=True) if each == language)
        )
        for language in wanted
    }
    seen = {lang: sum(weights[lang][w] for w in words) for lang, words in everywhere.items()}
    around = np.zeros(count)
    for start, end in runs:
        for row in range(start, end):
            near = frozenset().union(*held[max(start, row - 2) : min(end, row + 3)])
            around[row] = sum(weights[languages[row]][word] for word in near)
    return shares, {
        "words": shares,
        "words, below best": shares - shares.max(),
        "words around": around,
        "words held": [math.log1p(len(words)) for words in held],
        "words seen": [seen[language] for language in languages],
        "question words": [math.log1p(len(wanted[language])) for language in languages],
    }


def shared_names(
    query: Query, sentences: Sequence[EvidenceSentence], texts: Sequence[str], evidence: Evidence
) -> dict[str, ArrayLike]:
    """Which of the question's names a sentence holds, it with its passage and title, and any."""
    wanted = names(query.text, query.language)
    count = len(texts)
    if not wanted:
        ones = np.ones(count)
        none = np.zeros(count)
        return {
            "names": ones,
            "names near": ones,
            "names seen": ones,
            "names found": none,
            "names missing": none,
        }
    passages = [held(wanted, f"{hit.document.title}\n{hit.text}") for hit in evidence.hits]
    near = [passages[sentence.hit] for sentence in sentences]
    # What the passage lacks its sentences lack.
    parts = [Names(wanted.words & each, wanted.places & each) for each in passages]
    own = [held(parts[s.hit], text) for s, text in zip(sentences, texts, strict=True)]
    seen = frozenset[str]().union(*passages)
    return {
        "names": np.array([len(each) for each in own]) / len(wanted),
        "names near": np.array([len(each) for each in near]) / len(wanted),
        "names seen": np.full(count, len(seen) / len(wanted)),
        "names found": [math.log1p(len(each)) for each in near],
        "names missing": [math.log1p(len(wanted) - len(each)) for each in near],
    }


def form(query: Query, texts: Sequence[str]) -> dict[str, ArrayLike]:
    """Signs of the sentence, kinds of the question, and whether they go together."""
    asked = kinds(query.text)
    said = frozenset(_WORD.findall(query.text.lower()))
    rows = np.array([signs(text) for text in texts], np.float32)
    columns: dict[str, ArrayLike] = {
        f"s:{n}": c for n, c in zip(Signs._fields, rows.T, strict=True)
    }
    columns["fits"] = [fits(asked, said, text) for text in texts]
    for name in KINDS:
        columns[f"q:{name}"] = np.full(len(texts), float(name in asked))
    columns["q:length"] = np.full(len(texts), math.log1p(len(query.text)))
    return columns


def repeated(texts: Sequence[str]) -> list[float]:
    seen: set[str] = set()
    again = []
    for text in texts:
        again.append(float(text.strip() in seen))
        seen.add(text.strip())
    return again


@functools.lru_cache(_KEPT)
def _terms(text: str, language: str) -> frozenset[str]:
    return frozenset(analyse(text, language))
