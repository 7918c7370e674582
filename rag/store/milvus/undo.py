"""What rows were before they are replaced.

The embedded engine takes the old rows away before it adds the new ones, and a kill in between loses
both. So the old ones are written down first, and put back when the folder is opened again.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rag.errors import RagError

_numbers = itertools.count()
NAME = "replaced-"  # begins the names of the files
_SPARSE = "words"  # a vector of this field is no list: its columns are numbers, unlike JSON's keys


def note(folder: Path, table: str, rows: Iterable[dict[str, Any]]) -> Path:
    """The file that says so, to be deleted when they are replaced or back. Raises RagError."""
    path = folder / f"{NAME}{next(_numbers):09}.json"
    try:
        with path.with_suffix(".new").open("w", encoding="ascii") as file:
            json.dump([table, list(map(_listed, rows))], file, default=float)
            file.flush()
            os.fsync(file.fileno())
        return path.with_suffix(".new").rename(path)
    except OSError as error:
        raise RagError(
            f"{folder}: the index cannot be written ({error.strerror}); what was committed "
            "stays, so remove the cause and run the command again"
        ) from None


def left(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The table and rows of each replacement that did not end, which is forgotten afterwards."""
    for path in sorted(folder.glob(f"{NAME}*.json")):
        table, rows = json.loads(path.read_bytes())
        yield table, [_row(row) for row in rows]
        path.unlink()
    for path in folder.glob(f"{NAME}*.new"):  # its rows were not replaced yet
        path.unlink()


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {_SPARSE: list(row[_SPARSE].items())} if _SPARSE in row else row


def _row(listed: dict[str, Any]) -> dict[str, Any]:
    return listed | {_SPARSE: dict(listed[_SPARSE])} if _SPARSE in listed else listed
