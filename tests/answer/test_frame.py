from __future__ import annotations

import pytest

from rag.answer import frame
from rag.types import Abstention, Document, Period


@pytest.mark.parametrize("language", ["de", "en", "fr"])
def test_every_reason_and_kind_has_words_in_every_language(language: str) -> None:
    assert all(frame.reason(why, language) for why in Abstention)
    assert all(frame.heading(kind, language) for kind in ("fact", "list", "conflict", "abstention"))


def test_a_date_is_shown_as_exactly_as_it_is_known() -> None:
    month = Document("a", "Text", "Titel", None, Period.parse("2021-04"), "de")
    undated = Document("b", "Text", "Titel", None, None, "de")
    assert frame.as_of(month, "de") == "Stand: April 2021"
    assert frame.as_of(month, "en") == "As of April 2021"
    assert frame.as_of(undated, "de") == "Stand: unbekannt"
