"""Names that a written sentence brings in."""

from __future__ import annotations

import pytest

from rag.answer.llm.names import strange_names

GERMAN = "Otto Berg leitet das Werk in Halle."
ENGLISH = "Otto Berg runs the plant in Halle."


@pytest.mark.parametrize(
    ("text", "language", "held", "strange"),
    [
        ("Das Werk gehört Ford.", "de", ENGLISH, ["Ford"]),
        ("Laut Volkswagen ist das Werk fertig.", "de", ENGLISH, ["Volkswagen"]),
        ("Wolfsburg bekommt das Werk.", "de", ENGLISH, ["Wolfsburg"]),
        ("Das Werk baut 500 Teslas.", "de", ENGLISH, ["Teslas"]),
        ("Das Tesla-Werk ist fertig.", "de", ENGLISH, ["Tesla"]),
        ("President Kell runs the plant.", "en", GERMAN, ["Kell"]),
        ("Maria Berg runs the plant.", "en", GERMAN, ["Maria"]),
        ("The plant makes the SU9.", "en", "Das Werk baut den SU7.", ["SU9"]),
    ],
)
def test_a_name_that_no_article_holds_is_strange(
    text: str, language: str, held: str, strange: list[str]
) -> None:
    assert strange_names(text, language, held, translated=True) == strange


@pytest.mark.parametrize(
    ("text", "language", "held"),
    [
        ("Der Dirigent verlangt einen Akku.", "de", "The conductor wants a battery."),
        ("Die Strompreise steigen am Montag.", "de", "Electricity costs more on Monday."),
        ("Insgesamt leitet Otto Berg das Werk.", "de", ENGLISH),
        ("Berg's plant opened in May.", "en", "Bergs Werk wurde im Mai eröffnet."),
        ("Zelensky came.", "en", "Selenskyj kam."),
        ("The EKB is open.", "en", "Das Energie-Kontor Berg ist offen."),
    ],
)
def test_nouns_first_words_and_other_spellings_are_not(text: str, language: str, held: str) -> None:
    assert strange_names(text, language, held, translated=True) == []
