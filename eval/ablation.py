"""How much of a title a sentence should know: the dev half with other shares of its vector."""

from __future__ import annotations

from unittest.mock import patch

from eval import report
from eval.collection import reindexed
from eval.datasets import ARTICLES, QUESTIONS, read_questions
from eval.run import run
from rag.indexing import TITLE_SHARE

SHARES = (0.0, 0.1, TITLE_SHARE, 0.4)
DIRECTIONS = ("all", "de → de", "de → en", "en → de", "en → en")


def table() -> str:
    """nDCG@10 on the dev half by languages of question and article, and gold quotes cited."""
    questions = [q for q in read_questions(QUESTIONS) if q.split == "dev"]
    lines = [f"{'share of the title':26}" + "".join(f"{n:>9}" for n in DIRECTIONS) + "   gold"]
    for share in SHARES:
        with patch("rag.indexing.TITLE_SHARE", share), reindexed([ARTICLES]) as assistant:
            outcomes = run(assistant, questions, lambda *_: None)
        rows = {row.group: row for row in report.rows(outcomes)}
        figures = "".join(f"{rows[name].ndcg_10 or 0:9.3f}" for name in DIRECTIONS)
        lines.append(f"{share:<26}{figures}{rows['all'].gold_cited or 0:7.3f}")
    return "\n".join(lines)
