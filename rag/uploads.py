"""Uploaded files: taken over into a folder that a sync then reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

UPLOAD_SUFFIXES = (".txt", ".md", ".html", ".jsonl")


def keep_uploads(
    files: Iterable[str], folder: Path, limit: int
) -> tuple[list[Path], list[tuple[str, str]]]:
    """Move files into `folder`: those kept, and those refused with the reason, which are deleted.

    Only the last part of a name counts. A file of the same name is replaced.
    """
    kept, refused = [], []
    for file in map(Path, files):
        name = file.name.lstrip(".")
        if Path(name).suffix.lower() not in UPLOAD_SUFFIXES:
            refused.append((file.name, f"not one of {' '.join(UPLOAD_SUFFIXES)}"))
            file.unlink()
        elif file.stat().st_size > limit:
            refused.append((file.name, f"larger than {limit} bytes"))
            file.unlink()
        else:
            folder.mkdir(parents=True, exist_ok=True)
            arriving = Path(shutil.move(file, folder / f".{name}"))  # hidden from a sync
            kept.append(arriving.replace(folder / name))
    return kept, refused
