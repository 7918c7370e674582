"""A progress bar on stderr, shared by the command line and the sample set-up."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yields `progress(done, total)`. Draws nothing where stderr is not a terminal.

    The bar tells how many there are, how many of them a second were done, and the time that is
    left at that rate.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        "{task.fields[rate]}",
        TimeRemainingColumn(),
    )
    start = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, rate="")

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, rate=rate(done, time.monotonic() - start))

        yield progress


def rate(done: int, seconds: float) -> str:
    """`12.5/s`, or `4.0/min` where that says more; empty before anything is known."""
    if not done or seconds <= 0:
        return ""
    each = done / seconds
    return f"{each:.1f}/s" if each >= 1 else f"{60 * each:.1f}/min"
