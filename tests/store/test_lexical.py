"""Mistyped words, and what each term is worth."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.store.idf import DISCOUNT, MISTYPED
from rag.store.lexical import LexicalIndex

TEXTS = [
    ("de", "xiaomi baut auto munch"),
    ("de", "xiaomi auslieferungsziel 2026"),
    ("de", "bahn gleis weich baut"),
    ("de", "preis su7 yuan auto"),
    ("en", "xiaomi modena sedan"),
    ("en", "price yuan"),
]


def build(texts: list[tuple[str, str]], folder: Path) -> LexicalIndex:
    rows = ((row, row, language, words) for row, (language, words) in enumerate(texts))
    return LexicalIndex.build(rows, folder)


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    return build(TEXTS, tmp_path / "lexical")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("xiaomy", "xiaomi"),
        ("xaomi", "xiaomi"),
        ("xiaoomi", "xiaomi"),
        ("ixaomi", "xiaomi"),
        ("muench", "munch"),
        ("auslieferungziel", "auslieferungsziel"),
    ],
)
def test_a_mistyped_word_finds_what_was_meant_at_a_discount(
    index: LexicalIndex, typed: str, meant: str
) -> None:
    right, wrong = dict(found(index, meant)), dict(found(index, typed))
    assert wrong == pytest.approx({row: DISCOUNT * s for row, s in right.items()}, rel=1e-5)
    assert index.weights({"de": [typed]}) == {"de": {meant: pytest.approx(DISCOUNT)}}


def found(index: LexicalIndex, *words: str) -> list[tuple[int, float]]:
    return index.search({"de": words}, 10)


@pytest.mark.parametrize(
    "word",
    [
        "xioami2",  # a code is another one if it differs
        "202",
        "su8",
        "pris",  # too short
        "xyaomy",  # two edits
        "modena",  # English knows it
        "x" * 5000,
    ],
)
def test_other_unknown_words_find_nothing(index: LexicalIndex, word: str) -> None:
    assert found(index, word) == []
    assert index.weights({"de": [word]}) == {"de": {}}


def test_a_known_word_is_never_taken_for_another(tmp_path: Path) -> None:
    index = build([("de", "grunde"), ("de", "grunden")], tmp_path / "lexical")
    assert [row for row, _ in found(index, "grunde")] == [0]


def test_of_several_near_words_the_best_counts_once(tmp_path: Path) -> None:
    texts = [("de", "haften haltens"), ("de", "haften"), ("de", "halten"), *[("de", "x")] * 3]
    index = build(texts, tmp_path / "lexical")
    assert {row for row, _ in found(index, "hapten")} == {0, 1, 2}
    weights = index.weights({"de": ["hapten"]})["de"]
    assert weights == {"haften": pytest.approx(DISCOUNT), "halten": pytest.approx(DISCOUNT)}
    assert max(score for _, score in found(index, "hapten")) <= DISCOUNT + 1e-6


def test_words_are_worth_more_the_rarer_they_are_and_share_the_whole(index: LexicalIndex) -> None:
    weights = index.weights({"de": ["xiaomi", "gleis", "xiaomi"], "fr": ["gleis"]})
    assert weights.keys() == {"de"}
    assert weights["de"]["gleis"] > weights["de"]["xiaomi"] > 0
    assert sum(weights["de"].values()) == pytest.approx(1)


def test_a_word_that_nothing_knows_takes_its_share_with_it(index: LexicalIndex) -> None:
    known, both = index.weights({"de": ["gleis"]}), index.weights({"de": ["gleis", "qqqqqq"]})
    assert both["de"]["gleis"] < 0.5 * known["de"]["gleis"]
    (_, alone), *_ = found(index, "gleis")
    (_, beside), *_ = found(index, "gleis", "qqqqqq")
    assert beside == pytest.approx(alone * both["de"]["gleis"], rel=1e-5)


def test_an_extended_index_reads_words_anew(tmp_path: Path) -> None:
    index = build(TEXTS, tmp_path / "one")
    assert found(index, "gleise") != []
    added = [(9, 9, "de", "gleise")]
    extended = LexicalIndex.extend(tmp_path / "one", added, tmp_path / "two")
    assert [row for row, _ in found(extended, "gleise")] == [9]


vocabulary = st.text("abä", min_size=1, max_size=MISTYPED + 2)


@given(
    st.lists(st.lists(vocabulary, min_size=1, max_size=5), min_size=1, max_size=6),
    st.lists(vocabulary, max_size=5),
)
def test_scores_and_weights_are_shares(texts: list[list[str]], words: list[str]) -> None:
    with TemporaryDirectory() as folder:
        index = build([("de", " ".join(text)) for text in texts], Path(folder) / "lexical")
        weights = index.weights({"de": words}).get("de", {})
        assert all(0 < weight <= 1 + 1e-9 for weight in weights.values())
        for row, score in index.search({"de": words}, 10):
            assert 0 < score <= 1
            assert any(word in weights for word in texts[row])
        hits = {row for row, _ in index.search({"de": words}, 10)}
        assert hits == {row for row, text in enumerate(texts) if weights.keys() & set(text)}
