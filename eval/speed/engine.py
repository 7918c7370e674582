"""The model alone: multiply-adds per second, beside what the processor can do, and what int8 costs.

A multiply-add counts where it is of use: for a text's own tokens, not for padding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any

from eval.collection import indexed
from eval.datasets import ARTICLES, QUESTIONS, read_questions
from eval.run import run
from eval.speed.parts import Figures, Part, Row, Settings, seconds
from rag import Assistant, Config
from rag.embed import open_embedder
from rag.errors import ModelError
from rag.language.sentences import split_sentences

LAYERS, HIDDEN = 12, 384  # of the packaged model
SIZES = (1024, 2048)  # of the square matrices
AT_LEAST = 1.5  # seconds that a product is repeated
PRECISIONS = ("int8", "bf16", "fp32")
LOSS = 0.003  # of nDCG@10 that the faster precision may cost


def measure(settings: Settings) -> Figures:
    roof = products()
    texts = _texts(settings)
    engines: dict[str, dict[str, float]] = {}
    for precision in PRECISIONS:
        config = replace(Config.load(), model="", precision=precision)
        try:
            embedder = open_embedder(config)
        except ModelError:  # bf16, on a processor without it
            continue
        tokens = embedder.count_tokens(texts)
        embedder.embed_documents(texts[:100])
        read = partial(embedder.embed_documents, texts)
        took = [seconds(read) for _ in range(settings.rounds)]
        with Assistant(settings.scratch / f"sample-{precision}", config, embedder) as assistant:
            ndcg = _ndcg(assistant, settings)
        engines[precision] = {
            "seconds": median(took),
            "gmacs": multiply_adds(tokens) / median(took) / 1e9,
            "tokens_per_second": sum(tokens) / median(took),
            "ndcg_10": ndcg,
        }
    return {"roof_gmacs": roof, "engines": engines, "in_use": _in_use()}


def rows(figures: Figures) -> Sequence[Row]:
    roof, engines = figures["roof_gmacs"], figures["engines"]
    found = [
        Row(
            f"multiply-adds of use, {name}",
            f"{engine['gmacs']:.0f} G/s, {engine['gmacs'] / roof['bf16']:.2f} of bf16",
            f"matrices {name}: {roof[name]:.0f} G/s, bf16: {roof['bf16']:.0f} G/s",
        )
        for name, engine in engines.items()
    ]
    best = engines["fp32"]["ndcg_10"]
    loss = best - engines[figures["in_use"]]["ndcg_10"]
    return [
        *found,
        Row(
            f"nDCG@10 of the sample, {figures['in_use']}",
            f"{engines[figures['in_use']]['ndcg_10']:.4f}",
            f"fp32: {best:.4f}",
            f"−{LOSS} at most",
            loss <= LOSS,
        ),
    ]


def multiply_adds(lengths: Sequence[int]) -> int:
    """Of the encoder for texts of so many tokens: the dense layers, and each token on each."""
    return sum(LAYERS * (12 * HIDDEN**2 * n + 2 * HIDDEN * n**2) for n in lengths)


def products() -> dict[str, float]:
    """The best rate of torch's matrix product on all cores, in 10^9 multiply-adds a second."""
    import torch

    found = dict.fromkeys(PRECISIONS, 0.0)
    for n in SIZES:
        dense = torch.randn(n, n)
        whole = torch.randint(-127, 128, (n, n), dtype=torch.int8)
        products: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
            "int8": (torch._int_mm, whole),
            "bf16": (torch.mm, dense.bfloat16()),
            "fp32": (torch.mm, dense),
        }
        for name, (product, matrix) in products.items():
            found[name] = max(found[name], n**3 / _fastest(product, matrix) / 1e9)
    return found


def _fastest(product: Callable[[Any, Any], Any], matrix: Any) -> float:
    """Seconds of the fastest of many."""
    best, begin = float("inf"), time.perf_counter()
    while time.perf_counter() - begin < AT_LEAST:
        best = min(best, seconds(lambda: product(matrix, matrix)))
    return best


def _texts(settings: Settings) -> list[str]:
    """The distinct sentences of the corpus."""
    with indexed([settings.corpus]) as assistant:
        documents = [assistant.document(info.doc_id) for info in assistant.documents()]
    texts = [s.of(d.text) for d in documents for s in split_sentences(d.text)]
    return list(dict.fromkeys(texts))


def _ndcg(assistant: Assistant, settings: Settings) -> float:
    assistant.sync([ARTICLES])
    outcomes = run(assistant, read_questions(QUESTIONS)[: settings.questions])
    ranked = [outcome.ranked.ndcg_10 for outcome in outcomes if outcome.ranked]
    return sum(ranked) / len(ranked)


def _in_use() -> str:
    return open_embedder(replace(Config.load(), model="")).precision.rpartition(" ")[2]


PART = Part("engine", measure, rows)
