"""`ui.main` whose answers cite every article there is; vectors are those of the double."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import ui
from rag import embed
from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.types import Answer, AnswerSentence, Chunk, Citation, Document, Filter, Hit, Span

answered = Assistant.stream


def stream(
    self: Assistant, question: str, filter: Filter | None = None, *, history: Sequence[str] = ()
) -> Iterator[Answer]:
    documents = [self.document(info.doc_id) for info in self.documents(filter)]
    for answer in answered(self, question, filter, history=history):
        yield _citing(answer, documents)


def _citing(answer: Answer, documents: Sequence[Document]) -> Answer:
    """Each article cited whole, with a translation, each the copy of the next."""
    whole = [Span(0, len(document.text)) for document in documents]
    citations = [
        Citation(n, document, span, document.text, document.text)
        for n, (document, span) in enumerate(zip(documents, whole, strict=True), 1)
    ]
    hits = [
        Hit(
            Chunk(f"{document.doc_id}#0", document.doc_id, span, (span,)),
            document, 0.8, {}, span, {"title": 0.5}, {"title": 0.5},
        )
        for document, span in zip(documents, whole, strict=True)
    ]  # fmt: skip
    return replace(
        answer,
        kind="conflict",
        sentences=tuple(AnswerSentence(c.quote, (c,)) for c in citations),
        groups=((0,), (1,)),
        notices=tuple(document.title for document in documents[:20]),
        evidence=replace(answer.evidence, hits=tuple(hits)),
        abstention=None,
    )


def _double(_: Config) -> HashEmbedder:
    return HashEmbedder()


if __name__ == "__main__":
    embed.open_embedder = _double  # type: ignore[assignment]
    Assistant.stream = stream  # type: ignore[method-assign]
    ui.main()
