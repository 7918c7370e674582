"""What readers say of answers: a line of JSON each, beside the index, and as test questions."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

FILE = "feedback.jsonl"  # beside the index
MOST_BYTES = 50_000_000  # of the file: a page that anyone may write to must not fill the disk

_writing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Quoted:
    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """One verdict on one answer; `quotes` is what the answer cited.

    A follow-up question is kept as it was read, for it says nothing alone.
    """

    verdict: Literal["helpful", "wrong", "missed"]
    question: str
    language: str
    kind: Literal["fact", "list", "conflict", "abstention"]
    reader: str
    quotes: list[Quoted] = field(default_factory=list)
    filtered: bool = False


def keep(feedback: Feedback, path: Path) -> bool:
    """Add a line; False where the file is full. Raises OSError."""
    row = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(feedback)}
    line = json.dumps(row, ensure_ascii=False) + "\n"
    with _writing:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size + len(line.encode()) > MOST_BYTES:
            return False
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
    return True


def forget(path: Path, documents: Collection[str]) -> None:
    """Delete what was said of answers that quote one of these documents. Raises OSError."""
    if not path.exists():
        return
    with _writing:
        left = (
            line
            for line, row in _rows(path)
            if not {quote["document"] for quote in row["quotes"]} & {*documents}
        )
        partial = path.with_name(f".{path.name}.part")
        partial.write_text("".join(left), encoding="utf-8")
        partial.chmod(path.stat().st_mode)
        partial.replace(path)


def questions(path: Path) -> list[dict[str, Any]]:
    """The last verdict on each question as a row that `python -m eval --questions` reads.

    A helpful answer gives the quotes to find, or that there is none, unless a filter left some
    out; of the others only the question is known, and `category` says what was wrong.
    """
    if not path.exists():
        return []
    last = {row["question"]: row for _, row in _rows(path)}
    return [_question(row) for row in last.values()]


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line with what it says; one that a full disk or a kill cut off is left out."""
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:  # others are quoted
        for line in file:
            with suppress(ValueError):
                yield line, json.loads(line)


def _question(row: dict[str, Any]) -> dict[str, Any]:
    key = sha256(row["question"].encode()).hexdigest()[:12]
    question = {
        "id": f"feedback-{key}",
        "question": row["question"],
        "language": row["language"],
        "category": row["verdict"],
    }
    if row["verdict"] != "helpful":
        return question
    if row["kind"] == "abstention":
        return question if row.get("filtered") else {**question, "answerable": False}
    return {
        **question,
        "answerable": True,
        "documents": list(dict.fromkeys(quote["document"] for quote in row["quotes"])),
        "quotes": [quote["quote"] for quote in row["quotes"]],
    }
