"""Questions with what search found for them and which sentences answer: what reading is learned on.

OMoS page      the page is given, as published; a fifth of the questions has no answer there
OMoS open      search among all pages, half of them English; the right one is found
XQuAD          search among all passages
XQuAD without  the same with the right passage filtered out, so that nothing answers
XQuAD swapped  a name or number of the question is replaced by one of another, likewise
XQuAD page     the right passage is given; also swapped
foreign        OMoS-QA's questions asked of XQuAD's passages, which are about other things
news           search in each of the invented collections of `training/`
advice         the same in those of advice, whose pages are not news
advice page    the page is given
detail         the same in all of them: questions about single sentences
twin           nearly one of these, but nothing answers it
sample dev     the sample's dev half, only to measure
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.beir import Row, read_beir
from eval.collection import UNKNOWN, Known, reindexed
from eval.datasets import (
    ARTICLES,
    QUESTIONS,
    TRAINING,
    Gold,
    Question,
    locate,
    read_jsonl,
    read_questions,
    resolve,
)
from eval.measures import covered
from eval.omos import Item, line_spans, page_id, read_items
from eval.retrieval import indexed_corpus
from rag import Assistant, Filter, Span
from rag.answer.features import Inputs, inputs
from rag.assistant import ANSWER_HITS
from rag.language.mentions import find_mentions
from rag.search.query import Query, one_line
from rag.search.retriever import retrieve
from rag.types import Evidence

PAGE = "page"  # category of questions that are asked of the document they name
DETAIL = "detail"  # of those about one sentence in other words, all of which have an answer
TWIN = "twin"  # of those that differ from one with an answer in one thing, and have none


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One question with its evidence.

    `right` goes with the rows of `inputs` and tells which answer.
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
    item: Item | None = None  # of OMoS page

    @property
    def spans(self) -> list[Span]:
        return [self.evidence.sentences[number].span for number in self.inputs.order.tolist()]


@contextmanager
def _asking(
    assistant: Assistant, known: Known
) -> Iterator[Callable[[str, Filter], tuple[Query, Evidence]]]:
    """Asks one index, without reading; `known` are questions read before, by another adapter."""
    with assistant._opened().snapshot() as snapshot:

        def ask(question: str, permitted: Filter) -> tuple[Query, Evidence]:
            read = known.get(one_line(question))
            given = (snapshot, assistant.embedder, question, ANSWER_HITS, permitted)
            query, evidence = retrieve(*given, to_read=read is None)
            return query, evidence if read is None else replace(evidence, question_vector=read)

        yield ask


def omos_pages(data: Path, part: str, known: Known = UNKNOWN) -> Iterator[Reading]:
    """Every question in both languages with its page in both."""
    sides, home = _sides(data, part)
    for told in ("de", "en"):
        pages = {item.page for item in sides[told].values()}
        with indexed_corpus(_corpus(pages)) as assistant, _asking(assistant, known) as ask:
            for asked in ("de", "en"):
                for number, item in sides[told].items():
                    given = Filter(doc_ids=frozenset([page_id(item.page)]))
                    query, evidence = ask(sides[asked][number].question, given)
                    yield _read_page(
                        "OMoS page", number, (asked, told), home[number], query, evidence, item
                    )


def omos_open(data: Path, known: Known = UNKNOWN) -> Iterator[Reading]:
    """Every answerable question in both languages over all pages, half of them in English."""
    sides, home = _sides(data, "train")
    told = {number: ("de", "en")[int(home[number], 16) % 2] for number in home}
    pages = {sides[told[number]][number].page for number in home}
    with indexed_corpus(_corpus(pages)) as assistant, _asking(assistant, known) as ask:
        for asked in ("de", "en"):
            for number, language in told.items():
                item = sides[language][number]
                if not item.lines:
                    continue
                query, evidence = ask(sides[asked][number].question, Filter())
                reading = _read_page(
                    "OMoS open", number, (asked, language), home[number], query, evidence, item
                )
                found = {hit.document.doc_id for hit in reading.evidence.hits}
                if page_id(item.page) in found:
                    yield reading


def _sides(data: Path, part: str) -> tuple[dict[str, dict[str, Item]], dict[str, str]]:
    """The rows by language and id, and the page that each is of, whatever its language."""
    folder = data / "omos-qa"
    sides = {each: read_items(folder / f"{part}.{each}.jsonl") for each in ("de", "en")}
    return sides, {number: page_id(item.page) for number, item in sides["de"].items()}


def _corpus(pages: Iterable[str]) -> dict[str, Row]:
    return {page_id(page): {"text": page} for page in sorted(pages)}


def _read_page(
    name: str,
    number: str,
    languages: tuple[str, str],
    home: str,
    query: Query,
    evidence: Evidence,
    item: Item,
) -> Reading:
    found = inputs(query, evidence)
    doc_id = page_id(item.page)
    starts = np.array([line.start for line in line_spans(item.page)])
    right = []
    for row in found.order.tolist():
        sentence = evidence.sentences[row]
        own = evidence.hits[sentence.hit].document.doc_id == doc_id
        line = int(np.searchsorted(starts, sentence.span.start, "right")) - 1
        right.append(own and line in item.lines)
    return Reading(
        set=name,
        id=number,
        asked=languages[0],
        told=languages[1],
        group=home,
        answerable=bool(item.lines),
        query=query,
        evidence=evidence,
        inputs=found,
        right=np.array(right),
        item=item if name == "OMoS page" else None,
    )


def xquad(data: Path, known: Known = UNKNOWN) -> Iterator[Reading]:
    """German and English questions in all the ways that have an X, and the foreign ones."""
    task = read_beir(data / "xquad-r")
    answers = {row["qa"]: row for _, row in read_jsonl(data / "xquad-r" / "answers.jsonl")}
    swapped = dict(_swapped(task.queries, random.Random(1)))
    with indexed_corpus(task.corpus) as assistant, _asking(assistant, known) as ask:
        for asked in ("de", "en"):
            for number, item in read_items(data / "omos-qa" / f"train.{asked}.jsonl").items():
                yield _read_gold(
                    "foreign", number, asked, number, *ask(item.question, Filter()), []
                )
        for query_id, question in task.queries.items():
            language, _, number = query_id.partition("-")
            passage = str(answers[number]["passage"])
            gold = [Gold(passage, Span(*answers[number]["sentence"]), "")]
            given = Filter(doc_ids=frozenset([passage]))
            without = Filter(doc_ids=frozenset(task.corpus) - {passage})
            other = swapped.get(query_id)
            variants = [
                ("XQuAD", question, Filter(), gold),
                ("XQuAD page", question, given, gold),
                ("XQuAD without", question, without, []),
                ("XQuAD swapped", other, Filter(), []),
                ("XQuAD page swapped", other, given, []),
            ]
            for name, text, permitted, right in variants:
                if text is None:
                    continue
                reading = _read_gold(
                    name, query_id, language, passage[:3], *ask(text, permitted), right
                )
                if reading.right.any() or not right:
                    yield reading


def _read_gold(
    name: str,
    number: str,
    language: str,
    group: str,
    query: Query,
    evidence: Evidence,
    gold: Sequence[Gold],
) -> Reading:
    """A sentence is right when half of it or more lies in a gold quote."""
    found = inputs(query, evidence)
    right = []
    for row in found.order.tolist():
        sentence = evidence.sentences[row]
        doc_id = evidence.hits[sentence.hit].document.doc_id
        spans = [each.span for each in gold if each.doc_id == doc_id]
        right.append(2 * covered(sentence.span, spans) >= len(sentence.span))
    return Reading(
        set=name,
        id=number,
        asked=language,
        told="",
        group=group,
        answerable=bool(gold),
        query=query,
        evidence=evidence,
        inputs=found,
        right=np.array(right),
    )


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
            if others := sorted(every[kind] - {text[s:e] for _, s, e in found[query_id]}):
                yield query_id, f"{text[:start]}{rng.choice(others)}{text[end:]}"


def _replaceable(text: str, language: str) -> list[tuple[str, int, int]]:
    """Kind and range of the names and numbers of a question."""
    mentions = [(m.kind, m.start, m.end) for m in find_mentions(text, language)]
    years = [("number", *match.span()) for match in re.finditer(r"(?<!\w)\d{2,4}(?!\w)", text)]
    return [*mentions, *years]


def sample(half: str) -> Iterator[Reading]:
    """The questions of one half of the sample."""
    questions = [q for q in read_questions(QUESTIONS) if q.split == half]
    for q, query, evidence, gold in _asked(ARTICLES, questions):
        yield _read_gold(f"sample {half}", q.id, q.language, q.id, query, evidence, gold)


def news(known: Known = UNKNOWN) -> Iterator[Reading]:
    """The questions of all invented collections; what shares one shares a fold."""
    for folder in sorted(path.parent for path in TRAINING.glob("*/questions.jsonl")):
        questions = read_questions(folder / "questions.jsonl")
        for q, query, evidence, gold in _asked(folder / "articles", questions, known):
            given = "advice page" if evidence.whole else "advice"
            name = given if q.category == PAGE else "news"
            if q.category in (DETAIL, TWIN):
                name = q.category
            yield _read_gold(name, q.id, q.language, f"news {folder.name}", query, evidence, gold)


def _asked(
    articles: Path, questions: Iterable[Question], known: Known = UNKNOWN
) -> Iterator[tuple[Question, Query, Evidence, Sequence[Gold]]]:
    with reindexed([articles]) as assistant, _asking(assistant, known) as ask:
        documents = {info.doc_id: assistant.document(info.doc_id) for info in assistant.documents()}
        for q in questions:
            gold = locate(q, documents) if q.answerable else ()
            yield q, *ask(q.question, Filter()), gold
            if q.category == PAGE:
                page = frozenset(resolve(name, documents) for name in q.documents)
                yield q, *ask(q.question, Filter(doc_ids=page)), gold


def all_readings(data: Path, known: Known = UNKNOWN) -> Iterable[Reading]:
    """Those that teach."""
    yield from omos_pages(data, "train", known)
    yield from omos_open(data, known)
    yield from xquad(data, known)
    yield from news(known)
