"""The embedded engine: a server inside this process for each `.db` file that it has open.

It writes the files that it searches (`indexes/`) without care for a kill, and does not open what
such a one has cut. They are made of its data, so those of a process that did not end are deleted.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexLocked, RagError

CLOSED = "closed"  # in the folder of a file that nobody has open, nor had when he was killed


@dataclass(slots=True)
class _Served:
    port: int
    stop: Callable[[], None]
    users: int = 0


_open: dict[str, _Served] = {}  # of this process, which may hold a file just once
_lock = threading.Lock()


def serve(path: Path) -> int:
    """The port at which this file is served; `release` gives it up.

    Raises IndexLocked where another process has the file.
    """
    with _lock:
        if (known := _open.get(str(path))) is None:
            known = _open[str(path)] = _start(path)
        known.users += 1
        return known.port


def release(path: Path) -> None:
    with _lock:
        served = _open[str(path)]
        served.users -= 1
        if not served.users:
            del _open[str(path)]
            served.stop()


def _start(path: Path) -> _Served:
    # A walk asks for a timestamp, which the engine does not know, and goes on without.
    logging.getLogger("grpc._server").setLevel(logging.CRITICAL)
    from milvus_lite.adapter.grpc.server import start_server_in_thread
    from milvus_lite.exceptions import DataDirLockedError

    try:
        server, held, port = start_server_in_thread(str(path))
    except DataDirLockedError:
        raise IndexLocked(
            f"{path}: another process has this index open, and a .db file serves one at a time; "
            "end it, or serve the file with milvus-lite server (docs/milvus.md)"
        ) from None
    except OSError as error:
        raise RagError(
            f"{path}: cannot be the file of an index ({error.strerror}); choose another"
        ) from None

    if not (path / CLOSED).exists():
        for file in path.glob("**/partitions/*/indexes/*"):
            file.unlink()
    (path / CLOSED).unlink(missing_ok=True)

    def stop() -> None:
        server.stop(grace=2).wait()
        held.close()
        if path.exists():
            (path / CLOSED).touch()

    return _Served(port, stop)
