"""What glibc does with memory that a server has freed; other C libraries decide for themselves."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_ARENA_MAX = -8  # of malloc.h

_UNKNOWN = (AttributeError, OSError, TypeError)  # another C library


def few_arenas() -> None:
    """Threads share two parts of it: with a part each, it holds half as much again."""
    with suppress(*_UNKNOWN):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def give_back() -> None:
    """To the system, what is free: with every change of an index else a little more is kept."""
    with suppress(*_UNKNOWN):
        ctypes.CDLL(None).malloc_trim(0)
