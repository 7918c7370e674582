"""Chunks: they tile the document, hold whole sentences, respect sizes and follow structure."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.ingest.chunk import chunk
from rag.language.sentences import split_sentences
from rag.types import Chunk, Document

FIXED = 3  # what the double adds to every text, as a prompt would

SCRAPS = "Das Werk baut Autos. Es wächst. und kostet Mehr: 3. Mai „Ja.“ # Titel - Punkt x 😀 ; ,"
BREAKS = ["\n", "\n\n", "\u2028", "\n# Titel\n", "\x00", "Donaudampfschifffahrtsgesellschaft" * 3]
TEXTS = st.lists(st.sampled_from(SCRAPS.split() + BREAKS), max_size=120).map(" ".join)


def tokens(texts: Sequence[str]) -> list[int]:
    """Five characters of a word are a token, so is every other mark."""
    return [FIXED + len(re.findall(r"\w{1,5}|[^\w\s]", text)) for text in texts]


def document(text: str) -> Document:
    return Document("d", text, "", None, None, "de")


def texts_of(chunks: Sequence[Chunk], text: str) -> list[str]:
    return [c.span.of(text) for c in chunks]


def assert_tiles(text: str, chunks: Sequence[Chunk]) -> None:
    position = 0
    for n, c in enumerate(chunks):
        assert c.chunk_id == f"d#{n}"
        assert c.doc_id == "d"
        assert (c.span.start, c.span.end) == (c.sentences[0].start, c.sentences[-1].end)
        for sentence in c.sentences:
            assert sentence.start >= position
            assert not text[position : sentence.start].strip()
            assert sentence.of(text)
            assert sentence.of(text) == sentence.of(text).strip()
            position = sentence.end
    assert not text[position:].strip()


@given(st.one_of(TEXTS, st.text()), st.integers(5, 40), st.integers(5, 40))
@example("", 10, 10)
@example("#\n#\n# a", 5, 5)
def test_chunks_tile_any_text_and_never_exceed_the_limit(
    text: str, target: int, limit: int
) -> None:
    chunks = chunk(document(text), tokens, target, limit)
    assert_tiles(text, chunks)
    assert all(count <= limit for count in tokens(texts_of(chunks, text)))
    assert all(n <= limit for c in chunks for n in tokens([s.of(text) for s in c.sentences]))


@given(TEXTS, st.integers(5, 60))
def test_a_sentence_is_cut_only_if_it_exceeds_the_limit(text: str, limit: int) -> None:
    found = {s for c in chunk(document(text), tokens, 20, limit) for s in c.sentences}
    for sentence in split_sentences(text):
        if tokens([sentence.of(text)])[0] <= limit:
            assert sentence in found


def test_chunks_come_near_the_target() -> None:
    text = "Das Werk in Ulm baut seit Mai viele neue Autos. " * 500
    sizes = tokens(texts_of(chunk(document(text), tokens, 100, 200), text))
    assert all(85 <= size <= 100 for size in sizes[:-1])


def test_a_cut_falls_between_paragraphs_rather_than_inside() -> None:
    paragraph = "Der Rat tagt heute. " * 8
    text = f"{paragraph}\n\n{paragraph}\n\n{paragraph}"
    chunks = texts_of(chunk(document(text), tokens, 60, 100), text)
    assert chunks == [paragraph.strip()] * 3


@pytest.mark.parametrize("title", ["# Verkehr", "Neue Linien für Ulm", "Was sich ändert:"])
def test_a_heading_stays_with_the_text_below(title: str) -> None:
    body = "Der Rat tagt heute. " * 8
    text = f"{body}\n\n{title}\n\n{body}\n\n{title}\n\n{body * 3}"
    chunks = texts_of(chunk(document(text), tokens, 60, 100), text)
    assert sum(piece.startswith(title) for piece in chunks) == 2
    assert not any(piece.endswith(title) for piece in chunks)


def test_the_rest_of_a_long_paragraph_goes_with_the_next() -> None:
    text = "Der Rat tagt heute. " * 13 + "\n\n" + "Er geht. " * 5
    chunks = chunk(document(text), tokens, FIXED + 60, 200)
    assert [len(c.sentences) for c in chunks] == [12, 6]


def test_an_over_long_sentence_is_cut_after_a_clause_or_a_word() -> None:
    text = "Die Liste nennt " + "Ulm und Neu-Ulm, " * 60 + "sonst nichts."
    chunks = chunk(document(text), tokens, 40, 40)
    assert_tiles(text, chunks)
    assert len(chunks) > 5
    assert all(s.of(text).endswith((",", "nichts.")) for c in chunks for s in c.sentences)


def test_joined_text_that_takes_more_tokens_than_its_parts_is_cut_again() -> None:
    def greedy(texts: Sequence[str]) -> list[int]:
        return [len(t.split()) + 20 * max(0, t.count(".") - 1) for t in texts]

    text = "Der Rat tagt. " * 20
    chunks = chunk(document(text), greedy, 30, 50)
    assert_tiles(text, chunks)
    assert all(count <= 50 for count in greedy(texts_of(chunks, text)))


def test_tokens_are_counted_in_few_calls() -> None:
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return tokens(texts)

    chunk(document("Der Rat tagt heute. " * 1_000), counting, 100, 200)
    assert len(calls) <= 3


@pytest.mark.parametrize("unit", ["x", "wort ", "Satz. ", "Titel\n", "a, ", "\x00"])
def test_a_hostile_megabyte_is_chunked_in_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    chunks = chunk(document(text), tokens, 256, 512)
    assert time.process_time() - start < 20
    assert_tiles(text, chunks)


@pytest.mark.slow
def test_chunks_fit_the_real_model() -> None:
    from rag.config import Config
    from rag.embed import open_embedder

    embedder = open_embedder(Config())
    text = (
        "Der Rat in Ulm tagt heute über Straßenbahnlinien. " * 40 + "\n\n"
    ) * 5 + "wort, " * 2_000
    chunks = chunk(document(text), embedder.count_tokens, 256, embedder.max_tokens)
    assert_tiles(text, chunks)
    counts = embedder.count_tokens(texts_of(chunks, text))
    assert max(counts) <= embedder.max_tokens
    assert sorted(counts)[len(counts) // 4] > 150
