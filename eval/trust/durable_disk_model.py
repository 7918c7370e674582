"""A disk that forgets: what a process wrote, replayed up to a loss of power.

What a program was promised is POSIX's: bytes are kept once their file was flushed, names once their
folder was. Of the rest each write is kept, lost or torn at a sector, each for itself, and of the
changes to a folder only the first few are kept. Times, rights and the content of mapped memory
(SQLite's `-shm`, which it makes anew) are not modelled.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
_CALL = re.compile(r"^\d+\s+(?:(\w+)\((.*)\)\s+= (.+)|(\w+)\((.*) <unfinished \.\.\.>)$")
_RESUMED = re.compile(r"^(\d+)\s+<\.\.\. \w+ resumed>(.*)\)\s+= (.+)$")
TRACED = (
    "openat,open,creat,close,write,writev,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,lseek,sendfile,dup,dup2,dup3,fcntl"
)


@dataclass(slots=True, eq=False)
class Node:
    """A file (`entries` is None), a folder or a link. `log` is what happened to it, in order."""

    entries: dict[str, Node] | None = None
    target: str = ""
    data: bytearray = field(default_factory=bytearray)
    writes: list[tuple[int, int, bytes | None]] = field(default_factory=list)  # None: a new size
    names: list[tuple[int, tuple[tuple[str, Node | None], ...]]] = field(default_factory=list)
    flushes: list[int] = field(default_factory=list)

    def write(self, at: int, offset: int, data: bytes) -> None:
        _put(self.data, offset, data)
        self.writes.append((at, offset, data))

    def resize(self, at: int, size: int) -> None:
        _resize(self.data, size)
        self.writes.append((at, size, None))

    def change(self, at: int, *named: tuple[str, Node | None]) -> None:
        assert self.entries is not None
        for name, node in named:
            if node is None:
                self.entries.pop(name, None)
            else:
                self.entries[name] = node
        self.names.append((at, named))

    def flushed(self, at: int) -> int:
        """The last flush by then."""
        return max((time for time in self.flushes if time <= at), default=-1)


def _put(data: bytearray, offset: int, piece: bytes) -> None:
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(piece)] = piece


def _resize(data: bytearray, size: int) -> None:
    del data[size:]
    data.extend(bytes(size - len(data)))


@dataclass(slots=True, eq=False)
class Opened:
    """What descriptors that are copies of each other share."""

    node: Node
    offset: int = 0
    append: bool = False


class Recording:
    """What a traced process did below one folder, which was there and empty when it began."""

    def __init__(self, trace: Path, folder: Path) -> None:
        self.root = Node({})
        self.time = 0
        self._folder = str(folder)
        self._open: dict[int, Opened] = {}  # by descriptor
        for name, arguments, result in _calls(trace):
            if not result.startswith("-1 "):
                self.time += 1
                self._do(name, arguments, result)

    def crashed(self, at: int, folder: Path, chance: random.Random | None) -> None:
        """Write what a loss of power at time `at` leaves; without `chance` all unflushed goes."""
        _leave(self.root, at, folder, chance)

    def written(self, name: str, at: int) -> int:
        """How many bytes a file at the top had at a time."""
        assert self.root.entries is not None
        writes = self.root.entries[name].writes
        return sum(len(data) for time, _, data in writes if time <= at and data is not None)

    def _do(self, name: str, arguments: list[str], result: str) -> None:
        leading = re.match(r"-?\d+", result)
        assert leading is not None
        number = int(leading[0])
        if name in ("openat", "open", "creat"):
            self._opened(name, arguments, number, _annotated(result))
        elif name == "close":
            self._open.pop(_descriptor(arguments[0]), None)
        elif name == "fcntl" and "F_DUPFD" not in arguments[1]:
            return
        elif name.startswith("dup") or name == "fcntl":
            if (source := _descriptor(arguments[0])) in self._open:
                self._open[number] = self._open[source]
        elif name in ("rename", "renameat", "renameat2"):
            self._renamed(*self._paths(arguments))
        elif name in ("unlink", "unlinkat", "rmdir"):
            (path,) = self._paths(arguments)
            self._name(path, None)
        elif name in ("mkdir", "mkdirat"):
            (path,) = self._paths(arguments)
            self._name(path, Node({}))
        elif name in ("link", "linkat"):
            old, path = self._paths(arguments)
            if (node := self._at(old)) is not None:
                self._name(path, node)
        elif name in ("symlink", "symlinkat"):
            *_, path = self._paths(arguments[1:])
            self._name(path, Node(target=_string(arguments[:1]).decode()))
        elif (descriptor := _descriptor(arguments[0])) in self._open:
            self._on_file(name, descriptor, arguments, number)

    def _on_file(self, name: str, descriptor: int, arguments: list[str], number: int) -> None:
        file = self._open[descriptor]
        node = file.node
        if name in ("write", "writev"):
            at = len(node.data) if file.append else file.offset
            node.write(self.time, at, _string(arguments[1:])[:number])
            file.offset = at + number
        elif name == "pwrite64":
            node.write(self.time, int(arguments[3]), _string(arguments[1:])[:number])
        elif name == "sendfile":
            source = self._open[_descriptor(arguments[1])].node.data
            node.write(self.time, file.offset, bytes(source[file.offset : file.offset + number]))
            file.offset += number
        elif name == "ftruncate":
            node.resize(self.time, int(arguments[1]))
        elif name == "lseek":
            file.offset = number
        elif name in ("fsync", "fdatasync"):
            node.flushes.append(self.time)

    def _opened(self, name: str, arguments: list[str], descriptor: int, path: str) -> None:
        """`path` is what was opened in the end, behind all links."""
        flags = arguments[2 if name == "openat" else 1]
        node = self._at(path)
        if node is None and "O_CREAT" in flags:
            self._name(path, Node())
            node = self._at(path)
        if node is None:
            self._open.pop(descriptor, None)
            return
        if "O_TRUNC" in flags and node.data:
            node.resize(self.time, 0)
        self._open[descriptor] = Opened(node, append="O_APPEND" in flags)

    def _renamed(self, old: str, new: str) -> None:
        node = self._at(old)
        if node is None:
            return
        (before, name), (after, newer) = self._place(old), self._place(new)
        if before is after and before is not None:
            before.change(self.time, (name, None), (newer, node))
        else:
            self._name(old, None)
            self._name(new, node)

    def _name(self, path: str, node: Node | None) -> None:
        folder, name = self._place(path)
        if folder is not None:
            folder.change(self.time, (name, node))

    def _place(self, path: str) -> tuple[Node | None, str]:
        above, _, name = path.rpartition("/")
        return self._at(above), name

    def _at(self, path: str) -> Node | None:
        """What has this path now; None outside of the folder too."""
        if path != self._folder and not path.startswith(f"{self._folder}/"):
            return None
        node: Node | None = self.root
        for part in Path(path).relative_to(self._folder).parts:
            node = node.entries.get(part) if node is not None and node.entries is not None else None
        return node

    def _paths(self, arguments: list[str]) -> list[str]:
        """The paths among the arguments; each stands after the folder that it is relative to."""
        found, base = [], ""
        for argument in arguments:
            if argument.startswith('"'):
                found.append(str(Path(base) / _string([argument]).decode("utf-8", "replace")))
            elif "<" in argument:
                base = _annotated(argument)
        return found


def _calls(trace: Path) -> Iterator[tuple[str, list[str], str]]:
    """Name, arguments and result of each call, as it ended."""
    begun: dict[str, tuple[str, str]] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            if match := _CALL.match(line):
                name, arguments, result, unfinished, first = match.groups()
                if unfinished == "close":  # another thread may get the number before it ends
                    yield unfinished, [first], "0"
                elif unfinished:
                    begun[line.split()[0]] = (unfinished, first)
                else:
                    yield name, arguments.split(", "), result
            elif match := _RESUMED.match(line):
                process, rest, result = match.groups()
                if process in begun:
                    name, first = begun.pop(process)
                    yield name, (first + rest).split(", "), result


def _descriptor(argument: str) -> int:
    match = re.match(r"\d+", argument)
    return int(match[0]) if match else -1


def _annotated(descriptor: str) -> str:
    """The path that `strace -y` tells beside a descriptor."""
    text = descriptor.partition("<")[2].rpartition(">")[0]
    return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text


def _string(arguments: list[str]) -> bytes:
    """What strace prints with -xx between quotation marks; several of them are one."""
    pieces = re.findall(r'"([^"]*)"', " ".join(arguments))
    return bytes.fromhex("".join(pieces).replace("\\x", ""))


def _leave(folder: Node, at: int, place: Path, chance: random.Random | None) -> None:
    place.mkdir()
    for name, node in _names(folder, at, chance).items():
        if node.entries is not None:
            _leave(node, at, place / name, chance)
        elif node.target:
            (place / name).symlink_to(node.target)
        else:
            (place / name).write_bytes(_content(node, at, chance))


def _names(folder: Node, at: int, chance: random.Random | None) -> dict[str, Node]:
    """What a folder holds: all that was flushed, and the first few of the changes after it."""
    flushed = folder.flushed(at)
    pending = sum(flushed < time <= at for time, _ in folder.names)
    kept = chance.randint(0, pending) if chance else 0
    held: dict[str, Node] = {}
    for time, named in folder.names:
        if time > flushed:
            kept -= 1
        if time > at or kept < 0:
            break
        for name, node in named:
            if node is None:
                held.pop(name, None)
            else:
                held[name] = node
    return held


def _content(node: Node, at: int, chance: random.Random | None) -> bytes:
    flushed, data = node.flushed(at), bytearray()
    for time, offset, piece in node.writes:
        if time > at:
            break
        fate = 0.0 if time <= flushed else chance.random() if chance else 1.0
        if fate > 0.7:
            continue
        if piece is None:
            _resize(data, offset)
        elif fate < 0.5:
            _put(data, offset, piece)
        elif chance is not None:
            for start in range(0, len(piece), SECTOR):
                if chance.random() < 0.5:
                    _put(data, offset + start, piece[start : start + SECTOR])
    return bytes(data)
