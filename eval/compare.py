"""Two runs of `python -m eval retrieval --json`, or of `answers`, compared query by query."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from eval.datasets import DatasetError
from eval.significance import bootstrap, randomisation

Splits = dict[str, dict[str, Any]]


def table(first: Path, second: Path) -> str:
    """Per split and measure: both means, by how much the second is higher, and p.

    Raises DatasetError where the files do not answer the same queries.
    """
    before, after = _read(first), _read(second)
    _check(before, after, f"{first} and {second}")
    wide = max(5, max(map(len, before), default=0))
    named = max([8, *(len(name) for each in before.values() for name in each["measures"])])
    lines = [
        f"{'split':{wide}}{'n':>6}  {'measure':{named}}      A       B      B−A  95 % interval"
        f"{'p':>14}"
    ]
    for split, old in before.items():
        queries = list(old["per_query"])
        groups = old["groups"] and [old["groups"][query] for query in queries]
        names = list(old["measures"])
        a, b = (
            np.array([[each["per_query"][q][name] for name in names] for q in queries])
            for each in (old, after[split])
        )
        low, high = bootstrap(b - a, groups)
        p = randomisation(b - a, groups)
        lines += [
            f"{split:{wide}}{len(queries):6}  {name:{named}}"
            f"{a[:, n].mean():7.4f}{b[:, n].mean():8.4f}"
            f"{(b - a)[:, n].mean():+9.4f}  [{low[n]:+.4f}, {high[n]:+.4f}]{p[n]:9.4f}"
            for n, name in enumerate(names)
        ]
    return "\n".join(lines)


def _read(path: Path) -> Splits:
    try:
        splits: Splits = json.loads(path.read_text(encoding="utf-8"))["splits"]
        # What the comparison needs stands at its place, or the file is none of ours.
        for each in splits.values():
            for row in each["per_query"].values():
                if not all(math.isfinite(row[name]) for name in each["measures"]):
                    raise ValueError
            _ = each["groups"] and [each["groups"][query] for query in each["per_query"]]
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; name a file of --json") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DatasetError(
            f"{path}: not figures of retrieval; make it by: python -m eval retrieval DIR --json F"
        ) from None
    return splits


def _check(before: Splits, after: Splits, files: str) -> None:
    if before.keys() != after.keys():
        raise DatasetError(
            f"{files}: splits {', '.join(before)} against {', '.join(after)}; "
            "measure both with the same --split"
        )
    for split, old in before.items():
        new = after[split]
        if odd := old["per_query"].keys() ^ new["per_query"].keys():
            raise DatasetError(
                f"{files}: {len(odd)} queries of {split} stand in one of them only, such as "
                f"{min(odd)!r}; measure both on the same data"
            )
        if set(old["measures"]) != set(new["measures"]):
            raise DatasetError(f"{files}: measures of {split} differ; measure both anew")
        if old["groups"] != new["groups"]:
            raise DatasetError(
                f"{files}: groups of {split} differ; measure both with the same --group-by"
            )
