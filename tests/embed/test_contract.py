"""What every embedder owes its callers, checked on each of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rag.embed import Embedder

TEXTS = (
    "Der Fluss trat nach tagelangem Regen über die Ufer.",
    "Sie kauft Brot.",
    "The council approved the new tram line after a long debate about its costs.",
    "Ja!",
    "Im Jahr 2019 zählte die Gemeinde 12.480 Einwohner, drei Prozent mehr als zuvor. " * 12,
)
SAME = 0.999  # cosine of one text embedded twice; int8 results depend a little on their batch


def test_rows_are_finite_float32_and_of_length_one(embedder: Embedder) -> None:
    found = (embedder.embed_documents(TEXTS), embedder.embed_queries(TEXTS))
    for vectors in (*found, *embedder.embed_questions(TEXTS)):
        assert vectors.shape == (len(TEXTS), embedder.dim)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, embedder.dim)
    assert embedder.embed_queries([]).shape == (0, embedder.dim)
    assert {each.shape for each in embedder.embed_questions([])} == {(0, embedder.dim)}
    assert embedder.count_tokens([]) == []


def test_a_row_depends_neither_on_its_place_nor_on_its_batch(embedder: Embedder) -> None:
    many = [*TEXTS, *(f"Füllsatz Nummer {i}, {'wirklich ' * (i % 7)}kurz." for i in range(90))]
    together = embedder.embed_documents(many)
    backwards = embedder.embed_documents(many[::-1])[::-1]
    alone = np.concatenate([embedder.embed_documents([text]) for text in TEXTS])
    assert (together * backwards).sum(axis=1).min() > SAME
    assert (together[: len(TEXTS)] * alone).sum(axis=1).min() > SAME


def test_counts_grow_with_the_text_and_include_the_prompt(embedder: Embedder) -> None:
    empty, short, long = embedder.count_tokens(["", "Haus", "Haus und Hof und Garten"])
    assert 3 <= empty < short < long
    assert embedder.count_tokens(list(TEXTS)) == [embedder.count_tokens([t])[0] for t in TEXTS]


def test_text_beyond_the_limit_is_counted_whole_and_embedded_from_its_start(
    embedder: Embedder,
) -> None:
    long = "Der Rat tagt heute. " * 400
    assert embedder.count_tokens([long])[0] > embedder.max_tokens
    vector = embedder.embed_documents([long])[0]
    other = embedder.embed_documents(["Kernphysik und Teilchenbeschleuniger"])[0]
    assert vector @ embedder.embed_documents(["Der Rat tagt heute."])[0] > vector @ other


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t",
        "\0",
        "\ufeff",
        "\u200b",
        "\ud800",
        "🙂👩\u200d👩\u200d👧",
        "日本語",
        "ﬁ½",
        "<s>",
    ],
)
def test_odd_text_gets_a_vector_and_a_count(embedder: Embedder, text: str) -> None:
    assert np.isfinite(embedder.embed_documents([text])).all()
    assert np.isfinite(embedder.embed_queries([text, "Haus"])).all()
    assert embedder.count_tokens([text])[0] >= 3


def test_threads_get_the_vectors_that_they_would_get_alone(embedder: Embedder) -> None:
    texts = [f"Meldung {i}: {'Wasser ' * i}steigt." for i in range(12)]
    expected = embedder.embed_queries(texts)
    with ThreadPoolExecutor(4) as pool:
        single = pool.map(lambda text: embedder.embed_queries([text])[0], texts * 2)
        counts = pool.map(embedder.count_tokens, [texts] * 8)
        batches = pool.map(embedder.embed_queries, [texts] * 3)
    assert (np.array(list(single)) * np.tile(expected, (2, 1))).sum(axis=1).min() > SAME
    assert all((batch * expected).sum(axis=1).min() > SAME for batch in batches)
    assert all(count == embedder.count_tokens(texts) for count in counts)


def test_a_related_text_is_nearer_than_an_unrelated_one(embedder: Embedder) -> None:
    question = embedder.embed_queries(["Wann eröffnet die neue Brücke über den Fluss?"])[0]
    near, far = embedder.embed_documents(
        [
            "Die neue Brücke über den Fluss eröffnet im Mai.",
            "Der Tenor sagte sein Konzert wegen einer Erkältung ab.",
        ]
    )
    assert question @ near > question @ far + 0.02


def test_a_query_is_not_embedded_like_a_document(embedder: Embedder) -> None:
    query, document = embedder.embed_queries(["Brücke"])[0], embedder.embed_documents(["Brücke"])[0]
    assert 0.5 < query @ document < 0.9995


def test_it_says_what_it_is(embedder: Embedder) -> None:
    assert embedder.name
    assert embedder.precision
    assert len(embedder.fingerprint) == 64
    int(embedder.fingerprint, 16)
    assert embedder.max_tokens >= 128
