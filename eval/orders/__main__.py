"""Learn to tell orders to a model from sentences of articles, by their vectors.

    python -m eval.orders ../shared/data    # writes rag/answer/orders.json, 1 min

Orders: the invented ones of `orders.txt`. Others: lines of OMoS-QA train (CC BY 4.0), sentences of
XQuAD's German passages (CC BY-SA 4.0) and of every second sample article; a third of them sets the
threshold. `tests/answer/attacks.jsonl` and the other sample articles stay unseen.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from rag.config import Config
from rag.embed import open_embedder
from rag.language import split_sentences

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[1] / "rag" / "answer" / "orders.json"
OTHERS = 700  # of each of the three sources
LEAST = 30  # characters of a line that is used
MISTAKEN = 0.01  # share of other sentences above the threshold
STRENGTH = 100.0  # inverse of the penalty on weights
DIGITS = 4


def _texts(folder: Path, pattern: str, field: str) -> Iterator[str]:
    for path in sorted(folder.glob(pattern)):
        for row in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(row)[field]


def _sentences(texts: Iterable[str]) -> list[str]:
    found = {
        span.of(text) for text in texts for span in split_sentences(text) if len(span) >= LEAST
    }
    return random.Random(0).sample(sorted(found), min(OTHERS, len(found)))


def main(folder: Path) -> None:
    embed = open_embedder(Config()).embed_documents
    orders = embed((HERE / "orders.txt").read_text(encoding="utf-8").splitlines())
    pages = [*_texts(folder / "omos-qa", "train.*.jsonl", "context")]
    passages = [*_texts(folder / "xquad-r", "corpus.jsonl", "text")]
    articles = [
        path.read_text(encoding="utf-8").split("---\n", 2)[-1]
        for path in sorted((HERE.parent / "articles").glob("*.md"))[::2]
    ]
    chosen = [line for source in (pages, passages, articles) for line in _sentences(source)]
    random.Random(1).shuffle(chosen)
    others = embed(chosen)
    third = len(chosen) // 3
    learnt, kept = others[third:], others[:third]
    rows = np.vstack([orders, learnt])
    labels = np.r_[np.ones(len(orders)), np.zeros(len(learnt))]
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000)
    model.fit(rows, labels)
    threshold = float(np.quantile(model.decision_function(kept), 1 - MISTAKEN))
    found = {
        "weights": [round(float(w), DIGITS) for w in model.coef_[0]],
        "bias": round(float(model.intercept_[0]) - threshold, DIGITS),
    }
    WEIGHTS.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
