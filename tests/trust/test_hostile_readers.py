"""Files that are made to break a reader: it stays exact, quick and small, or refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from eval.trust.hostile_files import FILES, SECONDS, examine
from eval.trust.hostile_fuzz import fuzz
from rag.ingest import read_file

SMALL = 20_000  # bytes; `python -m eval trust --part files` tries 20 MB


def test_a_hostile_file_is_read_or_refused_in_bounded_time_and_memory(tmp_path: Path) -> None:
    done = list(examine(list(FILES), SMALL, tmp_path))
    assert [wrong for _, _, wrong in done if wrong] == []
    assert len(done) >= 80
    assert sum(float(str(found["seconds"])) for _, found, _ in done) < SECONDS


def test_any_bytes_are_an_article_with_exact_spans_or_refused(tmp_path: Path) -> None:
    wrong, tried = fuzz(400, 1, tmp_path)
    assert wrong == []
    assert tried["articles"] >= 40


@pytest.mark.parametrize("filler", ["\n", " \n", "#\n", "\t\n\n", "# \n\n"])
def test_blank_front_matter_costs_no_time(filler: str) -> None:
    """In a process of its own, which can be ended."""
    script = (
        "import sys, time; from rag.ingest.frontmatter import split_front_matter\n"
        "for lines in (22, 10_000):\n"
        "    begun = time.process_time()\n"
        "    text = f'---\\n{sys.argv[1] * lines}---\\nEin Satz.'\n"
        "    assert split_front_matter(text, 'a.md')[1].endswith('Ein Satz.')\n"
        "    assert time.process_time() - begun < 2"
    )
    subprocess.run([sys.executable, "-c", script, filler], timeout=20, check=True)


@pytest.mark.parametrize("blank", ["\n" * 40, " \n" * 25, "\u3000\n" * 30, "\x1c\n" * 21])
def test_a_row_may_begin_with_any_blank_lines(tmp_path: Path, blank: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"id": "a", "text": f"{blank}Der Titel\nEin Satz."}))
    ((document, _),) = read_file(file, "a", 1_000_000).documents
    assert document.title == "Der Titel"
