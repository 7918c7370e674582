"""The network of the reader: what it computes, and that JSON keeps it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.network import LIMIT, Network

NAMES = ("near", "long")
NUMBER = st.floats(-20, 20)


def network(seed: int = 0, hidden: int = 3) -> Network:
    chance = np.random.default_rng(seed)
    return Network(
        names=NAMES,
        middle=np.array([0.5, 10.0]),
        spread=np.array([0.1, 4.0]),
        weights=chance.normal(size=2),
        constant=0.25,
        inner=chance.normal(size=(hidden, 2)),
        bias=chance.normal(size=hidden),
        outer=chance.normal(size=hidden),
    )


def by_hand(net: Network, near: float, long: float) -> float:
    told = []
    for value, middle, spread in zip((near, long), net.middle, net.spread, strict=True):
        told.append(max(-LIMIT, min(LIMIT, (value - middle) / spread)))
    total = net.constant + sum(w * t for w, t in zip(net.weights, told, strict=True))
    for row, bias, outer in zip(net.inner, net.bias, net.outer, strict=True):
        total += outer * max(0.0, bias + sum(w * t for w, t in zip(row, told, strict=True)))
    return float(total)


@given(NUMBER, NUMBER, st.integers(0, 20))
def test_it_says_what_the_formula_says(near: float, long: float, seed: int) -> None:
    net = network(seed)
    found = net({"long": np.array([long, 0.0]), "near": np.array([near, 0.0]), "more": "no matter"})
    assert found.shape == (2,)
    assert found[0] == pytest.approx(by_hand(net, near, long))
    assert float(net({"near": near, "long": long})) == pytest.approx(found[0])


def test_what_is_very_far_away_counts_no_more_than_what_is_far() -> None:
    net = network()
    far = {"near": 0.5 + LIMIT * 0.1, "long": 10.0}
    assert float(net(far | {"near": 1e30})) == pytest.approx(float(net(far)))


def test_json_keeps_it() -> None:
    net = network()
    again = Network.of(json.loads(json.dumps(net.form(digits=17))))
    asked = {"near": np.linspace(0, 1, 9), "long": np.linspace(0, 30, 9)}
    assert again(asked) == pytest.approx(net(asked))
    assert Network.of(net.form())(asked) == pytest.approx(net(asked), abs=0.01)


def test_a_feature_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(KeyError):
        network()({"near": 1.0})


def test_stretched_it_says_more_in_the_same_order() -> None:
    net = network()
    asked = {"near": np.linspace(0, 1, 9), "long": np.linspace(0, 30, 9)}
    assert net.stretched(2.0, -1.0)(asked) == pytest.approx(2 * net(asked) - 1)
