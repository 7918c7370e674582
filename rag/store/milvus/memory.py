"""What was read and cannot change: asked for again, it is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

Name = TypeVar("Name")
T = TypeVar("T")


class Memory(Generic[Name, T]):
    """Of `most` things, those that came last. For several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: dict[Name, T] = {}
        self._lock = threading.Lock()

    def get(
        self, names: Iterable[Name], read: Callable[[list[Name]], Mapping[Name, T]]
    ) -> dict[Name, T]:
        """These things, of which `read` is asked for those that are not known."""
        wanted = list(dict.fromkeys(names))
        with self._lock:
            found = {name: self._things[name] for name in wanted if name in self._things}
        if lacking := [name for name in wanted if name not in found]:
            fresh = read(lacking)
            found |= fresh
            with self._lock:
                self._things |= fresh
                for name in list(self._things)[: max(0, len(self._things) - self._most)]:
                    del self._things[name]
        return found
