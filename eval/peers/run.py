"""Measure other libraries beside this one, in one table.

    python -m eval.peers.run DIR --split test --python ../peers/bin/python --out OUT

OUT gets, for each library and mode, `<peer>.json` for `python -m eval compare` and the TREC run
`<peer>.run`, and for this project `rag.json`. The others live in an environment of their own, where
this same module measures them once it is told the model. Start it from the root of the repository.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from eval.beir import Beir, read_beir
from eval.datasets import DatasetError
from eval.peers.libraries import PEERS, Peer
from eval.retrieval import MEASURES, Run, group, indexed_corpus, judge, rank, trec_run
from eval.significance import bootstrap
from rag.errors import RagError

DEPTH = 100  # documents of a ranking
PIECES = 400  # asked for at once where a document is several pieces
PIECE, OVERLAP = 1000, 200  # characters, as in LangChain's tutorials
SHOWN = ("nDCG@10", "R@1", "R@5", "RR@10")


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


def main(arguments: Sequence[str]) -> None:
    options = _parse(arguments)
    task = read_beir(options.folder, options.split)
    groups = {s: group(q, options.group_by) for s, q in task.qrels.items() if options.group_by}
    options.out.mkdir(parents=True, exist_ok=True)
    if options.model is None:
        _start_peers(options.python, arguments)
        _report(as_json(project(task), task, groups), options.out)
        return
    measures = "".join(f"  {name:20}" for name in SHOWN)
    print(f"{'':18}{'split':10}{'n':>5}{measures}index, s  p50, ms", flush=True)
    for name in options.peer or PEERS:
        opened = PEERS[name](options.model, PIECES if options.pieces else DEPTH)
        texts = pieces(task) if options.pieces and not opened.cuts else whole(task)
        for found in measure(name, opened, texts, task):
            _report(as_json(found, task, groups), options.out)
            ranking = trec_run([each.run for each in found.splits.values()], found.name)
            (options.out / f"{found.name}.run").write_text(ranking, encoding="utf-8")


def _start_peers(python: Path, arguments: Sequence[str]) -> None:
    """The same command in the environment of the peers, which prints their part of the table."""
    from rag import Config
    from rag.embed.convert import torch_folder

    config = Config.load()
    model = config.model or str(torch_folder(config))
    command = [str(python), "-m", "eval.peers.run", *arguments, "--model", model]
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise DatasetError(f"{python}: {error.strerror}; see eval/peers/README.md") from None
    if done.returncode:
        raise DatasetError(f"{python}: the peers ended with exit code {done.returncode}; see above")


def project(task: Beir) -> Measured:
    """This project, asked as by `python -m eval retrieval`; no vector is kept from earlier runs."""
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        start = time.perf_counter()
        with indexed_corpus(task.corpus, Path(scratch) / "index") as assistant:
            index_seconds = time.perf_counter() - start
            return _measured("rag", index_seconds, partial(rank, assistant), task)


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
        yield _measured(f"{name}-{mode}", index_seconds, partial(peer.search, mode), task)


def _measured(
    name: str, index_seconds: float, search: Callable[[str], Iterable[str]], task: Beir
) -> Measured:
    list(search("Wann?"))  # loads what the first question loads
    splits = {}
    for split, qrels in task.qrels.items():
        run, seconds = {}, []
        for query in qrels:
            start = time.perf_counter()
            found = dict.fromkeys(search(task.queries[query]))
            seconds.append(time.perf_counter() - start)
            run[query] = list(found)[:DEPTH]
        splits[split] = Ranked(run, tuple(seconds))
    return Measured(name, index_seconds, splits)


def as_json(found: Measured, task: Beir, groups: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The form of `python -m eval retrieval --json`, with the median time of a question."""
    splits = {}
    for split, ranked in found.splits.items():
        qrels = task.qrels[split]
        values = judge(ranked.run, qrels)
        families = groups.get(split)
        columns = np.array([list(values[name].values()) for name in MEASURES]).T
        drawn = None if families is None else list(families.values())
        ends = zip(*bootstrap(columns, drawn), strict=True)
        splits[split] = {
            "queries": len(qrels),
            "queries_per_second": len(qrels) / sum(ranked.seconds),
            "p50_ms": 1000 * median(ranked.seconds),
            "measures": {
                name: {"mean": float(mean), "low": float(low), "high": float(high)}
                for name, mean, (low, high) in zip(MEASURES, columns.mean(0), ends, strict=True)
            },
            "groups": families,
            "per_query": {q: {name: values[name][q] for name in MEASURES} for q in qrels},
        }
    return {"peer": found.name, "index_seconds": found.index_seconds, "splits": splits}


def _report(figures: Mapping[str, Any], out: Path) -> None:
    """Write the figures and print their rows of the table."""
    name = figures["peer"]
    (out / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for split, row in figures["splits"].items():
        means = (row["measures"][shown] for shown in SHOWN)
        cells = "".join(f"  {m['mean']:.4f} {m['low']:.3f}–{m['high']:.3f} " for m in means)
        print(
            f"{name:18}{split:10}{row['queries']:5}{cells}"
            f"{figures['index_seconds']:8.1f}{row['p50_ms']:9.1f}",
            flush=True,
        )


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.peers.run")
    parser.add_argument("folder", type=Path, help="in BEIR's layout")
    parser.add_argument("--split", action="append", default=[], help="may be repeated; all if none")
    parser.add_argument(
        "--python",
        type=Path,
        default=sys.executable,
        help="of the peers' environment; else this",
    )
    parser.add_argument("--model", type=Path, help="folder of weights: peers alone, here")
    parser.add_argument("--out", type=Path, required=True, help="folder for figures and runs")
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this; may be repeated")
    parser.add_argument("--pieces", action="store_true", help="cut long documents into pieces")
    parser.add_argument("--group-by", help="as in python -m eval retrieval")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"  # the model is a folder; nothing is to be fetched
    try:
        main(sys.argv[1:])
    except RagError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
