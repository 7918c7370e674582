"""Measure other libraries as `python -m eval retrieval` measures this one.

    python -m eval.peers.run DIR --split test --model FOLDER --out OUT

OUT gets, for each library and mode, `<peer>.json` for `python -m eval compare` and the TREC run
`<peer>.run`. In an environment of its own, started from the root of the repository: README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from eval.beir import Beir, read_beir
from eval.datasets import DatasetError
from eval.peers.libraries import PEERS, Peer
from eval.retrieval import MEASURES, Run, group, judge, trec_run

DEPTH = 100  # documents of a ranking
PIECES = 400  # asked for at once where a document is several pieces
PIECE, OVERLAP = 1000, 200  # characters, as in LangChain's tutorials


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one split's questions found, and how long each took."""

    run: Run
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A library in one mode, by split."""

    name: str
    index_seconds: float
    splits: Mapping[str, Ranked]


def main(arguments: list[str] | None = None) -> None:
    options = _parse(arguments)
    task = read_beir(options.folder, options.split)
    options.out.mkdir(parents=True, exist_ok=True)
    print(f"{'':18}{'split':10}{'n':>6}  nDCG@10  index, s  p50, ms")
    for name in options.peer or PEERS:
        opened = PEERS[name](options.model, PIECES if options.pieces else DEPTH)
        texts = pieces(task) if options.pieces and not opened.cuts else whole(task)
        for found in measure(name, opened, texts, task):
            figures = as_json(found, task, options.group_by)
            text = json.dumps(figures, indent=1) + "\n"
            (options.out / f"{found.name}.json").write_text(text, encoding="utf-8")
            ranking = trec_run([each.run for each in found.splits.values()], found.name)
            (options.out / f"{found.name}.run").write_text(ranking, encoding="utf-8")
            print("\n".join(_rows(found, figures)), flush=True)


def whole(task: Beir) -> list[tuple[str, str]]:
    """Each document's id and text, its title first, as BEIR's models read it."""
    return [
        (doc_id, "\n".join(filter(None, (row.get("title"), row["text"]))))
        for doc_id, row in task.corpus.items()
    ]


def pieces(task: Beir) -> list[tuple[str, str]]:
    """The same in overlapping pieces; a document ranks where its best piece does."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=PIECE, chunk_overlap=OVERLAP)
    return [(doc_id, piece) for doc_id, text in whole(task) for piece in splitter.split_text(text)]


def measure(
    name: str, peer: Peer, texts: Sequence[tuple[str, str]], task: Beir
) -> Iterator[Measured]:
    """Index once, then each mode over all splits. Loading the model is not timed."""
    start = time.perf_counter()
    peer.index(texts)
    index_seconds = time.perf_counter() - start
    for mode in peer.modes:
        list(peer.search(mode, "Wann?"))  # loads what the first question loads
        splits = {split: _ranked(peer, mode, task, split) for split in task.qrels}
        yield Measured(f"{name}-{mode}", index_seconds, splits)


def _ranked(peer: Peer, mode: str, task: Beir, split: str) -> Ranked:
    run, seconds = {}, []
    for query in task.qrels[split]:
        start = time.perf_counter()
        found = dict.fromkeys(peer.search(mode, task.queries[query]))
        seconds.append(time.perf_counter() - start)
        run[query] = list(found)[:DEPTH]
    return Ranked(run, tuple(seconds))


def as_json(found: Measured, task: Beir, group_by: str | None) -> dict[str, Any]:
    """The form of `python -m eval retrieval --json`, without intervals."""
    splits = {}
    for split, ranked in found.splits.items():
        qrels = task.qrels[split]
        values = judge(ranked.run, qrels)
        splits[split] = {
            "queries": len(qrels),
            "queries_per_second": len(qrels) / sum(ranked.seconds),
            "measures": {name: {"mean": mean(values[name].values())} for name in MEASURES},
            "groups": None if group_by is None else group(qrels, group_by),
            "per_query": {q: {name: values[name][q] for name in MEASURES} for q in qrels},
        }
    return {"peer": found.name, "index_seconds": found.index_seconds, "splits": splits}


def _rows(found: Measured, figures: dict[str, Any]) -> Iterator[str]:
    for split, ranked in found.splits.items():
        ndcg = figures["splits"][split]["measures"]["nDCG@10"]["mean"]
        yield (
            f"{found.name:18}{split:10}{len(ranked.run):6}{ndcg:9.4f}"
            f"{found.index_seconds:10.1f}{1000 * median(ranked.seconds):9.1f}"
        )


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.peers.run")
    parser.add_argument("folder", type=Path, help="in BEIR's layout")
    parser.add_argument("--split", action="append", default=[], help="may be repeated; all if none")
    parser.add_argument("--model", type=Path, required=True, help="sentence-transformers folder")
    parser.add_argument("--out", type=Path, required=True, help="folder for figures and runs")
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this; may be repeated")
    parser.add_argument("--pieces", action="store_true", help="cut long documents into pieces")
    parser.add_argument("--group-by", help="as in python -m eval retrieval")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"  # the model is a folder; nothing is to be fetched
    try:
        main()
    except DatasetError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
