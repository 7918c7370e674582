"""Run parts one by one; what each found is written as it ends, and one table shows all."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.findings import read, write
from eval.trust import MODULES, part
from eval.trust.parts import Outcome, Settings

Found = Mapping[str, Any]  # of one part, as it stands in the JSON
SHOWN = 20  # lines of what was broken


def report(
    names: Sequence[str], to: Path, *, count: int | None, minutes: float | None, scratch: Path
) -> tuple[str, bool]:
    """Run the named parts, or those that the file `to` lacks: a table of all, and if all held.

    Raises DatasetError for a name that is none.
    """
    chosen = [part(name) for name in names]
    done = read(to)
    scratch.mkdir(parents=True, exist_ok=True)
    for one in chosen or [part(name) for name in MODULES if name not in done]:
        print(f"{one.name} …", file=sys.stderr, flush=True)
        start = time.time()
        with TemporaryDirectory(prefix="rag-trust-", dir=scratch) as folder:
            outcome = one.run(Settings(Path(folder), count, minutes))
        done[one.name] = _as_json(outcome, start)
        write(to, done)
        for line in outcome.broken[:SHOWN]:
            print(f"  broken: {line}", file=sys.stderr, flush=True)
    return table(done), all(not found["broken"] for found in done.values())


def _as_json(outcome: Outcome, start: float) -> dict[str, Any]:
    return {
        "tried": outcome.tried,
        "broken": list(outcome.broken),
        "shown": outcome.shown,
        "figures": dict(outcome.figures),
        "at": time.strftime("%Y-%m-%d %H:%M", time.localtime(start)),
        "seconds": round(time.time() - start),
    }


def table(done: Mapping[str, Found]) -> str:
    """Markdown, as it stands in RESULTS.md."""
    lines = ["| part | promise | tried | broken | figures |", "|---|---|---:|---:|---|"]
    for name in MODULES:
        if name in done:
            found, one = done[name], part(name)
            lines.append(
                f"| `{name}` | {one.promise} | {found['tried']:,} {one.unit} "
                f"| {len(found['broken'])} | {found['shown']} |"
            )
    return "\n".join(lines)
