"""`ui.main` with one answer by hand: to `QUESTION`, two claims that differ. No model decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import ui
from rag.assistant import Assistant
from rag.types import Answer, AnswerSentence, Citation, Document, Filter, Span

QUESTION = "How many cars will BYD sell in 2025?"
CLAIMS = (
    "Statt 5,5 Mio. Fahrzeugen sollen 2025 nur noch bis zu 4,6 Mio. verkauft werden",
    "BYD will 2025 weltweit 5,5 Mio. Fahrzeuge verkaufen.",
)

answered = Assistant.stream


def stream(
    self: Assistant, question: str, filter: Filter | None = None, *, history: Sequence[str] = ()
) -> Iterator[Answer]:
    for answer in answered(self, question, filter, history=history):
        yield differing(self, answer) if question == QUESTION else answer


def differing(assistant: Assistant, answer: Answer) -> Answer:
    documents = [assistant.document(info.doc_id) for info in assistant.documents()]
    citations = [_cited(documents, n, claim) for n, claim in enumerate(CLAIMS, 1)]
    return replace(
        answer,
        kind="conflict",
        heading="Sources differ",
        sentences=tuple(AnswerSentence(c.quote, (c,)) for c in citations),
        groups=((0,), (1,)),
        abstention=None,
    )


def _cited(documents: Sequence[Document], number: int, claim: str) -> Citation:
    document = next(d for d in documents if claim in d.text)
    start = document.text.index(claim)
    span = Span(start, start + len(claim))
    return Citation(number, document, span, span.of(document.text))


if __name__ == "__main__":
    Assistant.stream = stream  # type: ignore[method-assign]
    ui.main()
