"""What a word of a query counts in the lexical cache, and what it stands for."""

from __future__ import annotations

from collections.abc import Mapping

import tantivy

from rag.store.idf import Reading, edits, idf_of, may_be_mistyped, near_reading


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk", indexed=True, fast=True)
    builder.add_unsigned_field("document", indexed=True, fast=True)
    builder.add_text_field("terms", stored=False, tokenizer_name="terms", index_option="freq")
    return builder.build()


SCHEMA = _schema()  # of the index of one language


def reading_of(searchers: Mapping[str, tantivy.Searcher], language: str, word: str) -> Reading:
    searcher = searchers[language]
    count, total = searcher.doc_freq("terms", word), int(searcher.num_docs)
    if count:
        return Reading(idf_of(total, count), {word: 1.0})
    if any(other.doc_freq("terms", word) for other in searchers.values()) or not (
        may_be_mistyped(word)
    ):
        return Reading(idf_of(total, 0), {})
    # tantivy tells fast whether there is a near term but not which, so most words stop here.
    fuzzy = tantivy.Query.fuzzy_term_query(SCHEMA, "terms", word)
    if not searcher.search(fuzzy, limit=1, count=False).hits:
        return Reading(idf_of(total, 0), {})
    near = {edit: searcher.doc_freq("terms", edit) for edit in edits(word)}
    return near_reading(total, {term: count for term, count in near.items() if count})
