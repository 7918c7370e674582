"""Retrieval, measured as the field does it: a task in BEIR's layout, judged by `ir_measures`.

The corpus is indexed as users index theirs, from JSONL. A document ranks where its best chunk
does. A query without results counts 0.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from eval.beir import Beir, Qrels, Row
from eval.collection import indexed, reindexed
from eval.datasets import DatasetError, read_jsonl
from eval.significance import bootstrap
from rag import Assistant, Hit
from rag.errors import IndexNotFound

try:
    import ir_measures
except ModuleNotFoundError:  # now, rather than after all has been indexed and asked
    raise DatasetError("ir_measures is not installed; run: pip install -e '.[dev]'") from None

MEASURES = ("nDCG@10", "R@1", "R@5", "R@10", "RR@10")
DEPTH = 10  # documents of a ranking that is only measured
RUN_DEPTH = 100  # of one that is written
CHUNKS = 100  # asked for at once; the retriever's own pool, so the head is what a user gets
PART_BYTES = 5_000_000  # of a file of rows

Run = Mapping[str, Sequence[str]]  # query → documents, best first


@dataclass(frozen=True, slots=True)
class Judged:
    """One split, with its ranking; `figures` are means with both ends of their 95 % interval."""

    split: str
    values: Mapping[str, Mapping[str, float]]  # measure → query → value
    figures: Mapping[str, tuple[float, float, float]]  # by measure
    groups: Mapping[str, str] | None  # query → group
    seconds: float
    run: Run


@contextmanager
def indexed_corpus(
    corpus: Mapping[str, Row], index: Path | None = None, fresh: bool = False
) -> Iterator[Assistant]:
    """An assistant over the documents, by their ids: in a temporary index, or in one that stays.

    An index that stays has its rows beside it, in `<index>-rows/`. Raises DatasetError where it
    holds other documents.
    """
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        rows = Path(f"{index.resolve()}-rows") if index else Path(scratch)
        if index is not None:
            _check_index(index, rows, corpus)
        _write_rows(corpus, rows)
        opened = reindexed([rows], fresh) if index is None else indexed([rows], index)
        with opened as assistant:
            there = {info.doc_id for info in assistant.documents()}
            if lacking := corpus.keys() - there:
                print(
                    f"{len(lacking)} of {len(corpus)} documents could not be indexed, "
                    f"such as {min(lacking)!r}",
                    file=sys.stderr,
                )
            yield assistant


def _check_index(index: Path, rows: Path, corpus: Mapping[str, Row]) -> None:
    """Raises DatasetError where an index holds other documents, before anything is written."""
    before = {row["id"] for path in rows.glob("*.jsonl") for _, row in read_jsonl(path)}
    with Assistant.open(index) as assistant, suppress(IndexNotFound):
        if others := {info.doc_id for info in assistant.documents()} - corpus.keys() - before:
            raise DatasetError(f"{index}: holds {len(others)} other documents; name another folder")


def _write_rows(corpus: Mapping[str, Row], folder: Path) -> None:
    """The documents as JSONL, in several files, since a large one would be skipped."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9][0-9][0-9].jsonl"):
        old.unlink()
    lines: list[str] = []
    size = part = 0
    for doc_id, row in corpus.items():
        lines.append(json.dumps({"id": doc_id, **row}) + "\n")
        size += len(lines[-1])
        if size > PART_BYTES:
            (folder / f"{part:04}.jsonl").write_text("".join(lines), encoding="utf-8")
            lines, size, part = [], 0, part + 1
    (folder / f"{part:04}.jsonl").write_text("".join(lines), encoding="utf-8")


def rank(assistant: Assistant, question: str, depth: int = DEPTH) -> list[str]:
    """The best `depth` documents, fewer only where no more are found.

    What a deeper search adds goes to the end, so that the head does not depend on the depth.
    """
    ranked: dict[str, None] = {}
    k = CHUNKS
    while True:
        hits = assistant.search(question, k)
        ranked |= dict.fromkeys(_documents(hits))
        if len(ranked) >= depth or len(hits) < k:
            return list(ranked)[:depth]
        k *= 4


def _documents(hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        yield hit.document.doc_id
        yield from (copy.doc_id for copy in hit.copies)


def judge(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """measure → query → value, for every query of the qrels."""
    # Scores that fall by one: trec_eval sorts by score alone, and equal ones by name.
    scores = {
        query: {doc_id: float(len(found) - n) for n, doc_id in enumerate(found)}
        for query, found in run.items()
    }
    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    values = {name: dict.fromkeys(qrels, 0.0) for name in MEASURES}
    for metric in ir_measures.iter_calc(measures, qrels, scores):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def measure(
    assistant: Assistant,
    task: Beir,
    depth: int = DEPTH,
    groups: Mapping[str, Mapping[str, str]] | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Judged]:
    """Rank and judge every split. `groups` has per split the group of each query."""
    total = sum(map(len, task.qrels.values()))
    done = 0
    judged = []
    assistant.search("Wann?", 1)  # loads what the first question loads
    for split, qrels in task.qrels.items():
        run: dict[str, list[str]] = {}
        seconds = 0.0
        for query in qrels:
            start = time.perf_counter()
            run[query] = rank(assistant, task.queries[query], depth)
            seconds += time.perf_counter() - start
            progress(done := done + 1, total)
        values = judge(run, qrels)
        families = None if groups is None else groups[split]
        judged.append(Judged(split, values, _figures(values, families), families, seconds, run))
    return judged


def _figures(
    values: Mapping[str, Mapping[str, float]], groups: Mapping[str, str] | None
) -> dict[str, tuple[float, float, float]]:
    columns = np.array([list(column.values()) for column in values.values()]).T
    low, high = bootstrap(columns, None if groups is None else list(groups.values()))
    means = columns.mean(axis=0)
    return {n: (float(means[i]), float(low[i]), float(high[i])) for i, n in enumerate(values)}


def group(qrels: Qrels, pattern: str) -> dict[str, str]:
    """The group of each query: what `pattern` matches at the start of its best document's id.

    `a\\d+` puts the passages `a07p0` and `a07p1` into the group `a07`. Raises DatasetError.
    """
    groups = {}
    for query, grades in qrels.items():
        best = max(grades, key=lambda doc_id: grades[doc_id])
        try:
            match = re.match(pattern, best)
        except re.error as error:
            raise DatasetError(f"{pattern!r} is no regular expression: {error}") from None
        if match is None:
            raise DatasetError(f"{pattern!r} does not match the start of the id {best!r}")
        groups[query] = match.group()
    if len(set(groups.values())) < 2:
        raise DatasetError(f"{pattern!r} puts all queries into one group; write a longer pattern")
    return groups


def table(judged: Sequence[Judged]) -> str:
    """A row per split: means with their intervals."""
    wide = max(5, *(len(each.split) for each in judged))
    lines = [f"{'split':{wide}}{'n':>6}  " + "".join(f"{m:17}" for m in MEASURES) + "queries/s"]
    for each in judged:
        figures = "".join(
            f"{_f(mean, 4)} {_f(low, 3)}–{_f(high, 3)}  "
            for mean, low, high in each.figures.values()
        )
        count = len(each.run)
        lines.append(f"{each.split:{wide}}{count:6}  {figures}{count / each.seconds:9.1f}")
    return "\n".join(lines)


def _f(value: float, digits: int) -> str:
    """`.973`, and `1.00` for 1."""
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("0") else text[:-1]


def as_json(judged: Sequence[Judged], **about: str | int) -> dict[str, Any]:
    """All figures, and those of each query, as `python -m eval compare` reads them."""
    splits = {
        each.split: {
            "queries": len(each.run),
            "queries_per_second": len(each.run) / each.seconds,
            "measures": {
                name: {"mean": mean, "low": low, "high": high}
                for name, (mean, low, high) in each.figures.items()
            },
            "groups": each.groups,
            "per_query": {q: {m: each.values[m][q] for m in MEASURES} for q in each.run},
        }
        for each in judged
    }
    return {**about, "splits": splits}


def trec_run(runs: Iterable[Run], tag: str) -> str:
    """`query Q0 document rank score tag` a line; the score only tells the order."""
    run = {query: found for each in runs for query, found in each.items()}
    ids = {*run, *(doc_id for found in run.values() for doc_id in found)}
    if odd := [each for each in ids if len(each.split()) != 1]:
        raise DatasetError(f"{min(odd)!r}: a TREC run cannot hold an id with blanks; rename it")
    return "".join(
        f"{query} Q0 {doc_id} {n} {len(found) - n + 1} {tag}\n"
        for query, found in run.items()
        for n, doc_id in enumerate(found, 1)
    )
