"""Learns the networks of the reader by gradient descent, the same way each time.

Where several are learned, from different beginnings, they stand side by side in one, each for its
share: that errs less than any of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.answer.network import LIMIT, Network

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one is learned. `batch` counts questions where they are compared, else rows."""

    hidden: int
    epochs: int
    decay: float  # of the weights, a step
    dropout: float
    rate: float = 3e-3
    batch: int = 64
    several: int = 1


def fit_ranking(
    names: Sequence[str],
    rows: Floats,
    right: NDArray[np.bool_],
    sizes: Ints,
    shares: Floats,
    recipe: Recipe,
) -> Network:
    """Puts the right candidates of a question above its others.

    `rows` are those of all questions, `sizes` how many each has, `shares` what a question counts.
    It maximises the likelihood of the right ones under a softmax over all candidates of a question
    (listwise: Cao and others 2007). Every question must have a right candidate.
    """
    import torch

    starts = np.concatenate([[0], np.cumsum(sizes)])
    counts = torch.tensor(shares / shares.mean(), dtype=torch.float32)
    truth = torch.tensor(right)

    def loss(score: Callable[[Ints], torch.Tensor], batch: Ints) -> torch.Tensor:
        picked = np.concatenate([np.arange(starts[n], starts[n + 1]) for n in batch])
        owner = torch.tensor(np.repeat(np.arange(len(batch)), sizes[batch]))
        scores = score(picked)
        top = torch.full((len(batch),), -torch.inf)
        top = top.scatter_reduce(0, owner, scores.detach(), "amax")
        powers = torch.exp(scores - top[owner])
        every = torch.zeros(len(batch)).index_add(0, owner, powers)
        good = torch.zeros(len(batch)).index_add(0, owner, powers * truth[picked])
        return ((every.log() - (good + 1e-9).log()) * counts[batch]).mean()

    return _fit(names, rows, len(sizes), loss, recipe)


def fit_logistic(
    names: Sequence[str],
    rows: Floats,
    right: NDArray[np.bool_],
    weights: Floats,
    recipe: Recipe,
) -> Network:
    """The logit of being right; a row counts by its weight."""
    import torch

    counts = torch.tensor(weights / weights.mean(), dtype=torch.float32)
    truth = torch.tensor(right, dtype=torch.float32)

    def loss(score: Callable[[Ints], torch.Tensor], batch: Ints) -> torch.Tensor:
        return torch.nn.functional.binary_cross_entropy_with_logits(
            score(batch), truth[batch], counts[batch]
        )

    return _fit(names, rows, len(rows), loss, recipe)


def _fit(
    names: Sequence[str],
    rows: Floats,
    count: int,
    loss: Callable[[Callable[[Ints], torch.Tensor], Ints], torch.Tensor],
    recipe: Recipe,
) -> Network:
    """`loss(score, batch)`: `batch` has some of `count` numbers, `score` is called with rows."""
    import torch

    changing = rows.std(0) > 1e-6  # what never changes says nothing
    rows = rows[:, changing]
    middle, spread = rows.mean(0), rows.std(0)
    told = torch.tensor(np.clip((rows - middle) / spread, -LIMIT, LIMIT), dtype=torch.float32)
    parts = [_one(told, count, loss, recipe, seed) for seed in range(recipe.several)]
    return Network(
        names=tuple(itertools.compress(names, changing)),
        middle=middle,
        spread=spread,
        weights=np.mean([part["straight.weight"][0] for part in parts], axis=0),
        constant=float(np.mean([part["outer.bias"][0] for part in parts])),
        inner=np.concatenate([part["inner.weight"] for part in parts]),
        bias=np.concatenate([part["inner.bias"] for part in parts]),
        outer=np.concatenate([part["outer.weight"][0] for part in parts]) / recipe.several,
    )


def _one(
    told: torch.Tensor,
    count: int,
    loss: Callable[[Callable[[Ints], torch.Tensor], Ints], torch.Tensor],
    recipe: Recipe,
    seed: int,
) -> dict[str, Any]:
    import torch
    from torch import nn

    chance = torch.get_rng_state()
    torch.manual_seed(seed)
    width = told.shape[1]
    net = nn.ModuleDict(
        {
            "inner": nn.Linear(width, recipe.hidden),
            "outer": nn.Linear(recipe.hidden, 1),
            "straight": nn.Linear(width, 1, bias=False),
        }
    )
    nn.init.zeros_(net["straight"].weight)
    steps = max(1, recipe.epochs * (count // recipe.batch))
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    slower = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)

    def score(picked: Ints) -> torch.Tensor:
        x = told[picked]
        units = nn.functional.dropout(net["inner"](x).relu(), recipe.dropout)
        return (net["outer"](units) + net["straight"](x)).squeeze(1)

    order = np.random.default_rng(seed)
    for _ in range(recipe.epochs):
        shuffled = order.permutation(count)
        for start in range(0, max(1, count - recipe.batch + 1), recipe.batch):
            optimiser.zero_grad()
            loss(score, shuffled[start : start + recipe.batch]).backward()
            optimiser.step()
            slower.step()
    torch.set_rng_state(chance)
    return {name: value.detach().double().numpy() for name, value in net.named_parameters()}
