"""What is known of each sentence of the evidence, as numbers that a small network reads.

The sentences stand in *runs*: neighbours in one article, in its order. A cosine is told beside the
best of all the evidence, since its height alone says little.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.answer.signs import KINDS, fits, kinds, signs
from rag.language.analysis import analyse
from rag.language.names import held, names
from rag.search.query import Query
from rag.types import Evidence, EvidenceSentence, Vectors

Matrix = NDArray[np.float32]
Ints = NDArray[np.int_]

FAR = 20  # sentences: what is further away counts as this far
NEAREST = 3
WINDOWS = {
    "three around": (1, 1),
    "five around": (2, 2),
    "three before": (2, 0),
    "three after": (0, 2),
}
_NONE = -0.2  # below the best cosine: where there is no heading


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Of `n` sentences in the order of `order`, which numbers those of the evidence.

    `features` is (n, len(names)); `products` is (n, dim), the element-wise product of each vector
    with the question's, whose sum is the cosine; `runs` are half-open ranges of rows.
    """

    order: Ints
    features: Matrix
    products: Matrix
    runs: tuple[tuple[int, int], ...]
    names: tuple[str, ...]


def inputs(query: Query, evidence: Evidence) -> Inputs:
    """What the network reads. The evidence must hold a sentence."""
    order, runs = _runs(evidence)
    vectors = evidence.sentence_vectors[order]
    sentences = [evidence.sentences[number] for number in order.tolist()]
    hits = [evidence.hits[sentence.hit] for sentence in sentences]
    texts = [s.span.of(h.document.text) for s, h in zip(sentences, hits, strict=True)]
    products = vectors * evidence.query_vector
    cosines = products.sum(axis=1)
    columns: dict[str, ArrayLike] = {}
    columns |= _nearness(cosines, vectors, evidence.query_vector, runs)
    languages = [hit.document.language for hit in hits]
    shared, words = _words(query, texts, languages, runs)
    columns |= words
    columns |= _names(query, sentences, texts, evidence)
    columns |= _form(query, texts)
    columns |= _headings(texts, cosines, shared, vectors, runs)
    columns |= _places(runs, len(texts))
    columns["repeated"] = _repeated(texts)
    columns["same language"] = [language == query.language for language in languages]
    columns["german"] = [language == "de" for language in languages]
    columns |= _passages(evidence, [sentence.hit for sentence in sentences])
    matrix = np.empty((len(texts), len(columns)), np.float32)
    for number, column in enumerate(columns.values()):
        matrix[:, number] = column
    return Inputs(order, matrix, products, runs, tuple(columns))


def _runs(evidence: Evidence) -> tuple[Ints, tuple[tuple[int, int], ...]]:
    """The sentences by article and place, and where neighbours end."""

    def place(hit: int) -> tuple[str, int]:
        doc_id, _, position = evidence.hits[hit].chunk.chunk_id.rpartition("#")
        return doc_id, int(position)

    places = [place(hit) for hit in range(len(evidence.hits))]
    keys = [(*places[s.hit], s.span.start, s.span.end) for s in evidence.sentences]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    starts = [0]
    for row, (one, other) in enumerate(pairwise(keys[number] for number in order), 1):
        if one[0] != other[0] or other[1] - one[1] > 1:
            starts.append(row)
    return np.array(order, np.int_), tuple(pairwise([*starts, len(order)]))


def _nearness(
    cosines: Vectors, vectors: Vectors, query: Vectors, runs: Sequence[tuple[int, int]]
) -> dict[str, ArrayLike]:
    count = len(cosines)
    ranked = np.argsort(-cosines, kind="stable")
    ranks = np.empty(count)
    ranks[ranked] = np.arange(count)
    best = cosines[ranked]
    top, middle = best[0], float(np.median(cosines))
    columns: dict[str, ArrayLike] = {
        "cosine": cosines,
        "below best": cosines - top,
        "spread": (cosines - cosines.mean()) / (cosines.std() + 0.01),
        "rank": np.log1p(ranks),
        "to best": vectors @ vectors[ranked[0]],
        "to best three": (vectors @ vectors[ranked[:NEAREST]].T).mean(axis=1),
    }
    totals = np.concatenate([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, 0, np.float64)])
    bounds = np.repeat(np.array(runs), [end - start for start, end in runs], axis=0)
    rows = np.arange(count)
    for name, (before, after) in WINDOWS.items():
        first = np.maximum(bounds[:, 0], rows - before)
        last = np.minimum(bounds[:, 1], rows + after + 1)
        near = _cosine(totals[last] - totals[first], query)
        columns[name] = near
        columns[f"{name}, below best"] = near - near.max()
    whole = totals[bounds[:, 1]] - totals[bounds[:, 0]]
    columns["run"] = _cosine(whole, query)
    lengths = np.linalg.norm(whole, axis=1)
    columns["to run"] = (vectors * whole).sum(axis=1) / np.maximum(lengths, 1e-9)
    columns["best"] = np.full(count, top)
    columns["second"] = np.full(count, best[min(1, count - 1)] - top)
    columns["best five"] = np.full(count, best[:5].mean() - top)
    columns["middle"] = np.full(count, middle - top)
    return columns


def _cosine(rows: NDArray[np.float64], query: Vectors) -> NDArray[np.float64]:
    found: NDArray[np.float64] = rows @ query / np.maximum(np.linalg.norm(rows, axis=1), 1e-9)
    return found


def _words(
    query: Query, texts: Sequence[str], languages: Sequence[str], runs: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.float64], dict[str, ArrayLike]]:
    """The share of the question's words in each sentence, rare ones for more; and the columns."""
    count = len(texts)
    wanted = {language: frozenset(query.terms.get(language, ())) for language in set(languages)}
    held = [
        wanted[language] & frozenset(analyse(text, language)) if wanted[language] else frozenset()
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


def _names(
    query: Query, sentences: Sequence[EvidenceSentence], texts: Sequence[str], evidence: Evidence
) -> dict[str, ArrayLike]:
    """Which of the question's names a sentence holds, it with its passage and title, and any."""
    wanted = names(query.text, query.language)
    count = len(texts)
    if not wanted:
        ones = np.ones(count)
        return {"names": ones, "names near": ones, "names seen": ones, "question names": 0 * ones}
    passages = [held(wanted, f"{hit.document.title}\n{hit.text}") for hit in evidence.hits]
    near = [passages[sentence.hit] for sentence in sentences]
    own = [held(wanted, text) for text in texts]
    seen = frozenset[str]().union(*passages)
    return {
        "names": np.array([len(each) for each in own]) / len(wanted),
        "names near": np.array([len(each) for each in near]) / len(wanted),
        "names seen": np.full(count, len(seen) / len(wanted)),
        "question names": np.full(count, math.log1p(len(wanted))),
    }


def _form(query: Query, texts: Sequence[str]) -> dict[str, ArrayLike]:
    """Signs of the sentence, kinds of the question, and whether they go together."""
    asked = kinds(query.text)
    said = frozenset(query.text.lower().replace("?", " ").split())
    rows = [asdict(signs(text)) for text in texts]
    columns: dict[str, ArrayLike] = {f"s:{name}": [row[name] for row in rows] for name in rows[0]}
    columns["fits"] = [fits(asked, said, text) for text in texts]
    for name in KINDS:
        columns[f"q:{name}"] = np.full(len(texts), float(name in asked))
    columns["q:length"] = np.full(len(texts), math.log1p(len(query.text)))
    return columns


def _headings(
    texts: Sequence[str],
    cosines: Vectors,
    shared: NDArray[np.float64],
    vectors: Vectors,
    runs: Sequence[tuple[int, int]],
) -> dict[str, ArrayLike]:
    """How near the line is that a sentence stands under: any heading, and one that introduces."""
    top = float(cosines.max())
    rows = np.zeros((len(texts), 8))
    for start, end in runs:
        heading = opener = -1
        for row in range(start, end):
            sign = signs(texts[row])
            rows[row] = (_NONE, 0, FAR, 0, 0, _NONE, 0, FAR)
            if heading >= 0:
                above = signs(texts[heading])
                near = float(vectors[row] @ vectors[heading])
                far = min(FAR, row - heading)
                rows[row, :5] = (cosines[heading] - top, shared[heading], far, above.question, near)
            if opener >= 0:
                rows[row, 5:] = (cosines[opener] - top, shared[opener], min(FAR, row - opener))
            if sign.heading:
                heading = row
            if sign.question or sign.colon or texts[row].startswith("#"):
                opener = row
    names_ = (
        "heading, below best",
        "heading, words",
        "heading, distance",
        "heading, question",
        "to heading",
        "opener, below best",
        "opener, words",
        "opener, distance",
    )
    rows[:, [2, 7]] = np.log1p(rows[:, [2, 7]])
    return dict(zip(names_, rows.T, strict=True))


def _places(runs: Sequence[tuple[int, int]], count: int) -> dict[str, ArrayLike]:
    first, left = np.zeros(count), np.zeros(count)
    for start, end in runs:
        first[start:end] = np.arange(end - start)
        left[start:end] = np.arange(end - start)[::-1]
    return {
        "sentences before": np.log1p(first),
        "sentences after": np.log1p(left),
        "place": first / np.maximum(first + left, 1),
        "sentences": np.full(count, math.log1p(count)),
        "runs": np.full(count, math.log1p(len(runs))),
    }


def _repeated(texts: Sequence[str]) -> list[float]:
    seen: set[str] = set()
    again = []
    for text in texts:
        again.append(float(text.strip() in seen))
        seen.add(text.strip())
    return again


def _passages(evidence: Evidence, hits: Sequence[int]) -> dict[str, ArrayLike]:
    scores = np.array([hit.score for hit in evidence.hits])
    ranks = np.log1p(np.arange(len(scores)))
    times = np.array([hit.features.get("time", 0.0) for hit in evidence.hits])
    articles = len({hit.chunk.doc_id for hit in evidence.hits})
    return {
        "passage": scores[list(hits)],
        "passage, below best": scores[list(hits)] - scores.max(),
        "passage rank": ranks[list(hits)],
        "time": times[list(hits)],
        "articles": np.full(len(hits), math.log1p(articles)),
    }
