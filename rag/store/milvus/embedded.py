"""The embedded engine: a server of its own for each `.db` folder that this process has open.

It is the compiled engine of milvus-lite 2, which keeps its rows in SQLite. It listens on a socket
that only this user can reach, and ends with this process, however that ends.

    python -m rag.store.milvus.embedded ./archive.db 19530     serves it to this machine
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from rag.errors import IndexLocked, IndexMismatch, RagError

DATA = "data.db"  # the engine's file in the folder
HELD = "held"  # its lock is that of this process and of the engine; it says which process
ALIVE = "alive"  # its lock is that of this process alone; the engine ends when it is free
SCRATCH = "rag-milvus-"  # begins the name of a temporary folder
WAIT = 10.0  # seconds for an engine to start, or for that of a process that was killed to end
LONGEST = 70  # characters of the temporary folder: the path of a socket has some 100
LOOK = 0.01  # seconds between two looks


class MissingEngine(ModuleNotFoundError):
    """milvus-lite is not there, or a release without the compiled engine."""


class Gate:
    """Several may read at once, or one replace rows, which are out of sight meanwhile."""

    def __init__(self) -> None:
        self._readers = self._waiting = 0
        self._changed = threading.Condition()

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def replacing(self) -> Iterator[None]:
        with self._changed:  # which is held to the end, but while this waits
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._readers)
                yield
            finally:
                self._waiting -= 1
                self._changed.notify_all()


@dataclass(slots=True)
class Served:
    process: subprocess.Popen[bytes]
    address: str
    held: IO[bytes]
    alive: IO[bytes]
    scratch: Path
    gate: Gate = field(default_factory=Gate)
    users: int = 1


_open: dict[Path, Served] = {}  # of this process, which may have a folder open just once
_lock = threading.RLock()


def serve(path: Path) -> tuple[Served, bool]:
    """The engine of this folder, and whether it was started for this call.

    `release` gives it up. Raises IndexLocked where another process has the folder, IndexMismatch,
    RagError and MissingEngine.
    """
    with _lock:
        if (known := _open.get(path)) is not None:
            known.users += 1
            return known, False
        _open[path] = _start(path)
        return _open[path], True


def release(path: Path) -> None:
    with _lock:
        served = _open[path]
        served.users -= 1
        if not served.users:
            del _open[path]
            _end(served)


def compact(path: Path) -> None:
    """Leave nothing in the folder of what was deleted. What is asked of it meanwhile fails."""
    with _lock:
        served = _open[path]
        _stop(served)
        try:
            with closing(sqlite3.connect(path / DATA)) as data:
                data.execute("VACUUM")
        finally:
            served.process = _run(path, served.address, served.held, served.scratch)


def end(path: Path) -> None:
    """Stop an engine that cannot be trusted: what is asked of it fails until it is opened again."""
    with _lock:
        served = _open[path]
        served.process.kill()
        served.process.wait()


def _start(path: Path, port: int | None = None) -> Served:
    _engine()
    try:
        path.mkdir(exist_ok=True)
        if (path / "collections").exists():
            raise IndexMismatch(
                f"{path}: an index of an older version, whose engine is not there; make another: "
                "rag index FOLDER --index milvus:NEW.db"
            )
        held = (path / HELD).open("ab+")
    except OSError as error:
        raise RagError(
            f"{path}: cannot be the folder of an index ({error.strerror}); choose another"
        ) from None
    with ExitStack() as undone:
        undone.enter_context(held)
        _hold(path, held)
        _clean(held)
        short = len(tempfile.gettempdir()) < LONGEST
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=None if short else "/tmp"))
        undone.callback(shutil.rmtree, scratch, ignore_errors=True)
        # Not in the folder: whoever in this process closes the file, as a copy does, frees it.
        alive = undone.enter_context((scratch / ALIVE).open("ab"))
        fcntl.lockf(alive, fcntl.LOCK_EX)
        held.truncate(0)
        held.write(os.fsencode(f"{os.getpid()}\n{scratch}"))
        held.flush()
        address = f"unix:{scratch}/socket" if port is None else f"127.0.0.1:{port}"
        served = Served(_run(path, address, held, scratch), address, held, alive, scratch)
        undone.pop_all()
        return served


def _hold(path: Path, held: IO[bytes]) -> None:
    """The engine of a process that was killed may need a moment to end."""
    deadline = time.monotonic() + WAIT
    while True:
        with suppress(BlockingIOError):
            return fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.monotonic() > deadline or _lives(held):
            raise IndexLocked(
                f"{path}: another process has this index open, and a .db folder serves one at a "
                "time; end it, or serve the folder to several (docs/milvus.md)"
            )
        time.sleep(LOOK)


def _lives(held: IO[bytes]) -> bool:
    """Whether the process that opened the folder is there yet."""
    process, _ = _holder(held)
    return process.isdigit() and lives(int(process))


def _clean(held: IO[bytes]) -> None:
    """What a process that was killed left behind."""
    _, scratch = _holder(held)
    if scratch.name.startswith(SCRATCH):
        shutil.rmtree(scratch, ignore_errors=True)


def _holder(held: IO[bytes]) -> tuple[str, Path]:
    held.seek(0)
    process, _, scratch = os.fsdecode(held.read()).partition("\n")
    return process, Path(scratch)


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _run(path: Path, address: str, held: IO[bytes], scratch: Path) -> subprocess.Popen[bytes]:
    engine = _engine()
    libraries = {"LD_LIBRARY_PATH": str(engine.parent), "DYLD_LIBRARY_PATH": str(engine.parent)}
    process = subprocess.Popen(
        [engine, path / DATA, address, "FATAL", scratch / ALIVE],
        env={"HOME": str(path), **os.environ, **libraries},
        cwd=path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[held.fileno()],
        start_new_session=True,  # an interrupt is for us, and we still have to close
    )
    deadline = time.monotonic() + WAIT
    while not _answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RagError(
                f"{path}: the embedded engine does not start; see that the disk has room and that "
                "this is an index, or restore it from a copy"
            )
        time.sleep(LOOK)
    return process


def _answers(address: str) -> bool:
    family, path = address.split(":")
    unix = family == "unix"
    with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as client:
        return client.connect_ex(path if unix else (family, int(path))) == 0


def _stop(served: Served) -> None:
    fcntl.lockf(served.alive, fcntl.LOCK_UN)
    try:
        served.process.wait(WAIT)
    except subprocess.TimeoutExpired:
        served.process.kill()
        served.process.wait()
    fcntl.lockf(served.alive, fcntl.LOCK_EX)


def _end(served: Served) -> None:
    _stop(served)
    served.held.close()
    served.alive.close()
    shutil.rmtree(served.scratch, ignore_errors=True)


def _engine() -> Path:
    """The engine's program. Its package is not imported, for that asks for older ones."""
    found = importlib.util.find_spec("milvus_lite")
    for place in (found and found.submodule_search_locations) or ():
        if (engine := Path(place, "lib", "milvus")).exists():
            return engine
    raise MissingEngine("no engine", name="milvus-lite<3")


def main(arguments: list[str]) -> str | None:
    """What went wrong."""
    if len(arguments) != 2 or not arguments[1].isdecimal():
        return "usage: python -m rag.store.milvus.embedded FOLDER.db PORT"
    path, port = Path(arguments[0]).absolute(), int(arguments[1])
    if _answers(f"127.0.0.1:{port}"):
        return f"port {port} is in use; choose another"
    try:
        served = _start(path, port)
    except MissingEngine as error:
        return f"this needs the package {error.name}; run: pip install 'rag[milvus]'"
    except RagError as error:
        return str(error)
    print(f"listening on {served.address}; Ctrl-C ends it", flush=True)
    with suppress(KeyboardInterrupt):
        served.process.wait()
    _end(served)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
