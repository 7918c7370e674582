from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import ui
from rag.assistant import Assistant
from rag.config import Config
from rag.errors import ModelError
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, ids, write
from tests.ui.answers import Parsed

QUESTION = "Was kostet die neue Strecke der Bahn nach Kassel?"


def silent(done: int, total: int) -> None:
    """No progress is shown."""


def page_of(assistant: Assistant, *, sample: bool = False) -> ui.Page:
    page = ui.Page(assistant, Config(max_file_bytes=1_000), sample)
    page.prepare()
    return page


def last(states: Iterator[str]) -> Parsed:
    return Parsed(list(states)[-1])


@pytest.fixture
def page(assistant: Assistant, news: Path) -> ui.Page:
    assistant.sync([news])
    return page_of(assistant)


def test_a_question_is_searched_and_then_answered_with_its_source(page: ui.Page) -> None:
    searching, answer = page.ask(QUESTION)
    assert "waiting" in searching
    shown = Parsed(answer)
    assert shown.all("section", "answer")
    assert BAHN.split(". ")[0] in shown.text


def test_an_empty_question_asks_for_one(page: ui.Page) -> None:
    assert "type a question" in last(page.ask("  ")).text


def test_a_question_waits_until_the_model_is_there(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    page = ui.Page(assistant, Config(), sample=False)
    states = page.ask(QUESTION)
    assert "Loading the language model" in next(states)
    page.prepare()
    assert "answer" in list(states)[-1]


def test_without_an_index_the_page_invites_to_add_articles(assistant: Assistant) -> None:
    page = page_of(assistant)
    for shown in (last(page.ask(QUESTION)), last(page.status()), Parsed(page.documents())):
        assert "No articles yet" in shown.text
    assert not assistant.folder.exists()


def test_the_status_counts_articles_and_passages(page: ui.Page) -> None:
    assert "2 articles · 2 passages" in last(page.status()).text


def test_the_list_shows_the_articles_and_says_how_many_it_leaves_out(
    page: ui.Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.documents().count("<tr>") == 1 + 2
    monkeypatch.setattr(ui, "MOST_LISTED", 1)
    assert page.documents().count("<tr>") == 1 + 1
    assert "and 1 more" in page.documents()


def test_an_error_is_one_escaped_line(assistant: Assistant, tmp_path: Path) -> None:
    write(assistant.folder / "catalog.sqlite", "<b>no database</b>")
    page = page_of(assistant)
    for shown in (last(page.ask(QUESTION)), last(page.status()), Parsed(page.documents())):
        (line,) = shown.all("p", "problem")
        assert str(tmp_path) in line.text
        assert "\n" not in line.text
        assert "Traceback" not in line.text


def test_a_model_that_cannot_be_loaded_is_named(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Assistant) -> None:
        raise ModelError("model <x> is not there; install it")

    monkeypatch.setattr(Assistant, "embedder", property(fail))
    page = page_of(assistant)
    assert last(page.status()).text == "model <x> is not there; install it"


def test_uploaded_files_become_articles_of_a_root_of_their_own(
    assistant: Assistant, tmp_path: Path
) -> None:
    page = page_of(assistant)
    shown = page.add([str(write(tmp_path / "sent" / "bahn.txt", BAHN))], silent)
    assert "1 added, 0 updated, 0 unchanged" in shown
    assert ids(assistant) == ["uploads/bahn.txt"]
    assert (assistant.folder / "uploads" / "bahn.txt").read_text() == BAHN
    assert BAHN.split(". ")[0] in last(page.ask(QUESTION)).text


def test_what_an_upload_leaves_out_is_named_with_the_reason(
    assistant: Assistant, tmp_path: Path
) -> None:
    page = page_of(assistant)
    sent = [
        write(tmp_path / "sent" / "good.txt", BAHN),
        write(tmp_path / "sent" / "<i>.exe", BAHN),
        write(tmp_path / "sent" / "rows.jsonl", "no json\n"),
        write(tmp_path / "sent" / "long.txt", "x" * 1_001),
    ]
    shown = Parsed(page.add(map(str, sent), silent).replace("<br>", "\n"))
    assert "1 added" in shown.text
    problem = shown.all("p", "problem")[0].text
    assert "3 skipped" in problem
    for name in ("<i>.exe: ", "rows.jsonl:1: ", "long.txt: larger than 1000 bytes"):
        assert f"\n{name}" in problem
    assert str(tmp_path) not in problem


def test_an_upload_does_not_bring_back_another_removed_article(
    assistant: Assistant, tmp_path: Path
) -> None:
    page = page_of(assistant)
    page.add([str(write(tmp_path / "sent" / "a.txt", BAHN))], silent)
    assistant.remove(["uploads/a.txt"])
    page.add([str(write(tmp_path / "sent" / "b.txt", BAHN))], silent)
    assert ids(assistant) == ["uploads/b.txt"]
    page.add([str(write(tmp_path / "sent" / "a.txt", BAHN))], silent)
    assert ids(assistant) == ["uploads/a.txt", "uploads/b.txt"]


def test_the_sample_is_indexed_anew_where_its_copy_is_of_no_use(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui, "SAMPLE_ARTICLES", news)
    write(assistant.folder / "catalog.sqlite", "of another version")
    assert "2 articles" in last(page_of(assistant, sample=True).status()).text


def test_the_sample_serves_while_another_process_writes_it(
    assistant: Assistant, news: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui, "SAMPLE_ARTICLES", news)
    assistant.sync([news])
    other = Assistant(assistant.folder, Config(), embedder)
    with other._opened().writer():
        page = page_of(assistant, sample=True)
    assert "2 articles" in last(page.status()).text


def test_only_who_has_no_index_gets_the_sample(
    tmp_path: Path, news: Path, embedder: CountingEmbedder
) -> None:
    config = Config(index=str(tmp_path / "index"), cache=str(tmp_path / "cache"))
    folder, sample = ui.choose_index(None, config)
    assert sample
    assert folder.parent == tmp_path / "cache" / "sample-index"
    assert ui.choose_index(tmp_path / "new", config) == (tmp_path / "new", False)
    Assistant(tmp_path / "index", config, embedder).sync([news])
    assert ui.choose_index(None, config) == (tmp_path / "index", False)


def test_the_page_is_built_with_examples_or_with_uploads(assistant: Assistant) -> None:
    kinds = {
        sample: [
            block.__class__.__name__
            for block in ui.build_app(ui.Page(assistant, Config(), sample)).blocks.values()
        ]
        for sample in (True, False)
    }
    assert kinds[True].count("Button") == 1 + len(ui.SAMPLE_QUESTIONS)
    assert "File" not in kinds[True]
    assert kinds[False].count("File") == 1


def test_two_threads_may_wait_for_the_same_page(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    page = ui.Page(assistant, Config(), sample=False)
    answers: list[Parsed] = []
    threads = [
        threading.Thread(target=lambda: answers.append(last(page.ask(QUESTION)))) for _ in "ab"
    ]
    for thread in threads:
        thread.start()
    page.prepare()
    for thread in threads:
        thread.join()
    assert answers[0].text == answers[1].text


def test_every_text_of_the_page_is_in_both_languages() -> None:
    for key, (german, english) in ui.TEXT.items():
        assert german, key
        assert english, key
        assert german.count("{}") == english.count("{}"), key
