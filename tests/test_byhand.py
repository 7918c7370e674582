from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.errors import DocumentNotFound
from rag.types import Filter, Period
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, write

BAHN_ID = "news/bahn.txt"
MAY = Period.parse("2026-05")


@pytest.fixture
def corrected(assistant: Assistant, news: Path) -> Assistant:
    assistant.sync([news])
    assistant.correct(BAHN_ID, MAY, "Bahnblatt")
    return assistant


def about(assistant: Assistant) -> tuple[Period | None, str | None]:
    document = assistant.document(BAHN_ID)
    return document.published, document.source


def test_a_corrected_date_and_publisher_are_found_by_at_once(corrected: Assistant) -> None:
    assert about(corrected) == (MAY, "Bahnblatt")
    found = Filter(sources=frozenset({"Bahnblatt"}), since=date(2026, 5, 31))
    assert [d.doc_id for d in corrected.documents(found)] == [BAHN_ID]
    hits = corrected.search("Was kostet die Strecke der Bahn?", filter=found)
    assert {hit.document.published for hit in hits} == {MAY}
    assert corrected.verify() == []


def test_a_correction_embeds_nothing(
    assistant: Assistant, news: Path, embedder: CountingEmbedder
) -> None:
    assistant.sync([news])
    embedder.embedded.clear()
    assistant.correct(BAHN_ID, None, None)
    assert embedder.embedded == []
    assert about(assistant) == (None, None)


def test_a_correction_survives_a_sync_a_change_of_the_file_and_a_rebuild(
    corrected: Assistant, news: Path
) -> None:
    assert corrected.sync().unchanged == 2
    write(news / "bahn.txt", f"03.04.2021\n\n{BAHN} Das ist neu.")
    assert corrected.sync().updated == 1
    assert about(corrected) == (MAY, "Bahnblatt")
    assert corrected.document(BAHN_ID).text.endswith("Das ist neu.")
    corrected.sync(rebuild=True)
    assert about(corrected) == (MAY, "Bahnblatt")
    assert corrected.sync().unchanged == 2


def test_a_correction_waits_for_a_document_that_was_taken_out(
    corrected: Assistant, news: Path
) -> None:
    corrected.remove(BAHN_ID)
    with pytest.raises(DocumentNotFound, match="no such document"):
        corrected.correct(BAHN_ID, None, None)
    corrected.sync([news], restore=True)
    assert about(corrected) == (MAY, "Bahnblatt")


def test_a_correction_moves_with_its_folder_into_a_larger_one(
    corrected: Assistant, tmp_path: Path
) -> None:
    write(tmp_path / "other.txt", "Ein anderer Text.")
    corrected.sync([tmp_path])
    (document,) = [d for d in corrected.documents() if d.doc_id.endswith("bahn.txt")]
    assert document.doc_id != BAHN_ID
    assert (document.published, document.source) == (MAY, "Bahnblatt")


def test_the_last_correction_counts(corrected: Assistant) -> None:
    corrected.correct(BAHN_ID, Period.parse("2026-06-07"), None)
    corrected.sync()
    assert about(corrected) == (Period.parse("2026-06-07"), None)
