"""The language model as its users set it: settings, assistant, command line, page, forms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answer.llm import LlmReader
from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.errors import ConfigError
from rag.jsonform import answer_form
from rag.page.edge import Choice
from rag.page.page import Page
from rag.page.turn import turn_html
from rag.page.view import view
from rag.terminal import show_answer, show_answers
from rag.types import Answer, AnswerSentence
from tests.answer.llm_cases import Quoter, assert_exact, evidence, question
from tests.answer.llm_server import Reply, Request, Script, ids_of, serving, written
from tests.conftest import CountingEmbedder
from tests.trees import BAHN

ASKED = "Was kostet die neue Strecke der Bahn?"
TEXT = "Die neue Strecke der Bahn kostet rund 20 Millionen Euro."
KEY = "secret-key"


def answering(request: Request) -> Reply | str:
    """Cites the sentence with the price."""
    if "Rewrite" in request["messages"][0]["content"]:
        return ASKED
    shown = ids_of(request["messages"][-1]["content"])
    ids = [i for i, text in shown.items() if "20 Millionen" in text]
    return Reply(written((TEXT, ids)), piece=30)


@pytest.fixture
def server() -> Iterator[Script]:
    with serving(answering) as script:
        yield script


@pytest.fixture
def assistant(
    tmp_path: Path, embedder: CountingEmbedder, server: Script, news: Path
) -> Iterator[Assistant]:
    """One whose settings name the server; the reader beneath it always quotes."""
    config = Config(llm_base_url=server.url, llm_model="double", llm_api_key=KEY)
    with Assistant(tmp_path / "index", config, embedder) as opened:
        opened.sync(news)
        reader = opened.reader
        assert isinstance(reader, LlmReader)
        quoting = replace(reader, fallback=Quoter())
        yield Assistant(opened.folder, config, embedder, quoting)


def test_the_settings_choose_the_reader(assistant: Assistant) -> None:
    assert assistant.reader.name == "llm:double"
    answer = assistant.ask(ASKED)
    assert_exact(answer)
    assert [sentence.text for sentence in answer.sentences] == [TEXT]
    assert answer.citations[0].quote == BAHN.split(". ")[1]
    assert list(assistant.stream(ASKED))[-1].text == answer.text


def test_a_follow_up_is_rewritten_by_the_model(assistant: Assistant) -> None:
    answer = assistant.ask("Und ihr Preis?", history=["Was baut die Bahn?"])
    assert (answer.question, answer.sentences[0].text) == ("Und ihr Preis?", TEXT)
    assert ASKED in answer.notices[-1]


def test_the_page_shows_the_answer_as_it_grows(assistant: Assistant) -> None:
    page = Page(assistant)
    page.prepare()
    states = [shown.now for shown in page.ask(ASKED, Choice(), [])]
    assert TEXT in states[-1]
    assert len(states) > 2


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"RAG_LLM_BASE_URL": "http://127.0.0.1:1/v1"}, "go together; set both or neither"),
        ({"RAG_LLM_MODEL": "m"}, "go together; set both or neither"),
        ({"RAG_LLM_BASE_URL": "localhost", "RAG_LLM_MODEL": "m"}, "begin it with http"),
        ({"RAG_LLM_TIMEOUT": "0"}, "llm_timeout is 0; use 1 to 3600"),
        ({"RAG_LLM_CONTEXT_TOKENS": "100"}, "llm_context_tokens is 100; use 1536"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    settings: dict[str, str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=reason):
        Config.load(settings)


def test_the_key_goes_to_the_server_and_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    from rag.doctor import examine

    config = Config(llm_base_url="http://x/v1", llm_model="m", llm_api_key=KEY)
    shown = [f"{name}: {value}" for name, value in examine(config, None)]
    assert "language model: m" in shown
    assert KEY not in "".join([*shown, repr(config)])


def test_without_the_extra_its_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    config = Config(llm_base_url="http://127.0.0.1:1/v1", llm_model="m")
    with pytest.raises(ConfigError, match=r"pip install 'rag\[llm\]'"):
        _ = Assistant(Path("none"), config, HashEmbedder()).reader


def test_the_extra_is_not_loaded_before_it_is_needed() -> None:
    import subprocess

    code = (
        "import rag, rag.answer.llm, sys; print('openai' in sys.modules, 'httpx2' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False False\n"


def translated(text: str) -> Answer:
    answer = Quoter().read(question("How many?"), evidence(("Das Werk baut 500 Autos.",)))
    (citation,) = answer.citations
    sentence = AnswerSentence("It is 500.", (replace(citation, translation=text),))
    return replace(answer, sentences=(sentence,))


def test_a_translation_stands_beside_its_quote_and_says_what_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = translated("The plant <b>builds</b> 500 cars.")
    show_answer(answer)
    lines = capsys.readouterr().out.splitlines()
    quoted = lines.index("    Das Werk baut 500 Autos.")
    assert lines[quoted + 1] == "    Translation: The plant <b>builds</b> 500 cars."
    html = turn_html(view(answer, "a", "?"))
    assert "Translation: The plant &lt;b&gt;builds&lt;/b&gt; 500 cars." in html
    assert answer_form(answer)["citations"][0]["translation"] == "The plant <b>builds</b> 500 cars."
    assert answer_form(translated(""))["citations"][0]["translation"] is None
    assert "Translation" not in turn_html(view(translated(""), "a", "?"))


def grown() -> list[Answer]:
    whole = Quoter(2).read(question("Was?"), evidence(("Das Werk baut Autos.", "Es ist neu.")))
    return [replace(whole, sentences=whole.sentences[:1]), whole]


def test_a_terminal_gets_each_sentence_once_and_a_pipe_the_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    show_answer(grown()[-1])
    whole = capsys.readouterr().out
    show_answers(grown())
    assert capsys.readouterr().out == whole
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    seen = []

    def growing() -> Iterator[Answer]:
        for answer in grown():
            yield answer
            seen.append(capsys.readouterr().out)

    show_answers(growing())
    assert seen[0] == "Antwort\n- Das Werk baut Autos. [1]\n"
    assert "".join(seen) + capsys.readouterr().out == whole


def test_an_answer_that_ends_otherwise_than_it_began_is_shown_anew(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    last = Quoter().read(question("Was?"), evidence(("Es kam anders.",)))
    show_answers([*grown(), last])
    assert capsys.readouterr().out.count("Antwort\n") == 2
