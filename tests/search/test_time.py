from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.time import Order, TimeIntent, time_feature, time_intent
from rag.types import Period

TODAY = date(2026, 11, 22)


def intent_of(question: str) -> TimeIntent:
    intent = time_intent(question, TODAY)
    assert intent is not None
    return intent


def fit(question: str, published: str | None, passage: str = "") -> float:
    return time_feature(
        time_intent(question, TODAY), Period.parse(published) if published else None, passage
    )


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("Wie viele waren es zuletzt?", "latest"),
        ("Was ist das aktuelle Ziel?", "latest"),
        ("Wie hoch ist der Preis derzeit?", "latest"),
        ("What is the latest figure?", "latest"),
        ("What does it cost now?", "latest"),
        ("What was the most recent recall?", "latest"),
        ("Wie lautete das ursprüngliche Ziel?", "earliest"),
        ("What was originally planned?", "earliest"),
        ("Was kostete es anfangs?", "earliest"),
        ("Wie hoch ist der aktuelle gegenüber dem ursprünglichen Preis?", "earliest"),
    ],
)
def test_words_ask_for_the_latest_or_the_earliest(question: str, order: Order) -> None:
    assert intent_of(question).order == order
    assert intent_of(question).named == ()


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Autos baut Xiaomi?",
        "Who knows the charging current?",
        "Was kostet der Peugeot e-2008?",
        "Kostet es 2000 Euro?",
        "Wer war der letzte Kaiser?",
        "",
    ],
)
def test_other_questions_say_nothing_of_time(question: str) -> None:
    assert time_intent(question, TODAY) is None


def test_last_year_is_a_time_and_no_order() -> None:
    for question in ("Wie war es im letzten Jahr?", "How was it in the last year?"):
        assert intent_of(question).order is None
        assert [str(period) for period in intent_of(question).named] == ["2025"]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("seit 2021", date(2021, 1, 1), date.max),
        ("ab dem Jahr 2021", date(2021, 1, 1), date.max),
        ("since March 2024", date(2024, 3, 1), date.max),
        ("nach 2021", date(2022, 1, 1), date.max),
        ("vor 2021", date.min, date(2020, 12, 31)),
        ("before March 2024", date.min, date(2024, 2, 29)),
        ("bis Ende 2030", date.min, date(2030, 12, 31)),
        ("until 2025", date.min, date(2025, 12, 31)),
        ("im Jahr 2025", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_since_and_until_open_a_range(question: str, first: date, last: date) -> None:
    assert intent_of(question).within == (Period(first, last),)


def test_a_passage_that_names_the_year_fits_whenever_it_was_published() -> None:
    question = "Welches Ziel hat Xiaomi für 2026?"
    assert fit(question, "2025-12-09", "2026 sollen es 480.000 werden.") == 0.9
    assert fit(question, "2025-12-09", "Im kommenden Jahr sollen es 480.000 werden.") == 0.9
    assert fit(question, "2026-03-01", "Es sollen 480.000 werden.") == 0.9
    assert fit(question, "2026-03-01", "2026 sollen es 480.000 werden.") == 1
    assert fit(question, None, "2026 sollen es 480.000 werden.") == 0.9
    assert fit(question, None, "Es sollen 480.000 werden.") == 0.5
    assert fit(question, "2025-12-09", "Es sollen 480.000 werden.") < 0.5
    assert fit("Wie viele waren es 2024?", "2025-01-02", "mehr als im Vorjahr") == 0.9


def test_a_month_is_looked_for_as_a_month() -> None:
    question = "Was geschah im Februar 2026?"
    assert fit(question, "2026-03-05", "Am 3. Februar 2026 kam er.") == 0.9
    assert fit(question, "2026-03-05", "am 03.02.2026") == 0.9
    assert fit(question, "2026-03-05", "Das war 2026.") == 0.7
    assert fit(question, "2026-03-05", "im März 2026") < 0.5
    assert fit(question, "2026-02-05", "Das war gestern.") == 0.9


def test_the_further_away_the_less_it_fits() -> None:
    question = "Wie hoch war der Preis 2020?"
    assert 0.5 > fit(question, "2021") > fit(question, "2023") > fit(question, "2026") > 0


def test_the_order_decides_between_old_and_new_and_leaves_the_undated_between() -> None:
    dates = ["2015-01-01", "2025-01-01", "2026-05-01", "2026-11-01"]
    latest = [fit("Was gilt jetzt?", day) for day in dates]
    assert latest == sorted(latest)
    assert fit("Was gilt jetzt?", None) == 0.5
    for day in dates:
        assert fit("Was galt anfangs?", day) == pytest.approx(1 - fit("Was gilt jetzt?", day))


def test_without_an_intent_newer_wins_by_a_hair() -> None:
    feature = [fit("Wie viele?", day) for day in ("1980", "2020", "2025-01-01", "2025-06-01")]
    assert feature == sorted(set(feature))
    assert feature[-1] - feature[0] < 0.1
    assert fit("Wie viele?", None) == 0.5


days = st.dates(date(1600, 1, 1), date(2100, 1, 1))
questions = st.sampled_from(
    [
        "seit 2021",
        "zuletzt",
        "vor März 1999 anfangs",
        "Q3 2025",
        "im letzten Jahr",
        "wer?",
        "bis 2030",
    ]
)
passages = st.text(alphabet="2014 69.,-März nächstesJahr", max_size=40)


@given(questions, days, days, st.booleans(), passages)
def test_the_feature_lies_between_0_and_1(
    question: str, today: date, published: date, dated: bool, passage: str
) -> None:
    period = Period(published, published) if dated else None
    assert 0 <= time_feature(time_intent(question, today), period, passage) <= 1
