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
from collections.abc import Iterable, Mapping

from rag.store import Terms
from rag.store.idf import (
    LONGEST_MISTYPED,
    MISTYPED,
    Reading,
    edits,
    idf_of,
    may_be_mistyped,
    near_reading,
)
from rag.store.milvus.engine import MOST, Engine, Row
from rag.store.milvus.memory import Memory
from rag.store.milvus.tables import COUNTS, hashed

K1, B = 1.2, 0.75  # as the local store has them
AVERAGE = 90  # terms of a chunk: chunks are cut to one size, so a constant serves as their mean
COLUMNS = 2**32 - 2  # that a sparse vector may have; 0 is for a chunk without terms
LONGEST = 60_000  # bytes of a term, as in the local store
REMEMBERED = 50_000  # counts
SHARING = 500  # first guess of how many terms have a form in common with a question's words

Word = tuple[str, str]  # language and term
Entries = list[list[int]]  # of generation and count, ascending


def column(language: str, term: str) -> int:
    """Two terms of a large index may share one, one pair in some thousands: a little noise."""
    text = f"{language}\0{term}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) % (COLUMNS - 1) + 1


def counted(word: Word) -> str:
    """The row that counts a term."""
    return hashed(*word)[:16]


def counts_row(word: Word, entries: Entries) -> Row:
    """What is counted of a term, which is found by its forms."""
    return {
        "id": counted(word),
        "words": dict.fromkeys(_forms(word), 1.0),
        "term": word[1] if _may_be_meant(word[1]) else "",
        "newest": entries[-1][0] if entries else 0,
        "body": json.dumps(entries),
    }


def _forms(word: Word) -> list[int]:
    """The columns of a term: its own, and those of what it becomes where one letter is left out.

    Words are one edit apart only if they have one of these in common. So a mistyped word asks for
    its ten forms, and not for the thousand words that it may stand for.
    """
    language, term = word
    shorter = range(len(term)) if _may_be_meant(term) else ()
    forms = [term, *(term[:place] + term[place + 1 :] for place in shorter)]
    return [column(language, form) for form in dict.fromkeys(forms)]


def _may_be_meant(term: str) -> bool:
    return term.isalpha() and MISTYPED - 1 <= len(term) <= LONGEST_MISTYPED + 1


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
        self._known = Memory[Word, int](REMEMBERED)
        self._meant = Memory[Word, dict[str, int]](REMEMBERED)  # what mistyped words stand for

    def readings(self, terms: Terms) -> dict[str, list[Reading]]:
        """For each language that is indexed and of which the query has words, their readings."""
        wanted = {
            language: [w for w in dict.fromkeys(terms.get(language, ())) if _short(w)]
            for language in self._chunks
        }
        words = {word for own in wanted.values() for word in own}
        pairs = ((other, word) for other in self._chunks for word in words)
        known = self._known.get(pairs, self._counts)
        mistyped = [
            (language, word)
            for language, own in wanted.items()
            for word in own
            if may_be_mistyped(word) and not any(known[other, word] for other in self._chunks)
        ]
        near = self._meant.get(mistyped, self._near)
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
        near: Mapping[Word, Mapping[str, int]],
    ) -> Reading:
        count, total = known[language, word], self._chunks[language]
        if count:
            return Reading(idf_of(total, count), {word: 1.0})
        return near_reading(total, near.get((language, word), {}))

    def _counts(self, words: list[Word]) -> dict[Word, int]:
        """How many chunks of the language have the term."""
        rows = self._formed(column(*word) for word in words)
        names = {word: counted(word) for word in words}
        return {
            word: count_in(rows[name]["body"], self._generation) if name in rows else 0
            for word, name in names.items()
        }

    def _near(self, words: list[Word]) -> dict[Word, dict[str, int]]:
        """The terms one edit away from each of these, and how many chunks have them."""
        rows = self._formed(form for word in words for form in _forms(word))
        found: dict[Word, dict[str, int]] = {word: {} for word in words}
        for (language, word), own in found.items():
            possible = edits(word)
            for name, row in rows.items():
                term = row["term"]
                count = count_in(row["body"], self._generation) if term in possible else 0
                if count and name == counted((language, term)):
                    own[term] = count
        return found

    def _formed(self, forms: Iterable[int]) -> dict[str, Row]:
        """The rows of all terms that have one of these forms, by their ids.

        Not by a filter, for which the embedded engine goes through all ids up to the last.
        """
        wanted, columns = SHARING, dict.fromkeys(forms, 1.0)
        while True:
            hits = self._engine.search(COUNTS, "words", columns, "", wanted, "term", "body")
            if len(hits) < wanted or wanted >= MOST:
                return {name: row for name, score, row in hits if score > 0}
            wanted *= 4


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
