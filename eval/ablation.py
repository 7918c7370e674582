"""What each idea of the retrieval is worth: the dev half, with one idea taken out at a time."""

from __future__ import annotations

from unittest.mock import patch

from eval import report
from eval.collection import reindexed
from eval.datasets import ARTICLES, QUESTIONS, read_questions
from eval.run import run

IDEAS: dict[str, dict[str, float]] = {
    "everything": {},
    "no title with a sentence": {"rag.indexing.TITLE_LENGTH": 0},
    "no making up for language": {"rag.search.fusion.CROSS_LANGUAGE": 0.0},
    "no shared words": {"rag.search.fusion.LEXICAL": 0.0},
    "best sentence alone": {"rag.search.fusion.BEST": 1.0, "rag.search.fusion.MEAN": 0.0},
}
DIRECTIONS = ("all", "de → de", "de → en", "en → de", "en → en")


def table() -> str:
    """nDCG@10 on the dev half by languages of question and article, and gold quotes cited."""
    questions = [q for q in read_questions(QUESTIONS) if q.split == "dev"]
    lines = [f"{'':26}" + "".join(f"{name:>9}" for name in DIRECTIONS) + "   gold"]
    for idea, constants in IDEAS.items():
        patches = [patch(name, value) for name, value in constants.items()]
        for each in patches:
            each.start()
        try:
            with reindexed([ARTICLES]) as assistant:
                outcomes = run(assistant, questions, lambda *_: None)
        finally:
            for each in patches:
                each.stop()
        rows = {row.group: row for row in report.rows(outcomes)}
        figures = "".join(f"{rows[name].ndcg_10 or 0:9.3f}" for name in DIRECTIONS)
        lines.append(f"{idea:26}{figures}{rows['all'].gold_cited or 0:7.3f}")
    return "\n".join(lines)
