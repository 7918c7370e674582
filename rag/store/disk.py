"""Files that are written once: flushed, checked by checksum, put in place by a rename."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import stat
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import RagError

TEMPORARY = "tmp-"
SCRATCH = "rag-view-"
DAMAGED = "damaged-"
STILL = 2_000_000_000  # ns without a write, after which another has another time for certain
KNOWN = 10_000  # checksums that are remembered


# What the system lacks, or does not permit, says nothing of a file.
WANTING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def make(folder: Path) -> None:
    """Make a folder and those around it, so that they are there after a loss of power too."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        flush(path.parent)


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A new folder that gets the name `folder` when the block ends, unless that fails.

    Raises RagError where `folder` holds something already.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise RagError(f"{folder}: is there already; name a folder that is empty or not there")
    folder = folder.absolute()
    make(folder.parent)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        temporary.rename(folder)
        flush(folder.parent)
    finally:
        discard(temporary)


def _umask() -> int:
    """What new files and folders are not open to."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


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


def manifest(path: Path, *, anew: bool = False) -> str:
    """JSON of size and CRC-32 of each file; lock files do not count.

    A file that this process has read before, and nobody wrote since, is read again only `anew`.
    """
    return json.dumps(
        {
            file.relative_to(path).as_posix(): [file.stat().st_size, _checksum(file, anew=anew)]
            for file in sorted(_below(path))
            if file.is_file() and not file.name.endswith(".lock")
        },
        sort_keys=True,
    )


def intact(path: Path, expected: str, *, anew: bool = False) -> bool:
    """Whether the files are there, can be read and have their checksums. Raises OSError."""
    try:
        return path.exists() and manifest(path, anew=anew) == expected
    except OSError as error:  # being swept at this moment, or a bad sector
        if wanting(error):
            raise
        return False


def wanting(error: Exception) -> bool:
    """Whether the system lacks room, memory or open files; FAISS and tantivy say so in words."""
    if isinstance(error, OSError):
        return error.errno in WANTING
    return any(os.strerror(number) in str(error) for number in WANTING)


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


class Scratch:
    """A folder of this process in the system's temporary folder.

    It is locked, so that what a killed process left is known: nobody holds its lock.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=SCRATCH))
        try:
            self._lock = os.open(self.path, os.O_RDONLY)
        except OSError:
            self.path.rmdir()
            raise
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def discard(self) -> None:
        """Delete it, or leave that to `sweep_scratch` where it cannot be done now."""
        with suppress(OSError):
            discard(self.path)
        os.close(self._lock)


def sweep_scratch() -> None:
    """Delete such folders of processes that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # somebody else's, or just gone
            continue
        try:
            age = time.time() - os.fstat(lock).st_mtime
            if os.fstat(lock).st_uid == os.geteuid() and age > 1:  # else perhaps not locked yet
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                discard(path)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


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


def sweep(
    folder: Path, kinds: Iterable[str], keep: Iterable[str], *, damaged: bool = False
) -> None:
    """Delete leftovers of killed runs, and caches of these kinds that are not to be kept.

    What was set aside stays, unless `damaged`. Only names that this module's callers give: the
    folder may hold a user's own files.
    """
    cache = "|".join(kinds)
    names = rf"(?:{TEMPORARY})?(?:{cache})-\d+|{TEMPORARY}(?:published|catalog\S*)"
    if damaged:
        names += rf"|{DAMAGED}(?:(?:{cache})-\d+|catalog\S*)-\d+"
    ours = re.compile(names)
    for path in folder.iterdir():
        if ours.fullmatch(path.name) and path.name not in keep:
            discard(path) if path.is_dir() else path.unlink()


def _below(path: Path) -> list[Path]:
    return [*path.rglob("*"), path]


def identity(path: Path) -> tuple[int, ...]:
    """The same for all names of a file, until it is written."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


_sums: dict[tuple[int, ...], int] = {}  # what `_checksum` found, by identity


def _checksum(path: Path, *, anew: bool) -> int:
    *_, written = key = identity(path)
    if not anew and (known := _sums.get(key)) is not None:
        return known
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    if time.time_ns() - written > STILL:
        if len(_sums) >= KNOWN:
            _sums.clear()
        _sums[key] = value
    return value
