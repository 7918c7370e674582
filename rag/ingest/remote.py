"""Files that lie elsewhere: whatever pyarrow or fsspec has an address for (s3://, gs://, …)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag.errors import SourceError, UnreadableFile


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file below an address. Any process that may read the address can `fetch` it."""

    root: str  # the address that was given
    path: str  # as its file system calls it
    relative: str  # to the root, `/` between parts; empty for the root itself
    size: int  # bytes
    changed: int | None  # nanoseconds since 1970, if the file system knows


File = Path | RemoteFile


def is_remote(path: str | Path) -> bool:
    """Whether this is an address (`s3://bucket/news`), not a path of this machine."""
    return isinstance(path, str) and "://" in path


def shown(file: File) -> str:
    """A file's name for messages; a name need not be Unicode."""
    if isinstance(file, RemoteFile):
        return f"{file.root.partition('?')[0].rstrip('/')}/{file.relative}".rstrip("/")
    return str(file).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def find_remote(root: str) -> list[RemoteFile]:
    """Every file below an address, sorted, hidden ones left out; none where there is nothing.

    Raises SourceError for an address that cannot be read.
    """
    system, base = _opened(root)
    from pyarrow.fs import FileSelector, FileType

    try:
        found = system.get_file_info([base])
        if found[0].type != FileType.File:
            found = system.get_file_info(FileSelector(base, recursive=True, allow_not_found=True))
    except (OSError, ValueError) as error:
        raise _unreadable(root, error) from None
    start = base.strip("/")
    return sorted(
        (
            RemoteFile(root, info.path, relative, info.size, info.mtime_ns)
            for info in found
            if info.type == FileType.File
            for relative in [info.path.strip("/").removeprefix(start).strip("/")]
            if not any(part.startswith(".") for part in relative.split("/"))
        ),
        key=lambda file: file.relative,
    )


def fetch(file: RemoteFile, limit: int) -> bytes:
    """The content. Raises UnreadableFile for one of more than `limit` bytes, else OSError."""
    name = shown(file)
    if file.size > limit:
        raise UnreadableFile(name, too_large(file.size, limit))
    with _opened(file.root)[0].open_input_stream(file.path) as stream:
        data: bytes = stream.read(limit + 1)  # it may be another by now
    if len(data) > limit:
        raise UnreadableFile(name, too_large(len(data), limit))
    return data


def too_large(size: int, limit: int) -> str:
    return f"too large: {size} bytes, the limit is {limit}; split it or raise max_file_bytes"


@functools.lru_cache(maxsize=16)
def _opened(root: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    parts = urlsplit(root)
    if parts.password is not None:
        raise SourceError(
            f"{parts.hostname}: the address holds a password, which the index would keep; "
            "give it by the environment (AWS_ACCESS_KEY_ID and the like)"
        )
    try:
        from pyarrow.fs import FileSystem
    except ImportError:
        raise SourceError(
            f"{root}: addresses need the package pyarrow; run: pip install 'rag[ray]'"
        ) from None
    try:
        try:
            system, base = FileSystem.from_uri(root)
        except ValueError:  # none of pyarrow's own
            system, base = FileSystem.from_uri(f"fsspec+{root}")
    except (OSError, ValueError, ImportError) as error:
        raise _unreadable(root, error) from None
    return system, base


def _unreadable(root: str, error: Exception) -> SourceError:
    reason = " ".join(str(error).split())[:300]
    return SourceError(f"{root}: cannot be read ({reason}); check the address and who may read it")
