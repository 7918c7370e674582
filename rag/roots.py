"""Which files a sync looks at: given paths become scopes, each a part of one root."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SourceError
from rag.ingest import find_files
from rag.store import Root


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a root that one given path covers; `prefix` is empty for all of it."""

    root: Root
    prefix: str
    files: tuple[Path, ...]

    def covers(self, path: str) -> bool:
        return not self.prefix or path == self.prefix or path.startswith(f"{self.prefix}/")

    def relative(self, file: Path) -> str:
        return file.relative_to(self.root.path).as_posix()


@dataclass(frozen=True, slots=True)
class Plan:
    """`absorbed` are roots that a given folder contains, and that it takes the place of."""

    scopes: tuple[Scope, ...]
    absorbed: tuple[str, ...]
    notices: tuple[str, ...]


def plan(known: Iterable[Root], paths: Sequence[Path], *, prune: bool) -> Plan:
    """Scopes for the given paths; without any, for every known root that was given whole.

    Raises SourceError for a path that neither exists nor was ever indexed.
    """
    planner = _Planner(known, prune)
    wanted = [path.absolute() for path in paths]
    if not paths:
        wanted = [Path(root.path) for root in planner.roots.values() if root.whole]
    for path in dict.fromkeys(wanted):
        planner.add(path)
    return Plan(tuple(planner.scopes), tuple(planner.absorbed), tuple(planner.notices))


class _Planner:
    def __init__(self, known: Iterable[Root], prune: bool) -> None:
        self.roots = {root.path: root for root in known}
        self.known = set(self.roots)
        self.prune = prune
        self.scopes: list[Scope] = []
        self.absorbed: list[str] = []
        self.notices: list[str] = []

    def add(self, path: Path) -> None:
        if not path.exists():
            self._missing(path)
            return
        files = tuple(find_files(path))
        root = self._root_of(path)
        if not files and root.path in self.known and not self.prune:
            self.notices.append(f"{path} is empty; nothing was removed (--prune removes)")
            return
        self.scopes.append(_scope(root, path, files))

    def _missing(self, path: Path) -> None:
        root = next((r for r in self.roots.values() if path.is_relative_to(r.path)), None)
        if root is None:
            raise SourceError(f"{path}: no such file or folder; check the path")
        if self.prune:
            self.scopes.append(_scope(root, path, ()))
        else:
            self.notices.append(f"{path} is missing; nothing was removed (--prune removes)")

    def _root_of(self, path: Path) -> Root:
        """The root that holds `path`: a known one, or a new one that absorbs those inside it."""
        whole = path.is_dir()
        folder = path if whole else path.parent
        for root in self.roots.values():
            if root.path == str(folder):
                return self._keep(Root(root.name, root.path, root.whole or whole))
            if root.whole and path.is_relative_to(root.path):
                return root
        if whole:
            for root in list(self.roots.values()):
                if Path(root.path).is_relative_to(folder):
                    self.absorbed.append(root.name)
                    del self.roots[root.path]
        return self._keep(Root(self._free_name(folder.name or "root"), str(folder), whole))

    def _keep(self, root: Root) -> Root:
        self.roots[root.path] = root
        return root

    def _free_name(self, name: str) -> str:
        taken = {root.name for root in self.roots.values()} | set(self.absorbed)
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}-{number}"
        return free


def _scope(root: Root, path: Path, files: tuple[Path, ...]) -> Scope:
    prefix = path.relative_to(root.path).as_posix()
    return Scope(root, "" if prefix == "." else prefix, files)
