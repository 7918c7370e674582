"""Calibration, against values worked out by hand, against scikit-learn, and by its laws."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, precision_recall_fscore_support, roc_auc_score
from typer.testing import CliRunner

from eval.__main__ import app
from eval.calibration import (
    Bin,
    Bools,
    Floats,
    abstention,
    auroc,
    bins,
    brier,
    expected_calibration_error,
    interval,
    read_stated,
)
from eval.datasets import DatasetError
from tests.trees import write

pairs = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0]), st.booleans()),
    min_size=1,
    max_size=60,
)


def arrays(of: list[tuple[float, bool]]) -> tuple[Floats, Bools]:
    return np.array([p for p, _ in of]), np.array([a for _, a in of])


def drawn(count: int = 400) -> tuple[Floats, Bools]:
    """As calibrated as can be, no two probabilities alike."""
    draw = np.random.default_rng(7)
    probability = draw.permutation((np.arange(count) + 0.5) / count)
    return probability, draw.random(count) < probability


def test_bins_have_equal_mass_and_their_own_means() -> None:
    found = bins(np.array([0.9, 0.1, 0.2, 0.7]), np.array([True, False, True, False]), 2)
    assert [b.count for b in found] == [2, 2]
    assert [b.stated for b in found] == pytest.approx([0.15, 0.8])
    assert [b.observed for b in found] == [0.5, 0.5]


def test_the_error_is_the_mean_distance_weighted_by_mass() -> None:
    probability, answerable = np.array([0.9, 0.1, 0.2, 0.7]), np.array([True, False, True, False])
    assert expected_calibration_error(probability, answerable, 2) == pytest.approx((0.35 + 0.3) / 2)
    assert expected_calibration_error(np.full(4, 0.5), answerable) == 0
    assert expected_calibration_error(np.full(4, 0.9), answerable) == pytest.approx(0.4)


@given(pairs, st.data())
def test_the_order_of_the_rows_does_not_count(
    of: list[tuple[float, bool]], data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations(of))
    for one, other in zip(bins(*arrays(of)), bins(*arrays(mixed)), strict=True):
        assert (one.count, one.observed) == (other.count, other.observed)
        assert one.stated == pytest.approx(other.stated)


@given(pairs)
def test_every_row_is_in_one_bin_and_the_mean_is_kept(of: list[tuple[float, bool]]) -> None:
    probability, answerable = arrays(of)
    found = bins(probability, answerable)
    assert len(found) <= 10
    assert sum(b.count for b in found) == len(of)
    assert sum(b.count * b.stated for b in found) == pytest.approx(probability.sum())
    bias = abs(float(probability.mean() - answerable.mean()))
    assert bias - 1e-9 <= expected_calibration_error(probability, answerable) <= 1 + 1e-9


def test_bins_agree_with_scikit_learn() -> None:
    probability, answerable = drawn()
    observed, stated = calibration_curve(answerable, probability, n_bins=10, strategy="quantile")
    found = bins(probability, answerable)
    assert [b.count for b in found] == [40] * 10
    assert [b.stated for b in found] == pytest.approx(stated.tolist())
    assert [b.observed for b in found] == pytest.approx(observed.tolist())


@given(pairs)
def test_brier_and_auroc_agree_with_scikit_learn(of: list[tuple[float, bool]]) -> None:
    probability, answerable = arrays(of)
    expected = brier_score_loss(answerable, probability, pos_label=True)
    assert brier(probability, answerable) == pytest.approx(expected)
    if len(set(answerable.tolist())) < 2:
        with pytest.raises(ValueError, match="not defined"):
            auroc(probability, answerable)
    else:
        expected = roc_auc_score(answerable, probability)
        assert auroc(probability, answerable) == pytest.approx(expected)


@given(pairs, st.sampled_from([0.0, 0.1, 0.5, 0.95, 1.1]))
def test_abstention_agrees_with_scikit_learn(
    of: list[tuple[float, bool]], threshold: float
) -> None:
    probability, answerable = arrays(of)
    expected = precision_recall_fscore_support(
        ~answerable, probability < threshold, average="binary", pos_label=True, zero_division=0
    )
    assert abstention(probability, answerable, threshold) == pytest.approx(expected[:3])


def test_the_interval_of_a_rate_is_wilsons() -> None:
    assert list(interval(Bin(10, 0.2, 0.2))) == pytest.approx([0.0567, 0.5098], abs=1e-4)
    low, high = interval(Bin(10, 0.0, 0.0))
    assert low == pytest.approx(0)
    assert high == pytest.approx(0.2775, abs=1e-4)


def rows(path: Path, count: int = 40) -> Path:
    probability, answerable = drawn(count)
    text = (
        json.dumps({"id": n, "probability": p, "answerable": a, "part": ("train", "dev")[n % 2]})
        for n, (p, a) in enumerate(zip(probability.tolist(), answerable.tolist(), strict=True))
    )
    return write(path, "\n".join(text))


def test_the_command_prints_each_group_and_draws_the_plot(tmp_path: Path) -> None:
    plot = tmp_path / "reliability.png"
    made = CliRunner().invoke(
        app, ["calibration", str(rows(tmp_path / "rows.jsonl")), "--plot", str(plot)]
    )
    assert made.exit_code == 0, made.output
    heading, *groups = made.stdout.split("\n\n")[0].splitlines()
    assert heading.split() == ["n", "answerable", "ECE", "Brier", "AUROC"]
    assert [line.split()[:2] for line in groups] == [["all", "40"], ["dev", "20"], ["train", "20"]]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"answerable": True}, "probability is None"),
        ({"probability": 1.01, "answerable": True}, "probability is 1.01"),
        ({"probability": True, "answerable": True}, "probability is True"),
        ({"probability": float("nan"), "answerable": True}, "probability is nan"),
        ({"probability": 0.5, "answerable": 1}, "answerable is 1"),
    ],
)
def test_a_bad_row_is_one_line_with_its_place(
    tmp_path: Path, row: dict[str, object], reason: str
) -> None:
    good = json.dumps({"probability": 0.5, "answerable": True})
    path = write(tmp_path / "rows.jsonl", f"{good}\n{json.dumps(row)}")
    with pytest.raises(DatasetError) as raised:
        read_stated(path)
    assert str(raised.value).startswith(f"{path}:2: {reason}")


@pytest.mark.parametrize("text", ["", '{"probability": 0.5, "answerable": true}'])
def test_rows_that_are_all_alike_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DatasetError, match="some answerable and some not"):
        read_stated(write(tmp_path / "rows.jsonl", text))
