from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import ui
from rag.assistant import Assistant
from rag.config import Config
from rag.errors import ConfigError, ModelError
from rag.page import access
from rag.page.access import Access
from rag.page.conversation import FORM
from rag.page.edge import Choice
from rag.page.page import FEEDBACK, Page, Shown
from rag.page.shelf import Shelf
from rag.page.words import AROUND, PAGE
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, write
from tests.ui.answers import Parsed

QUESTION = "Was kostet die neue Strecke der Bahn nach Kassel?"


def page_of(assistant: Assistant, sample: Path | None = None) -> Page:
    page = Page(assistant, sample)
    page.prepare()
    return page


def last(states: Iterator[str]) -> Parsed:
    return Parsed(list(states)[-1])


def asked(page: Page, question: str, choice: Choice = Choice(), before: object = ()) -> Shown:  # noqa: B008
    return list(page.ask(question, choice, before))[-1]


@pytest.fixture
def page(assistant: Assistant, news: Path) -> Page:
    assistant.sync([news])
    return page_of(assistant)


def test_a_question_is_searched_and_then_answered_with_its_source(page: Page) -> None:
    searching, *_, answer = page.ask(QUESTION, Choice(), [])
    assert "waiting" in searching.now
    assert QUESTION in Parsed(searching.now).text
    shown = Parsed(answer.now)
    assert shown.all("section", "turn")
    assert BAHN.split(". ")[0] in shown.text


def test_braces_in_a_question_are_only_braces(page: Page) -> None:
    for question in ("Was heißt {0}?", "{alert(1)}", "}{", "{{"):
        states = [shown.now for shown in page.ask(question, Choice(), [])]
        assert all(question in Parsed(state).text for state in states)


def test_an_empty_question_asks_for_one(page: Page) -> None:
    assert "type a question" in Parsed(asked(page, "  ").now).text


def test_a_question_waits_until_the_model_is_there(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    page = Page(assistant)
    states = page.ask(QUESTION, Choice(), [])
    next(states)
    assert "Loading the language model" in next(states).now
    page.prepare()
    assert 'class="turn' in list(states)[-1].now


def test_a_conversation_is_kept_read_on_and_shown_again(page: Page) -> None:
    first = asked(page, QUESTION)
    second = asked(page, "Und nach Ulm?", before=[QUESTION])
    assert "Gelesen als" in second.now
    assert first.kept is not None
    assert second.kept is not None
    both = {**first.kept, "turns": first.kept["turns"] + second.kept["turns"]}
    again = Parsed(page.restore(json.loads(json.dumps(both))))
    assert [h.text for h in again.all("h2")] == [QUESTION, "Und nach Ulm?"]


def test_only_what_was_asked_is_kept_so_that_the_browser_puts_back_the_rest(page: Page) -> None:
    assert asked(page, QUESTION).kept is not None
    assert asked(page, QUESTION, Choice(since="gestern")).kept is None


def test_what_the_browser_kept_of_another_version_is_forgotten(page: Page) -> None:
    assert page.restore({"form": 0}) == ""
    assert page.restore({"form": FORM, "turns": [{}]}) == ""
    assert "unexpected" in asked(page, QUESTION, before={"turns": 1}).now


def test_a_filter_is_used_and_named(page: Page) -> None:
    shown = Parsed(asked(page, QUESTION, Choice(languages=("en",), since="2020-01-01")).now)
    assert "Gefiltert: 1. Januar 2020 – … · EN" in shown.text
    assert "Kassel" not in "".join(card.text for card in shown.all("article"))


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(since="2026-02-01", until="2026-01-01"), "later than"),
        (Choice(since="<b>"), "'<b>' is not a date"),
        (Choice(since="20260201"), "'20260201' is not a date"),
        (Choice(until="2026-W05-1"), "'2026-W05-1' is not a date"),
    ],
)
def test_dates_that_make_no_sense_are_named(page: Page, choice: Choice, said: str) -> None:
    shown = asked(page, QUESTION, choice)
    assert said in Parsed(shown.now).all("p", "problem")[0].text
    assert shown.kept is None


def test_publishers_and_languages_can_be_chosen(page: Page, assistant: Assistant) -> None:
    assert page.choices() == ([], ["de", "en"])
    assert page_of(Assistant(assistant.folder / "none", Config())).choices() == ([], [])


def test_without_an_index_the_page_invites_to_add_articles(assistant: Assistant) -> None:
    page = page_of(assistant)
    shown = (
        Parsed(asked(page, QUESTION).now),
        last(page.status()),
        Parsed(Shelf(page, Config()).listing()),
    )
    for each in shown:
        assert "No articles yet" in each.text
    assert not assistant.folder.exists()


def test_the_status_counts_articles_and_passages(page: Page) -> None:
    assert "2 articles · 2 passages" in last(page.status()).text


def test_an_error_is_one_escaped_line(assistant: Assistant, tmp_path: Path) -> None:
    write(assistant.folder / "catalog.sqlite", "<b>no database</b>")
    page = page_of(assistant)
    shown = (
        Parsed(asked(page, QUESTION).now),
        last(page.status()),
        Parsed(Shelf(page, Config()).listing()),
    )
    for each in shown:
        (line,) = each.all("p", "problem")
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


def test_an_article_is_opened_by_its_id_and_no_other_file(page: Page) -> None:
    (doc_id,) = (d.doc_id for d in page.assistant.documents() if d.language == "de")
    assert BAHN.split(". ")[0] in page.article({"document": doc_id})
    for other in ("../../etc/passwd", str(page.assistant.folder / "catalog.sqlite"), ""):
        assert "no longer there" in page.article({"document": other})


@pytest.mark.parametrize("sent", [None, "x", {}, {"document": 1}, {"document": "a", "quotes": "b"}])
def test_what_the_page_cannot_have_sent_is_refused(page: Page, sent: object) -> None:
    assert "unexpected" in page.article(sent)
    assert "unexpected" in page.feedback(sent)
    assert not (page.assistant.folder / FEEDBACK).exists()


def test_a_verdict_lies_beside_the_index(page: Page) -> None:
    section = Parsed(asked(page, QUESTION).now).all("section")[0]
    form = json.loads(section.attributes["data-turn"])
    assert "Thanks" in page.feedback({**form, "verdict": "helpful"})
    (line,) = (page.assistant.folder / FEEDBACK).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["question"] == QUESTION


def test_the_secret_of_an_index_stays_and_is_its_own(page: Page, tmp_path: Path) -> None:
    secret = page.secret()
    assert len(secret) == 32
    assert page_of(page.assistant).secret() == secret
    assert Page(Assistant(tmp_path / "other", Config())).secret() != secret


def test_the_sample_is_indexed_anew_where_its_copy_is_of_no_use(
    assistant: Assistant, news: Path
) -> None:
    write(assistant.folder / "catalog.sqlite", "of another version")
    assert "2 articles" in last(page_of(assistant, news).status()).text


def test_the_sample_serves_while_another_process_writes_it(
    assistant: Assistant, news: Path, embedder: CountingEmbedder
) -> None:
    assistant.sync([news])
    other = Assistant(assistant.folder, Config(), embedder)
    with other._opened().writer():
        page = page_of(assistant, news)
    assert "2 articles" in last(page.status()).text


def test_only_who_has_no_index_gets_the_sample(
    tmp_path: Path, news: Path, embedder: CountingEmbedder
) -> None:
    config = Config(index=str(tmp_path / "index"), cache=str(tmp_path / "cache"))
    folder, sample = ui.choose_index(None, config)
    assert sample == ui.SAMPLE_ARTICLES
    assert Path(folder).parent == tmp_path / "cache" / "sample-index"
    assert ui.choose_index(tmp_path / "new", config) == (tmp_path / "new", None)
    Assistant(tmp_path / "index", config, embedder).sync([news])
    assert ui.choose_index(None, config) == (tmp_path / "index", None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_others_reach_the_page_only_with_a_password_or_where_that_is_wanted(host: str) -> None:
    with pytest.raises(ConfigError, match="--auth USER:PASSWORD"):
        Access(host)
    assert Access(host, public=True).login is None
    assert Access(host, login="me:a:b").login == "me:a:b"


def test_this_machine_needs_no_password_and_half_a_one_is_none() -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        assert Access(host).login is None
    for half in ("me", "me:", ":secret", ""):
        with pytest.raises(ConfigError, match="a name and a password"):
            Access(login=half, public=True)


def test_a_token_alone_would_shut_every_browser_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAG_TOKEN", "secret")
    monkeypatch.setattr("sys.argv", ["ui.py", "--index", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"RAG_TOKEN is set.*add --auth"):
        ui.main()


def test_without_a_wish_the_first_free_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert Access(port=port).free_port() == port
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(access, "PORTS", [port])
            assert Access().free_port() == 0
    assert Access().free_port() in access.PORTS


def test_the_page_is_built_with_examples_or_with_uploads(assistant: Assistant) -> None:
    kinds = {}
    for sample in (ui.SAMPLE_ARTICLES, None):
        page = Page(assistant, sample)
        app = ui.build_app(page, Shelf(page, Config()))
        kinds[sample] = [block.__class__.__name__ for block in app.blocks.values()]
    assert kinds[ui.SAMPLE_ARTICLES].count("Button") == 5 + len(ui.SAMPLE_QUESTIONS)
    assert "File" not in kinds[ui.SAMPLE_ARTICLES]
    assert kinds[None].count("File") == 1


def test_two_threads_may_wait_for_the_same_page(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    page = Page(assistant)
    answers: list[Shown] = []
    threads = [threading.Thread(target=lambda: answers.append(asked(page, QUESTION))) for _ in "ab"]
    for thread in threads:
        thread.start()
    page.prepare()
    for thread in threads:
        thread.join()
    assert Parsed(answers[0].now).text == Parsed(answers[1].now).text


def test_every_text_of_the_page_is_in_both_languages() -> None:
    for key, (german, english) in (PAGE | AROUND).items():
        assert german, key
        assert english, key
        assert german.count("{}") == english.count("{}"), key
