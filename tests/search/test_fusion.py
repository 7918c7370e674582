"""The score is a weighted sum, and the weights that come along are sane."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.features import FEATURES, features
from rag.search.fusion import FILE, Fusion, default_fusion, named
from rag.search.query import analyse_question
from rag.search.retriever import Scored
from rag.store import Candidate
from rag.types import Period
from tests.search.candidates import DIM, candidate, together, toward

COSINES = ("best sentence", "three best", "passage", "title")
WEIGHTS: dict[str, float] = json.loads(FILE.read_text(encoding="utf-8"))["weights"]
QUERY = analyse_question("Wie viele Autos liefert die Firma aus?", ["de", "en"])


def score(found: Candidate) -> float:
    fusion = default_fusion()
    drift = np.zeros(DIM, np.float32)
    matrix, nearest = features(together(found), QUERY, toward(1.0), drift, lambda _: "")
    return Scored(found, matrix[0], fusion.contributions(matrix)[0], int(nearest[0])).score


def test_the_weights_name_all_features_and_no_other() -> None:
    assert set(WEIGHTS) == set(FEATURES)
    assert default_fusion().weights.tolist() == pytest.approx([WEIGHTS[f] for f in FEATURES])


def test_weights_of_cosines_share_the_whole_so_that_scores_are_like_cosines() -> None:
    assert sum(WEIGHTS[name] for name in COSINES) == pytest.approx(1, abs=1e-3)
    assert all(WEIGHTS[name] >= 0 for name in COSINES)


def test_only_length_counts_against_a_passage() -> None:
    assert WEIGHTS["length"] <= 0
    assert {name for name, weight in WEIGHTS.items() if weight < 0} <= {"length"}


def test_the_file_says_what_the_weights_were_made_of() -> None:
    form = json.loads(FILE.read_text(encoding="utf-8"))
    assert form["made by"].startswith("python -m eval train")
    assert form["trained on"]
    assert "CC BY" in form["licences"]


def test_drift_is_a_direction_of_one_model() -> None:
    fusion = default_fusion()
    assert np.linalg.norm(fusion.drift) == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(fusion.drift_for(fusion.model, 384), fusion.drift)
    np.testing.assert_array_equal(fusion.drift_for("another", 32), np.zeros(32))


def test_a_file_that_lacks_a_feature_is_not_loaded(tmp_path: Path) -> None:
    form = json.loads(FILE.read_text(encoding="utf-8"))
    del form["weights"]["time"]
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(form), encoding="utf-8")
    with pytest.raises(KeyError, match="time"):
        Fusion.load(path)


ROWS = st.lists(
    st.lists(st.floats(-1, 1, width=32), min_size=len(FEATURES), max_size=len(FEATURES)),
    min_size=1,
    max_size=5,
)


@given(ROWS)
def test_contributions_are_features_by_their_weights_and_sum_to_the_score(
    rows: list[list[float]],
) -> None:
    fusion, found = default_fusion(), candidate([toward(0.5)])
    matrix = np.array(rows, np.float32)
    contributions = fusion.contributions(matrix)
    for row, contribution in zip(matrix, contributions, strict=True):
        scored = Scored(found, row, contribution, 0)
        assert scored.score == pytest.approx(sum(named(contribution).values()), abs=1e-5)
        assert scored.score == pytest.approx(
            sum(WEIGHTS[name] * value for name, value in named(row).items()), abs=1e-5
        )


def test_a_passage_is_better_by_its_best_sentence_than_by_many_middling_ones() -> None:
    others = [toward(0.5)] * 4
    assert score(candidate([toward(0.9), *others])) > score(candidate([toward(0.55), *others]))


def test_everything_that_speaks_for_a_passage_raises_its_score() -> None:
    plain = score(candidate([toward(0.8)]))
    assert score(candidate([toward(0.8)], title=toward(0.8))) > plain
    assert score(candidate([toward(0.8)], shared=0.5)) > plain
    assert score(candidate([toward(0.8)], published=Period.parse("2026"))) > plain
    assert score(candidate([toward(0.8)], lengths=[800])) < plain


def test_another_language_is_made_up_for() -> None:
    """Cosines between languages are lower, which must not cost a passage its place."""
    assert score(candidate([toward(0.8)], language="en")) > score(candidate([toward(0.8)]))
    shared = candidate([toward(0.8)], language="en", shared=0.5)
    assert score(shared) > score(candidate([toward(0.8)], language="en"))
