"""Questions with what search found for them and which sentences answer: what reading is learned on.

OMoS page      the page is given, as published; a fifth of the questions has no answer there
OMoS open      search among all pages; sentences of other pages may answer too and do not count
XQuAD          search among all passages
XQuAD without  the same with the right passage filtered out, so that nothing answers
XQuAD swapped  a name or number of the question is replaced by one of another, likewise
sample dev     the sample's dev half, only to measure
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from eval.beir import read_beir
from eval.collection import reindexed
from eval.datasets import ARTICLES, QUESTIONS, locate, read_jsonl, read_questions
from eval.measures import covered
from eval.omos import Item, line_spans, page_id, read_items
from eval.retrieval import indexed_corpus
from rag import Assistant, Filter, Span
from rag.answer.features import Inputs, inputs
from rag.assistant import ANSWER_HITS
from rag.language.mentions import find_mentions
from rag.search.query import Query
from rag.search.retriever import retrieve
from rag.types import Evidence

PAIRS = (("de", "de"), ("en", "de"), ("en", "en"), ("de", "en"))  # of question and page


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One question with its evidence.

    `right` and `known` go with the rows of `inputs`: which answer, and of which that is known.
    `group` is the page or the article: what shares one is never in different folds.
    """

    set: str
    id: str
    asked: str
    told: str
    group: str
    answerable: bool
    query: Query
    evidence: Evidence
    inputs: Inputs
    right: NDArray[np.bool_]
    known: NDArray[np.bool_]
    item: Item | None = None  # of OMoS page

    @property
    def spans(self) -> list[Span]:
        return [self.evidence.sentences[number].span for number in self.inputs.order.tolist()]


class _Asker:
    """Asks one index, without reading."""

    def __init__(self, assistant: Assistant, stack: ExitStack) -> None:
        self._snapshot = stack.enter_context(assistant._opened().snapshot())
        self._embedder = assistant.embedder

    def __call__(self, question: str, permitted: Filter) -> tuple[Query, Evidence]:
        return retrieve(self._snapshot, self._embedder, question, ANSWER_HITS, permitted)


@contextmanager
def _asking(assistant: Assistant) -> Iterator[_Asker]:
    with ExitStack() as stack:
        yield _Asker(assistant, stack)


def omos(data: Path, part: str, *, also_open: bool) -> Iterator[Reading]:
    """All four pairs of languages with the page given; without one the three that have a sense."""
    folder = data / "omos-qa"
    sides = {each: read_items(folder / f"{part}.{each}.jsonl") for each in ("de", "en")}
    home = {number: page_id(item.page) for number, item in sides["de"].items()}
    for told in ("de", "en"):
        pages = sorted({item.page for item in sides[told].values()})
        with _indexed_rows(pages) as assistant, _asking(assistant) as ask:
            for asked, other in PAIRS:
                if other != told:
                    continue
                for number, item in sides[told].items():
                    question = sides[asked][number].question
                    kinds = ["OMoS page"]
                    if also_open and item.lines and (asked, told) != ("de", "en"):
                        kinds.append("OMoS open")
                    for kind in kinds:
                        only = frozenset([page_id(item.page)])
                        given = Filter(doc_ids=only) if kind == "OMoS page" else Filter()
                        query, evidence = ask(question, given)
                        reading = _read_page(kind, query, evidence, item, next(iter(only)))
                        if reading is not None:
                            yield _named(reading, number, asked, told, home[number])


@contextmanager
def _indexed_rows(pages: Sequence[str]) -> Iterator[Assistant]:
    with TemporaryDirectory() as scratch:
        rows = Path(scratch) / "pages.jsonl"
        lines = (json.dumps({"id": page_id(page), "text": page}) for page in pages)
        rows.write_text("\n".join(lines), encoding="utf-8")
        with reindexed([rows]) as assistant:
            yield assistant


def _read_page(
    kind: str, query: Query, evidence: Evidence, item: Item, doc_id: str
) -> Reading | None:
    """None where the right page was not found: nothing is known of the others."""
    found = inputs(query, evidence)
    lines = list(line_spans(item.page))
    starts = np.array([line.start for line in lines])
    right, known = [], []
    for number in found.order.tolist():
        sentence = evidence.sentences[number]
        own = evidence.hits[sentence.hit].document.doc_id == doc_id
        line = int(np.searchsorted(starts, sentence.span.start, "right")) - 1
        right.append(own and line in item.lines)
        known.append(own)
    if not any(known):
        return None
    return Reading(
        kind, "", "", "", "", bool(item.lines), query, evidence, found,
        np.array(right), np.array(known), item if kind == "OMoS page" else None,
    )  # fmt: skip


def _named(reading: Reading, number: str, asked: str, told: str, group: str) -> Reading:
    from dataclasses import replace

    return replace(reading, id=number, asked=asked, told=told, group=group)


def xquad(data: Path) -> Iterator[Reading]:
    """German and English questions; each also without its passage, and with a name swapped."""
    task = read_beir(data / "xquad-r")
    answers = {row["qa"]: row for _, row in read_jsonl(data / "xquad-r" / "answers.jsonl")}
    swapped = dict(_swapped(task.queries, random.Random(1)))
    with indexed_corpus(task.corpus) as assistant, _asking(assistant) as ask:
        everything = frozenset(task.corpus)
        for query_id, question in task.queries.items():
            language, _, qa = query_id.partition("-")
            row = answers[qa]
            passage, sentence = str(row["passage"]), Span(*row["sentence"])
            given = Filter(doc_ids=frozenset([passage]))
            variants = [("XQuAD", question, Filter(), True), ("XQuAD page", question, given, True)]
            others = Filter(doc_ids=everything - {passage})
            variants.append(("XQuAD without", question, others, False))
            if query_id in swapped:
                variants.append(("XQuAD swapped", swapped[query_id], Filter(), False))
                variants.append(("XQuAD page swapped", swapped[query_id], given, False))
            for kind, text, permitted, answerable in variants:
                query, evidence = ask(text, permitted)
                found = inputs(query, evidence)
                rows = [evidence.sentences[number] for number in found.order.tolist()]
                right = np.array(
                    [
                        answerable
                        and evidence.hits[s.hit].document.doc_id == passage
                        and 2 * covered(s.span, [sentence]) >= len(s.span)
                        for s in rows
                    ]
                )
                if answerable and not right.any():
                    continue
                yield Reading(
                    kind, query_id, language, "de", passage[:3], answerable, query, evidence,
                    found, right, np.ones(len(right), bool),
                )  # fmt: skip


def _swapped(queries: Mapping[str, str], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Questions about another name or number of the same kind, which the texts do not answer."""
    found = {
        query_id: _replaceable(text, query_id.partition("-")[0])
        for query_id, text in queries.items()
    }
    every: dict[str, set[str]] = defaultdict(set)
    for query_id, text in queries.items():
        for kind, start, end in found[query_id]:
            every[kind].add(text[start:end])
    for query_id, text in queries.items():
        if found[query_id]:
            kind, start, end = rng.choice(found[query_id])
            others = sorted(every[kind] - {text[s:e] for _, s, e in found[query_id]})
            yield query_id, f"{text[:start]}{rng.choice(others)}{text[end:]}"


def _replaceable(text: str, language: str) -> list[tuple[str, int, int]]:
    """Kind and range of the names and numbers of a question."""
    mentions = [(m.kind, m.start, m.end) for m in find_mentions(text, language)]
    years = [("number", *match.span()) for match in re.finditer(r"(?<!\w)\d{2,4}(?!\w)", text)]
    return [*mentions, *years]


def sample(half: str) -> Iterator[Reading]:
    """The questions of one half of the sample."""
    questions = [q for q in read_questions(QUESTIONS) if q.split == half]
    with reindexed([ARTICLES]) as assistant, _asking(assistant) as ask:
        documents = {info.doc_id: assistant.document(info.doc_id) for info in assistant.documents()}
        for question in questions:
            gold = locate(question, documents) if question.documents else ()
            query, evidence = ask(question.question, Filter())
            found = inputs(query, evidence)
            rows = [evidence.sentences[number] for number in found.order.tolist()]
            right = np.array(
                [
                    any(
                        g.doc_id == evidence.hits[s.hit].document.doc_id
                        and 2 * covered(s.span, [g.span]) >= len(s.span)
                        for g in gold
                    )
                    for s in rows
                ]
            )
            yield Reading(
                f"sample {half}", question.id, question.language, "", question.id,
                bool(question.answerable), query, evidence, found, right,
                np.ones(len(right), bool),
            )  # fmt: skip


def all_readings(data: Path) -> Iterable[Reading]:
    """Those that teach."""
    yield from omos(data, "train", also_open=True)
    yield from xquad(data)
