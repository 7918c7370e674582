"""Small trees of articles on disk, and what an index made of them."""

from __future__ import annotations

import json
from pathlib import Path

from rag.assistant import Assistant
from rag.types import SyncReport

BAHN = "Die Bahn baut eine neue Strecke nach Kassel. Sie kostet rund 20 Millionen Euro."
BANK = "The bank raised its rates on Monday. Analysts had expected that for several weeks."
WIND = "Der Wind dreht heute auf Nord. Am Abend fällt in Kiel etwas Regen."


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rows(path: Path, **texts: str) -> Path:
    """A JSONL file with these ids."""
    return write(path, "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in texts.items()))


def ids(assistant: Assistant) -> list[str]:
    return [info.doc_id for info in assistant.documents()]


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged
