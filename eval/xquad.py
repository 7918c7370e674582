"""XQuAD-R: retrieval of German passages by German and by English questions.

`folder` is in BEIR's layout (corpus.jsonl, queries.jsonl, qrels/de.tsv, qrels/en.tsv). Each
passage is one document; a document ranks where its best chunk does.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from eval.collection import reindexed
from eval.datasets import DatasetError, read_jsonl
from eval.measures import ndcg, recall_at, reciprocal_rank
from rag import Assistant

DEPTH = 10  # documents of a ranking
CHUNKS = 50  # enough chunks for that many documents


def report(folder: Path, fresh: bool) -> str:
    """The figures as a table. A question whose passage was not found counts 0."""
    queries = {row["_id"]: row["text"] for _, row in read_jsonl(folder / "queries.jsonl")}
    lines = [f"{'XQuAD-R':12}{'n':>5} nDCG@10   R@1  MRR@10"]
    with TemporaryDirectory() as scratch:
        rows = Path(scratch) / "xquad-r.jsonl"
        with rows.open("w", encoding="utf-8") as file:
            for _, row in read_jsonl(folder / "corpus.jsonl"):
                print(json.dumps({"id": row["_id"], "text": row["text"]}), file=file)
        with reindexed([rows], fresh) as assistant:
            for split in ("de", "en"):
                qrels = read_qrels(folder / "qrels" / f"{split}.tsv")
                found = [_ranking(assistant, queries[query], qrels[query]) for query in qrels]
                totals = [len(relevant) for relevant in qrels.values()]
                pairs = list(zip(found, totals, strict=True))
                lines.append(
                    f"{split + ' → de':12}{len(found):5}"
                    f"{mean(ndcg(ranking, total, 10) for ranking, total in pairs):8.4f}"
                    f"{mean(recall_at(ranking, total, 1) for ranking, total in pairs):7.3f}"
                    f"{mean(reciprocal_rank(ranking) for ranking in found):7.3f}"
                )
    return "\n".join(lines)


def _ranking(assistant: Assistant, question: str, relevant: set[str]) -> list[bool]:
    hits = assistant.search(question, CHUNKS)
    documents = dict.fromkeys(hit.document.doc_id for hit in hits)
    return [doc_id in relevant for doc_id in list(documents)[:DEPTH]]


def read_qrels(path: Path) -> dict[str, set[str]]:
    """The relevant documents of each query. Raises DatasetError."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; name a folder in BEIR's layout") from None
    qrels: dict[str, set[str]] = {}
    for row in rows:
        if int(row["score"]) > 0:
            qrels.setdefault(row["query-id"], set()).add(row["corpus-id"])
    return qrels
