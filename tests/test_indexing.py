"""What the model reads of a document, and what is made of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import indexing
from rag.assistant import Assistant
from rag.indexing import TITLE_SHARE, Indexer
from rag.language.analysis import analyse
from rag.store import Record
from rag.types import Document, Vectors
from tests.conftest import CountingEmbedder
from tests.trees import write

TITLE = "Kastor zieht nach Lindau"
FIRST, SECOND = "Der Konzern baut dort Autos.", "Im Mai geht es los."
TEXT = f"{FIRST} {SECOND}"


@pytest.fixture
def indexer(embedder: CountingEmbedder) -> Indexer:
    return Indexer(embedder, 200)


def record(indexer: Indexer, title: str, text: str = TEXT, doc_id: str = "a") -> Record:
    return indexer.record((Document(doc_id, text, title, None, None, "de"), (), "r", doc_id))


def read(text: str) -> Vectors:
    """The vector of a text by itself."""
    return np.asarray(CountingEmbedder().embed_documents([text])[0], np.float32)


def test_a_headline_is_a_share_of_each_sentence(
    indexer: Indexer, embedder: CountingEmbedder
) -> None:
    made = record(indexer, TITLE)
    vectors = indexer.embed(indexer.inputs([made]))
    ((first, second),) = made.keys
    for key, text in ((first, FIRST), (second, SECOND)):
        mixed = read(text) + TITLE_SHARE * read(TITLE)
        np.testing.assert_allclose(vectors[key], mixed / np.linalg.norm(mixed), atol=1e-6)
        assert vectors[key] @ read(TITLE) > read(text) @ read(TITLE)
    np.testing.assert_array_equal(vectors[made.title_key], read(TITLE))
    assert sorted(embedder.embedded) == sorted([TITLE, FIRST, SECOND])


def test_a_title_that_was_cut_from_the_text_is_no_part_of_its_sentences(indexer: Indexer) -> None:
    made = record(indexer, "Der Konzern baut …")
    vectors = indexer.embed(indexer.inputs([made]))
    ((first, second),) = made.keys
    np.testing.assert_array_equal(vectors[first], read(FIRST))
    np.testing.assert_array_equal(vectors[second], read(SECOND))
    np.testing.assert_array_equal(vectors[made.title_key], read("Der Konzern baut"))


def test_a_passage_is_found_by_the_words_of_its_title(indexer: Indexer) -> None:
    text = "\n\n".join(f"Absatz {n} ist {n} Zeilen lang und sagt es auch." for n in range(60))
    made = record(indexer, TITLE, text)
    assert len(made.chunks) > 1
    words = set(analyse(TITLE, "de"))
    assert all(words <= set(terms) for terms in made.terms)


@pytest.mark.parametrize("size", [indexing.TITLE_LENGTH, 1_000])
def test_the_model_reads_no_more_of_a_title_than_it_should(
    indexer: Indexer, embedder: CountingEmbedder, size: int
) -> None:
    title = ("Lindau " * size)[:size]
    indexer.embed(indexer.inputs([record(indexer, title)]))
    (read_of_it,) = (text for text in embedder.embedded if text.startswith("Lindau"))
    assert read_of_it == title[: indexing.TITLE_LENGTH].rstrip()


TITLES = st.sampled_from([TITLE, "Lindau", FIRST, "Der Konzern baut …"])
TEXTS = st.lists(st.sampled_from([FIRST, SECOND, "Es sind 300.", "Lindau."]), min_size=1)


@given(st.lists(st.tuples(TITLES, TEXTS), min_size=1, max_size=5))
def test_each_text_is_read_once_and_every_key_has_a_unit_vector(
    articles: list[tuple[str, list[str]]],
) -> None:
    embedder = CountingEmbedder()
    indexer = Indexer(embedder, 200)
    records = [
        record(indexer, title, " ".join(text), str(n)) for n, (title, text) in enumerate(articles)
    ]
    vectors = indexer.embed(indexer.inputs(records))
    assert len(embedder.embedded) == len(set(embedder.embedded))
    used = {key for made in records for keys in made.keys for key in keys}
    assert vectors.keys() == used | {made.title_key for made in records}
    lengths = np.linalg.norm(np.stack(list(vectors.values())), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_articles_that_share_sentences_and_differ_in_title_have_them_read_once(
    indexer: Indexer, embedder: CountingEmbedder
) -> None:
    one, other = record(indexer, TITLE), record(indexer, "Autos aus Lindau", doc_id="b")
    vectors = indexer.embed(indexer.inputs([one, other]))
    assert sorted(embedder.embedded) == sorted([TITLE, "Autos aus Lindau", FIRST, SECOND])
    assert set(one.keys[0]).isdisjoint(other.keys[0])
    assert len(vectors) == 6


def test_the_same_title_and_text_have_the_same_vectors(indexer: Indexer) -> None:
    one, other = record(indexer, TITLE), record(indexer, TITLE, doc_id="b")
    assert (one.keys, one.title_key, one.signature) == (
        other.keys,
        other.title_key,
        other.signature,
    )


def test_title_and_sentence_are_not_taken_for_one_another(indexer: Indexer) -> None:
    """A vector is found by both, and by where the one ends and the other begins."""
    made = [
        record(indexer, "Lindau", "Autos."),
        record(indexer, "Lindau Autos.", "Lindau"),
        record(indexer, "Autos.", "Lindau"),
    ]
    keys = [keys for each in made for keys in each.keys[0]] + [each.title_key for each in made]
    assert len(set(keys)) == len(keys) == 6


def titled(path: Path, **titles: str) -> Path:
    forms = [
        {"id": name, "title": title, "text": f"{TEXT} Dies ist Artikel {name}."}
        for name, title in titles.items()
    ]
    return write(path, "".join(json.dumps(form) + "\n" for form in forms))


def test_a_changed_title_has_the_sentences_of_its_article_read_anew_and_no_others(
    assistant: Assistant, embedder: CountingEmbedder, tmp_path: Path
) -> None:
    """Only mixtures are kept, so the sentences themselves are needed once more."""
    path = titled(tmp_path / "rows.jsonl", a=TITLE, b="Autos aus Lindau")
    assistant.sync([path])
    embedder.embedded.clear()
    titled(path, a="Kastor zieht um", b="Autos aus Lindau")
    assistant.sync([path])
    changed = [FIRST, SECOND, "Dies ist Artikel a.", "Kastor zieht um"]
    assert sorted(embedder.embedded) == sorted(changed)
    assert assistant.verify() == []
    embedder.embedded.clear()
    titled(path, a="Autos aus Lindau", b="Autos aus Lindau")
    assistant.sync([path])  # the other article has all but one already
    assert sorted(embedder.embedded) == sorted(["Dies ist Artikel a.", "Autos aus Lindau"])
    embedder.embedded.clear()
    assistant.sync([path])
    assert embedder.embedded == []


def test_another_share_of_the_title_makes_every_vector_anew(
    assistant: Assistant, embedder: CountingEmbedder, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.sync([news])
    everything = set(embedder.embedded)
    embedder.embedded.clear()
    monkeypatch.setattr(indexing, "TITLE_SHARE", 0.5)
    assistant.sync()
    assert set(embedder.embedded) == everything
    assert assistant.verify() == []


@pytest.mark.parametrize(
    "name", ["VERSION", "TITLE_SHARE", "ANALYSIS_VERSION", "SIGNATURE_VERSION"]
)
def test_what_the_rows_depend_on_is_in_the_name_of_the_pipeline(
    indexer: Indexer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = indexer.pipeline
    monkeypatch.setattr(indexing, name, "another")
    assert indexer.pipeline != before
    assert Indexer(CountingEmbedder(), 100).pipeline != Indexer(CountingEmbedder(), 200).pipeline
