"""What indexing costs beside embedding each token once, that is each passage as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.speed.parts import seconds
from rag import Assistant, Config, Filter
from rag.embed import Embedder
from rag.search.retriever import Search

RUNS = 2  # the faster counts
EVERYTHING = 1 << 20  # more passages than are measured


def report(paths: Sequence[Path]) -> str:
    """Seconds for the passages, for what the model reads instead, and for the whole of a sync."""
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        synced = []
        for run in range(RUNS):
            with Assistant(Path(scratch) / str(run), Config.load()) as assistant:
                assistant.embedder.embed_documents(["Zum Warmwerden."] * 60)
                synced.append(seconds(partial(assistant.sync, paths)))
                passages, read = _texts(assistant)
        embedder = assistant.embedder
    once, instead = (_embedding(embedder, texts) for texts in (passages, read))
    return "\n".join(
        [
            f"{len(passages)} passages, {sum(embedder.count_tokens(passages))} tokens, "
            f"embedded once: {once:.2f} s",
            f"sentences and titles, {sum(embedder.count_tokens(read))} tokens: {instead:.2f} s, "
            f"{instead / once:.2f} times",
            f"all of it, from files to caches: {min(synced):.2f} s, {min(synced) / once:.2f} times",
        ]
    )


def _texts(assistant: Assistant) -> tuple[list[str], list[str]]:
    """All passages, and each distinct sentence and title."""
    with assistant._opened().snapshot() as snapshot:
        found = Search(snapshot, assistant.embedder, "Was?", Filter()).scored(EVERYTHING)
        chunks = [each.candidate.chunk for each in found]
        text = {doc_id: snapshot.document(doc_id) for doc_id in {c.doc_id for c in chunks}}
    passages = [c.span.of(text[c.doc_id].text) for c in chunks]
    sentences = [span.of(text[c.doc_id].text) for c in chunks for span in c.sentences]
    return passages, list(dict.fromkeys([*sentences, *(d.title for d in text.values())]))


def _embedding(embedder: Embedder, texts: Sequence[str]) -> float:
    return min(seconds(partial(embedder.embed_documents, texts)) for _ in range(RUNS))
