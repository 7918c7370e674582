"""Uploaded files: taken over into a folder that a sync then reads, where they hold an article."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from rag.errors import UnreadableFile
from rag.ingest.read import read_file

UPLOAD_SUFFIXES = (".txt", ".md", ".html", ".jsonl")


def keep_uploads(
    files: Iterable[str], folder: Path, limit: int
) -> tuple[list[Path], list[tuple[str, str]]]:
    """Move files into `folder`: those kept, and those refused with the reason, which are deleted.

    Only the last part of a name counts. A file of the same name is replaced, but not by one that
    holds no article.
    """
    kept: list[Path] = []
    refused: list[tuple[str, str]] = []
    for file in map(Path, files):
        name = file.name.lstrip(".")
        if Path(name).suffix.lower() not in UPLOAD_SUFFIXES:
            refused.append((file.name, f"not one of {' '.join(UPLOAD_SUFFIXES)}"))
            file.unlink()
        elif file.stat().st_size > limit:
            refused.append((file.name, f"larger than {limit} bytes"))
            file.unlink()
        elif unread := _unread(file, limit):
            refused += unread
            file.unlink()
        else:
            folder.mkdir(parents=True, exist_ok=True)
            arriving = Path(shutil.move(file, folder / f".{name}"))  # hidden from a sync
            kept.append(arriving.replace(folder / name))
    return kept, refused


def _unread(file: Path, limit: int) -> list[tuple[str, str]]:
    """Why nothing in a file is an article, with the line of each row; empty where something is."""
    try:
        reading = read_file(file, file.name, limit)
    except UnreadableFile as error:
        return [(file.name, error.reason)]
    if reading.documents:
        return []
    rows = [(Path(error.path).name, error.reason) for error in reading.skipped]
    return rows or [(file.name, "empty file")]
