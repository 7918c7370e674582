"""Cleaning, judged on saved web pages whose lines are marked as article or not.

`folder` holds the pages and `gold.jsonl`: per page `file`, `published` (a date or null), and line
numbers from 1 under `keep` (article), `drop` (anything else) and `either`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import read_jsonl
from rag.ingest import read_file

LARGEST = 20_000_000  # bytes of a page


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of one page: article lines lost, other lines left, and its date."""

    file: str
    lost: tuple[str, ...]
    left: tuple[str, ...]
    keep: int
    drop: int
    date_right: bool


def judge(folder: Path) -> list[Cleaned]:
    """Clean every page. A line counts as kept when the document's text holds it."""
    return [_judge(folder, row) for _, row in read_jsonl(folder / "gold.jsonl")]


def _judge(folder: Path, row: dict[str, Any]) -> Cleaned:
    path = folder / row["file"]
    lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n")]
    ((document, _),) = read_file(path, row["file"], LARGEST).documents
    held = Counter(line.strip() for line in document.text.split("\n"))
    # A date that stands before the text of its line is cut off that line.
    first = document.text.split("\n", 1)[0].strip()
    kept = {n: held[line] > 0 or line.endswith(first) for n, line in enumerate(lines, 1)}
    published = document.published and str(document.published)
    return Cleaned(
        file=row["file"],
        lost=tuple(lines[n - 1] for n in row["keep"] if not kept[n]),
        left=tuple(lines[n - 1] for n in row["drop"] if kept[n]),
        keep=len(row["keep"]),
        drop=len(row["drop"]),
        date_right=published == row["published"],
    )


def report(folder: Path) -> str:
    """Totals over all pages, in lines."""
    pages = judge(folder)
    lost, left = sum(len(p.lost) for p in pages), sum(len(p.left) for p in pages)
    keep, drop = sum(p.keep for p in pages), sum(p.drop for p in pages)
    return (
        f"{len(pages)} pages: {lost} of {keep} article lines lost, {left} of {drop} other lines "
        f"left, {sum(p.date_right for p in pages)} dates right"
    )
