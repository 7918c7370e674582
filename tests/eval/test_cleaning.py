"""The cleaner on pages that were written without sight of its rules."""

from __future__ import annotations

import json
from pathlib import Path

from eval.cleaning import judge, report

PAGES = Path(__file__).parents[1] / "data" / "dirty"


def test_hardly_an_article_line_is_lost_and_most_of_the_rest_is_gone() -> None:
    pages = judge(PAGES)
    assert sum(len(p.lost) for p in pages) <= 0.02 * sum(p.keep for p in pages)
    assert sum(len(p.left) for p in pages) <= 0.4 * sum(p.drop for p in pages)
    assert sum(p.date_right for p in pages) >= 0.9 * len(pages)


def test_lines_and_date_are_counted(tmp_path: Path) -> None:
    body = "Das Werk in Halle baut seit Montag wieder Autos, wie ein Sprecher am Abend sagte."
    (tmp_path / "a.txt").write_text(f"03.02.2026\n{body}\n© Foto: Max Muster\n", encoding="utf-8")
    row = {"file": "a.txt", "published": "2026-02-03", "keep": [2], "drop": [3], "either": [1]}
    (tmp_path / "gold.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert report(tmp_path) == (
        "1 pages: 0 of 1 article lines lost, 0 of 1 other lines left, 1 dates right"
    )
