"""`python -m eval speed`: each part by itself, its figures written as it ends, one table of all."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.datasets import DatasetError
from eval.findings import read, write
from eval.speed import answering, asking, charts, engine, growth, indexing, resync, starting
from eval.speed.parts import Part, Row, Settings

PARTS = {
    part.name: part
    for part in (
        indexing.PART,
        indexing.LARGER_PART,
        engine.PART,
        asking.PART,
        growth.PART,
        resync.PART,
        starting.COLD_PART,
        starting.PAGE_PART,
        answering.PART,
    )
}


def report(settings: Settings, names: Sequence[str], to: Path, pictures: Path | None) -> str:
    """Measure the named parts, or those that the file `to` lacks; the table is of all in it.

    Raises DatasetError for a name that is none.
    """
    if unknown := set(names) - PARTS.keys():
        raise DatasetError(f"{min(unknown)} is no part; the parts are {', '.join(PARTS)}")
    done = read(to)
    for name in names or [name for name in PARTS if name not in done]:
        print(f"{name} …", file=sys.stderr, flush=True)
        start, busy = time.time(), os.getloadavg()[0]
        figures = PARTS[name].measure(settings)
        done[name] = {
            **figures,
            "measured": {
                "at": time.strftime("%Y-%m-%d %H:%M", time.localtime(start)),
                "seconds": round(time.time() - start),
                "load_before": busy,  # of other work
                "cores": os.cpu_count(),
                "machine": platform.machine(),
            },
        }
        write(to, done)
        print(table(PARTS[name].rows(figures)), file=sys.stderr, flush=True)
    if pictures is not None and growth.PART.name in done:
        print(charts.draw(done[growth.PART.name], pictures), file=sys.stderr)
    return table([row for name, part in PARTS.items() if name in done for row in _rows(part, done)])


def _rows(part: Part, done: dict[str, Any]) -> Sequence[Row]:
    return part.rows(done[part.name])


def table(rows: Sequence[Row]) -> str:
    """Markdown, as it stands in RESULTS.md."""
    marks = {True: "yes", False: "**no**", None: ""}
    lines = ["| measure | here | beside it | to reach | reached |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.measure} | {row.value} | {row.beside} | {row.reach} | {marks[row.met]} |"
        for row in rows
    ]
    return "\n".join(lines)
