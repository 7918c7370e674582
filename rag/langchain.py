"""The articles as a LangChain retriever. Needs the extra: pip install 'rag[langchain]'.

from rag.langchain import ArticleRetriever

retriever = ArticleRetriever.open("index", k=5)
for passage in retriever.invoke("Wo entsteht das Entwicklungszentrum?"):
    print(passage.page_content, passage.metadata["title"])
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import RagError
from rag.jsonform import document_form
from rag.types import Filter, Hit


class MissingExtra(RagError, ImportError):
    """A package that only an extra installs is not there."""


try:
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import Field, InstanceOf
except ModuleNotFoundError as missing:
    raise MissingExtra(
        f"rag.langchain needs {missing.name}, which is not installed; "
        "run: pip install 'rag[langchain]'"
    ) from None

if TYPE_CHECKING:
    from langchain_core.callbacks import (
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForRetrieverRun,
    )


class ArticleRetriever(BaseRetriever):
    """The best `k` passages of an index that `filter` permits, best first.

    `invoke(question)` returns a LangChain document per passage: `page_content` is its text,
    `metadata` says where it stands, so that `page_content` is
    `assistant.document(metadata["doc_id"]).text[metadata["start"]:metadata["end"]]`.
    `invoke(question, k=3, filter=Filter(…))` overrides the settings for one question; `ainvoke`,
    `batch` and chains work as with every retriever. Errors are those of `Assistant.search`.
    """

    assistant: InstanceOf[Assistant] = Field(repr=False, exclude=True)
    k: int = Field(default=10, ge=1)
    filter: InstanceOf[Filter] | None = None

    @classmethod
    def open(
        cls,
        index_dir: str | Path | None = None,
        *,
        config: Config | None = None,
        k: int = 10,
        filter: Filter | None = None,
    ) -> Self:
        """A retriever over the index in this folder; `retriever.assistant.close()` closes it."""
        return cls(assistant=Assistant.open(index_dir, config=config), k=k, filter=filter)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 (LangChain's signature)
        k: int | None = None,
        filter: Filter | None = None,
    ) -> list[Document]:
        hits = self.assistant.search(
            query, self.k if k is None else k, self.filter if filter is None else filter
        )
        return [_passage(hit) for hit in hits]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        **settings: Any,
    ) -> list[Document]:
        return await asyncio.to_thread(
            self._get_relevant_documents, query, run_manager=run_manager.get_sync(), **settings
        )


def _passage(hit: Hit) -> Document:
    document = document_form(hit.document)
    return Document(
        id=hit.chunk.chunk_id,
        page_content=hit.text,
        metadata={
            "doc_id": document.pop("id"),
            "chunk_id": hit.chunk.chunk_id,
            **document,
            "start": hit.chunk.span.start,
            "end": hit.chunk.span.end,
            "score": hit.score,
            "copies": [document_form(copy) for copy in hit.copies],
        },
    )
