"""What the command line prints of answers, passages and explanations."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag import Answer, AnswerSentence, Citation, Document, DocumentInfo, Hit, Period, Span
from rag.jsonform import answer_form, explanation_form, hit_form
from rag.search.query import Query
from rag.search.retriever import Explanation
from rag.search.time import TimeIntent
from rag.terminal import (
    show,
    show_answer,
    show_documents,
    show_explanation,
    show_hits,
    show_json,
)
from rag.types import Chunk, Evidence

TEXT = "Das Werk steht in Halle. Es baut\n500 Autos im Jahr."
FIRST, SECOND = Span(0, 24), Span(25, 51)
DOCUMENT = Document("a", TEXT, "Neues Werk", "Bote", Period.parse("2026-02-01"), "de")
COPY = DocumentInfo("b", "Werk in Halle", "Blatt", Period.parse("2026-02"), "de", None, 51, 1)
HIT = Hit(
    chunk=Chunk("a#0", "a", Span(0, 51), (FIRST, SECOND)),
    document=DOCUMENT,
    score=0.81,
    ranks={"dense": 1, "lexical": None},
    features={"sentence": 0.9, "words": 0.5, "time": 0.0, "title": 0.25},
    contributions={"words": 0.2, "sentence": 0.81, "time": 0.0, "base": -0.2},
    best=SECOND,
    copies=(COPY,),
)
TIME = TimeIntent(
    named=(Period.parse("2026"), Period.parse("2025")),
    within=(Period.parse("2026"), Period(date(2025, 1, 1), date(2026, 11, 22))),
    order="latest",
    today=date(2026, 11, 22),
)
QUERY = Query(
    text="Wie viele Autos baut das Werk in Halle?",
    language="de",
    terms={"en": [], "de": ["auto", "werk", "hall"]},
    asks_number=True,
    time=TIME,
)
EXPLANATION = Explanation(QUERY, (HIT, replace(HIT, copies=())))


def answer(language: str, citations: tuple[Citation, ...]) -> Answer:
    """One sentence with these citations, or none without."""
    vectors = np.eye(2, dtype=np.float32)
    return Answer(
        question="?",
        language=language,
        kind="fact" if citations else "abstention",
        heading="Antwort",
        sentences=tuple(AnswerSentence(c.quote, (c,)) for c in citations),
        groups=(),
        probability=0.9,
        evidence=Evidence((HIT,), (), vectors, vectors[0], documents=2, permitted=2),
        abstention=None,
        reader="test",
    )


CITATION = Citation(1, DOCUMENT, SECOND, SECOND.of(TEXT))


@pytest.mark.parametrize(("language", "says"), [("de", "auch in"), ("en", "also in")])
def test_an_answer_names_the_copies_of_its_source(
    language: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_answer(answer(language, (CITATION,)))
    _, source = capsys.readouterr().out.split("\n\n")
    assert source.splitlines()[1:] == [f"    {says}: Werk in Halle · Blatt · 2026-02 · b"]


def test_so_does_an_abstention_of_what_comes_closest(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(answer("de", ()))
    assert "    auch in: Werk in Halle" in capsys.readouterr().out


def test_a_quote_from_another_place_has_no_copies(capsys: pytest.CaptureFixture[str]) -> None:
    other = replace(DOCUMENT, doc_id="c")
    show_answer(answer("de", (replace(CITATION, document=other),)))
    outside = replace(DOCUMENT, text=f"{TEXT} Mehr.")
    show_answer(answer("de", (Citation(1, outside, Span(52, 57), "Mehr."),)))
    assert "auch in" not in capsys.readouterr().out


def test_passages_come_with_rank_and_copies(capsys: pytest.CaptureFixture[str]) -> None:
    show_hits([HIT, replace(HIT, copies=())])
    assert capsys.readouterr().out.splitlines() == [
        "1. Neues Werk · Bote · 2026-02-01 · a  (dense 1, lexical -)",
        "    Das Werk steht in Halle. Es baut",
        "    500 Autos im Jahr.",
        "    also in: Werk in Halle · Blatt · 2026-02 · b",
        "2. Neues Werk · Bote · 2026-02-01 · a  (dense 1, lexical -)",
        "    Das Werk steht in Halle. Es baut",
        "    500 Autos im Jahr.",
    ]


def test_an_explanation_begins_with_what_the_question_became(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_explanation(EXPLANATION)
    top, *_ = capsys.readouterr().out.split("\n\n")
    assert top.splitlines() == [
        "question   Wie viele Autos baut das Werk in Halle?",
        "language   de",
        "terms de   auto werk hall",
        "terms en   -",
        "asks for   a number",
        "time       2026, 2025 (2025-01-01/2026-11-22), latest",
    ]


def test_a_question_without_time_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    query = replace(QUERY, time=None, asks_number=False)
    show_explanation(Explanation(query, ()))
    assert capsys.readouterr().out.endswith("asks for   anything\ntime       -\n")


def test_every_passage_has_a_table_that_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    show_explanation(EXPLANATION)
    _, first, second = capsys.readouterr().out.split("\n\n")
    assert first.splitlines() == [
        "1. Neues Werk · Bote · 2026-02-01 · a#0",
        "    Es baut 500 Autos im Jahr.",
        "    also in: Werk in Halle · Blatt · 2026-02 · b",
        "    feature     value   weight  contribution",
        "    sentence    0.900    0.900        0.8100",
        "    words       0.500    0.400        0.2000",
        "    base            -        -       -0.2000",
        "    time        0.000        -        0.0000",
        "    title       0.250    0.000        0.0000",
        "    score                             0.8100",
    ]
    assert second.startswith("2. Neues Werk")
    *shares, score = (float(each) for each in re.findall(r"-?\d\.\d{4}$", first, re.MULTILINE))
    assert sum(shares) == pytest.approx(score)


def test_json_forms_are_plain_values() -> None:
    form = hit_form(HIT)
    assert sum(form["contributions"].values()) == pytest.approx(form["score"])
    assert form["features"] == dict(HIT.features)
    assert [copy["id"] for copy in form["copies"]] == ["b"]
    explained = explanation_form(EXPLANATION)
    assert json.loads(json.dumps(explained)) == explained
    assert explained["hits"][0] == {
        **form,
        "best": {"start": 25, "end": 51, "text": "Es baut\n500 Autos im Jahr."},
    }
    assert explained["query"] == {
        "text": QUERY.text,
        "language": "de",
        "terms": {"de": ["auto", "werk", "hall"], "en": []},
        "asks_number": True,
        "time": {
            "named": ["2026", "2025"],
            "within": ["2026", "2025-01-01/2026-11-22"],
            "order": "latest",
            "today": "2026-11-22",
        },
    }
    assert answer_form(answer("de", (CITATION,)))["evidence"] == [form]


def test_no_field_breaks_its_line_or_steers_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    info = replace(COPY, title="Werk\n9. Falsch", source="\x1b[31mBlatt\tRot")
    document = replace(DOCUMENT, title="Neu\nes")
    hit = replace(HIT, document=document, copies=(info,))
    show_documents([info])
    show_explanation(Explanation(QUERY, (hit,)))
    show_hits([hit])
    show("a\x07\x9b\r\u202eb\ud800")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "b\t2026-02\tde\t[31mBlatt Rot\tWerk 9. Falsch"
    assert not [line for line in lines if line.startswith(("9", "es")) or "\x1b" in line]
    assert lines[-1] == "ab"


@given(st.dictionaries(st.text(), st.text(st.characters())))
@example({"quote": "\x7f\x9b31m \u202e \ud800 \\ \\u0041 \r\n"})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_keeps_every_code_point_and_steers_nothing(
    capsys: pytest.CaptureFixture[str], value: dict[str, str]
) -> None:
    show_json(value)
    out = capsys.readouterr().out
    assert json.loads(out) == value
    assert not {unicodedata.category(c) for c in out.replace("\n", "")} & {"Cc", "Cs"}
    assert "\u202e" not in out
