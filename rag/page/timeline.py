"""The evidence of an answer on a line of time, as SVG that grows with the page but not its words.

Cited passages carry their number, and in a conflict the figure that others do not give; passages
found about as near are dots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from rag.language.dates import spoken
from rag.page.view import Turn
from rag.page.words import around, period
from rag.types import Period

FEWEST = 3  # different dates that make a line worth drawing
ABOUT_AS_NEAR = 0.05  # of score below the best passage
MOST_TICKS = 6
MARGIN = 11.0  # per cent of the width on each side
LABEL = 24.0  # per cent of the width that a label takes
ROW, AXIS = 34, 22  # pixels: height of a row of labels, and from the last one to the line


@dataclass(frozen=True, slots=True)
class _Point:
    """An article on the line; without numbers it is not cited."""

    link: str
    period: Period
    numbers: tuple[int, ...]
    figure: str
    about: str


def timeline_svg(turn: Turn) -> str:
    """Empty where the answer cites nothing or fewer than three dates are involved."""
    points = _points(turn)
    if len({point.period for point in points}) < FEWEST or not any(p.numbers for p in points):
        return ""
    title = around("timeline", turn.language)
    legend = around("conflict", turn.language) if any(p.figure for p in points) else ""
    key = (
        f'<figcaption class="label">{title}<span class="key"><i class="full"></i>'
        f"{around('cited', turn.language)} <i></i>{around('found', turn.language)}"
        f"{f' <b>1</b>{legend}' if legend else ''}</span></figcaption>"
    )
    drawn = _drawn(points, turn.language)
    return f'<figure class="timeline" role="group" aria-label="{title}">{key}{drawn}</figure>'


def _drawn(points: Sequence[_Point], language: str) -> str:
    """The line, its dates in the language of the answer."""
    first = min(point.period.first for point in points)
    last = max(point.period.last for point in points)
    scale = _Scale(first, last, language)
    points = sorted(points, key=lambda point: scale.middle(point.period))
    cited = [point for point in points if point.numbers]
    rows = _rows([scale.middle(point.period) for point in cited])
    axis = ROW * (max(rows) + 1) + AXIS
    line = f'<line x1="0" x2="100%" y1="{axis}" y2="{axis}"/>'
    marks = list(_ticks(first, last))
    ticks = "".join(_tick(scale, axis, *pair) for pair in zip([None, *marks], marks, strict=False))
    dots = "".join(_dot(p, scale, axis) for p in points if not p.numbers)
    labels = "".join(
        _label(point, scale, axis, axis - AXIS - ROW * row)
        for point, row in zip(cited, rows, strict=True)
    )
    return f'<svg width="100%" height="{axis + 34}">{line}{ticks}{dots}{labels}</svg>'


def _points(turn: Turn) -> list[_Point]:
    """An article once: cited, or found about as near as what is cited."""
    best = max((c.why.score for c in turn.cards if c.why), default=0)
    found: dict[str, _Point] = {}
    for number, card in enumerate(turn.cards):
        origin = card.origin
        if origin.published is None:
            continue
        known = found.get(origin.doc_id)
        numbers = tuple(quote.number for quote in card.quotes)
        if known is not None:
            numbers = (*known.numbers, *numbers)
        elif not numbers and card.why and card.why.score < best - ABOUT_AS_NEAR:
            continue
        link = known.link if known else f"c-{turn.key}-{number}"
        about = f"{origin.title} · {origin.source or around('unknown', turn.language)}"
        figure = _figure(turn, numbers)
        when = period(origin.published)
        found[origin.doc_id] = _Point(link, when, numbers, figure, about)
    return list(found.values())


def _figure(turn: Turn, numbers: Sequence[int]) -> str:
    own = (f for said in turn.said if set(numbers) & set(said.marks) for f in said.figures)
    return next(own, "")


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days as per cent of the width, and as they are written there."""

    first: date
    last: date
    language: str

    def place(self, day: date) -> float:
        share = (day - self.first).days / max(1, (self.last - self.first).days)
        return MARGIN + share * (100 - 2 * MARGIN)

    def middle(self, period: Period) -> float:
        return (self.place(period.first) + self.place(period.last)) / 2

    def written(self, period: Period) -> str:
        return spoken(period, self.language, short=True)


def _rows(places: Sequence[float]) -> list[int]:
    """A row for each label, 0 the lowest, so that no two of a row overlap. `places` rise."""
    ends: list[float] = []
    rows = []
    for place in places:
        row = next((n for n, end in enumerate(ends) if place - end >= LABEL), len(ends))
        ends[row : row + 1] = [place]
        rows.append(row)
    return rows


def _ticks(first: date, last: date) -> Iterator[Period]:
    """Years that begin there, or months where hardly one does, and not too many."""
    years = [Period.parse(f"{year:04}") for year in range(first.year + 1, last.year + 1)]
    if len(years) > 1:
        step = -(-len(years) // MOST_TICKS)
        yield from years[::step]
        return
    count = (last.year - first.year) * 12 + last.month - first.month
    months = [divmod(first.year * 12 + first.month + n, 12) for n in range(count)]
    step = max(1, -(-count // MOST_TICKS))
    for year, month in months[::step]:
        yield Period.parse(f"{year:04}-{month + 1:02}")


def _tick(scale: _Scale, axis: int, before: Period | None, tick: Period) -> str:
    """A month of the same year as the one before goes without it."""
    place, text = f"{scale.place(tick.first):.1f}%", scale.written(tick)
    if before and before.first.year == tick.first.year:
        text = text.removesuffix(f" {tick.first.year:04}")
    return (
        f'<line class="tick" x1="{place}" x2="{place}" y1="{axis}" y2="{axis + 6}"/>'
        f'<text class="quiet" x="{place}" y="{axis + 28}">{text}</text>'
    )


def _dot(point: _Point, scale: _Scale, axis: int) -> str:
    circle = f'<circle cx="{scale.middle(point.period):.1f}%" cy="{axis}" r="5"/>'
    return _link(point, scale, "dot", circle)


def _label(point: _Point, scale: _Scale, axis: int, top: int) -> str:
    """The number on the line; above it the figure, if others give another, and the date."""
    place = f"{scale.middle(point.period):.1f}%"
    start, end = (f"{scale.place(day):.1f}%" for day in (point.period.first, point.period.last))
    figure = f'<text class="figure" x="{place}" y="{top - 15}">{escape(point.figure)}</text>'
    return _link(
        point,
        scale,
        "point differs" if point.figure else "point",
        f'<line class="stem" x1="{place}" x2="{place}" y1="{top + 5}" y2="{axis}"/>'
        f'<line class="span" x1="{start}" x2="{end}" y1="{axis}" y2="{axis}"/>'
        f'<circle cx="{place}" cy="{axis}" r="10"/>'
        f'<text class="number" x="{place}" y="{axis + 4}">{point.numbers[0]}</text>'
        f"{figure if point.figure else ''}"
        f'<text x="{place}" y="{top}">{scale.written(point.period)}</text>',
    )


def _link(point: _Point, scale: _Scale, kind: str, inside: str) -> str:
    said = escape(
        " · ".join(filter(None, (point.figure, scale.written(point.period), point.about)))
    )
    number = f' data-n="{point.numbers[0]}"' if point.numbers else ""
    return (
        f'<a class="{kind}" href="#{point.link}"{number} aria-label="{said}">'
        f"<title>{said}</title>{inside}</a>"
    )
