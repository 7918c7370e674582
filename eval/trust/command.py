"""`python -m eval trust` on the command line."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer


def trust(
    part: Annotated[
        list[str] | None, typer.Option(help="Only this, anew; may be repeated.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="How many kills, inputs, …; none: the long version.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="For parts that run for a time.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--json", help="Findings; what is in it is not tried again.")
    ] = None,
    scratch: Annotated[Path | None, typer.Option(help="Work in this folder.")] = None,
) -> None:
    """Break every promise if it can be broken; exit 1 where one was. Takes hours."""
    from eval.trust.run import report
    from rag import Config

    file = to or Config.load().cache_dir / "eval" / "trust.json"
    place = scratch or Path(tempfile.gettempdir())
    text, held = report(part or (), file, count=count, minutes=minutes, scratch=place)
    print(text)
    if not held:
        raise typer.Exit(1)
