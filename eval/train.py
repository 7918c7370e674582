"""Learns the weights of the ranking, and says how well such weights do where they were not learned.

The model is a weighted sum of `rag.search.features`. It maximises the likelihood of the right
candidates under a softmax over all candidates of a question (listwise: Cao and others 2007), with
every data set counting by its share. Weights have a sign by their meaning, and a small penalty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.listwise import fit_listwise
from eval.measures import ndcg
from eval.pools import Asked, Floats, Pool, Task, pools, tasks
from eval.significance import bootstrap
from rag import Config
from rag.embed import open_embedder
from rag.progress import progress_bar
from rag.search.features import FEATURES
from rag.search.fusion import FILE
from rag.types import Vectors

Ints = NDArray[np.int_]

FOLDS = 5
PENALTY = 1e-5  # of the sum of the squares, beside a mean loss of some 0.5
COSINES = ("best sentence", "three best", "passage", "title")  # their weights sum to 1
ALONE = ("passage", "best sentence")  # shown for comparison
DOWN = ("length",)  # weights that may not be positive; the others may not be negative
DECIMALS = 4
SHARES = (3.0, 0.3, 0.2, 0.2, 3.0)  # of the loss, by task: hard questions would outweigh the others


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """`weights` and `drift` from all questions; per task the nDCG@10 of each in its own fold."""

    weights: Floats
    drift: Vectors
    model: str
    figures: Mapping[str, Mapping[str, float]]  # task → question → nDCG@10
    named: tuple[Task, ...]


def fit_all(
    named: Sequence[Task],
    found: list[list[Pool]],
    drifts: Vectors,
    model: str,
    without: Sequence[str] = (),
) -> Trained:
    """Learn once for each fold from the others, and once from all questions."""
    figures: dict[str, dict[str, float]] = {task.name: {} for task in named}
    for fold in range(FOLDS):
        weights = _fit(found, drift=fold, leave_out=fold, without=without)
        for task, group in zip(named, found, strict=True):
            for pool in group:
                if pool.asked.fold == fold:
                    scores = pool.with_drift(fold) @ weights
                    figures[task.name][pool.asked.id] = judge(pool, scores)
    weights = _fit(found, drift=FOLDS, leave_out=None, without=without)
    weights /= sum(weights[FEATURES.index(name)] for name in COSINES)
    return Trained(weights, drifts[FOLDS], model, figures, tuple(named))


def _collect(named: Sequence[Task]) -> tuple[list[list[Pool]], Vectors, str]:
    """The pools of each task, and the drift of each fold's other questions, then that of all."""
    embedder = open_embedder(Config.load())
    questions = [asked for task in named for asked in task.questions]
    found: list[list[Pool]] = []
    stacked = embedder.embed_queries([asked.text for asked in questions])
    drifts = np.stack([_drift(stacked, questions, fold) for fold in (*range(FOLDS), None)])
    with progress_bar("Asking") as progress:
        done = 0
        for task in named:
            with task.open() as assistant:
                group = []
                for pool in pools(assistant, task.questions, drifts):
                    group.append(pool)
                    progress(done := done + 1, len(questions))
            found.append(group)
    return found, drifts, embedder.name


def _drift(vectors: Vectors, questions: Sequence[Asked], leave_out: int | None) -> Vectors:
    """The unit vector from the mean of English questions to that of German ones.

    Only of questions that were translated, which are those of the sets that are judged by
    document: else the difference would be that of what they ask about.
    """
    means = [
        np.mean(
            [
                vector
                for vector, q in zip(vectors, questions, strict=True)
                if q.language == language and q.fold != leave_out and q.by_document
            ],
            axis=0,
        )
        for language in ("de", "en")
    ]
    drift: Vectors = (means[0] - means[1]) / np.linalg.norm(means[0] - means[1])
    return drift


def _fit(
    found: list[list[Pool]], drift: int, leave_out: int | None, without: Sequence[str]
) -> Floats:
    kept = [[p for p in group if p.asked.fold != leave_out and p.right.any()] for group in found]
    pools_ = [pool for group in kept for pool in group]
    shares = np.array(
        [share / len(group) for share, group in zip(SHARES, kept, strict=True) for _ in group]
    )
    rows = np.concatenate([pool.with_drift(drift) for pool in pools_])
    right = np.concatenate([pool.right for pool in pools_])
    sizes = np.array([len(pool.right) for pool in pools_])
    middle = rows.mean(axis=0)
    rows = rows - middle  # no constant matters, and small numbers are summed exactly

    bounds = [
        (0, 0) if name in without else (None, 0) if name in DOWN else (0, None) for name in FEATURES
    ]
    start = np.array([10.0 if name in COSINES else 0.0 for name in FEATURES])
    start[[name in without for name in FEATURES]] = 0
    return fit_listwise(rows, right, sizes, shares, start=start, penalty=PENALTY, bounds=bounds)


def judge(pool: Pool, scores: Floats) -> float:
    """nDCG@10 of a question's items, each where its best candidate stands."""
    ranking: dict[str, bool] = {}
    for number in np.argsort(-scores, kind="stable").tolist():
        ranking.setdefault(str(pool.items[number]), bool(pool.right[number]))
    total = len(pool.asked.gold) if pool.asked.by_document else int(pool.right.sum())
    return ndcg(list(ranking.values()), max(1, total), 10)


def table(full: Trained, others: Mapping[str, Trained]) -> str:
    """nDCG@10 out of fold by task and language of the question.

    For all features with the standard deviation over the folds and the 95 % interval over the
    questions; beside it the means of other ways to rank.
    """
    lines = [f"{'':16}{'all  ± sd  (95 %)':28}" + "".join(f"{name:>22}" for name in others)]
    for task in full.named:
        for language in ("de", "en"):
            asked = [each for each in task.questions if each.language == language]
            means = [np.mean(_values(other, task, asked)) for other in others.values()]
            lines.append(
                f"{task.name + ', ' + language:16}{_spread(full, task, asked):28}"
                + "".join(f"{mean:22.4f}" for mean in means)
            )
    return "\n".join(lines)


def _values(trained: Trained, task: Task, asked: Sequence[Asked]) -> Floats:
    return np.array([trained.figures[task.name][each.id] for each in asked])


def _spread(trained: Trained, task: Task, asked: Sequence[Asked]) -> str:
    values = _values(trained, task, asked)
    folds = np.array([each.fold for each in asked])
    by_fold = [values[folds == fold].mean() for fold in set(folds.tolist())]
    low, high = bootstrap(values[:, None])
    return f"{values.mean():.4f} ±{np.std(by_fold):.3f} ({low[0]:.3f}–{high[0]:.3f})"


def write(trained: Trained, path: Path = FILE) -> None:
    """The model as JSON."""
    weights = {
        name: round(float(weight), DECIMALS)
        for name, weight in zip(FEATURES, trained.weights, strict=True)
    }
    form = {
        "made by": "python -m eval train --write",
        "trained on": [task.name for task in trained.named],
        "licences": "XQuAD and XQuAD-R: CC BY-SA 4.0; OMoS-QA: CC BY 4.0",
        "model": trained.model,
        "weights": weights,
        "drift": [round(float(value), DECIMALS) for value in trained.drift],
    }
    path.write_text(json.dumps(form, indent=1) + "\n", encoding="utf-8")


def report(data: Path, *, ablate: bool = False, to_write: bool = False) -> str:
    """The table and the weights; with `ablate` also what is lost without each feature."""
    named = tasks(data, FOLDS)
    found, drifts, model = _collect(named)
    fit = partial(fit_all, named, found, drifts, model)
    full = fit()
    alone = {name: fit([other for other in FEATURES if other != name]) for name in ALONE}
    others = {f"{name} alone": trained for name, trained in alone.items()}
    if ablate:
        others |= {f"no {name}": fit([name]) for name in FEATURES}
    if to_write:
        write(full)
    weights = (f"{name:16}{w:8.4f}" for name, w in zip(FEATURES, full.weights, strict=True))
    return "\n".join(["nDCG@10 out of fold", table(full, others), "", *weights])
