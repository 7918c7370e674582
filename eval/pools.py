"""The candidates of many questions with their features: what ranking is learned and judged on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.beir import Beir, Row, read_beir
from eval.collection import reindexed
from eval.datasets import ARTICLES, CORPUS, QUESTIONS, Gold, locate, read_questions
from eval.folds import deal, fold_numbers, related_articles
from eval.measures import covered
from eval.omos import page_id, read_items
from eval.retrieval import indexed_corpus
from rag import Assistant, Filter, Span
from rag.search.features import FEATURES, pooled, towards
from rag.search.retriever import POOL, Search
from rag.types import Chunk, Vectors

DRIFT = FEATURES.index("drift")
WHOLE = Span(0, 1 << 60)  # of a document that is right as a whole

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what answers it; questions of one fold are judged by what they did not teach.

    What ranks is an item: a document, where its best chunk does, or a chunk.
    """

    id: str
    text: str
    language: str
    fold: int
    gold: tuple[Gold, ...]
    by_document: bool

    def is_right(self, chunk: Chunk) -> bool:
        return any(g.doc_id == chunk.doc_id and covered(g.span, [chunk.span]) for g in self.gold)


@dataclass(frozen=True, slots=True)
class Task:
    """Questions on one corpus, which `open` indexes."""

    name: str
    questions: tuple[Asked, ...]
    open: Callable[[], AbstractContextManager[Assistant]]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """One question's candidates: (candidates, features), which are right, and whose item each is.

    `drifting` has a column for each of several drifts, to put in the place of the feature.
    """

    asked: Asked
    matrix: Floats
    drifting: Floats
    right: NDArray[np.bool_]
    items: NDArray[np.str_]

    def with_drift(self, number: int) -> Floats:
        matrix = self.matrix.copy()
        matrix[:, DRIFT] = self.drifting[:, number]
        return matrix


def tasks(data: Path, folds: int) -> list[Task]:
    """XQuAD-R; OMoS-QA's train part in German, in English and mixed; the sample's dev half."""
    xquad = read_beir(data / "xquad-r")
    found = [_task("XQuAD-R", xquad, folds, lambda doc_id: doc_id[:3])]
    for name, languages in (("de", ("de",)), ("en", ("en",)), ("mixed", ("de", "en"))):
        pages = _train_pages(data / "omos-qa", languages)
        found.append(_task(f"OMoS {name}", pages, folds, lambda doc_id: doc_id))
    return [*found, _sample(folds)]


def _train_pages(folder: Path, languages: Sequence[str]) -> Beir:
    """The train pages, each in one of the languages, and the questions in both.

    Where a collection has both languages, what tells them apart must not outweigh what answers.
    """
    sides = {each: read_items(folder / f"train.{each}.jsonl") for each in ("de", "en")}
    corpus: dict[str, Row] = {}
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, dict[str, int]]] = {f"train-{each}": {} for each in sides}
    for number, item in sides["de"].items():
        told = languages[int(page_id(item.page), 16) % len(languages)]
        page = sides[told][number].page
        corpus[page_id(page)] = {"text": page, "language": told}
        for asked, items in sides.items():
            if items[number].lines:
                query = f"{asked}-{number}"
                queries[query] = items[number].question
                qrels[f"train-{asked}"][query] = {page_id(page): 1}
    return Beir(corpus, queries, qrels)


def _task(name: str, task: Beir, folds: int, article: Callable[[str], str]) -> Task:
    """`article` maps a document to what shares a fold with it."""
    home = deal(map(article, task.corpus), folds)
    asked = [
        Asked(
            id=query,
            text=task.queries[query],
            language=split.rpartition("-")[2],
            fold=home[article(min(grades))],
            gold=tuple(Gold(doc_id, WHOLE, "") for doc_id in grades),
            by_document=True,
        )
        for split, qrels in task.qrels.items()
        for query, grades in qrels.items()
    ]
    return Task(name, tuple(asked), lambda: indexed_corpus(task.corpus))


def _sample(folds: int) -> Task:
    questions = [q for q in read_questions(QUESTIONS) if q.split == "dev" and q.documents]
    with reindexed([ARTICLES]) as assistant:
        documents = {info.doc_id: assistant.document(info.doc_id) for info in assistant.documents()}
    homes = fold_numbers(questions, related_articles(CORPUS), folds)
    asked = [
        Asked(q.id, q.question, q.language, int(fold), locate(q, documents), by_document=False)
        for q, fold in zip(questions, homes, strict=True)
    ]
    return Task("sample dev", tuple(asked), lambda: reindexed([ARTICLES]))


def pools(assistant: Assistant, questions: Sequence[Asked], drifts: Vectors) -> Iterator[Pool]:
    """`drifts` is (number, dim)."""
    with assistant._opened().snapshot() as snapshot:
        for asked in questions:
            search = Search(snapshot, assistant.embedder, asked.text, Filter())
            scored = search.scored(POOL)
            chunks = [each.chunk for each in scored.candidates]
            signs = towards(search.query, scored.candidates)[:, None]
            yield Pool(
                asked=asked,
                matrix=scored.features.astype(np.float64),
                drifting=(pooled(scored.candidates) @ drifts.T * signs).astype(np.float64),
                right=np.array([asked.is_right(chunk) for chunk in chunks]),
                items=np.array([c.doc_id if asked.by_document else c.chunk_id for c in chunks]),
            )
