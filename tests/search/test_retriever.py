from __future__ import annotations

from datetime import date
from pathlib import Path

from rag.assistant import Assistant, Retriever
from rag.types import Filter
from tests.trees import write


def _three(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    for n, subject in enumerate(("Elbe", "Donau", "Weser")):
        text = f"Die {subject} ist ein Fluss. Sie fließt {n} Tage lang. " * 60
        write(folder / f"{subject}.txt", text)
    return folder


def test_hits_are_ordered_and_no_more_than_asked_for(tmp_path: Path, assistant: Assistant) -> None:
    assistant.sync([_three(tmp_path)])
    hits = Retriever(assistant).search("Wie lange fließt die Donau?", k=3)
    assert len(hits) == 3
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert hits[0].document.doc_id == "papers/Donau.txt"
    assert all(h.text == h.chunk.span.of(h.document.text) for h in hits)


def test_one_document_is_shown_to_the_reader_whole(tmp_path: Path, assistant: Assistant) -> None:
    assistant.sync([_three(tmp_path)])
    only = Filter(doc_ids=frozenset({"papers/Elbe.txt"}))
    answer = assistant.ask("Wie lange fließt die Elbe?", only)
    (info,) = assistant.documents(only)
    assert len(answer.evidence.hits) == info.chunks > 1


def test_a_filter_leaves_out_what_it_should_and_counts_the_undated(
    tmp_path: Path, assistant: Assistant
) -> None:
    folder = _three(tmp_path)
    write(folder / "Oder.txt", "03.02.2026\n\nDie Oder ist ein Fluss im Osten. Sie ist lang.")
    assistant.sync([folder])
    answer = assistant.ask("Was ist die Oder?", Filter(since=date(2026, 1, 1)))
    assert {h.document.doc_id for h in answer.evidence.hits} == {"papers/Oder.txt"}
    assert answer.evidence.undated == 3
    assert any("3" in notice for notice in answer.notices)
