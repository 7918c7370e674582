"""What a written sentence may say of the sentences that it cites, and what it may not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.answer.llm.checks import faults, translation_faults
from rag.answer.orders import sound_like_orders
from rag.config import Config
from rag.embed import open_embedder
from rag.language import split_sentences
from rag.types import Citation, Vectors
from tests.answer.llm_cases import alike, article, question

ASKED = {"de": "Was ist mit dem Werk in Halle?", "en": "What about the plant in Halle?"}


def cited(*quotes: str, title: str = "Artikel") -> list[Citation]:
    citations = []
    for number, quote in enumerate(quotes):
        hit, (span,) = article(number, quote, title=title)
        citations.append(Citation(0, hit.document, span, quote))
    return citations


def found(text: str, *quotes: str, asked: str = "", title: str = "Artikel") -> tuple[str, ...]:
    language = "en" if text.isascii() and " the " in f" {text.lower()} " else "de"
    query = question(asked or ASKED[language])
    return faults(text, cited(*quotes, title=title), query, alike)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Das Werk baut 500 Autos.", "Das Werk in Halle baut 500 Autos im Jahr."),
        ("In Halle werden im Jahr 500 Autos gebaut.", "Das Werk in Halle baut 500 Autos im Jahr."),
        ("The plant costs 8.6 billion euros.", "Das Werk kostet 8,6 Milliarden Euro."),
        ("Das Werk kostet 8,6 Mrd. Euro.", "The plant costs 8.6 billion euros."),
        ("Das Werk kostet 0,55 Millionen Euro.", "Das Werk kostet 550.000 Euro."),
        ("The plant opens on May 3, 2026.", "Das Werk öffnet am 3. Mai 2026."),
        ("Das Werk öffnet am 3.5.2026.", "The plant opens on 3 May 2026."),
        ("The plant opens in May 2026.", "Das Werk öffnet am 03.05.2026."),
        ("The plant has twelve halls.", "Das Werk hat 12 Hallen."),
        ("Das Werk hat 23 Hallen.", "Das Werk hat dreiundzwanzig Hallen."),
        ("The share rose to 40 percent of the plant.", "Der Anteil am Werk stieg auf 40 Prozent."),
        ("The plant closes at 2:30 pm on the dot.", "Das Werk schließt um Punkt 14.30 Uhr."),
        ("The plant stands in Munich.", "Das Werk steht in München."),
        ("Das Werk liegt bei Wien.", "The plant is near Vienna."),
        ("The plant was built by the Chinese firm.", "Die chinesische Firma hat das Werk gebaut."),
        ("The plant was opened by Zelensky.", "Das Werk wurde von Selenskyj eröffnet."),
        ("The plant is not closed.", "Das Werk wird nicht geschlossen."),
        ("The tour of the plant is on Monday.", "Die Führung durch das Werk ist am Montag."),
        ("The plant makes the SU7 Ultra.", "Das Werk baut den SU7 Ultra."),
        ("Das Werk entsteht auf dem Parkplatz.", "The plant is built on the car park."),
    ],
)  # fmt: skip
def test_what_a_quote_bears_out_passes_in_either_language(text: str, quote: str) -> None:
    assert found(text, quote) == ()


@pytest.mark.parametrize(
    ("text", "quote", "fault"),
    [
        ("Das Werk baut 600 Autos.", "Das Werk in Halle baut 500 Autos im Jahr.", "figures"),
        ("The plant costs 8.6 million euros.", "Das Werk kostet 8,6 Milliarden Euro.", "figures"),
        ("The plant costs 500 dollars.", "Das Werk kostet 500 Euro.", "figures"),
        ("The plant opens on May 5, 2026.", "Das Werk öffnet am 3. Mai 2026.", "figures"),
        ("The plant opens in June.", "Das Werk öffnet im Mai.", "figures"),
        ("The plant has thirteen halls.", "Das Werk hat 12 Hallen.", "figures"),
        ("Die Hälfte vom Werk ist fertig.", "Ein Drittel vom Werk ist fertig.", "figures"),
        ("The plant is 600km away.", "Das Werk liegt 500 km entfernt.", "figures"),
        ("The tour of the plant is on Tuesday.", "Die Führung ist am Montag.", "figures"),
        ("The plant stands in Vienna.", "Das Werk steht in München.", "places"),
        ("The plant belongs to Tesla.", "Das Werk gehört BYD.", "names"),
        ("Das Werk gehört Tesla.", "The plant belongs to BYD.", "names"),
        ("Das Werk steht in Wolfsburg.", "The plant stands in Halle.", "names"),
        ("The plant makes the SU9.", "Das Werk baut den SU7.", "names"),
        ("Anna Kell runs the plant.", "Otto Berg runs the plant.", "names"),
        ("The plant is closed.", "Das Werk wird nicht geschlossen.", "denial"),
        ("Das Werk wird nicht gebaut.", "Das Werk wird gebaut.", "denial"),
        ("Das Werk ist ein Schandfleck.", "Das Werk in Halle baut 500 Autos.", "words"),
        ("Das Werk baut 500 Autos, Nachbarn klagen laut.", "Das Werk baut Autos.", "clause"),
        ("Das Werk baut 500 Autos, siehe https://x.example", "Das Werk baut 500 Autos.", "markup"),
        ("Das Werk baut **500** Autos.", "Das Werk baut 500 Autos.", "markup"),
        ("Das Werk <b>baut</b> 500 Autos.", "Das Werk baut 500 Autos.", "markup"),
        ("DAS WERK BAUT AUTOS", "Das Werk baut Autos.", "markup"),
        ("", "Das Werk baut Autos.", "markup"),
        ("Baut das Werk Autos?", "Das Werk baut Autos.", "order"),
        ("Antworte nur, das Werk baut Autos.", "Das Werk baut Autos.", "order"),
        ("Das Werk baut Autos. " * 9, "Das Werk baut Autos.", "length"),
    ],
)  # fmt: skip
def test_what_no_quote_bears_out_fails(text: str, quote: str, fault: str) -> None:
    assert fault in found(text, quote)


def test_an_answer_in_another_language_than_the_question_fails() -> None:
    query = question("Was baut das Werk in Halle?")
    text = "The plant in Halle is building 500 cars in a year."
    assert "language" in faults(text, cited("Das Werk in Halle baut 500 Autos im Jahr."), query)


def test_without_a_citation_nothing_passes() -> None:
    assert faults("Das Werk baut Autos.", [], question("Was baut das Werk?")) == ("ids",)


def test_the_date_and_the_title_of_the_article_may_be_used() -> None:
    quote = "Das Werk wird eröffnet, sagte der Chef am Montag."
    assert (
        found("Das Werk von Kramer wird 2026 eröffnet.", quote, title="Kramer baut in Halle") == ()
    )


def test_several_quotes_bear_a_sentence_out_together() -> None:
    quotes = ("Das Werk baut 500 Autos.", "Das Werk kostet 20 Millionen Euro.")
    text = "Das Werk baut 500 Autos und kostet 20 Millionen Euro."
    assert found(text, *quotes) == ()
    assert found(text, quotes[0])


def vectors(*rows: Sequence[float]) -> Vectors:
    return np.pad(np.array(rows, np.float32), ((0, 0), (0, 382)))


@pytest.mark.parametrize(
    ("text", "cosine", "fails"),
    [
        ("The plant is a fraud.", 0.83, True),
        ("The plant is a fraud.", 0.85, False),
        ("The plant builds 500.", 0.79, False),  # its figures are checked
        ("The plant builds 500.", 0.77, True),
    ],
)
def test_a_sentence_that_means_something_else_fails(text: str, cosine: float, fails: bool) -> None:
    quote, query = cited("Das Werk baut 500 Autos."), question(ASKED["en"])
    near = (cosine, float(np.sqrt(1 - cosine**2)))
    rows = vectors((1, 0), near, near)
    assert ("meaning" in faults(text, quote, query, lambda _: rows)) == fails


def test_without_vectors_nothing_passes_in_another_language_than_its_quote() -> None:
    (quote,) = cited("Das Werk baut 500 Autos.")
    assert "meaning" in faults("The plant builds 500 cars.", [quote], question(ASKED["en"]))
    assert "meaning" in translation_faults("The plant builds 500 cars.", quote, "en")
    assert faults("Das Werk baut 500 Autos.", [quote], question(ASKED["de"])) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The plant in Halle builds 500 cars a year.", ""),
        ("The plant in Halle builds 5,000 cars a year.", "figures"),
        ("The plant in Halle builds cars.", "figures"),
        ("The plant in Vienna builds 500 cars a year.", "places"),
        ("The plant in Halle does not build 500 cars a year.", "denial"),
        ("The plant in Halle builds 500 cars a year: www.x.example", "markup"),
    ],
)
def test_a_translation_says_neither_more_nor_less(text: str, fault: str) -> None:
    (quote,) = cited("Das Werk in Halle baut 500 Autos im Jahr.")
    failed = translation_faults(text, quote, "en", alike)
    assert fault in failed if fault else failed == ()


@pytest.mark.slow
def test_orders_are_told_by_their_vectors_and_articles_seldom_mistaken() -> None:
    embed = open_embedder(Config()).embed_documents
    folder = Path(__file__).parent
    rows = (folder / "attacks.jsonl").read_text(encoding="utf-8").splitlines()
    orders = embed([json.loads(row)["injection"] for row in rows])
    found = [sound_like_orders(row[None]) for row in orders]
    assert sum(found) >= 0.75 * len(found)
    articles = sorted((folder.parents[1] / "eval" / "articles").glob("*.md"))[1::8]
    texts = [path.read_text(encoding="utf-8").split("---\n", 2)[-1] for path in articles]
    sentences = [span.of(text) for text in texts for span in split_sentences(text)]
    mistaken = [sound_like_orders(row[None]) for row in embed(sentences)]
    assert sum(mistaken) <= 0.05 * len(mistaken)
