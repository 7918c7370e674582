"""Follow-up questions: what they become, and that every other question stays as it is.

Of `followups.jsonl` the rules were made without looking at the `unseen` part.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag.embed
from eval.collection import reindexed
from rag.assistant import Assistant
from rag.cli import main
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.search.followup import TURNS, resolve
from rag.search.fragments import parse
from rag.search.query import Query
from rag.types import Abstention, Answer, Evidence
from tests.trees import write

TODAY = date(2026, 11, 22)
EVAL = Path(__file__).parents[2] / "eval"
ARTICLES = EVAL / "articles"
QUESTIONS = EVAL / "questions.jsonl"
LINES = (Path(__file__).parent / "followups.jsonl").read_text(encoding="utf-8").splitlines()
CONVERSATIONS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
LEANING = [each for each in CONVERSATIONS if each["id"].startswith("need")]
STANDING = [each for each in CONVERSATIONS if each["id"].startswith("same")]

# What a person may type, among it much that a rule looks for.
_WORDS = """
Und and Was kostet er es it its dort das der die SU7 Ultra Tesla Xiaomi's in Europa China 2026 2027
im Mai last year ? . , ( ) Warum Why Seit wann Preis the price 's ID. Polo ß 🚗
"""
_PIECES = st.sampled_from(_WORDS.split())
_TYPED = st.lists(_PIECES, max_size=12).map(" ".join) | st.text(max_size=40)


@pytest.mark.parametrize("case", LEANING, ids=lambda case: case["id"])
def test_a_followup_takes_what_it_leaves_out_from_the_conversation(case: dict[str, Any]) -> None:
    *history, question = case["turns"]
    read = resolve(question, history, TODAY)
    assert read != question
    assert [word for word in case["has"] if word.lower() not in read.lower()] == [], read
    assert [word for word in case["lacks"] if word.lower() in read.lower()] == [], read


@pytest.mark.parametrize("case", STANDING, ids=lambda case: case["id"])
def test_a_question_that_stands_alone_stays_as_it_is(case: dict[str, Any]) -> None:
    *history, question = case["turns"]
    assert resolve(question, history, TODAY) == question


def test_no_sample_question_is_taken_for_a_followup() -> None:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    asked = [row["question"] for row in map(json.loads, lines) if row["split"] == "dev"]
    assert len(asked) > 100
    for before in ("Was kostet der KX5?", "What does the KX5 cost?"):
        assert [each for each in asked if resolve(each, [before], TODAY) != each] == []


@pytest.mark.parametrize(
    ("history", "question", "read"),
    [
        (
            "Wie viele Räder will Veloma 2026 bauen?",
            "Und 2027?",
            "Wie viele Räder will Veloma 2027 bauen?",
        ),
        ("Was kostet der KX5 in Polen?", "Und in Ungarn?", "Was kostet der KX5 in Ungarn?"),
        ("Was kostet der Veloma KX5?", "Und der KX7?", "Was kostet der Veloma KX7?"),
        ("Was kostet der KX5?", "Wann kommt er?", "Wann kommt er (KX5)?"),
        ("Was kostet der KX5?", "Und die Garantie?", "Die Garantie (KX5)?"),
        ("Was kostet der Strom?", "Und ohne Vertrag?", "Was kostet der Strom ohne Vertrag?"),
        (
            "Was kostet das Laden bei Veloma?",
            "Und bei Rastnetz?",
            "Was kostet das Laden bei Rastnetz?",
        ),
        ("Did Veloma close a plant?", "Why?", "Why did Veloma close a plant?"),
        ("Who is the CEO of Veloma?", "And of BMW?", "Who is the CEO of BMW?"),
        ("Did Canada lower the tariff?", "And in the US?", "Did the US lower the tariff?"),
        ("What does the KX5 cost?", "Who makes it?", "Who makes it (KX5)?"),
        (
            "How many bikes were sold in March 2025?",
            "April?",
            "How many bikes were sold in April 2025?",
        ),
        ("Was galt am 1. Januar 2025?", "Und am 1. Juli?", "Was galt am 1. Juli 2025?"),
        ("Welche Strafe droht?", "Seit wann gilt sie?", "Seit wann gilt sie (Strafe)?"),
        ("Which bikes did Veloma recall?", "How many were hit?", "How many were hit (Veloma)?"),
        ("Which bikes did Veloma recall?", "Is that true?", "Is that true (bikes Veloma recall)?"),
        ("Gibt es den KX5?", "Zu welchem Preis?", "Zu welchem Preis (KX5)?"),
        ("Was kostet der KX5 (Polen)?", "Wann kommt er?", "Wann kommt er (KX5)?"),
    ],
)
def test_what_a_followup_is_read_as(history: str, question: str, read: str) -> None:
    assert resolve(question, [history], TODAY) == read


def test_a_chain_of_followups_leads_back_to_the_last_question_that_stands_alone() -> None:
    typed = ["Wer leitet Nordbank?", "Was kostet der KX5?", "Und in Polen?", "Und der KX7?"]
    assert resolve("Seit wann?", typed, TODAY) == "Seit wann (kostet KX7 Polen)?"
    assert resolve("Wie weit fährt er?", typed, TODAY) == "Wie weit fährt er (KX7)?"


def test_a_followup_in_the_other_language_keeps_names_and_is_asked_in_its_own() -> None:
    read = resolve("and in Poland?", ["Was kostet der KX5 in Ungarn?"], TODAY)
    assert read == "And in Poland (cost KX5)?"
    assert (
        resolve("Und 2027?", ["What does the KX5 cost in 2026?"], TODAY) == "Und 2027 (KX5 kostet)?"
    )


def test_without_a_conversation_nothing_is_resolved() -> None:
    for case in LEANING:
        question = case["turns"][-1]
        assert resolve(question, []) == resolve(question, ["", " \n"]) == question


@given(_TYPED, st.lists(_TYPED, max_size=4))
@settings(deadline=None)
def test_whatever_is_typed_it_becomes_a_question_or_stays(
    question: str, history: list[str]
) -> None:
    read = resolve(question, history, TODAY)
    assert read == question or (read.strip() and "\n" not in read)
    if parse(question, TODAY) is None:
        assert read == question


@given(_TYPED, st.lists(_TYPED, max_size=4))
@settings(deadline=None)
def test_what_came_before_a_question_that_stands_alone_has_no_effect(
    question: str, history: list[str]
) -> None:
    alone = "Wie viele Räder will Veloma 2026 verkaufen?"
    assert resolve(question, [*history, alone], TODAY) == resolve(question, [alone], TODAY)


@pytest.mark.parametrize(
    ("question", "history"),
    [
        ("x " * 500_000, ["Was kostet der KX5?"]),
        ("Und 2027?", ["x " * 500_000] * 3),
        ("Was kostet er?", ["A" * 1_000_000]),
        ("Was kostet er?", ["(" * 1000, "," * 1000]),
        ("Und 2027?", ["Und Tesla?"] * 10_000),
        ("er, " * 120, ["die Aa, " * 60] * TURNS),
    ],
)
def test_a_conversation_of_any_size_is_resolved_at_once(question: str, history: list[str]) -> None:
    resolve("Und 2027?", ["Was kostet der KX5?"])  # the vocabulary is read once
    before = time.process_time()
    read = resolve(question, history)
    assert time.process_time() - before < 0.5
    assert len(read) <= max(len(question), 1000)


def test_an_answer_says_what_the_question_was_read_as(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    history = ["Was kostet die Strecke nach Kassel?"]
    answer = assistant.ask("Und  nach Wien?", history=history)
    assert answer.question == "Und nach Wien?"
    assert answer.notices[-1] == "Gelesen als: Was kostet die Strecke nach Wien?"
    plain = assistant.ask("What did the bank raise?", history=history)
    assert not any("Read as" in notice for notice in plain.notices)


class _Scripted:
    """A reader that writes, of which only the rewriting matters here."""

    name = "scripted"

    def __init__(self) -> None:
        self.told: list[Sequence[str]] = []

    def read(self, query: Query, evidence: Evidence) -> Answer:
        empty = ((), (), 0.0, evidence, Abstention.NOT_ANSWERED, self.name)
        return Answer(query.text, query.language, "abstention", "", *empty)

    def stream(self, query: Query, evidence: Evidence) -> Iterator[Answer]:
        yield self.read(query, evidence)

    def rewrite(self, question: str, history: Sequence[str]) -> str:
        self.told.append(history)
        return "Was kostet die Strecke?" if question == "Teuer?" else question


def test_a_model_rewrites_first_and_the_rules_step_in_where_it_does_not(
    tmp_path: Path, news: Path
) -> None:
    reader = _Scripted()
    assistant = Assistant(tmp_path / "index", Config(), HashEmbedder(), reader)
    assistant.sync([news])
    history = ["Wann baut die Bahn?"]
    answer = assistant.ask("Teuer?", history=history)
    assert answer.notices[-1] == "Gelesen als: Was kostet die Strecke?"
    assert assistant.ask("Warum?", history=history).notices[-1].endswith("Warum baut die Bahn?")
    assistant.ask("Wann baut die Bahn?")
    assert reader.told == [history, history]  # without a conversation there is nothing to rewrite


def _chat(monkeypatch: pytest.MonkeyPatch, typed: str, *options: str) -> int:
    monkeypatch.setattr(rag.embed, "open_embedder", lambda _: HashEmbedder())
    monkeypatch.setattr(sys, "stdin", StringIO(typed))
    monkeypatch.setattr(sys, "argv", ["rag", "chat", *options])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.fixture
def indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index in an otherwise empty working directory."""
    monkeypatch.chdir(tmp_path)
    article = write(tmp_path / "bahn.txt", "Die Bahn baut eine Strecke nach Kassel. Sie ist lang.")
    Assistant(tmp_path / "index", Config(), HashEmbedder()).sync([article])


@pytest.mark.usefixtures("indexed")
def test_chat_answers_each_line_with_the_ones_before_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = "Wann baut die Bahn?\nWarum?\n/new\nWarum?\n\nWo baut die Bahn?\n"
    assert _chat(monkeypatch, typed, "--json") == 0
    out, err = capsys.readouterr()
    answers = list(_values(out))
    assert [answer["question"] for answer in answers] == ["Wann baut die Bahn?", "Warum?", "Warum?"]
    read = ["Gelesen als: Warum baut die Bahn?" in answer["notices"] for answer in answers]
    assert read == [False, True, False]
    assert err == ""


@pytest.mark.usefixtures("indexed")
def test_chat_prints_like_ask_and_ends_with_its_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _chat(monkeypatch, "Wann baut die Bahn?") == 0
    chatted = capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["rag", "ask", "Wann baut die Bahn?"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out == chatted != ""


def _values(text: str) -> Iterator[dict[str, Any]]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield value


@pytest.fixture(scope="module")
def samples() -> Iterator[Assistant]:
    """The sample articles, with the real model."""
    with reindexed([ARTICLES]) as assistant:
        yield assistant


@pytest.mark.slow
@pytest.mark.parametrize(
    ("history", "question", "whole"),
    [
        (
            "Was kostet der SU7 Ultra in China?",
            "Wie schnell ist er?",
            "Wie schnell ist der SU7 Ultra?",
        ),
        (
            "Wie viele Autos will Xiaomi 2026 ausliefern?",
            "Und 2025?",
            "Wie viele Autos will Xiaomi 2025 ausliefern?",
        ),
        (
            "Wie viele Fahrzeuge möchte BYD 2025 absetzen?",
            "Und Xiaomi?",
            "Wie viele Fahrzeuge möchte Xiaomi 2025 absetzen?",
        ),
        (
            "Wo entsteht das Entwicklungszentrum von Xiaomi?",
            "Wie viele Leute sollen dort arbeiten?",
            "Wie viele Leute arbeiten im Entwicklungszentrum von Xiaomi?",
        ),
        (
            "Baut Tesla in Grünheide aus?",
            "Warum nicht?",
            "Warum baut Tesla in Grünheide nicht aus?",
        ),
        (
            "Wann kommt der YU7 nach Europa?",
            "and its price in China?",
            "What does the YU7 cost in China?",
        ),
        (
            "Is Ford in talks with Xiaomi?",
            "Has it been denied?",
            "Has Ford denied talks with Xiaomi?",
        ),
        (
            "What energy density do Ionara's cells have?",
            "When will they be built?",
            "When will Ionara's cells be built?",
        ),
    ],
)
def test_a_followup_finds_what_the_whole_question_finds(
    samples: Assistant, history: str, question: str, whole: str
) -> None:
    wanted, *_ = samples.search(whole, 1)
    answer = samples.ask(question, history=[history])
    assert answer.evidence.hits[0].chunk.chunk_id == wanted.chunk.chunk_id
