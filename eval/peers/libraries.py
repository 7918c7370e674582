"""The libraries, with one way to use them all: index texts, then search in a mode.

Each is used as its own pages say, with its defaults for fusion, and with E5's prompts. They are
imported when a peer is opened: see requirements.txt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol


class Peer(Protocol):
    """A library. `modes` are the ways it can search; `cuts` says that it cuts long texts itself."""

    modes: tuple[str, ...]
    cuts: bool

    def __init__(self, model: Path, depth: int) -> None: ...

    def index(self, texts: Sequence[tuple[str, str]]) -> None:
        """Pairs of a document's id and a text of it."""

    def search(self, mode: str, question: str) -> Iterable[str]:
        """Ids of documents, best first; an id may come again."""


class LangChain:
    """FAISS; and with BM25 in the ensemble retriever, both at equal weight."""

    modes: tuple[str, ...] = ("dense", "hybrid")
    cuts = False

    def __init__(self, model: Path, depth: int) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings

        self._depth = depth
        self._embeddings = HuggingFaceEmbeddings(
            model_name=str(model),
            model_kwargs={"device": "cpu"},
            encode_kwargs={"prompt_name": "passage"},
            query_encode_kwargs={"prompt_name": "query"},
        )

    def index(self, texts: Sequence[tuple[str, str]]) -> None:
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS

        bodies = [text for _, text in texts]
        owners = [{"doc_id": doc_id} for doc_id, _ in texts]
        store = FAISS.from_texts(bodies, self._embeddings, owners)
        dense = store.as_retriever(search_kwargs={"k": self._depth})
        words = BM25Retriever.from_texts(bodies, owners, k=self._depth)
        hybrid = EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5])
        self._retrievers = {"dense": dense, "hybrid": hybrid}

    def search(self, mode: str, question: str) -> Iterable[str]:
        return [found.metadata["doc_id"] for found in self._retrievers[mode].invoke(question)]


class Txtai:
    """One hybrid index; dense only where all weight is on the vectors."""

    modes: tuple[str, ...] = ("dense", "hybrid")
    cuts = False

    def __init__(self, model: Path, depth: int) -> None:
        from txtai import Embeddings

        self._depth = depth
        self._index = Embeddings(
            path=str(model),
            hybrid=True,
            gpu=False,
            instructions={"query": "query: ", "data": "passage: "},
        )

    def index(self, texts: Sequence[tuple[str, str]]) -> None:
        self._owners = [doc_id for doc_id, _ in texts]
        self._index.index((number, text) for number, (_, text) in enumerate(texts))

    def search(self, mode: str, question: str) -> Iterable[str]:
        weights = 1.0 if mode == "dense" else None
        return [self._owners[i] for i, _ in self._index.search(question, self._depth, weights)]


class LlamaIndex:
    """Its vector index with its own splitter; and with its BM25 by reciprocal rank fusion."""

    modes: tuple[str, ...] = ("dense", "hybrid")
    cuts = True

    def __init__(self, model: Path, depth: int) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._depth = depth
        self._embedding = HuggingFaceEmbedding(
            model_name=str(model),
            device="cpu",
            query_instruction="query: ",
            text_instruction="passage: ",
        )

    def index(self, texts: Sequence[tuple[str, str]]) -> None:
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
        from llama_index.retrievers.bm25 import BM25Retriever

        documents = [Document(text=text, doc_id=doc_id) for doc_id, text in texts]
        index = VectorStoreIndex.from_documents(documents, embed_model=self._embedding)
        nodes = list(index.docstore.docs.values())
        depth = min(self._depth, len(nodes))
        dense = index.as_retriever(similarity_top_k=depth)
        words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=depth)
        hybrid = QueryFusionRetriever(
            [dense, words],
            llm=MockLLM(),
            mode=FUSION_MODES.RECIPROCAL_RANK,
            similarity_top_k=depth,
            num_queries=1,  # the question alone, since there is no language model
            use_async=False,
        )
        self._retrievers = {"dense": dense, "hybrid": hybrid}

    def search(self, mode: str, question: str) -> Iterable[str]:
        return [found.node.ref_doc_id for found in self._retrievers[mode].retrieve(question)]


PEERS: dict[str, type[Peer]] = {"langchain": LangChain, "txtai": Txtai, "llamaindex": LlamaIndex}
