"""From a question to hits: how many, in which order, and why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import rag.search.retriever
from rag import Assistant, Retriever
from rag.embed.double import HashEmbedder
from rag.search.features import FEATURES
from rag.search.retriever import Scored, Search
from rag.store.local import LocalStore
from rag.types import Filter
from tests.search.papers import REPORT
from tests.trees import write

QUESTION = "Wie viele Fahrzeuge baut Kastor in Lindau?"


def _three(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    for n, subject in enumerate(("Elbe", "Donau", "Weser")):
        text = f"Die {subject} ist ein Fluss. Sie fließt {n} Tage lang. " * 60
        write(folder / f"{subject}.txt", text)
    return folder


def _rows(path: Path, *articles: tuple[str, str], language: str = "de") -> Path:
    """A JSONL file with these ids and texts."""
    forms = [{"id": name, "text": text, "language": language} for name, text in articles]
    return write(path, "".join(json.dumps(form) + "\n" for form in forms))


def _others(number: int) -> list[tuple[str, str]]:
    """Articles that have nothing in common but the beginning."""
    return [
        (f"o{n:02}", f"Dorf {n} sucht {n * 7} Wörter. {_words(n)} Ende {n}.") for n in range(number)
    ]


def _words(n: int) -> str:
    return " ".join(f"wort{(n * 31 + i * 17) % 997}" for i in range(12)) + "."


def _copies(number: int) -> list[tuple[str, str]]:
    return [(f"c{n:02}", " ".join(REPORT)) for n in range(number)]


def test_hits_are_ordered_and_no_more_than_asked_for(tmp_path: Path, assistant: Assistant) -> None:
    assistant.sync([_three(tmp_path)])
    hits = Retriever(assistant).search("Wie lange fließt die Donau?", k=3)
    assert len(hits) == 3
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert hits[0].document.doc_id == "papers/Donau.txt"
    assert all(h.text == h.chunk.span.of(h.document.text) for h in hits)


def test_a_hit_says_why_it_was_found(tmp_path: Path, assistant: Assistant) -> None:
    assistant.sync([_three(tmp_path)])
    explanation = assistant.explain("Wie lange fließt die Donau?", k=3)
    assert explanation.query.language == "de"
    assert explanation.query.terms["de"]
    for hit in explanation.hits:
        assert tuple(hit.features) == tuple(hit.contributions) == FEATURES
        assert hit.score == pytest.approx(sum(hit.contributions.values()), abs=1e-5)
        assert hit.best in hit.chunk.sentences
        assert hit.ranks.keys() == {"dense", "lexical"}
    best = explanation.hits[0]
    assert best.best.of(best.document.text) == "Die Donau ist ein Fluss."
    searched = assistant.search("Wie lange fließt die Donau?", k=3)
    assert [h.chunk for h in searched] == [h.chunk for h in explanation.hits]


def test_one_document_is_shown_to_the_reader_whole(tmp_path: Path, assistant: Assistant) -> None:
    assistant.sync([_three(tmp_path)])
    only = Filter(doc_ids=frozenset({"papers/Elbe.txt"}))
    answer = assistant.ask("Wie lange fließt die Elbe?", only)
    (info,) = assistant.documents(only)
    chunks = {h.chunk.chunk_id for h in answer.evidence.hits}
    assert len(chunks) == len(answer.evidence.hits) == info.chunks > 1


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


def test_near_copies_are_one_hit_that_names_the_others(
    tmp_path: Path, assistant: Assistant
) -> None:
    assistant.sync([_rows(tmp_path / "rows.jsonl", *_copies(3), *_others(4))])
    hits = assistant.search(QUESTION, k=5)
    assert hits[0].document.doc_id == "c00"
    assert [info.doc_id for info in hits[0].copies] == ["c01", "c02"]
    assert {hit.document.doc_id for hit in hits[1:]} == {"o00", "o01", "o02", "o03"}
    assert all(hit.copies == () for hit in hits[1:])
    assert [info.title for info in hits[0].copies] == [hits[0].document.title] * 2


def test_places_that_copies_took_are_filled_from_further_down(
    tmp_path: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the two searches finds copies only, until it is asked for more."""
    monkeypatch.setattr(rag.search.retriever, "POOL", 4)
    assistant.sync([_rows(tmp_path / "rows.jsonl", *_copies(12), *_others(6))])
    hits = assistant.search(QUESTION, k=4)
    assert len(hits) == 4
    assert len({hit.document.doc_id for hit in hits}) == 4
    assert [hit.document.doc_id[0] for hit in hits] == ["c", "o", "o", "o"]


def test_copies_that_a_filter_leaves_out_are_not_named(
    tmp_path: Path, assistant: Assistant
) -> None:
    assistant.sync([_rows(tmp_path / "rows.jsonl", *_copies(4), *_others(2))])
    allowed = Filter(doc_ids=frozenset({"c01", "c03", "o01"}))
    hits = assistant.search(QUESTION, k=5, filter=allowed)
    assert [hit.document.doc_id for hit in hits] == ["c01", "o01"]
    assert [info.doc_id for info in hits[0].copies] == ["c03"]


@pytest.mark.parametrize(("k", "found"), [(20, 20), (30, 30), (100, 30)])
def test_more_may_be_asked_for_than_a_search_is_usually_asked_for(
    tmp_path: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch, k: int, found: int
) -> None:
    monkeypatch.setattr(rag.search.retriever, "POOL", 5)
    assistant.sync([_rows(tmp_path / "rows.jsonl", *_others(30))])
    assert len({hit.document.doc_id for hit in assistant.search("Wer sucht?", k=k)}) == found


def _scored(assistant: Assistant, question: str, n: int) -> dict[str, Scored]:
    store = LocalStore(assistant.folder)
    with store.snapshot() as snapshot:
        scored = Search(snapshot, assistant.embedder, question, Filter()).scored(n)
    store.close()
    return {each.candidate.chunk.chunk_id: each for each in scored}


def test_each_language_has_its_part_of_the_candidates(tmp_path: Path, assistant: Assistant) -> None:
    german = [(f"d{n:02}", f"Die Bahn baut {n} Gleise. {_words(n)}") for n in range(20)]
    english = [(f"e{n}", f"The quick brown fox jumps over {n} dogs. {_words(n)}") for n in range(5)]
    _rows(tmp_path / "rows" / "de.jsonl", *german)
    _rows(tmp_path / "rows" / "en.jsonl", *english, language="en")
    assistant.sync([tmp_path / "rows"])
    found = _scored(assistant, "Wie viele Gleise baut die Bahn?", 12).values()
    english_ranks = [each.candidate.dense_rank for each in found if each.candidate.language == "en"]
    assert len(english_ranks) == 3
    assert max(rank or 0 for rank in english_ranks) > 12  # not by their cosines
    assert sum((each.candidate.dense_rank or 99) <= 12 for each in found) == 12


def test_a_candidate_scores_the_same_in_a_small_pool_and_in_a_large_one(
    tmp_path: Path, assistant: Assistant
) -> None:
    assistant.sync([_rows(tmp_path / "rows.jsonl", *_copies(3), *_others(30))])
    small, large = _scored(assistant, QUESTION, 5), _scored(assistant, QUESTION, 100)
    assert len(small) < len(large) == 33
    for name, each in small.items():
        assert each.score == pytest.approx(large[name].score, abs=1e-6)
        assert each.features == pytest.approx(large[name].features, abs=1e-6)


def test_vectors_count_the_same_however_large_the_collection_is(
    tmp_path: Path, assistant: Assistant
) -> None:
    """Only how rare a word is can be another matter there."""
    before = _rows(tmp_path / "rows" / "a.jsonl", *_copies(1), *_others(3))
    assistant.sync([before.parent])
    small = _scored(assistant, QUESTION, 100)
    _rows(tmp_path / "rows" / "b.jsonl", *((f"n{name}", text) for name, text in _others(60)[10:]))
    assistant.sync([before.parent])
    large = _scored(assistant, QUESTION, 100)
    words = [FEATURES.index("shared words"), FEATURES.index("foreign words")]
    for name, each in small.items():
        rest = [n for n in range(len(FEATURES)) if n not in words]
        assert each.features[rest] == pytest.approx(large[name].features[rest], abs=1e-6)


def test_another_model_has_no_drift_made_up_for(tmp_path: Path, assistant: Assistant) -> None:
    assert isinstance(assistant.embedder, HashEmbedder)
    assistant.sync([_rows(tmp_path / "rows.jsonl", ("e", "The river is long."), language="en")])
    (each,) = _scored(assistant, "Wie lang ist der Fluss?", 5).values()
    assert each.features[FEATURES.index("other language")] == 1
    assert each.features[FEATURES.index("drift")] == 0
