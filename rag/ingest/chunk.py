"""Document → chunks: runs of whole sentences that fit the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.language.sentences import split_sentences
from rag.types import Chunk, Document, Span

TokenCounter = Callable[[Sequence[str]], list[int]]


def chunk(document: Document, count_tokens: TokenCounter, target: int, limit: int) -> list[Chunk]:
    """Cut `document` into chunks of about `target` and at most `limit` tokens."""
    sentences = split_sentences(document.text)
    counts = count_tokens([s.of(document.text) for s in sentences]) if sentences else []
    runs: list[list[Span]] = []
    size = 0
    for sentence, tokens in zip(sentences, counts, strict=True):
        if not runs or size + tokens > min(target, limit):
            runs.append([])
            size = 0
        runs[-1].append(sentence)
        size += tokens
    return [
        Chunk(
            f"{document.doc_id}#{n}",
            document.doc_id,
            Span(run[0].start, run[-1].end),
            tuple(run),
        )
        for n, run in enumerate(runs)
    ]
