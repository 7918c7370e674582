"""The paths of the HTTP interface."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import RagError
from rag.jsonform import answer_form
from rag.serve import replies
from rag.serve.app import build_app
from tests.conftest import CountingEmbedder
from tests.serve.conftest import HERE
from tests.serve.living import Growing, Waiting, serving
from tests.trees import BAHN, WIND

QUESTION = "Was kostet die neue Strecke der Bahn?"


def events(text: str) -> list[tuple[str, Any]]:
    """(event, value) of each event of a stream."""
    blocks = [dict(line.split(": ", 1) for line in b.split("\n")) for b in text.split("\n\n") if b]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def valid(form: type[BaseModel], value: Any) -> bool:
    """Whether the OpenAPI document tells of every field there is, and of no other."""
    return bool(form.model_validate(value, strict=True).model_dump() == value)


def test_an_answer_has_the_form_of_the_command_line(client: TestClient, filled: Assistant) -> None:
    response = client.post("/v1/ask", json={"question": QUESTION})
    assert response.status_code == 200
    assert response.json() == json.loads(json.dumps(answer_form(filled.ask(QUESTION))))
    assert valid(replies.AnswerReply, response.json())
    (citation,) = response.json()["citations"]
    document = client.get(f"/v1/documents/{citation['document']['id']}").json()
    assert document["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_filters_and_history_reach_the_assistant(client: TestClient) -> None:
    english = {"question": QUESTION, "languages": ["en"]}
    evidence = client.post("/v1/ask", json=english).json()["evidence"]
    assert {hit["document"]["language"] for hit in evidence} == {"en"}
    followup = {"question": "Und 2027?", "history": ["Was baut die Bahn 2026?"]}
    notices = client.post("/v1/ask", json=followup).json()["notices"]
    assert "Gelesen als: Was baut die Bahn 2027?" in notices
    dated = {"question": QUESTION, "since": "2026-02", "until": "2026"}
    assert client.post("/v1/ask", json=dated).json()["abstention"]


def test_passages_are_found_with_what_the_ranking_knows(client: TestClient) -> None:
    response = client.post("/v1/search", json={"question": QUESTION, "k": 1})
    assert valid(replies.SearchReply, response.json())
    (hit,) = response.json()["hits"]
    assert hit["document"]["id"] == "news/bahn.txt"
    assert hit["text"] == BAHN[hit["start"] : hit["end"]]


def test_documents_come_in_pages_that_are_whole_together(
    client: TestClient, filled: Assistant, tmp_path: Path
) -> None:
    rows = [{"id": f"x{n}", "text": WIND, "language": "de"} for n in range(5)]
    assert client.post("/v1/documents", json={"documents": rows}).json()["added"] == 5
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = client.get("/v1/documents", params={"limit": 3, "after": after}).json()
        assert valid(replies.DocumentsReply, page)
        assert page["total"] == 7
        seen += [each["id"] for each in page["documents"]]
        after = page["next"]
    assert seen == [info.doc_id for info in filled.documents()]
    assert client.get("/v1/documents", params={"languages": ["en"]}).json()["total"] == 1
    assert client.get("/v1/documents", params={"after": "zz"}).json()["documents"] == []


def test_a_document_sent_as_json_is_found_replaced_removed_and_sent_again(
    client: TestClient,
) -> None:
    row = {"id": "a/ü 1", "text": "Der Turm misst 47 Meter.", "published": "2026-02", "url": "u"}
    response = client.post("/v1/documents", json={"documents": [row]})
    assert valid(replies.ReportReply, response.json())
    assert response.json()["added"] == 1
    found = client.get("/v1/documents/a/%C3%BC%201").json()
    assert valid(replies.WholeDocument, found)
    assert found == {"title": row["text"], "source": None, "language": "de"} | row
    assert client.post("/v1/documents", json={"documents": [row]}).json()["unchanged"] == 1
    newer = row | {"text": "Der Turm misst 48 Meter."}
    assert client.post("/v1/documents", json={"documents": [newer]}).json()["updated"] == 1
    assert client.get("/v1/documents/a%2F%C3%BC%201").json()["text"] == newer["text"]
    assert client.delete("/v1/documents/a/%C3%BC%201").status_code == 204
    assert client.get("/v1/documents/a/%C3%BC%201").json()["code"] == "document_not_found"
    assert client.delete("/v1/documents/a/%C3%BC%201").status_code == 404
    assert client.post("/v1/documents", json={"documents": [row]}).json()["added"] == 1


def test_files_are_taken_and_each_that_is_not_is_named(client: TestClient) -> None:
    sent = [
        ("files", ("../../turm.txt", b"Der Turm steht. Er misst 47 Meter.")),
        ("files", ("C:\\a\\mast.md", b"# Mast\n\nDer Mast misst 5 Meter.")),
        ("files", ("tool.exe", b"x")),
        ("files", ("n" * 300 + ".txt", b"x")),
    ]
    report = client.post("/v1/documents", files=sent).json()
    assert report["added"] == 2
    assert [each["reason"][:18] for each in report["skipped"]] == [
        "the name cannot be",
        "not one of .txt .m",
    ]
    ids = [each["id"] for each in client.get("/v1/documents").json()["documents"]]
    assert {"uploads/turm.txt", "uploads/mast.md"} < set(ids)


@pytest.mark.parametrize(
    "sent",
    [
        {"files": [("files", ("tool.exe", b"x"))]},
        {"files": [("files", ("empty.txt", b""))]},
        {"files": [("files", ("rows.jsonl", b"{}"))]},
        {"json": {"documents": [{"id": "a", "text": "A."}, {"id": "a", "text": "B."}]}},
        {"json": {"documents": [{"id": "a", "text": "A.", "published": "2026-02-30"}]}},
        {"json": {"documents": [{"id": "a\n", "text": "A."}]}},
        {"json": {"documents": [{"id": "a", "text": " \n"}]}},
        {"json": {"documents": []}},
        {"json": {}},
        {"data": {"files": "text"}},
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
    ],
    ids=str,
)
def test_what_brings_no_article_is_refused(client: TestClient, sent: dict[str, Any]) -> None:
    response = client.post("/v1/documents", **sent)
    assert response.status_code in (400, 415, 422)
    assert valid(replies.Error, response.json())
    assert client.get("/v1/documents").json()["total"] == 2


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"json": {"question": " "}}, "body.question: there is nothing in it that can be read"),
        ({"json": {"question": "Ja?", "since": "gestern"}}, "body.since: 'gestern' is not a date"),
        ({"content": "Ja?"}, "body: not a JSON object; send one, with the header Content-Type"),
    ],
)
def test_what_is_wrong_with_a_request_is_said_in_words(
    client: TestClient, sent: dict[str, Any], message: str
) -> None:
    reply = client.post("/v1/ask", **sent)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")
    assert reply.json()["message"].startswith(message)


def test_an_id_that_another_file_holds_stays_with_it(client: TestClient) -> None:
    taken = {"documents": [{"id": "news/bahn.txt", "text": WIND}]}
    response = client.post("/v1/documents", json=taken)
    assert response.status_code == 422
    assert "already used by news/bahn.txt" in response.json()["message"]
    assert client.get("/v1/documents/news/bahn.txt").json()["text"] == BAHN


def test_a_stream_ends_with_the_whole_answer(
    tmp_path: Path, embedder: CountingEmbedder, filled: Assistant
) -> None:
    growing = Assistant(filled.folder, Config(), embedder, Growing("Eins.", "Zwei."))
    with TestClient(build_app(growing, Config()), HERE) as client:
        response = client.post("/v1/ask", json={"question": QUESTION, "stream": True})
        assert response.headers["content-type"].startswith("text/event-stream")
        names = [name for name, _ in events(response.text)]
        assert names == ["answer", "answer", "done"]
        texts = [v["text"] for name, v in events(response.text) if name == "answer"]
        assert texts == ["Eins.[1]", "Eins.[1] Zwei.[1]"]
        assert 'rag_answers_total{kind="fact"} 1.0' in client.get("/metrics").text


def test_what_fails_before_a_stream_has_a_status_and_later_an_event(
    filled: Assistant, embedder: CountingEmbedder, tmp_path: Path
) -> None:
    asked = {"question": QUESTION, "stream": True}
    breaking = Growing("Eins.", failure=RagError("the model is gone; bring it back"))
    broken = Assistant(filled.folder, Config(), embedder, breaking)
    with TestClient(build_app(broken, Config()), HERE) as client:
        *_, (name, value) = events(client.post("/v1/ask", json=asked).text)
    assert (name, value["message"]) == ("error", "the model is gone")
    assert value["remedy"] == "bring it back"
    none = Assistant(tmp_path / "none", Config(), embedder)
    with TestClient(build_app(none, Config()), HERE) as client:
        response = client.post("/v1/ask", json=asked)
    assert (response.status_code, response.json()["code"]) == (503, "index_not_found")


def test_a_reader_stops_when_its_client_has_gone(
    filled: Assistant, embedder: CountingEmbedder
) -> None:
    reader = Growing(*["Satz."] * 2_000, pause=0.01)
    app = build_app(Assistant(filled.folder, Config(), embedder, reader), Config())
    asked = {"question": QUESTION, "stream": True}
    with serving(app) as address:
        with httpx2.stream("POST", f"{address}/v1/ask", json=asked, timeout=60) as response:
            assert next(response.iter_bytes())
        until = time.monotonic() + 60
        while app.state.service.questions.taken or not reader.closed:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert reader.written < 2_000


def test_health_needs_nothing_and_readiness_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rag.embed
    from rag.embed.double import HashEmbedder
    from rag.errors import ModelError

    go = threading.Event()

    def slow(_: Config) -> HashEmbedder:
        assert go.wait(30)
        return HashEmbedder()

    monkeypatch.setattr(rag.embed, "open_embedder", slow)
    app = build_app(Assistant.open(tmp_path / "index"), Config())
    with TestClient(app, HERE) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        loading = client.get("/readyz")
        assert (loading.status_code, loading.json()["code"]) == (503, "loading")
        go.set()
        assert app.state.service.prepared.wait(30)
        assert client.get("/readyz").json() == {"status": "ready"}

    def missing(_: Config) -> HashEmbedder:
        raise ModelError("no model; get one")

    monkeypatch.setattr(rag.embed, "open_embedder", missing)
    app = build_app(Assistant.open(tmp_path / "index"), Config())
    with TestClient(app, HERE) as client:
        assert app.state.service.prepared.wait(30)
        assert client.get("/readyz").json()["code"] == "model_unavailable"


def test_metrics_name_routes_and_never_what_was_asked(client: TestClient) -> None:
    client.post("/v1/ask", json={"question": QUESTION})
    client.get("/v1/documents/news/bahn.txt")
    client.get("/nowhere/at/all")
    text = client.get("/metrics").text
    assert 'rag_requests_total{method="POST",route="/v1/ask",status="200"} 1.0' in text
    assert 'route="/v1/documents/{doc_id:path}",status="200"} 1.0' in text
    assert 'route="other",status="404"} 1.0' in text
    assert 'rag_index_size{of="documents"} 2.0' in text
    assert "bahn" not in text.lower()
    assert "nowhere" not in text


def test_metrics_outlive_the_index(client: TestClient, filled: Assistant) -> None:
    app: Any = client.app
    assert app.state.service.prepared.wait(30)
    filled.close()
    (filled.folder / "catalog.sqlite").write_bytes(b"no database" * 1_000)
    response = client.get("/metrics")
    assert response.status_code == 200
    assert "rag_index_up 0.0" in response.text
    assert client.get("/v1/documents").json()["code"] == "index_damaged"
    probe = client.get("/readyz")
    assert (probe.status_code, probe.json()["code"]) == (503, "index_damaged")
    assert str(filled.folder) not in probe.text


def test_what_is_too_much_is_told_to_come_back_and_the_rest_is_answered(
    filled: Assistant, embedder: CountingEmbedder
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from rag.serve.busy import Slots

    reader = Waiting()
    waiting = Assistant(filled.folder, Config(), embedder, reader)
    app = build_app(waiting, Config(), slots=Slots(at_once=1, waiting=1))
    with TestClient(app, HERE) as client, ThreadPoolExecutor(4) as pool:
        assert app.state.service.prepared.wait(30)
        asked = [pool.submit(client.post, "/v1/ask", json={"question": QUESTION})]
        assert reader.reached.acquire(timeout=30)
        asked.append(pool.submit(client.post, "/v1/ask", json={"question": QUESTION}))
        while app.state.service.questions.taken < 2:
            pass
        for path, more in (("/v1/ask", {}), ("/v1/ask", {"stream": True}), ("/v1/search", {})):
            response = client.post(path, json={"question": QUESTION, **more})
            assert (response.status_code, response.json()["code"]) == (429, "busy")
            assert response.headers["retry-after"] == "1"
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        reader.go.set()
        assert [each.result(30).status_code for each in asked] == [200, 200]
        assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200


def test_writers_wait_for_each_other_and_another_process_is_named(
    client: TestClient, filled: Assistant
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from rag.store.lock import write_lock

    def add(n: int) -> int:
        row = {"id": f"x{n}", "text": WIND}
        return client.post("/v1/documents", json={"documents": [row]}).status_code

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(add, range(5))) == [200] * 5
    with write_lock(filled.folder):
        response = client.delete("/v1/documents/x1")
    assert (response.status_code, response.json()["code"]) == (503, "index_locked")
    assert "Retry-After" in response.headers
    assert client.delete("/v1/documents/x1").status_code == 204
