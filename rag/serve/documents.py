"""Articles that a client sends: kept as files beside the index, which a sync then reads."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from starlette.datastructures import UploadFile

from rag.assistant import Assistant
from rag.config import Config
from rag.serve.errors import Problem, Refused
from rag.serve.forms import NewDocument
from rag.types import SyncReport
from rag.uploads import keep_uploads

MOST_FILES = 100  # in one request
LONGEST_NAME = 200  # bytes; a file system takes 255, and keeping a file adds to them


def add_files(assistant: Assistant, config: Config, files: Sequence[UploadFile]) -> SyncReport:
    """Keep and index them. Raises Refused if not one article came of it."""
    refused: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="rag-upload-") as folder:
        arrived = []
        for number, file in enumerate(files):
            name = Path((file.filename or "").replace("\\", "/")).name
            if not name.isprintable() or not 0 < len(name.encode()) <= LONGEST_NAME:
                refused.append((file.filename or "", "the name cannot be one of a file"))
                continue
            place = Path(folder, str(number), name)  # two may have the same name
            place.parent.mkdir()
            with place.open("wb") as target:
                shutil.copyfileobj(file.file, target)
            arrived.append(str(place))
        return _index(assistant, config, arrived, refused)


def add_rows(assistant: Assistant, config: Config, rows: Sequence[NewDocument]) -> SyncReport:
    """Index them under their ids, each in a file of its own, which a later one replaces."""
    with tempfile.TemporaryDirectory(prefix="rag-upload-") as folder:
        arrived = {}
        for row in rows:
            name = hashlib.sha256(row.id.encode()).hexdigest()[:32]
            place = Path(folder, f"{name}.jsonl")
            place.write_text(json.dumps(row.model_dump(exclude_none=True)), encoding="utf-8")
            arrived[row.id] = str(place)
        if len(arrived) < len(rows):
            raise _nothing("two of the documents have the same id", "send each once")
        return _index(assistant, config, list(arrived.values()), [])


def _index(
    assistant: Assistant, config: Config, files: list[str], refused: list[tuple[str, str]]
) -> SyncReport:
    kept, more = keep_uploads(files, assistant.folder / "uploads", config.max_file_bytes)
    # What is sent is meant to be there, also where it was removed before.
    report = assistant.sync(kept, restore=True) if kept else SyncReport()
    own = ((Path(path).name, reason) for path, reason in report.skipped)
    report = replace(report, skipped=(*refused, *more, *own))
    if not report.added + report.updated + report.unchanged:
        name, reason = report.skipped[0] if report.skipped else ("the request", "no article")
        raise _nothing(f"{name}: {reason}", "mend it and send it again")
    return report


def _nothing(message: str, remedy: str) -> Refused:
    return Refused(Problem(422, "nothing_indexed", message, remedy))
