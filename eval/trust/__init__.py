"""`python -m eval trust`: each promise of SECURITY.md and index/README.md tried at length.

`MODULES` lists the parts. A module of a part has a constant `PART` (`eval.trust.parts.Part`); it
is imported only when its part is run or shown.
"""

from __future__ import annotations

from importlib import import_module

from eval.datasets import DatasetError
from eval.trust.parts import Part

# Part → its module, in the order in which they run; what takes longest stands last.
MODULES = {
    "caches": "eval.trust.durable_caches",
    "disk": "eval.trust.durable_disk",
    "power": "eval.trust.durable_power",
    "kills": "eval.trust.durable_kills",
    "readers": "eval.trust.durable_readers",
    "files": "eval.trust.hostile_files",
    "fuzz": "eval.trust.hostile_fuzz",
    "orders": "eval.trust.hostile_orders",
    "obeying": "eval.trust.hostile_obeying",
    "broken": "eval.trust.broken",
    "load": "eval.trust.load",
}


def part(name: str) -> Part:
    """Raises DatasetError for a name that is none."""
    if name not in MODULES:
        raise DatasetError(f"{name} is no part; the parts are {', '.join(MODULES)}")
    found: Part = import_module(MODULES[name]).PART
    return found
