"""The head of an index, and what else is kept beside documents: settings, roots, files, exclusions.

The head is one row. To write it is to publish a generation: whatever was written before is seen
from then on, at once and by all, and whatever was not is never seen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rag.errors import IndexMismatch, IndexNotFound
from rag.store.milvus.address import Address
from rag.store.milvus.engine import ROWS, Engine, Row, slices
from rag.store.milvus.tables import (
    NEVER,
    NOTHING,
    STATE,
    alive,
    among,
    complete,
    hashed,
    piece_ids,
    pieces,
)

FORMAT = 2
HEAD = "head"
GRACE = 120.0  # seconds for which an open snapshot keeps all that it can see

Totals = Mapping[str, tuple[int, int, int]]  # language → documents, chunks, sentences


@dataclass(frozen=True, slots=True)
class Head:
    """What holds in the newest generation. `times` says when the last ones were published."""

    generation: int = 0
    totals: Totals = field(default_factory=dict)
    times: tuple[tuple[int, float], ...] = ()
    removals: tuple[int, ...] = ()  # generations that removed rows, which are there yet

    def next(self, totals: Totals, *, removes: bool) -> Head:
        """The generation after this one."""
        new, now = self.generation + 1, time.time()
        times = [*self.times, (new, now)]
        while len(times) > 1 and times[1][1] < now - GRACE:  # the first says what is old
            del times[0]
        removals = (*self.removals, new) if removes else self.removals
        return replace(self, generation=new, totals=totals, times=tuple(times), removals=removals)

    def old(self) -> int:
        """The newest generation before which no snapshot is open."""
        limit = time.time() - GRACE
        return max((number for number, when in self.times if when < limit), default=0)


def read_head(engine: Engine) -> Head:
    """Raises IndexNotFound or IndexMismatch."""
    rows = engine.known(STATE, [HEAD], ["id", "body", "more_body"])
    if HEAD not in rows:
        raise not_found(engine.address)
    kept = json.loads(complete(engine, [rows[HEAD]], "body")[HEAD])
    if kept["format"] != FORMAT:
        raise IndexMismatch(
            f"{engine.address}: the index has format {kept['format']}, this version reads "
            f"{FORMAT}; use the version that wrote it, or build a new index with --index"
        )
    return Head(
        kept["generation"],
        {language: tuple(numbers) for language, numbers in kept["totals"].items()},
        tuple((number, when) for number, when in kept["times"]),
        tuple(kept["removals"]),
    )


def not_found(address: Address) -> IndexNotFound:
    return IndexNotFound(f"{address}: no index here; run: rag index FOLDER --index {address}")


def write_head(engine: Engine, head: Head) -> None:
    body = {
        "format": FORMAT,
        "generation": head.generation,
        "totals": head.totals,
        "times": head.times,
        "removals": head.removals,
    }
    row: Row = {"id": HEAD, "vector": NOTHING, "kind": HEAD, "part": "", "name": "", **_always()}
    pieces(row, "body", json.dumps(body))
    engine.put(STATE, [row])


def entries(
    engine: Engine, kind: str, generation: int, *part: str
) -> Iterator[tuple[list[str], Any]]:
    """The names and values of a kind in a generation, of one part only if that is given."""
    where = f'kind == "{kind}" and {alive(generation)}'
    if part:
        where += f' and part == "{hashed(*part)}"'
    rows = list(engine.walk(STATE, where, ["id", "body", "more_body"]))
    for body in complete(engine, rows, "body").values():
        name, value = json.loads(body)
        yield name, value


def entry_rows(kind: str, new: int, values: Mapping[tuple[str, ...], Any]) -> list[Row]:
    """The rows that give these names their values from generation `new` on.

    The first of a name's parts is what `entries` selects by.
    """
    rows: list[Row] = []
    for name, value in values.items():
        row: Row = {
            "id": f"{kind}:{hashed(*name)}:{new}",
            "vector": NOTHING,
            "kind": kind,
            "part": hashed(name[0]),
            "name": hashed(*name),
            "added": new,
            "removed": NEVER,
        }
        rows += [*pieces(row, "body", json.dumps([name, value])), row]
    return rows


def entry_ids(
    engine: Engine, kind: str, generation: int, names: Iterable[tuple[str, ...]]
) -> list[str]:
    """The rows in which these names have values in a generation, with their pieces."""
    return [
        row_id
        for some in slices(names, ROWS)
        for row in engine.query(
            STATE,
            f'kind == "{kind}" and {alive(generation)} and '
            + among("name", (hashed(*name) for name in some)),
            ["id", "more_body"],
        )
        for row_id in (row["id"], *piece_ids(row, "body"))
    ]


def _always() -> dict[str, int]:
    """Of a row that no generation removes."""
    return {"added": 0, "removed": NEVER}
