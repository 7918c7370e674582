"""What a word of a query counts in the lexical cache, and what it stands for.

A word that no language knows is taken for a mistyped one: it stands for the known words that one
edit with a Latin letter makes of it, with the weight that they would have, discounted.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from typing import NamedTuple

import tantivy

MISTYPED = 5  # letters from which an unknown word may be a mistyped one: `Fiat` is not `Fist`
LONGEST_MISTYPED = 40  # letters up to which it may: the work grows with them
DISCOUNT = 0.8  # weight of what was perhaps meant, as a share of what it would have if typed right


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk", indexed=True, fast=True)
    builder.add_unsigned_field("document", indexed=True, fast=True)
    builder.add_text_field("terms", stored=False, tokenizer_name="terms", index_option="freq")
    return builder.build()


SCHEMA = _schema()  # of the index of one language


class Reading(NamedTuple):
    """What a word of a query counts, by its idf, and the indexed terms that it stands for.

    A known word stands for itself at factor 1; an unknown one for its near terms, or for nothing.
    """

    idf: float
    factors: Mapping[str, float]


def reading_of(searchers: Mapping[str, tantivy.Searcher], language: str, word: str) -> Reading:
    searcher = searchers[language]
    count = searcher.doc_freq("terms", word)
    if count:
        return Reading(idf_of(searcher, count), {word: 1.0})
    if any(other.doc_freq("terms", word) for other in searchers.values()) or not (
        MISTYPED <= len(word) <= LONGEST_MISTYPED and word.isalpha()
    ):
        return Reading(idf_of(searcher, 0), {})
    # tantivy tells fast whether there is a near term but not which, so most words stop here.
    fuzzy = tantivy.Query.fuzzy_term_query(SCHEMA, "terms", word)
    if not searcher.search(fuzzy, limit=1, count=False).hits:
        return Reading(idf_of(searcher, 0), {})
    near = {edit: searcher.doc_freq("terms", edit) for edit in _edits(word)}
    near = {term: count for term, count in near.items() if count}
    count = min(sum(near.values()), int(searcher.num_docs))
    return Reading(idf_of(searcher, count), dict.fromkeys(near, DISCOUNT))


def _edits(word: str) -> set[str]:
    """All that one letter left out, put in, replaced, or swapped with the next makes of `word`."""
    letters = {*string.ascii_lowercase, *word}
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return {
        *(head + tail[1:] for head, tail in splits if tail),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1),
        *(head + letter + tail[1:] for head, tail in splits if tail for letter in letters),
        *(head + letter + tail for head, tail in splits for letter in letters),
    }


def idf_of(searcher: tantivy.Searcher, count: int) -> float:
    """As tantivy computes it for a term that `count` chunks have."""
    return math.log(1 + (int(searcher.num_docs) - count + 0.5) / (count + 0.5))
