"""OMoS-QA: which lines of a given page answer, or does none?

A question is asked with the page as the only permitted document. A line of the page counts as
predicted when the citations cover at least half of its characters. Sentence F1 is the mean over
the answerable questions, where an empty prediction scores 0; no-answer F1 treats the empty
prediction as the positive class. The English question goes with the German page by its id.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from eval.collection import reindexed
from eval.datasets import DatasetError, read_jsonl
from eval.measures import covers_half, percentile, precision_recall_f1, set_f1
from rag import Answer, Assistant, Filter, Span

PAIRS = (("de", "de"), ("en", "en"), ("en", "de"))  # languages of question and page


@dataclass(frozen=True, slots=True)
class Item:
    question: str
    page: str
    lines: frozenset[int]  # that answer; none: unanswerable


def report(folder: Path, part: str, fresh: bool) -> str:
    """The figures as a table, for the rows of `part`: train or dev."""
    sides = {language: read_items(folder / f"{part}.{language}.jsonl") for language in ("de", "en")}
    lines = [
        f"{'OMoS-QA ' + part:16}{'n':>5}  sentence F1  no-answer prec   rec    F1   ask p50, ms",
    ]
    with TemporaryDirectory() as scratch:
        rows = Path(scratch) / "omos-qa.jsonl"
        pages = {item.page for items in sides.values() for item in items.values()}
        text = (json.dumps({"id": page_id(page), "text": page}) for page in sorted(pages))
        rows.write_text("\n".join(text), encoding="utf-8")
        with reindexed([rows], fresh) as assistant:
            for asked, told in PAIRS:
                items = [
                    Item(sides[asked][number].question, item.page, item.lines)
                    for number, item in sides[told].items()
                ]
                lines.append(f"{asked + ' → ' + told:16}{_figures(assistant, items)}")
    return "\n".join(lines)


def _figures(assistant: Assistant, items: list[Item]) -> str:
    predicted, times = [], []
    for item in items:
        only = Filter(doc_ids=frozenset([page_id(item.page)]))
        start = time.perf_counter()
        answer = assistant.ask(item.question, only)
        times.append((time.perf_counter() - start) * 1000)
        predicted.append(predicted_lines(answer, item.page))
    pairs = [(p, i.lines) for p, i in zip(predicted, items, strict=True)]
    sentence = mean(set_f1(found, gold) for found, gold in pairs if gold)
    precision, recall, f1 = precision_recall_f1(
        [not found for found, _ in pairs], [not gold for _, gold in pairs]
    )
    return (
        f"{len(items):5}{sentence:13.3f}{precision:16.3f}{recall:6.3f}{f1:6.3f}"
        f"{percentile(times, 50):14.0f}"
    )


def predicted_lines(answer: Answer, page: str) -> frozenset[int]:
    """The lines that the citations cover by half or more. Raises DatasetError for another text."""
    if any(citation.document.text != page for citation in answer.citations):
        raise DatasetError("the indexed page differs from the row; offsets would not fit")
    cited = [citation.span for citation in answer.citations]
    return frozenset(n for n, line in enumerate(line_spans(page)) if covers_half(line, cited))


def line_spans(text: str) -> Iterable[Span]:
    """Where each line of `text.split("\\n")` stands."""
    start = 0
    for line in text.split("\n"):
        yield Span(start, start + len(line))
        start += len(line) + 1


def page_id(page: str) -> str:
    return hashlib.sha256(page.encode()).hexdigest()[:16]


def read_items(path: Path) -> dict[int, Item]:
    """The rows of a file, by id."""
    return {
        row["id"]: Item(row["question"], row["context"], frozenset(row["answers"]))
        for _, row in read_jsonl(path)
    }
