"""Files that are written once: flushed, checked by checksum, put in place by a rename."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

TEMPORARY = "tmp-"
DAMAGED = "damaged-"


def flush(path: Path) -> None:
    """Force a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle(temporary: Path, final: Path, like: Path | None = None) -> None:
    """Flush a finished file or folder and give it its name.

    Its files may be read by whoever may read `like`: tantivy keeps some to the user who wrote them.
    """
    for path in _below(temporary):
        if like is not None and path.is_file():
            path.chmod(stat.S_IMODE(like.stat().st_mode))
        flush(path)
    temporary.rename(final)
    flush(final.parent)


def manifest(path: Path) -> str:
    """JSON of size and CRC-32 of each file; lock files do not count."""
    return json.dumps(
        {
            file.relative_to(path).as_posix(): [file.stat().st_size, _checksum(file)]
            for file in sorted(_below(path))
            if file.is_file() and not file.name.endswith(".lock")
        },
        sort_keys=True,
    )


def intact(path: Path, expected: str) -> bool:
    try:
        return path.exists() and manifest(path) == expected
    except FileNotFoundError:  # being swept at this moment
        return False


def mirror(source: Path, target: Path) -> Path:
    """A folder `target` of links to the files of `source`: what opens it writes its locks there."""
    target.mkdir()
    for file in source.rglob("*"):
        link = target / file.relative_to(source)
        if file.is_file() and not file.name.endswith(".lock"):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())
    return target


def link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the system cannot do that.

    For files that are never changed once written.
    """
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)


def twin(source: Path, target: Path) -> None:
    """A folder with the files of tantivy's folder `source`: it writes only its JSON files anew."""
    target.mkdir()
    for file in source.iterdir():
        if file.suffix == ".json":
            shutil.copyfile(file, target / file.name)
        elif not file.name.endswith(".lock"):
            link(file, target / file.name)


def quarantine(folder: Path, name: str) -> Path:
    """Set a damaged file or folder aside under a name that nothing reads; never delete it."""
    number = 1
    while (target := folder / f"{DAMAGED}{name}-{number}").exists():
        number += 1
    return (folder / name).rename(target)


def discard(folder: Path) -> None:
    """Delete a folder in which tantivy may still be about to put a lock, for up to a second."""
    for attempt in range(20):
        try:
            shutil.rmtree(folder)
            return
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY or attempt == 19:
                raise
            time.sleep(0.05)


def sweep(folder: Path, kinds: Iterable[str], keep: Iterable[str]) -> None:
    """Delete leftovers of killed runs, and caches of these kinds that are not to be kept.

    Only names that this module's callers give: the folder may hold a user's own files.
    """
    cache = "|".join(kinds)
    ours = re.compile(rf"(?:{TEMPORARY})?(?:{cache})-\d+|{TEMPORARY}(?:published|catalog\S*)")
    for path in folder.iterdir():
        if ours.fullmatch(path.name) and path.name not in keep:
            discard(path) if path.is_dir() else path.unlink()


def _below(path: Path) -> list[Path]:
    return [*path.rglob("*"), path]


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value
