"""Syncing again what has not changed, and what has changed in one place."""

from __future__ import annotations

import time
from collections.abc import Sequence

from eval.speed.corpus import SENTENCES, Corpus, open_large
from eval.speed.parts import Figures, Part, Row, Settings, seconds
from rag import Assistant, Config

UNCHANGED, CHANGED = 3.0, 4.0  # seconds
RESTED = 2.5  # seconds after which a file's time is trusted


def measure(settings: Settings) -> Figures:
    settings.scratch.mkdir(parents=True, exist_ok=True)
    corpus = Corpus()
    articles = settings.scratch / f"resync-articles-{settings.documents}"
    corpus.write(articles, settings.documents * SENTENCES)
    config = Config.load()
    embedder = open_large(config, settings.scratch / "real.npz", corpus)
    changed = min(articles.rglob("*.md"))
    before = changed.read_text(encoding="utf-8")
    with Assistant(
        settings.scratch / f"resync-index-{settings.documents}", config, embedder
    ) as assistant:
        assistant.sync([articles])
        time.sleep(RESTED)
        assistant.sync([articles])  # what was written just before the first sync is read once more
        unchanged = seconds(lambda: assistant.sync([articles]))
        try:
            changed.write_text(f"{before}Ein Satz mehr.\n", encoding="utf-8")
            one = seconds(lambda: assistant.sync([articles]))
            answered = seconds(lambda: assistant.search("Was ist bekannt?"))
        finally:
            changed.write_text(before, encoding="utf-8")
        documents = assistant.counts().documents
    return {
        "documents": documents,
        "unchanged": unchanged,
        "one_changed": one,
        "first_search": answered,
    }


def rows(figures: Figures) -> Sequence[Row]:
    unchanged, one = figures["unchanged"], figures["one_changed"]
    size = f"{figures['documents']} documents"
    return [
        Row(f"sync of {size}, unchanged", f"{unchanged:.2f} s", "", "3 s", unchanged <= UNCHANGED),
        Row(
            f"sync of {size}, one changed",
            f"{one:.2f} s",
            f"first search after it: {1000 * figures['first_search']:.0f} ms",
            "4 s",
            one <= CHANGED,
        ),
    ]


PART = Part("resync", measure, rows)
