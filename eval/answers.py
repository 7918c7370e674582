"""Answers on rows of OMoS-QA's form: are the right lines cited, and is nothing said where none is?

As published, a question is asked with its page given: the page is the only permitted document. A
line counts as predicted when the citations cover at least half of its characters. Sentence P, R
and F1 are means over the answerable questions; an empty prediction has P 1, R 0 and F1 0, as in
the authors' own evaluation. No-answer P, R and F1 take the empty prediction as the positive class.

An open question is asked over all pages at once. Then it is counted whether an answer line of its
page is cited, and whether the page is cited at all; another page may answer as well, also where
its own has no answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.datasets import DatasetError
from eval.measures import percentile, set_f1
from eval.omos import Item, page_id, predicted_lines, read_items
from eval.retrieval import indexed_corpus
from eval.significance import bootstrap
from rag import Assistant, Filter
from rag.progress import progress_bar

GIVEN = (
    *("sentence P", "sentence R", "sentence F1"),
    *("no-answer P", "no-answer R", "no-answer F1"),
)
OPEN = ("answer line cited", "its page cited", "abstained, answerable", "abstained, no answer")
MEANS = 3  # the first measures of either, over answerable questions

Parts = tuple[Sequence[float], Sequence[float]]  # a measure is Σ of the first by Σ of the second


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came of it."""

    id: str
    item: Item
    predicted: frozenset[int]  # lines of its page
    page_cited: bool
    abstained: bool
    probability: float
    seconds: float

    @property
    def page(self) -> str:
        return page_id(self.item.page)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with both ends of its 95 % interval; `value` is None where nothing counts."""

    name: str
    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One run; `everywhere` tells whether the questions were open."""

    asked: tuple[Asked, ...]
    everywhere: bool
    files: tuple[str, str]  # of the questions, of the pages
    model: str

    def figures(self) -> list[Figure]:
        """The measures, with intervals by pages: questions on one page are drawn together."""
        rows = [_parts(each, self.everywhere) for each in self.asked]
        values, weights = np.array(rows, np.float64).transpose(1, 0, 2)
        low, high = bootstrap(values, [each.page for each in self.asked], weights)
        above, below = values.sum(axis=0), weights.sum(axis=0)
        shares = [float(a / b) if b else None for a, b in zip(above, below, strict=True)]
        names = OPEN if self.everywhere else GIVEN
        return list(map(Figure, names, shares, low.tolist(), high.tolist()))

    @property
    def milliseconds(self) -> list[float]:
        return [each.seconds * 1000 for each in self.asked]


def measure(questions: Path, contexts: Path, *, everywhere: bool, fresh: bool) -> Measured:
    """Index all pages of the second file, ask the questions of the first. Raises DatasetError."""
    told = read_items(contexts)
    items = told if questions == contexts else pair(read_items(questions), told)
    pages = {page_id(item.page): {"text": item.page} for item in told.values()}
    with indexed_corpus(pages, fresh=fresh) as assistant, progress_bar("Asking") as progress:
        asked = ask(assistant, items, everywhere=everywhere, progress=progress)
        model = assistant.embedder.name
    return Measured(tuple(asked), everywhere, (questions.name, contexts.name), model)


def pair(asked: Mapping[str, Item], told: Mapping[str, Item]) -> dict[str, Item]:
    """The questions of `asked` with the pages and lines of `told`. Raises DatasetError."""
    if lacking := [number for number in asked if number not in told]:
        raise DatasetError(
            f"the file of pages lacks {len(lacking)} ids of the questions, such as {lacking[0]!r}; "
            "name one with the same ids by --context"
        )
    return {n: Item(i.question, told[n].page, told[n].lines) for n, i in asked.items()}


def ask(
    assistant: Assistant,
    items: Mapping[str, Item],
    *,
    everywhere: bool,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Asked]:
    """Ask every question once: of its page, or of all. What is loaded late is loaded before."""
    assistant.ask("Wann?")
    found = []
    for done, (number, item) in enumerate(items.items(), 1):
        page = page_id(item.page)
        permitted = Filter() if everywhere else Filter(doc_ids=frozenset([page]))
        start = time.perf_counter()
        answer = assistant.ask(item.question, permitted)
        seconds = time.perf_counter() - start
        found.append(
            Asked(
                id=number,
                item=item,
                predicted=predicted_lines(answer, item.page),
                page_cited=any(c.document.doc_id == page for c in answer.citations),
                abstained=answer.abstention is not None,
                probability=answer.probability,
                seconds=seconds,
            )
        )
        progress(done, len(items))
    return found


def _parts(asked: Asked, everywhere: bool) -> Parts:
    return _open(asked) if everywhere else _given(asked)


def _given(asked: Asked) -> Parts:
    found, gold = asked.predicted, asked.item.lines
    precision = len(found & gold) / len(found) if found else float(bool(gold))
    recall = len(found & gold) / len(gold) if gold else 0.0
    silent, none = not found, not gold
    right = silent and none
    return (
        (precision, recall, set_f1(found, gold), right, right, 2 * right),
        (*[not none] * 3, silent, none, silent + none),
    )


def _open(asked: Asked) -> Parts:
    answerable = bool(asked.item.lines)
    hits = bool(asked.predicted & asked.item.lines), asked.page_cited, asked.abstained
    return (
        (*(answerable and hit for hit in hits), not answerable and asked.abstained),
        (*[answerable] * 3, not answerable),
    )


def table(measured: Measured) -> str:
    """A row of figures, and their intervals below."""
    times = measured.milliseconds
    heading, row, below = f"{'n':>5}", f"{len(times):5}", f"{'95 %':>5}"
    for each in measured.figures():
        wide = max(11, len(each.name)) + 2
        heading += each.name.rjust(wide)
        row += ("–" if each.value is None else f"{each.value:.3f}").rjust(wide)
        below += f"{each.low:.3f}–{each.high:.3f}".rjust(wide)
    heading += "  ask p50, ms  p95"
    row += f"{percentile(times, 50):13.0f}{percentile(times, 95):5.0f}"
    return "\n".join((heading, row, below))


def as_json(measured: Measured) -> dict[str, Any]:
    """All figures, and per question what they are made of.

    `splits` has the means over answerable questions as `python -m eval compare` reads them.
    """
    times = measured.milliseconds
    measures = {f.name: {"mean": f.value, "low": f.low, "high": f.high} for f in measured.figures()}
    names = list(measures)[:MEANS]
    answerable = [each for each in measured.asked if each.item.lines]
    split = {
        "measures": {name: measures[name] for name in names},
        "groups": {each.id: each.page for each in answerable},
        "per_query": {
            each.id: dict(
                zip(names, map(float, _parts(each, measured.everywhere)[0]), strict=False)
            )
            for each in answerable
        },
    }
    return {
        "data": measured.files[0],
        "context": measured.files[1],
        "open": measured.everywhere,
        "model": measured.model,
        "ask_p50_ms": percentile(times, 50),
        "ask_p95_ms": percentile(times, 95),
        "measures": measures,
        "splits": {"answerable": split} if answerable else {},
        "questions": [
            {
                "id": each.id,
                "page": each.page,
                "lines": sorted(each.item.lines),
                "predicted": sorted(each.predicted),
                "abstained": each.abstained,
                "probability": each.probability,
                "ms": ms,
            }
            for each, ms in zip(measured.asked, times, strict=True)
        ],
    }
