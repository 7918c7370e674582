"""`python -m eval speed` on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from eval.datasets import ARTICLES


def speed(
    part: Annotated[
        list[str] | None, typer.Option(help="Only this, anew; may be repeated.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--json", help="Figures; what is in it is not measured again.")
    ] = None,
    charts: Annotated[Path | None, typer.Option(help="Draw growth.png into this folder.")] = None,
    corpus: Annotated[Path, typer.Option(help="Articles that are indexed.")] = ARTICLES,
    python: Annotated[
        Path | None, typer.Option(help="Of the peers' environment (eval/peers/README.md).")
    ] = None,
    scratch: Annotated[
        Path | None, typer.Option(help="Keep the large indexes here, some 7 GB.")
    ] = None,
    size: Annotated[
        list[int] | None, typer.Option(help="Sentences of a large index; may be repeated.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Of which the median counts.")] = 3,
) -> None:
    """Speed and size, beside other libraries and the limits of the machine; takes an hour."""
    from eval.speed.parts import Settings
    from eval.speed.run import report
    from rag import Config

    home = Config.load().cache_dir / "eval" / "speed"
    settings = Settings(corpus, scratch or home, python, rounds)
    if size:
        settings = replace(settings, sizes=tuple(size))
    print(report(settings, part or (), to or home / "figures.json", charts))
