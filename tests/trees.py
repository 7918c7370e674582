"""Small trees of articles on disk, and what an index made of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from rag.assistant import Assistant
from rag.store import Candidate
from rag.store.local import LocalStore
from rag.types import Document, Filter, SyncReport

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


def contents(assistant: Assistant) -> tuple[dict[str, Document], dict[str, Candidate]]:
    """All that an index holds: documents by id, chunks with their vectors by id."""
    store = LocalStore(assistant.folder)
    with store.snapshot() as snapshot:
        documents = {
            info.doc_id: snapshot.document(info.doc_id) for info in snapshot.documents(Filter())
        }
        query = np.eye(1, int(store.settings()["dim"]), dtype=np.float32)[0]
        found = snapshot.candidates(query, {}, Filter(), 10_000)
    store.close()
    return documents, {c.chunk.chunk_id: c for c in found}
