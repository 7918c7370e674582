"""Growth curves, as one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.datasets import DatasetError
from eval.speed.growth import MEMORY, P50, P95, PER_SECOND
from eval.speed.parts import Figures

FILE = "growth.png"


def draw(figures: Figures, folder: Path) -> Path:
    """Latency, questions a second, memory and disk over the number of sentences."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sizes = sorted(figures["sizes"], key=lambda each: int(each["sentences"]))
    across = [each["sentences"] for each in sizes]
    picture = Figure(figsize=(10, 3.2), layout="constrained")
    FigureCanvasAgg(picture)
    time, rate, space = picture.subplots(1, 3)
    for name, share in (("p50_ms", "p50"), ("p95_ms", "p95")):
        time.plot(across, [each["alone"][name] for each in sizes], "o-", label=share)
    _limit(time, P50, "p50 to reach")
    _limit(time, P95, "p95 to reach")
    time.set_title("Search, one client, ms", fontsize=10)
    for name in ("threads", "http"):
        rate.plot(across, [each[name]["per_second"] for each in sizes], "o-", label=name)
    _limit(rate, PER_SECOND, "to reach")
    rate.set_title(f"Searches a second, {sizes[0]['threads']['clients']} clients", fontsize=10)
    space.plot(across, [_peak(each) / 1e9 for each in sizes], "o-", label="memory, peak")
    space.plot(across, [sum(each["disk"].values()) / 1e9 for each in sizes], "o-", label="disk")
    flat = [each["vector_bytes"] / 1e9 for each in sizes]
    space.plot(across, flat, ":", color="grey", label="fp32 vectors")
    _limit(space, MEMORY / 1e9, "memory to reach")
    space.set_title("GB", fontsize=10)
    for panel in (time, rate, space):
        panel.set_xscale("log")
        panel.set_ylim(bottom=0)
        panel.set_xlabel("sentences")
        panel.legend(fontsize=8, frameon=False)
        panel.spines[["top", "right"]].set_visible(False)
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        picture.savefig(path, dpi=110)
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; name a folder to write to") from None
    return path


def _limit(panel: Any, value: float, label: str) -> None:
    panel.axhline(value, color="grey", linewidth=0.7, linestyle="--")
    panel.annotate(
        label, (0.02, value), xycoords=("axes fraction", "data"), fontsize=7, va="bottom"
    )


def _peak(each: dict[str, Any]) -> int:
    return int(max(each["peak_bytes"], each["http"]["peak_bytes"]))
