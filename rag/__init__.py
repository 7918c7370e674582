"""Ask a collection of German and English articles; every sentence of the answer cites a quote.

    from rag import Assistant

    with Assistant.open("index") as assistant:
        assistant.sync(["articles/"])
        answer = assistant.ask("Wie viele Autos will Xiaomi 2026 ausliefern?")

Importing this package loads no model and no heavy library.
"""

from __future__ import annotations

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import RagError
from rag.passages import Retriever
from rag.types import (
    Abstention,
    Answer,
    AnswerSentence,
    Citation,
    Document,
    DocumentInfo,
    Filter,
    Hit,
    Period,
    Span,
    SyncReport,
)

__version__ = "0.1.0"
__all__ = [
    "Abstention",
    "Answer",
    "AnswerSentence",
    "Assistant",
    "Citation",
    "Config",
    "Document",
    "DocumentInfo",
    "Filter",
    "Hit",
    "Period",
    "RagError",
    "Retriever",
    "Span",
    "SyncReport",
]
