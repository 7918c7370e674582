"""Breaks each promise in a copy of the source: the test that proves it must fail there.

A test that stays green while its promise is broken proves nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from eval.trust.parts import ROOT, Outcome, Part, Settings

TABLES = ("eval.trust.durable_broken", "eval.trust.hostile_broken")  # each has `BREAKS`
LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", "node_modules")
PATIENCE = 900  # seconds for one test


@dataclass(frozen=True, slots=True)
class Break:
    """One promise broken: `old`, which `file` holds once, becomes `new`, and `test` notices."""

    promise: str
    file: str
    old: str
    new: str
    test: str  # as pytest takes it


def breaks() -> list[Break]:
    return [each for table in TABLES for each in import_module(table).BREAKS]


def noticed(each: Break, copy: Path) -> str:
    """Empty where the test fails in the copy with the break, else what is wrong, in a line."""
    file = copy / each.file
    text = file.read_text(encoding="utf-8")
    if text.count(each.old) != 1:
        return f"{each.file} holds {text.count(each.old)} times: {each.old!r}"
    file.write_text(text.replace(each.old, each.new), encoding="utf-8")
    try:
        return "" if _exit_code(each.test, copy) == 1 else f"{each.test} does not notice"
    except subprocess.TimeoutExpired:
        return f"{each.test} has not ended after {PATIENCE} s"
    finally:
        file.write_text(text, encoding="utf-8")


def _exit_code(test: str, copy: Path) -> int:
    """Of pytest: 0 all passed, 1 some failed, more where the tests could not be run."""
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *test.split()]
    done = subprocess.run(
        words,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return done.returncode


def _run(settings: Settings) -> Outcome:
    copy = settings.scratch / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    wanted = breaks()[: settings.count]
    lines = []
    for number, each in enumerate(wanted, 1):
        print(f"  {number}/{len(wanted)} {each.promise}", file=sys.stderr, flush=True)
        if wrong := noticed(each, copy):
            lines.append(f"{each.promise}: {wrong}")
    return Outcome(
        len(wanted),
        tuple(lines),
        f"{len(wanted) - len(lines)} of {len(wanted)} noticed",
        {each.promise: each.test for each in wanted},
    )


PART = Part("broken", "a promise broken in the source is noticed", "breaks", _run)
