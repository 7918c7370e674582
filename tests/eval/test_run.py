"""How an answer and a ranking are judged, how the table reads, and one whole run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eval.collection import KeptVectors
from eval.datasets import Gold, Question, read_questions
from eval.folds import fold_numbers
from eval.report import failures, reader_table, rows, table
from eval.run import Cited, Outcome, Ranked, Timed, cite, rank, run, shows_conflict
from rag import Assistant
from rag.embed.double import HashEmbedder
from rag.types import (
    Abstention,
    Answer,
    AnswerSentence,
    Chunk,
    Citation,
    Document,
    Evidence,
    Hit,
    Span,
)

ROOT = Path(__file__).parents[2]
TEXT = "Es sind 3 Autos. Sie sind rot. Mehr ist nicht bekannt."
ONE, TWO = Span(0, 16), Span(17, 30)
A = Document("a.md", TEXT, "", None, None, "de")
B = Document("b.md", TEXT, "", None, None, "de")


def answer(
    *places: tuple[Document, Span], groups: tuple[tuple[int, ...], ...] = (), p: float = 0.5
) -> Answer:
    citations = [Citation(n, d, s, s.of(d.text)) for n, (d, s) in enumerate(places, 1)]
    empty = np.empty((0, 2), np.float32)
    return Answer(
        question="?",
        language="de",
        kind="conflict" if groups else "list" if places else "abstention",
        heading="",
        sentences=tuple(AnswerSentence(c.quote, (c,)) for c in citations),
        groups=groups,
        probability=p,
        evidence=Evidence((), (), empty, np.zeros(2, np.float32), 2, 2),
        abstention=None if places else Abstention.NOT_ANSWERED,
        reader="double",
    )


def gold(document: Document, span: Span) -> Gold:
    return Gold(document.doc_id, span, span.of(document.text))


def hit(chunk: Chunk) -> Hit:
    return Hit(chunk, A if chunk.doc_id == "a.md" else B, 1.0, {}, chunk.span)


def chunk(doc_id: str, number: int, span: Span) -> Chunk:
    return Chunk(f"{doc_id}#{number}", doc_id, span, (span,))


A1, A2 = chunk("a.md", 0, Span(0, 30)), chunk("a.md", 1, Span(31, 54))
B1, B2 = chunk("b.md", 0, Span(0, 30)), chunk("b.md", 1, Span(31, 54))
CHUNKS = {"a.md": [A1, A2], "b.md": [B1, B2]}


def test_citing_the_gold_quote_alone_scores_full() -> None:
    assert cite(answer((A, ONE)), [gold(A, ONE)], "3 Autos") == Cited(True, 1.0, 1.0, True)


def test_a_further_sentence_costs_precision_by_its_characters() -> None:
    cited = cite(answer((A, ONE), (A, TWO)), [gold(A, ONE)], "3 Autos")
    assert cited == Cited(True, 16 / 29, 1.0, True)


def test_one_of_two_gold_sentences_is_half_of_the_recall_by_characters() -> None:
    cited = cite(answer((A, ONE)), [gold(A, ONE), gold(A, TWO)], "3 Autos")
    assert cited == Cited(True, 1.0, 16 / 29, True)


def test_less_than_half_of_the_gold_quote_does_not_count_as_cited() -> None:
    assert not cite(answer((A, Span(0, 7))), [gold(A, ONE)], "3").gold
    assert cite(answer((A, Span(0, 8))), [gold(A, ONE)], "3").gold


def test_one_of_two_near_copies_is_enough_and_both_are_no_fault() -> None:
    both = [gold(A, ONE), gold(B, ONE)]
    assert cite(answer((B, ONE)), both, "3") == Cited(True, 1.0, 1.0, True)
    assert cite(answer((A, ONE), (B, ONE)), both, "3") == Cited(True, 1.0, 1.0, True)


def test_the_same_words_of_another_document_are_not_the_gold() -> None:
    assert cite(answer((B, ONE)), [gold(A, ONE)], "3 Autos") == Cited(False, 0.0, 0.0, True)


def test_an_abstention_scores_nothing() -> None:
    assert cite(answer(), [gold(A, ONE)], "3") == Cited(False, 0.0, 0.0, False)


def test_no_answer_string_is_no_figure() -> None:
    assert cite(answer((A, ONE)), [gold(A, ONE)], "").answer is None


def test_the_relevant_passage_second_is_half_of_the_reciprocal_rank() -> None:
    ranked = rank([hit(A2), hit(A1)], [gold(A, ONE)], CHUNKS)
    assert (ranked.reciprocal_rank, ranked.recall_1, ranked.recall_5) == (0.5, 0, 1)


def test_showing_near_copies_scores_like_folding_them() -> None:
    both = [gold(A, ONE), gold(B, ONE)]
    shown = rank([hit(A2), hit(A1), hit(B1)], both, CHUNKS)
    assert shown == rank([hit(A2), hit(B1)], both, CHUNKS)
    assert shown.recall_5 == 1


def test_a_quote_cut_by_a_passage_border_is_found_by_either_part() -> None:
    pieces = {"a.md": [chunk("a.md", 0, Span(0, 20)), chunk("a.md", 1, Span(20, 54))]}
    for piece in pieces["a.md"]:
        assert rank([hit(piece)], [gold(A, TWO)], pieces) == Ranked(1, 1, 1, 1)


def test_two_quotes_in_two_passages_are_two_relevant_items() -> None:
    later = Span(31, 54)
    ranked = rank([hit(A1)], [gold(A, ONE), gold(A, later)], CHUNKS)
    assert ranked.recall_5 == 0.5


NEW = Document("new.md", "Es sind 5 Autos.", "", None, None, "de")
OLD_AND_NEW = [gold(A, ONE), gold(NEW, Span(0, 16))]


def test_a_conflict_is_right_when_two_groups_cite_the_two_sides() -> None:
    sides = ((NEW, Span(0, 16)), (A, ONE))
    assert shows_conflict(answer(*sides, groups=((0,), (1,))), "conflict", OLD_AND_NEW)
    together = answer(*sides, groups=((0, 1),))
    assert shows_conflict(together, "conflict", OLD_AND_NEW) is False
    aside = answer(sides[0], (A, TWO), groups=((0,), (1,)))
    assert shows_conflict(aside, "conflict", OLD_AND_NEW) is False
    assert shows_conflict(answer(*sides), "conflict", OLD_AND_NEW) is False


def test_two_copies_of_a_quote_are_no_conflict() -> None:
    copies = answer((A, ONE), (B, ONE), groups=((0,), (1,)))
    assert shows_conflict(copies, "conflict", [gold(A, ONE), gold(B, ONE)]) is False


def test_a_conflict_that_nobody_asked_for_is_wrong_and_unjudged_without_a_category() -> None:
    shown = answer((NEW, Span(0, 16)), (A, ONE), groups=((0,), (1,)))
    assert shows_conflict(shown, "fact", OLD_AND_NEW) is False
    assert shows_conflict(shown, "", OLD_AND_NEW) is None
    whole = [Gold("a.md", Span(0, 54), ""), Gold("new.md", Span(0, 16), "")]
    assert shows_conflict(shown, "conflict", whole) is None
    assert shows_conflict(answer((A, ONE)), "fact", OLD_AND_NEW) is None


def outcome(number: str, answerable: bool, given: Answer, cited: Cited | None) -> Outcome:
    question = Question(number, "Wie viele?", "de", "dev", "fact", answerable, ("a",), (TEXT[:16],))
    ranked = Ranked(1, 1, 1, 1) if answerable else None
    conflict = shows_conflict(given, question.category, ())
    return Outcome(question, frozenset(["de"]), given, ranked, cited, conflict, 0.02, 0.005)


OUTCOMES = [
    outcome("right", True, answer((A, ONE)), Cited(True, 1.0, 1.0, True)),
    outcome("silent", True, answer(), Cited(False, 0.0, 0.0, False)),
    outcome("talks", False, answer((A, TWO)), None),
    outcome("declines", False, answer(), None),
]


def test_an_unanswered_question_counts_as_0_and_abstention_is_judged_over_all() -> None:
    total = rows(OUTCOMES)[0]
    assert (total.gold_cited, total.citation_precision) == (0.5, 0.5)
    assert (total.abstention_precision, total.abstention_recall) == (0.5, 0.5)
    assert (total.ask_p50_ms, total.ndcg_10) == (20, 1)


def test_conflicts_calibration_and_reading_have_their_figures() -> None:
    shown = answer((NEW, Span(0, 16)), (A, ONE), groups=((0,), (1,)), p=1.0)
    wanted = Question("c", "Wie viele?", "de", "dev", "conflict", True, ("a",), (TEXT[:16],))
    single = Question("f", "Wie viele?", "de", "dev", "fact", True, ("a",), (TEXT[:16],))
    other = Question("u", "Wie viele?", "de", "dev", "unanswerable-other", False)
    cited = Cited(True, 1.0, 1.0, True)
    made = [
        Outcome(wanted, frozenset(["de"]), shown, None, cited, True, 0.02, 0.004),
        Outcome(single, frozenset(["de"]), shown, None, cited, False, 0.02, 0.005),
        Outcome(wanted, frozenset(["de"]), answer((A, ONE)), None, cited, False, 0.02, 0.006),
        Outcome(other, frozenset(), answer(p=0.0), None, None, None, 0.02, 0.007),
    ]
    total = rows(made)[0]
    assert (total.conflicts_shown, total.conflict_precision, total.conflict_recall) == (2, 0.5, 0.5)
    assert total.calibration_error == 0.5 / 4  # only the third is off, by a half
    assert (total.read_p50_ms, total.read_p95_ms) == (5, 7)
    lines = reader_table(rows(made)).split("\n")
    assert [line.split()[0] for line in lines[3:]] == ["all"]
    assert len(set(map(len, lines))) == 1
    assert [part.split()[0] for part in failures(made).split("\n\n")] == ["f", "c"]


def test_failures_are_the_wrong_answers_and_the_wrong_silence() -> None:
    text = failures(OUTCOMES)
    assert [part.split()[0] for part in text.split("\n\n")] == ["silent", "talks"]


def test_the_table_fits_100_columns_and_has_a_dash_for_no_figure() -> None:
    lines = table(rows(OUTCOMES[2:])).split("\n")
    assert max(map(len, lines)) <= 100
    assert len(set(map(len, lines))) == 1
    assert "–" in lines[3]


def test_related_articles_share_a_fold() -> None:
    questions = [Question(str(n), "?", documents=(f"d{n}",)) for n in range(8)]
    folds = fold_numbers(questions, [{"d0", "d1"}, {"d1", "d7"}], 5)
    assert folds[0] == folds[1] == folds[7]
    assert len(set(folds.tolist())) == 5


def test_kept_vectors_are_those_of_the_model_and_survive_a_broken_file(tmp_path: Path) -> None:
    model = HashEmbedder()
    texts = ["eins", "zwei", "eins"]
    first = KeptVectors(model, tmp_path)
    assert np.array_equal(first.embed_documents(texts), model.embed_documents(texts))
    first.save()
    again = KeptVectors(model, tmp_path)
    assert np.array_equal(again.embed_documents(texts), model.embed_documents(texts))
    assert np.array_equal(again.embed_queries(texts), model.embed_queries(texts))
    first.path.write_bytes(b"broken")
    broken = KeptVectors(model, tmp_path)
    assert np.array_equal(broken.embed_documents(texts), model.embed_documents(texts))


def test_reading_is_a_part_of_asking_and_the_reader_is_left_as_it_was(
    assistant: Assistant, news: Path
) -> None:
    assistant.sync([news])
    question = Question("1", "Was kostet die neue Strecke der Bahn?", documents=("bahn",))
    (outcome,) = run(assistant, [question])
    assert 0 < outcome.reading < outcome.seconds
    assert not isinstance(assistant._reader, Timed)


@pytest.mark.slow
def test_a_whole_run_writes_its_figures(tmp_path: Path) -> None:
    questions = read_questions(ROOT / "eval/questions.jsonl")
    few = [q.id for q in questions if "2026-08-20-xiaomi-cuts-2026-target" in q.documents]
    lines = (ROOT / "eval/questions.jsonl").read_text(encoding="utf-8").splitlines()
    chosen = [line for line in lines if json.loads(line)["id"] in (*few, "de-100", "en-117")]
    own, out = tmp_path / "own.jsonl", tmp_path / "out.json"
    own.write_text("\n".join(chosen), encoding="utf-8")
    command = [sys.executable, "-m", "eval", "--failures"]
    command += ["--questions", str(own), "--json", str(out)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(" ")
    result = json.loads(out.read_text(encoding="utf-8"))
    assert [row["id"] for row in result["questions"]] == [json.loads(x)["id"] for x in chosen]
    assert result["groups"][0]["questions"] == len(chosen)
    assert result["groups"][0]["recall_5"] > 0
