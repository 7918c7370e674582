"""What the parts share: what they are given, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is tried; None leaves it to the part. `scratch` is an empty folder of the part."""

    scratch: Path
    count: int | None = None  # of kills, inputs, …
    minutes: float | None = None  # of what runs for a time


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often a promise was tried, and each time that it was broken as one line.

    `shown` is a cell of the table, for figures that are published by themselves.
    """

    tried: int
    broken: tuple[str, ...] = ()
    shown: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)  # JSON


@dataclass(frozen=True, slots=True)
class Part:
    """One promise, and what tries it. `unit` names what is counted, in the plural."""

    name: str
    promise: str
    unit: str
    run: Callable[[Settings], Outcome]
