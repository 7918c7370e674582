"""One writer at a time, over all processes. The system frees the lock of a process that died."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import IndexLocked, RagError

FILE = "write.lock"


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's write lock. Raises IndexLocked, which names the holder, at once.

    Raises RagError where nothing can be written.
    """
    try:
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise IndexLocked(
                f"{folder}: process {holder or 'unknown'} is writing to this index; "
                "wait for it to end and run the command again"
            ) from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise _unwritable(folder, error) from None
        yield
    finally:
        os.close(descriptor)


def _unwritable(folder: Path, error: OSError) -> RagError:
    return RagError(
        f"{folder}: the index cannot be written ({error.strerror}); nothing was changed, so "
        "remove the cause and run the command again"
    )
