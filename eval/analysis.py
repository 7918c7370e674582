"""What each step of the analysis is worth: BM25 alone, German questions on German texts.

The tasks: OMoS-QA train, with its pages and with its lines as documents; XQuAD-R; the paragraphs of
the sample articles, with the questions of the dev half. `p` compares with everything, by a
randomisation test over pages or articles.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import tantivy
from numpy.typing import NDArray

from eval.beir import read_beir
from eval.datasets import ARTICLES, QUESTIONS, read_questions
from eval.measures import ndcg, recall_at
from eval.omos import page_id, read_items
from eval.significance import randomisation
from rag.ingest import read_file
from rag.language import analysis
from rag.language.compounds import SPELT_OUT, parts_of_compounds
from rag.store.lexical import LexicalIndex

DEPTH = 100
MAX_BYTES = 1_000_000  # of a sample article
NEVER = re.compile("(?!)")

Patches = Mapping[str, Any]  # name in rag.language.analysis → what stands in for it


@dataclass(frozen=True, slots=True)
class Step:
    """What is changed in the analysis of texts, in that of questions, and in their letters."""

    name: str
    texts: Patches = field(default_factory=dict)
    questions: Patches = field(default_factory=dict)
    letters: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the numbers of the texts that answer it, and the page or article they are of."""

    question: str
    relevant: frozenset[int]
    group: str


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    texts: tuple[str, ...]
    asked: tuple[Asked, ...]


def report(data: Path | None = None) -> str:
    """nDCG@10, R@100 and p by step and task; `data` holds omos-qa and xquad-r, or is not there."""
    tasks = [_sample()]
    if data is not None:
        tasks = [*_omos(data / "omos-qa" / "train.de.jsonl"), _xquad(data / "xquad-r"), *tasks]
    everything = [_measure(task, Step("everything")) for task in tasks]
    lines = [
        " " * 32 + "".join(f"{f'{task.name}, {len(task.asked)}':^24}" for task in tasks),
        " " * 32 + " nDCG@10  R@100      p  " * len(tasks),
        f"{'everything':32}"
        + "".join(
            f"{found[:, 0].mean():8.4f}{found[:, 1].mean():7.3f}{'':9}" for found in everything
        ),
    ]
    for step in _steps():
        line = f"{step.name:32}"
        for task, full in zip(tasks, everything, strict=True):
            found = _measure(task, step)
            (p, _) = randomisation(found - full, [asked.group for asked in task.asked])
            line += f"{found[:, 0].mean():8.4f}{found[:, 1].mean():7.3f}{p:7.3f}  "
        lines.append(line)
    return "\n".join(line.rstrip() for line in lines)


def _steps() -> Iterator[Step]:
    whole: Patches = {"split_compound": lambda _: ()}
    both_sides: dict[str, Patches] = {
        "words unstemmed": {"stems": lambda words, _: list(words)},
        "stop words kept": {"_STOP_WORDS": {}},
        "hyphenated words whole": {"_JOINT": NEVER},
        "numbers as written": {"number_terms": lambda digits, _: [digits]},
        "% and € no words": {"_SIGNS": {}},
        "Schüler:innen two words": {"_GENDERED": NEVER},
        "compounds whole": whole,
        "compounds split by tantivy": {"split_compound": _split_by_tantivy()},
    }
    for name, patches in both_sides.items():
        yield Step(name, patches, patches)
    yield Step("compounds split in texts", questions=whole)
    yield Step("compounds split in questions", texts=whole)
    yield Step("questions spelt ae, oe, ue, ss", letters=SPELT_OUT)


def _measure(task: Task, step: Step) -> NDArray[np.float64]:
    """nDCG@10 and R@100 of each question."""
    texts = _analysed(task.texts, step.texts)
    questions = (asked.question.translate(step.letters) for asked in task.asked)
    queries = _analysed(questions, step.questions)
    rows = ((number, number, "de", " ".join(terms)) for number, terms in enumerate(texts))
    figures = []
    with TemporaryDirectory() as scratch:
        index = LexicalIndex.build(rows, Path(scratch) / "lexical")
        for asked, terms in zip(task.asked, queries, strict=True):
            found = [row in asked.relevant for row, _ in index.search({"de": terms}, DEPTH)]
            total = len(asked.relevant)
            figures.append((ndcg(found, total, 10), recall_at(found, total, DEPTH)))
    return np.array(figures)


def _analysed(texts: Iterable[str], patches: Patches) -> list[list[str]]:
    with ExitStack() as stack:
        stack.callback(analysis.forget)
        for name, value in patches.items():
            stack.enter_context(patch.object(analysis, name, value))
        analysis.forget()
        return [analysis.analyse(text, "de") for text in texts]


def _split_by_tantivy() -> Callable[[str], tuple[str, ...]]:
    """tantivy's filter with the same parts; it knows no inflection and no likelier reading."""
    parts = parts_of_compounds()
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    words = tantivy.Filter.split_compound(sorted({*parts.first, *parts.lemmas}))
    analyzer = builder.filter(words).build()

    @functools.cache
    def split(word: str) -> tuple[str, ...]:
        found = analyzer.analyze(word.translate(SPELT_OUT))
        return tuple(found) if len(found) > 1 else ()

    return split


def _omos(path: Path) -> tuple[Task, Task]:
    """The answerable questions; equal pages are one document, and so are equal lines."""
    items = [item for item in read_items(path).values() if item.lines]
    pages = {page: n for n, page in enumerate(dict.fromkeys(i.page for i in items))}
    lines = {line: n for n, line in enumerate(dict.fromkeys("\n".join(pages).split("\n")))}
    of_pages, of_lines = [], []
    for item in items:
        split = item.page.split("\n")
        gold = frozenset(lines[split[n]] for n in item.lines)
        of_pages.append(Asked(item.question, frozenset([pages[item.page]]), page_id(item.page)))
        of_lines.append(Asked(item.question, gold, page_id(item.page)))
    return (
        Task("OMoS pages", tuple(pages), tuple(of_pages)),
        Task("OMoS lines", tuple(lines), tuple(of_lines)),
    )


def _xquad(folder: Path) -> Task:
    task = read_beir(folder, ("de",))
    numbers = {key: n for n, key in enumerate(task.corpus)}
    asked = []
    for query, grades in task.qrels["de"].items():
        relevant = [document for document, grade in grades.items() if grade > 0]
        article = relevant[0].partition("p")[0]  # a00p3 is a passage of article a00
        asked.append(Asked(task.queries[query], frozenset(numbers[d] for d in relevant), article))
    return Task("XQuAD-R", tuple(row["text"] for row in task.corpus.values()), tuple(asked))


def _sample() -> Task:
    paragraphs: dict[tuple[str, str], int] = {}  # article and text → number
    for path in sorted(ARTICLES.glob("*.md")):
        for document, _ in read_file(path, path.stem, MAX_BYTES).documents:
            if document.language == "de":
                for text in filter(str.strip, document.text.split("\n")):
                    paragraphs.setdefault((path.stem, text), len(paragraphs))
    asked = []
    for row in read_questions(QUESTIONS):
        relevant = frozenset(
            number
            for (article, text), number in paragraphs.items()
            if article in row.documents and any(quote in text for quote in row.quotes)
        )
        if row.split == "dev" and row.language == "de" and relevant:
            asked.append(Asked(row.question, relevant, row.documents[0]))
    return Task("sample", tuple(text for _, text in paragraphs), tuple(asked))
