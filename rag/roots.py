"""Which files a sync looks at: given paths become scopes, each a part of one root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SourceError
from rag.ingest import File, RemoteFile, find_files, find_remote, is_remote
from rag.store import Root


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a root that one given path covers; `prefix` is empty for all of it."""

    root: Root
    prefix: str
    files: tuple[File, ...]

    def covers(self, path: str) -> bool:
        return not self.prefix or path == self.prefix or path.startswith(f"{self.prefix}/")

    def relative(self, file: File) -> str:
        if isinstance(file, RemoteFile):
            inside = "/".join(part for part in (self.prefix, file.relative) if part)
            return inside or file.path.rpartition("/")[2]
        return file.relative_to(self.root.path).as_posix()


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A known root inside a folder that was given, and the root that takes its place."""

    old: Root
    new: Root

    def renamed(self, doc_id: str) -> str | None:
        """The id in the new root of a file's document; None if the id is not of the old one."""
        if not doc_id.startswith(f"{self.old.name}/"):
            return None
        inside = Path(self.old.path).relative_to(self.new.path).as_posix()
        return f"{self.new.name}/{inside}/{doc_id.removeprefix(f'{self.old.name}/')}"


@dataclass(frozen=True, slots=True)
class Plan:
    scopes: tuple[Scope, ...]
    absorbed: tuple[Absorbed, ...]
    notices: tuple[str, ...]


def plan(known: Iterable[Root], paths: Sequence[str | Path], *, index: Path, prune: bool) -> Plan:
    """Scopes for paths and addresses. Raises SourceError for one that is neither there nor known.

    What lies in the folder `index` is left out, unless the path itself lies there (uploads do).
    """
    planner = _Planner(known, Path(os.path.normpath(index.absolute())), prune)
    wanted = [Path(os.path.normpath(Path(p).absolute())) for p in paths if not is_remote(p)]
    # Parents first: what is given inside of them belongs to them.
    for path in sorted(dict.fromkeys(wanted), key=lambda path: len(path.parts)):
        planner.add(path)
    for address in dict.fromkeys(str(path).rstrip("/") for path in paths if is_remote(path)):
        planner.add_remote(address)
    return Plan(tuple(planner.scopes), tuple(planner.absorbed), tuple(planner.notices))


class _Planner:
    def __init__(self, known: Iterable[Root], index: Path, prune: bool) -> None:
        self.roots = {root.path: root for root in known}
        self.known = set(self.roots)
        self.index = index
        self.prune = prune
        self.scopes: list[Scope] = []
        self.absorbed: list[Absorbed] = []
        self.notices: list[str] = []

    def add(self, path: Path) -> None:
        shown = os.fsencode(path).decode("utf-8", "replace")
        if shown != str(path):
            raise SourceError(f"{shown}: the name is not Unicode; rename it")
        if not path.exists():
            self._missing(path)
            return
        files: tuple[Path, ...] = tuple(find_files(path))
        if path != self.index and not path.is_relative_to(self.index):
            files = tuple(file for file in files if not file.is_relative_to(self.index))
        root = self._root_of(path, files)
        if not files and root.path in self.known and not self.prune:
            self._spare(path)
            return
        prefix = path.relative_to(root.path).as_posix()
        self.scopes.append(Scope(root, "" if prefix == "." else prefix, files))

    def add_remote(self, address: str) -> None:
        """An address is a root of its own, or a part of a known one that it begins with."""
        files = tuple(find_remote(address))
        around = [r for r in self.roots.values() if f"{address}/".startswith(f"{r.path}/")]
        root = max(around, key=lambda root: -len(root.path), default=None)
        if root is None:
            if not files:
                raise SourceError(f"{address}: nothing is there; check the address")
            name = address.partition("?")[0].rstrip("/").rpartition("/")[2]
            root = self._keep(Root(self._free_name(name), address, whole=True))
        if not files and not self.prune:
            self._spare(address)
            return
        prefix = address.removeprefix(root.path).strip("/")
        self.scopes.append(Scope(root, prefix, files))

    def _missing(self, path: Path) -> None:
        root = self._holding(path)
        if root is None:
            raise SourceError(f"{path}: no such file or folder; check the path")
        if self.prune:
            prefix = path.relative_to(root.path).as_posix()
            self.scopes.append(Scope(root, "" if prefix == "." else prefix, ()))
        else:
            self._spare(path)

    def _spare(self, path: str | Path) -> None:
        self.notices.append(f"{path} is missing or empty; nothing was removed (--prune removes)")

    def _root_of(self, path: Path, files: tuple[Path, ...]) -> Root:
        """The root that holds `path`: a known one, or a new one that absorbs those inside it."""
        if not path.is_dir():
            found = self._holding(path)
            if found is not None and (found.whole or found.path == str(path.parent)):
                return found
            return self._keep(
                Root(self._free_name(path.parent.name), str(path.parent), whole=False)
            )
        known = self.roots.get(str(path))
        if known is None:
            found = self._holding(path)
            if found is not None and found.whole:
                return found
        name = known.name if known else self._free_name(path.name)
        root = self._keep(Root(name, str(path), whole=True))
        self._absorb(root, files)
        return root

    def _holding(self, path: Path) -> Root | None:
        """The innermost root around `path`, of those given whole if there is one."""
        around = [root for root in self.roots.values() if path.is_relative_to(root.path)]
        return max(around, key=lambda root: (root.whole, len(root.path)), default=None)

    def _absorb(self, root: Root, files: tuple[Path, ...]) -> None:
        """Take over the known roots inside `root`, but none that is missing or suddenly empty."""
        for inner in list(self.roots.values()):
            if inner == root or not Path(inner.path).is_relative_to(root.path):
                continue
            if self.prune or any(file.is_relative_to(inner.path) for file in files):
                self.absorbed.append(Absorbed(inner, root))
                del self.roots[inner.path]
            else:
                self._spare(Path(inner.path))

    def _keep(self, root: Root) -> Root:
        self.roots[root.path] = root
        return root

    def _free_name(self, name: str) -> str:
        name = name or "root"
        taken = {root.name for root in self.roots.values()}
        taken |= {absorbed.old.name for absorbed in self.absorbed}
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}-{number}"
        return free
