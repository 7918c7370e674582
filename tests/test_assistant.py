"""The assistant as its users hold it: open, sync, ask, remove, from one thread or many."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import rag.embed
from rag import Assistant, Config, Filter, RagError, Retriever
from rag.embed.double import HashEmbedder
from rag.errors import DocumentNotFound, IndexLocked, IndexMismatch, IndexNotFound
from rag.search.query import Query
from rag.store import Counts
from rag.types import Abstention, Answer, Evidence, Vectors
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, WIND, ids, rows, write


class OtherModel(HashEmbedder):
    name = "other"
    fingerprint = "1" * 64


class Witness:
    """A reader that keeps what it was shown."""

    name = "witness"

    def __init__(self) -> None:
        self.shown: list[tuple[Query, Evidence]] = []

    def read(self, query: Query, evidence: Evidence) -> Answer:
        self.shown.append((query, evidence))
        return Answer(
            query.text,
            query.language,
            "abstention",
            "",
            (),
            (),
            0.0,
            evidence,
            Abstention.NOT_ANSWERED,
            self.name,
        )


def test_a_question_finds_the_article_that_it_is_about(assistant: Assistant, news: Path) -> None:
    assistant.sync(news)
    hits = assistant.search("Was kostet die neue Strecke der Bahn?", k=1)
    assert [hit.document.doc_id for hit in hits] == ["news/bahn.txt"]
    assert hits[0].text == hits[0].chunk.span.of(BAHN)
    assert hits[0].ranks["dense"] == 1
    answer = assistant.ask("Was kostet die neue Strecke der Bahn?")
    for citation in answer.citations:
        assert citation.span.of(citation.document.text) == citation.quote


def test_the_evidence_is_of_one_piece(
    tmp_path: Path, embedder: CountingEmbedder, news: Path
) -> None:
    witness = Witness()
    assistant = Assistant(tmp_path / "index", Config(), embedder, witness)
    assistant.sync(news)
    assistant.ask("  Was kostet\ndie Strecke? ")
    ((query, evidence),) = witness.shown
    assert query.text == "Was kostet die Strecke?"
    assert evidence.documents == 2
    assert not evidence.degraded
    assert len(evidence.sentences) == len(evidence.sentence_vectors) == 4
    for sentence, vector in zip(evidence.sentences, evidence.sentence_vectors, strict=True):
        hit = evidence.hits[sentence.hit]
        assert sentence.span in hit.chunk.sentences
        assert vector @ vector == pytest.approx(1, abs=1e-3)  # at the precision that is kept
    assert evidence.query_vector.shape == (embedder.dim,)


@pytest.mark.parametrize("adapted", [True, False])
def test_a_question_is_read_twice_for_an_answer_where_the_model_reads_it_in_two_ways(
    tmp_path: Path, news: Path, adapted: bool
) -> None:
    read: list[str] = []

    class Backwards(HashEmbedder):
        def embed_questions(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
            read.extend(texts)
            queries = self.embed_queries(texts)
            return queries, -queries

    model, witness = Backwards(), Witness()
    model.adapted = adapted
    assistant = Assistant(tmp_path / "index", Config(), model, witness)
    assistant.sync(news)
    assistant.search("Was kostet die Strecke?")
    assert read == []
    assistant.ask("  Was kostet\ndie Strecke? ")
    ((query, evidence),) = witness.shown
    assert read == [query.text] * adapted
    if adapted:
        assert evidence.question_vector is not None
        np.testing.assert_allclose(evidence.question_vector, -evidence.query_vector)
    else:
        assert evidence.question_vector is None


def test_a_filter_for_one_document_shows_all_of_it(
    tmp_path: Path, embedder: CountingEmbedder, news: Path
) -> None:
    text = "\n\n".join(f"Absatz {n} handelt von Zahl {n}. {BAHN}" for n in range(60))
    write(news / "long.txt", text)
    witness = Witness()
    assistant = Assistant(tmp_path / "index", Config(chunk_tokens=32), embedder, witness)
    assistant.sync(news)
    assistant.ask("Zahl 7?", Filter(doc_ids=frozenset({"news/long.txt"})))
    chunks = {hit.chunk.chunk_id for _, evidence in witness.shown for hit in evidence.hits}
    (info,) = (info for info in assistant.documents() if info.doc_id == "news/long.txt")
    assert len(chunks) == info.chunks > 50


def test_filters_reach_lists_and_answers(assistant: Assistant, tmp_path: Path) -> None:
    write(
        tmp_path / "rows.jsonl",
        '{"id": "old", "text": "Die Bahn baut.", "published": "2020"}\n'
        '{"id": "new", "text": "Die Bahn baut.", "published": "2026-02", "source": "Kurier"}\n'
        '{"id": "undated", "text": "Die Bahn baut."}\n',
    )
    assistant.sync(tmp_path / "rows.jsonl")
    recent = Filter(since=date(2026, 2, 28))
    assert [info.doc_id for info in assistant.documents(recent)] == ["new"]
    assert [hit.chunk.doc_id for hit in assistant.search("Bahn", filter=recent)] == ["new"]
    kurier = Filter(sources=frozenset({"Kurier"}))
    assert [info.doc_id for info in assistant.documents(kurier)] == ["new"]


def test_without_an_index_every_reading_call_says_how_to_make_one(assistant: Assistant) -> None:
    for call in (
        lambda: assistant.ask("Was?"),
        lambda: assistant.search("Was?"),
        assistant.documents,
        lambda: assistant.document("x"),
        assistant.verify,
        lambda: assistant.remove("x"),
    ):
        with pytest.raises(IndexNotFound, match="run: rag index FOLDER"):
            call()
    assert assistant.counts() == Counts(0, 0, 0)
    assert not assistant.folder.exists()


def test_an_empty_index_abstains(assistant: Assistant, news: Path) -> None:
    assistant.sync(news)
    assistant.remove(ids(assistant))
    assert assistant.counts() == Counts(0, 0, 0)
    answer = assistant.ask("Was kostet die Strecke?")
    assert answer.abstention is Abstention.EMPTY_INDEX
    assert assistant.search("Was?") == []
    assert assistant.verify() == []


def test_an_empty_question_is_refused(assistant: Assistant, news: Path) -> None:
    assistant.sync(news)
    with pytest.raises(RagError, match="the question is empty"):
        assistant.ask(" \n ")


def test_removing_an_unknown_document_removes_none(assistant: Assistant, news: Path) -> None:
    assistant.sync(news)
    with pytest.raises(DocumentNotFound, match=r"news/x\.txt: no such document; see: rag list"):
        assistant.remove(["news/bahn.txt", "news/x.txt"])
    assert len(ids(assistant)) == 2
    assistant.remove("news/bahn.txt")
    assert ids(assistant) == ["news/bank.txt"]
    with pytest.raises(DocumentNotFound):
        assistant.document("news/bahn.txt")


def test_what_cleaning_dropped_can_be_seen(assistant: Assistant, news: Path) -> None:
    write(news / "bahn.txt", f"{BAHN}\n\n{WIND}\n\nJetzt Newsletter abonnieren!\n")
    assistant.sync(news)
    dropped = [block.text for block in assistant.removed("news/bahn.txt")]
    assert dropped == ["Jetzt Newsletter abonnieren!"]
    assert "Newsletter" not in assistant.document("news/bahn.txt").text


def test_another_model_is_refused_until_a_rebuild(
    assistant: Assistant, news: Path, embedder: CountingEmbedder
) -> None:
    assistant.sync(news)
    other = Assistant(assistant.folder, Config(), OtherModel(dim=48))
    message = "built with model hash, opened with other; .*rag index --rebuild"
    with pytest.raises(IndexMismatch, match=message):
        other.ask("Was kostet die Strecke?")
    with pytest.raises(IndexMismatch, match=message):
        other.sync(news)
    assert other.verify() == []
    report = other.sync(rebuild=True)
    assert (report.added, report.updated, report.unchanged) == (0, 0, 2)
    assert other.search("Was kostet die Strecke?")[0].document.doc_id == "news/bahn.txt"
    assert other.verify() == []
    with pytest.raises(IndexMismatch, match="built with model other, opened with hash"):
        assistant.ask("Was kostet die Strecke?")


def test_an_interrupted_change_of_model_leaves_the_old_one(
    assistant: Assistant, news: Path
) -> None:
    class Failing(OtherModel):
        def embed_documents(self, texts: Sequence[str]) -> Vectors:  # noqa: ARG002
            raise KeyboardInterrupt

    assistant.sync(news)
    with pytest.raises(KeyboardInterrupt):
        Assistant(assistant.folder, Config(), Failing(dim=48)).sync(rebuild=True)
    assert assistant.verify() == []
    assert assistant.search("Was kostet die Strecke?")[0].document.doc_id == "news/bahn.txt"


def test_it_can_be_closed_and_used_again(assistant: Assistant, news: Path) -> None:
    with assistant:
        assistant.sync(news)
    assert len(ids(assistant)) == 2
    assistant.close()
    assistant.close()
    assert Assistant.open(assistant.folder).counts().documents == 2


def test_the_settings_name_the_index(
    tmp_path: Path, assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.sync(news)
    monkeypatch.setenv("RAG_INDEX", str(assistant.folder))
    assert Assistant.open().counts().documents == 2
    assert Assistant.open(tmp_path / "none").counts().documents == 0


def test_the_retriever_gives_passages_only(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch, embedder: CountingEmbedder
) -> None:
    assistant.sync(news)
    monkeypatch.setattr(rag.embed, "open_embedder", lambda _: embedder)
    hits = Retriever.open(assistant.folder).search("Strecke der Bahn", k=1)
    assert [hit.document.doc_id for hit in hits] == ["news/bahn.txt"]


def test_the_model_is_loaded_once_when_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Config] = []

    def slow(config: Config) -> HashEmbedder:
        opened.append(config)
        time.sleep(0.05)
        return HashEmbedder()

    monkeypatch.setattr(rag.embed, "open_embedder", slow)
    assistant = Assistant.open(tmp_path / "index")
    assert assistant.counts().documents == 0
    assert opened == []
    with ThreadPoolExecutor(8) as pool:
        models = {id(model) for model in pool.map(lambda _: assistant.embedder, range(8))}
    assert len(models) == len(opened) == 1


def test_questions_from_many_threads_go_on_while_a_sync_runs(
    assistant: Assistant, tmp_path: Path
) -> None:
    folder = tmp_path / "rows"
    rows(folder / "0.jsonl", start=BAHN)
    assistant.sync(folder)
    stop = threading.Event()

    def ask() -> int:
        asked = 0
        while not stop.is_set():
            answer = assistant.ask("Was kostet die neue Strecke der Bahn?")
            assert answer.evidence.hits
            assert (
                len({h.document.doc_id for h in answer.evidence.hits}) <= answer.evidence.documents
            )
            asked += 1
        return asked

    with ThreadPoolExecutor(3) as pool:
        askers = [pool.submit(ask) for _ in range(3)]
        for n in range(1, 6):
            rows(folder / f"{n}.jsonl", **{f"x{n}": f"Meldung {n}. {WIND}"})
            assistant.sync(folder)
        stop.set()
        assert all(asker.result(timeout=60) > 0 for asker in askers)
    assert assistant.counts().documents == 6


def test_two_syncs_at_once_are_refused(
    assistant: Assistant, news: Path, embedder: CountingEmbedder
) -> None:
    refused: list[Exception] = []

    def again(done: int, total: int) -> None:
        with pytest.raises(IndexLocked) as caught:
            Assistant(assistant.folder, Config(), embedder).sync(news)
        refused.append(caught.value)

    assistant.sync(news, progress=again)
    assert len(refused) == 2


def test_a_damaged_cache_is_said_in_the_evidence_and_mended_by_a_sync(
    assistant: Assistant, embedder: CountingEmbedder, news: Path
) -> None:
    assistant.sync(news)
    shutil.rmtree(next(assistant.folder.glob("lexical-*")))
    witness = Witness()
    other = Assistant(assistant.folder, Config(), embedder, witness)
    other.ask("Was kostet die Strecke?")
    other.sync()
    other.ask("Was kostet die Strecke?")
    assert [evidence.degraded for _, evidence in witness.shown] == [True, False]
