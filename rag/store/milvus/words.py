"""Lexical search: BM25 as products of sparse vectors, in which our own analysis is the tokenizer.

A chunk's vector has a column for each of its terms, made of language and term, with the part of
BM25 that depends on the chunk; a question's has the idf of its words. Their product is BM25, by
Milvus' inverted index for sparse vectors. How many chunks have a term is counted by the writer, by
generation: so what is removed counts for nothing from the next question on, and each language has
frequencies of its own. (Milvus' BM25 function counts all languages together and what is removed
until it is merged away, the embedded engine by segments; the share of a question's words that a
passage holds, and mistyped words, need the counts anyway.)
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping

from rag.store import Terms
from rag.store.idf import Reading, edits, idf_of, may_be_mistyped, near_reading
from rag.store.milvus.engine import Engine
from rag.store.milvus.tables import COUNTS, hashed

K1, B = 1.2, 0.75  # as the local store has them
AVERAGE = 90  # terms of a chunk: chunks are cut to one size, so a constant serves as their mean
COLUMNS = 2**32 - 2  # that a sparse vector may have; 0 is for a chunk without terms
LONGEST = 60_000  # bytes of a term, as in the local store
REMEMBERED = 50_000  # counts

Word = tuple[str, str]  # language and term
Entries = list[list[int]]  # of generation and count, ascending


def column(language: str, term: str) -> int:
    """Two terms of a large index may share one, one pair in some thousands: a little noise."""
    text = f"{language}\0{term}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) % (COLUMNS - 1) + 1


def counted(word: Word) -> str:
    """The row that counts a term: a short name, for a mistyped word asks for a thousand."""
    return hashed(*word)[:16]


def weighted(language: str, counts: Mapping[str, int]) -> dict[int, float]:
    """The sparse vector of a chunk with these terms."""
    length = sum(counts.values())
    least = K1 * (1 - B + B * length / AVERAGE)
    found: dict[int, float] = {}
    for term, count in counts.items():
        place = column(language, term)
        found[place] = found.get(place, 0.0) + count * (K1 + 1) / (count + least)
    return found or {0: 1.0}


def count_in(body: str, generation: int) -> int:
    """What a row of counts says of a generation."""
    entries: Entries = json.loads(body)
    return next((n for since, n in reversed(entries) if since <= generation), 0)


class Words:
    """The words of questions in one generation; what was read is remembered."""

    def __init__(self, engine: Engine, generation: int, chunks: Mapping[str, int]) -> None:
        """`chunks` says how many each language has."""
        self._engine = engine
        self._generation = generation
        self._chunks = chunks
        self._known: dict[Word, int] = {}
        self._lock = threading.Lock()

    def readings(self, terms: Terms) -> dict[str, list[Reading]]:
        """For each language that is indexed and of which the query has words, their readings."""
        wanted = {
            language: [w for w in dict.fromkeys(terms.get(language, ())) if _short(w)]
            for language in self._chunks
        }
        words = {word for own in wanted.values() for word in own}
        known = self._counts((other, word) for other in self._chunks for word in words)
        mistyped = [
            (language, word)
            for language, own in wanted.items()
            for word in own
            if may_be_mistyped(word) and not any(known[other, word] for other in self._chunks)
        ]
        near = {pair: edits(pair[1]) for pair in mistyped}
        known |= self._counts((pair[0], edit) for pair, some in near.items() for edit in some)
        return {
            language: [self._reading(language, word, known, near) for word in own]
            for language, own in wanted.items()
            if own
        }

    def _reading(
        self,
        language: str,
        word: str,
        known: Mapping[Word, int],
        near: Mapping[Word, Iterable[str]],
    ) -> Reading:
        count, total = known[language, word], self._chunks[language]
        if count:
            return Reading(idf_of(total, count), {word: 1.0})
        counted = {edit: known[language, edit] for edit in near.get((language, word), ())}
        return near_reading(total, {edit: n for edit, n in counted.items() if n})

    def _counts(self, words: Iterable[Word]) -> dict[Word, int]:
        """How many chunks of the language have the term."""
        wanted = list(words)
        with self._lock:
            found = {word: self._known[word] for word in wanted if word in self._known}
        if lacking := {counted(word): word for word in wanted if word not in found}:
            rows = self._engine.get(COUNTS, lacking, ["id", "body"])
            read = {
                word: count_in(rows[name]["body"], self._generation) if name in rows else 0
                for name, word in lacking.items()
            }
            found |= read
            with self._lock:
                if len(self._known) > REMEMBERED:
                    self._known.clear()
                self._known |= read
        return found


def asked(weights: Mapping[str, Mapping[str, float]]) -> dict[int, float]:
    """The sparse vector of a question, from the shares of `weights_of`.

    As shares, scores mean the same in each language, whatever the query's words are worth there.
    """
    found: dict[int, float] = {}
    for language, own in weights.items():
        for term, weight in own.items():
            place = column(language, term)
            found[place] = found.get(place, 0.0) + weight
    return found


def _short(word: str) -> bool:
    return len(word.encode("utf-8", "surrogatepass")) <= LONGEST
