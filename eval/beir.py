"""Retrieval tasks in BEIR's layout: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv.

A row of the corpus has `_id`, `text` and perhaps `title`; `source`, `published`, `language` and
`url` are known too, in the row or under its `metadata`. A row of the queries has `_id` and `text`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import DatasetError, read_jsonl
from eval.omos import page_id, read_items

FIELDS = ("title", "source", "published", "language", "url")
LANGUAGES = ("de", "en")

Row = Mapping[str, Any]
Qrels = Mapping[str, Mapping[str, int]]  # query → document → grade; relevant from 1


@dataclass(frozen=True, slots=True)
class Beir:
    """A corpus, questions on it, and per split which documents answer them; all by id.

    A row of the corpus has `text` and those of `FIELDS` that are known.
    """

    corpus: Mapping[str, Row]
    queries: Mapping[str, str]
    qrels: Mapping[str, Qrels]


def read_beir(folder: Path, splits: Sequence[str] = ()) -> Beir:
    """The task with these splits, or with all that it has. Raises DatasetError."""
    found = sorted(path.stem for path in (folder / "qrels").glob("*.tsv"))
    if not found:
        raise DatasetError(f"{folder}: no qrels/SPLIT.tsv there; name a folder in BEIR's layout")
    for split in splits:
        if split not in found:
            raise DatasetError(f"{folder}: has no split {split!r}; it has {', '.join(found)}")
    corpus = {key: _document(row) for key, row in _by_id(folder / "corpus.jsonl")}
    queries = {key: str(row["text"]) for key, row in _by_id(folder / "queries.jsonl")}
    wanted = dict.fromkeys(splits or found)
    qrels = {s: _read_qrels(folder / "qrels" / f"{s}.tsv", corpus, queries) for s in wanted}
    return Beir(corpus, queries, qrels)


def _by_id(path: Path) -> Iterable[tuple[str, Row]]:
    seen = set()
    for place, row in read_jsonl(path):
        key = str(row.get("_id", ""))
        if not key or not isinstance(row.get("text"), str):
            raise DatasetError(f"{place}: no {'text' if key else '_id'}; a row needs _id and text")
        if key in seen:
            raise DatasetError(f"{place}: the _id {key!r} is used twice; ids are unique")
        seen.add(key)
        yield key, row


def _document(row: Row) -> Row:
    """The fields that an index keeps. A document of a title alone is its title."""
    metadata = row.get("metadata")
    known = {**metadata, **row} if isinstance(metadata, dict) else row
    fields = {name: known[name] for name in FIELDS if known.get(name)}
    return {"text": row["text"] if row["text"].strip() else fields.get("title", ""), **fields}


def _read_qrels(path: Path, corpus: Mapping[str, Row], queries: Mapping[str, str]) -> Qrels:
    qrels: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if number == 1 or not row:
                continue  # the names of the columns
            place = f"{path}:{number}"
            try:
                query, document, grade = row[0], row[1], int(row[2])
            except (IndexError, ValueError):
                raise DatasetError(
                    f"{place}: write query-id, corpus-id and a whole score, tabs between"
                ) from None
            if query not in queries:
                raise DatasetError(f"{place}: queries.jsonl has no {query!r}; add it")
            if grade > 0 and document not in corpus:
                raise DatasetError(f"{place}: corpus.jsonl has no {document!r}; add it")
            qrels.setdefault(query, {})[document] = grade
    if not qrels:
        raise DatasetError(f"{path}: no judgement in it; write query-id, corpus-id, score")
    return qrels


def write_beir(task: Beir, folder: Path) -> None:
    """The files that `read_beir` reads."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_jsonl(folder / "corpus.jsonl", ({"_id": k, **row} for k, row in task.corpus.items()))
    _write_jsonl(folder / "queries.jsonl", ({"_id": k, "text": t} for k, t in task.queries.items()))
    for split, qrels in task.qrels.items():
        lines = [
            f"{query}\t{document}\t{grade}"
            for query, grades in qrels.items()
            for document, grade in grades.items()
        ]
        text = "\n".join(["query-id\tcorpus-id\tscore", *lines]) + "\n"
        (folder / "qrels" / f"{split}.tsv").write_text(text, encoding="utf-8")


def _write_jsonl(path: Path, rows: Iterable[Row]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def omos(folder: Path, language: str) -> Beir:
    """OMoS-QA as retrieval: all pages in one language, each once; the answerable questions in both.

    A split is a part of the data and the language of its questions, `train-de`. The relevant
    document of a question is the page that it was asked about.
    """
    corpus: dict[str, Row] = {}
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, dict[str, int]]] = {}
    for part in ("train", "dev"):
        sides = {each: read_items(folder / f"{part}.{each}.jsonl") for each in LANGUAGES}
        pages = {number: item.page for number, item in sides[language].items()}
        corpus |= {page_id(page): {"text": page, "language": language} for page in pages.values()}
        for asked, items in sides.items():
            split = f"{part}-{asked}"
            answerable = {f"{split}-{n}": (n, i.question) for n, i in items.items() if i.lines}
            queries |= {query: question for query, (_, question) in answerable.items()}
            qrels[split] = {q: {page_id(pages[n]): 1} for q, (n, _) in answerable.items()}
    return Beir(corpus, queries, qrels)
