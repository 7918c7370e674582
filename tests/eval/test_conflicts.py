"""How shown conflicts are judged."""

from __future__ import annotations

import numpy as np
import pytest

from eval.conflicts import PAIRS, evidence, judge, judge_pair, read_pairs, row
from eval.datasets import Gold, Question
from rag.types import Answer, AnswerKind, AnswerSentence, Citation, Span

PAIR = next(pair for pair in read_pairs(PAIRS) if pair.conflict)
FOUND = evidence(PAIR)
GOLD = [
    Gold(f"a{number}", Span(0, len(text)), text)
    for number, (text, _, _) in enumerate(PAIR.sentences)
]


def answer(groups: tuple[tuple[int, ...], ...]) -> Answer:
    sentences = tuple(
        AnswerSentence(g.text, (Citation(number, FOUND.hits[number].document, g.span, g.text),))
        for number, g in enumerate(GOLD)
    )
    kind: AnswerKind = "conflict" if groups else "list"
    return Answer(PAIR.question, "de", kind, "", sentences, groups, 1, FOUND, None, "test")


def asked(category: str) -> Question:
    return Question("q", PAIR.question, category=category)


@pytest.mark.parametrize(
    ("category", "groups", "shown", "right"),
    [
        ("conflict", ((0,), (1,)), True, True),
        ("conflict", ((0, 1), ()), True, False),  # both in one claim
        ("conflict", (), False, False),
        ("fact", ((0,), (1,)), True, False),
        ("fact", (), False, False),
    ],
)
def test_right_is_a_group_for_each_gold_quote(
    category: str, groups: tuple[tuple[int, ...], ...], shown: bool, right: bool
) -> None:
    judged = judge(asked(category), answer(groups), GOLD)
    assert (judged.shown, judged.right) == (shown, right)


def test_equal_quotes_of_two_articles_are_no_conflict() -> None:
    copies = [Gold(g.doc_id, g.span, "the same") for g in GOLD]
    assert not judge(asked("conflict"), answer(((0,), (1,))), copies).right


def test_a_row_says_what_was_shown_and_what_of_it_was_right() -> None:
    judged = [judge(asked(c), answer(((0,), (1,))), GOLD) for c in ("conflict", "fact")]
    assert row("both", judged).split() == ["both", "2", "1", "2", "1", "1.000", "0.500"]
    assert row("none", []).split()[-2:] == ["–", "–"]


def test_a_pair_becomes_two_articles_as_near_as_the_file_says() -> None:
    one, other = FOUND.sentence_vectors
    assert float(one @ other) == pytest.approx(PAIR.cosine, abs=1e-6)
    assert np.allclose(np.linalg.norm(FOUND.sentence_vectors, axis=1), 1)
    assert judge_pair(PAIR).expected
