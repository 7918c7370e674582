"""`python -m eval capacity`: the model as a table, and beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from eval.capacity.model import Machine, Need, local, milvus
from eval.findings import read

SIZES = (10**5, 10**6, 10**7, 10**8, 10**9)
MEASURED = Path(__file__).with_name("measured.json")  # as `python -m eval speed --json` writes
CORES = 2  # on which that was measured
WITHIN = 0.25


class Row(NamedTuple):
    """One quantity of an index that was measured."""

    sentences: int
    quantity: str
    model: float
    measured: float

    @property
    def error(self) -> float:
        return self.model / self.measured - 1

    @property
    def met(self) -> bool:
        return abs(self.error) <= WITHIN


def capacity(
    sentences: Annotated[
        list[int] | None, typer.Option(min=1000, help="May be repeated; by default 10⁵ to 10⁹.")
    ] = None,
    cores: Annotated[int, typer.Option(min=1, help="Of each machine.")] = 16,
    memory: Annotated[int, typer.Option(min=4, help="Of each machine, in GB.")] = 64,
    replicas: Annotated[int, typer.Option(min=1, help="Of the index in Milvus.")] = 1,
    figures: Annotated[
        Path, typer.Option(help="Measured by `eval speed`.", show_default=False)
    ] = MEASURED,
) -> None:
    """What so many sentences take: bytes, memory, machines, hours, milliseconds; on paper."""
    machine = Machine(cores, memory * 1e9)
    print(table(sentences or SIZES, machine, replicas))
    print()
    print(checked(list(check(read(figures)["growth"]["sizes"]))))


def table(sizes: Sequence[int], machine: Machine, replicas: int) -> str:
    lines = [
        "| sentences | engine | disk | memory | machines | indexing | a question | questions |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size in sizes:
        for need in (local(size, machine), milvus(size, machine, replicas)):
            lines.append(f"| {size:,} | {_cells(need, machine)} |")
    return "\n".join(lines)


def _cells(need: Need, machine: Machine) -> str:
    lacking = need.machines == 1 and need.memory > machine.usable
    return " | ".join(
        [
            need.engine,
            _bytes(need.disk),
            _bytes(need.memory) + (", more than a machine has" if lacking else ""),
            str(need.machines),
            f"{need.hours:,.1f} h",
            f"{need.question:,.0f} ms",
            f"{need.per_second:,.3g} /s",
        ]
    )


def check(sizes: Sequence[dict[str, Any]]) -> Iterator[Row]:
    """Bytes on the disk, most memory, questions a second and one question, at each size."""
    for found in sizes:
        n = int(found["sentences"])
        need = local(n, Machine(CORES))
        yield Row(n, "disk, MB", need.disk / 1e6, sum(found["disk"].values()) / 1e6)
        yield Row(n, "memory, MB", need.resident / 1e6, found["peak_bytes"] / 1e6)
        yield Row(n, "questions a second", need.per_second, found["threads"]["per_second"])
        yield Row(n, "a question, ms", need.question, found["alone"]["p50_ms"])


def checked(rows: Sequence[Row]) -> str:
    lines = ["| sentences | local, 2 cores | model | measured | apart | within 25 % |"]
    lines.append("|---|---|---|---|---|---|")
    for row in rows:
        met = "yes" if row.met else "**no**"
        figures = f"{row.model:,.0f} | {row.measured:,.0f} | {row.error:+.0%} | {met}"
        lines.append(f"| {row.sentences:,} | {row.quantity} | {figures} |")
    return "\n".join(lines)


def _bytes(value: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9)):
        if value >= size:
            return f"{value / size:,.1f} {unit}"
    return f"{value / 1e6:,.0f} MB"
