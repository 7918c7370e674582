"""Language detection: short questions, keywords, articles, odd input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.detect import DEFAULT, INSPECTED, detect_language

SHARED = Path(os.environ.get("TEST_SHARED", Path(__file__).parents[2] / "../shared"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wann startet die Massenproduktion?"),
        ("de", "YU7 Stahl?"),
        ("de", "Preis SU7"),
        ("de", "Reichweite"),
        ("de", "Zölle China"),
        ("en", "tariff in Canada?"),
        ("en", "When does it launch?"),
        ("en", "steel strength YU7"),
        ("en", "WHAT IS THE PRICE?"),
        ("fr", "Quand commence la production ?"),
        ("es", "¿Cuándo empieza la producción?"),
        ("it", "Quando inizia la produzione?"),
        ("nl", "Wanneer begint de productie?"),
        ("pl", "Kiedy zaczyna się produkcja?"),
        ("pt", "Onde fica a fábrica?"),
        ("tr", "Üretim ne zaman başlıyor?"),
        ("ru", "Когда начинается производство?"),
        ("uk", "Скільки коштує автомобіль?"),
        ("sv", "När börjar produktionen?"),
        ("da", "Hvornår begynder produktionen?"),
        ("cs", "Kdy začíná výroba?"),
        ("zh", "什么时候开始量产？"),
    ],
)
def test_a_short_question_is_recognised(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", " \n", "12,5 % (2026)", "😀", "\x00", "\ud800", "?!"])
def test_a_text_without_words_counts_as_german(text: str) -> None:
    assert detect_language(text) == DEFAULT == "de"


@given(st.text())
def test_any_text_gives_a_code_of_two_letters(text: str) -> None:
    code = detect_language(text)
    assert len(code) == 2
    assert code.islower()


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    german = "Die Stadt baut eine neue Brücke über den Fluss. " * (INSPECTED // 40)
    assert detect_language(german + "The price of it is what they say. " * 10_000) == "de"


def test_a_plain_question_loads_no_language_models() -> None:
    code = (
        "import sys; from rag.language import detect_language\n"
        "assert detect_language('Wann startet die Produktion?') == 'de'\n"
        "assert detect_language('When does the production start?') == 'en'\n"
        "assert not {'lingua', 'tantivy', 'sentencex'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("language", ["de", "en"])
def test_parallel_questions_are_told_apart(language: str) -> None:
    path = SHARED / f"data/omos-qa/train.{language}.jsonl"
    if not path.is_file():
        pytest.skip("the parallel questions are not here")
    lines = path.read_text(encoding="utf-8").strip().split("\n")
    questions = [json.loads(line)["question"] for line in lines]
    wrong = [question for question in questions if detect_language(question) != language]
    assert len(wrong) <= 0.005 * len(questions), wrong
