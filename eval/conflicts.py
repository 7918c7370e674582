"""Are differing articles shown as differing, and only these?

On the sample questions: of those whose articles disagree (category `conflict`), how many are
answered by groups of which two cite different gold quotes (recall), and how many of all answers
shown as a conflict are such (precision). A question that the articles do not answer is asked, too.

On pairs of invented sentences: whether `differing` tells conflict from agreement, where the reader
thinks that both sentences may answer. `part` says which pairs the rules were made with (`dev`);
the others were first looked at when they were done. Each pair has the cosine of its sentences by
the default model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.collection import reindexed
from eval.datasets import Gold, Question, locate, read_jsonl
from eval.measures import covers_half
from rag import Answer, Document, Span
from rag.answer.conflicts import differing
from rag.progress import progress_bar
from rag.search.query import analyse_question
from rag.types import Chunk, Evidence, EvidenceSentence, Hit, Period

PAIRS = Path(__file__).parents[1] / "tests" / "answer" / "conflicts.jsonl"
CATEGORY = "conflict"


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and two sentences, each with its language and the day of its article."""

    question: str
    sentences: tuple[tuple[str, str, Period], ...]
    cosine: float
    conflict: bool
    kind: str
    part: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a conflict was to be shown, whether one was, and whether it was that one."""

    question: str
    expected: bool
    shown: bool
    right: bool
    said: str


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    """The rows of a file of pairs."""
    return [
        Pair(
            question=row["question"],
            sentences=tuple(
                (each["text"], each["language"], Period.parse(each["published"]))
                for each in row["sentences"]
            ),
            cosine=row["cosine"],
            conflict=row["conflict"],
            kind=row["kind"],
            part=row["part"],
        )
        for _, row in read_jsonl(path)
    ]


def evidence(pair: Pair) -> Evidence:
    """Two articles of one sentence each, whose vectors have the pair's cosine."""
    hits, sentences = [], []
    for number, (text, language, published) in enumerate(pair.sentences):
        document = Document(f"a{number}", text, "", None, published, language)
        span = Span(0, len(text))
        chunk = Chunk(f"a{number}#0", f"a{number}", span, (span,))
        hits.append(Hit(chunk, document, 1.0, {"dense": number + 1, "lexical": None}, span))
        sentences.append(EvidenceSentence(number, span))
    vectors = np.array([[1, 0], [pair.cosine, np.sqrt(1 - pair.cosine**2)]], np.float32)
    return Evidence(tuple(hits), tuple(sentences), vectors, vectors[0], 2, 2)


def judge_pair(pair: Pair) -> Judged:
    query = analyse_question(pair.question, {"de", "en"})
    found = differing(query, evidence(pair), np.zeros(2))
    said = " | ".join(text for text, _, _ in pair.sentences)
    shown = found is not None
    return Judged(pair.question, pair.conflict, shown, shown and pair.conflict, said)


def judge(question: Question, answer: Answer, gold: Sequence[Gold]) -> Judged:
    """Right are two groups that cite different gold quotes."""
    texts = [
        {
            g.text
            for g in gold
            for number in group
            for citation in answer.sentences[number].citations
            if citation.document.doc_id == g.doc_id and covers_half(g.span, [citation.span])
        }
        for group in answer.groups
    ]
    expected, shown = question.category == CATEGORY, answer.kind == CATEGORY
    told = [text for text in texts if text]
    right = expected and shown and len(told) > 1 and len(set().union(*told)) > 1
    return Judged(question.question, expected, shown, right, answer.text)


def row(name: str, judged: Iterable[Judged]) -> str:
    every = list(judged)
    expected = sum(each.expected for each in every)
    shown = sum(each.shown for each in every)
    right = sum(each.right for each in every)
    recall, precision = (f"{right / n:9.3f}" if n else f"{'–':>9}" for n in (expected, shown))
    return f"{name:22}{len(every):5}{expected:10}{shown:7}{right:7}{recall}{precision}"


def errors(judged: Iterable[Judged]) -> str:
    return "\n".join(
        f"{'shown' if each.shown else 'missed'}: {each.question}\n    {each.said}"
        for each in judged
        if each.right != each.expected or (each.shown and not each.right)
    )


def report(paths: Sequence[Path], questions: Sequence[Question]) -> str:
    """The table and what went wrong. Raises DatasetError where a question names no article."""
    pairs: Mapping[str, list[Judged]] = {}
    for pair in read_pairs():
        pairs = {**pairs, pair.part: [*pairs.get(pair.part, []), judge_pair(pair)]}
    judged = []
    with reindexed(paths) as assistant, progress_bar("Asking") as progress:
        named = {info.doc_id: assistant.document(info.doc_id) for info in assistant.documents()}
        for done, question in enumerate(questions, 1):
            gold = locate(question, named)
            judged.append(judge(question, assistant.ask(question.question), gold))
            progress(done, len(questions))
    heading = (
        f"{'':22}{'n':>5}{'conflicts':>10}{'shown':>7}{'right':>7}{'recall':>9}{'precision':>10}"
    )
    rows = [
        row("sample questions", judged),
        *(row(f"pairs, {p}", each) for p, each in pairs.items()),
    ]
    wrong = [errors(judged), *(errors(each) for each in pairs.values())]
    return "\n".join((heading, *rows, "", *filter(None, wrong)))
