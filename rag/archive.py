"""An index as one file of JSON lines, to keep or to take elsewhere.

The first line says what the file is, the last one how many lines stand before it and the SHA-256 of
their bytes; `index/README.md` describes those between. The same index always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from rag.errors import SourceError
from rag.store import Row, Store, disk
from rag.store.opening import Index, make_store

VERSION = 1


def write(store: Store, file: Path) -> int:
    """Write all that the index holds: the documents in it. Raises SourceError, IndexDamaged.

    The file appears whole or not at all.
    """
    partial = file.with_name(f".{file.name}.part")
    try:
        with partial.open("xb") as out, store.rows() as rows:
            documents = _write(rows(), out)
        disk.settle(partial, file)
    except OSError as error:
        raise SourceError(
            f"{file}: cannot be written ({error.strerror}); name another file"
        ) from None
    finally:
        partial.unlink(missing_ok=True)
    return documents


def _write(rows: Iterable[Row], out: BinaryIO) -> int:
    digest, lines, documents = hashlib.sha256(), 0, 0
    for row in itertools.chain([{"archive": VERSION}], rows):
        line = _line(row)
        digest.update(line)
        out.write(line)
        lines += 1
        documents += "document" in row
    out.write(_line({"lines": lines, "sha256": digest.hexdigest()}))
    return documents


def _line(row: Row) -> bytes:
    return json.dumps(row, sort_keys=True).encode("ascii") + b"\n"


def read(file: Path, index: Index) -> None:
    """Make an index of what `write` wrote. Raises SourceError before anything is made.

    None may be there, and a folder must be empty; the index appears whole or not at all.
    """
    try:
        _check(file)
        make_store(index, lambda: _rows(file))
    except OSError as error:
        raise SourceError(f"{file}: cannot be read ({error.strerror}); correct the path") from None
    except (LookupError, TypeError, ValueError) as error:
        raise SourceError(
            f"{file}: holds what no archive does ({error!r}); take one that rag export wrote"
        ) from None


def _check(file: Path) -> None:
    """Raises SourceError unless the file is whole and of this version."""
    digest, lines, first, last = hashlib.sha256(), 0, b"", b""
    with file.open("rb") as given:
        for line in given:
            if lines:
                digest.update(last)
            first, last, lines = first or line, line, lines + 1
    kind, end = _parsed(first), _parsed(last)
    if "archive" not in kind:
        raise SourceError(f"{file}: no archive of an index; make one with: rag export FILE")
    if kind["archive"] != VERSION:
        raise SourceError(
            f"{file}: an archive of version {kind['archive']}, this version reads {VERSION}; "
            "use the version that wrote it"
        )
    if end.get("lines") != lines - 1 or end.get("sha256") != digest.hexdigest():
        raise SourceError(
            f"{file}: the archive is damaged or not whole (its checksum is another); "
            "take another copy of it"
        )


def _parsed(line: bytes) -> Row:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _rows(file: Path) -> Iterator[Row]:
    with file.open("rb") as given:
        for line in given:
            row = json.loads(line)
            if "archive" not in row and "sha256" not in row:
                yield row
