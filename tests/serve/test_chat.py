"""OpenAI's chat form, asked as its own client asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from starlette.testclient import TestClient

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import RagError
from rag.serve import chat, replies
from rag.serve.app import build_app
from rag.types import Answer, Document, Span
from tests.conftest import CountingEmbedder
from tests.serve.conftest import HERE
from tests.serve.living import Growing, serving
from tests.trees import BAHN
from tests.ui.answers import abstention, answer, citation, document

TOKEN = "s3cret"
QUESTION = "Was kostet die neue Strecke der Bahn?"


def turns(*questions: str) -> list[ChatCompletionMessageParam]:
    """A conversation of these questions, and an answer before each but the first."""
    said: list[ChatCompletionMessageParam] = [{"role": "system", "content": "Be brief."}]
    for question in questions:
        said += [{"role": "user", "content": question}, {"role": "assistant", "content": "Ja."}]
    return said[:-1]


@pytest.fixture
def client(filled: Assistant) -> Iterator[openai.OpenAI]:
    """OpenAI's own client, of a real server."""
    with serving(build_app(filled, Config(), token=TOKEN)) as address:
        yield openai.OpenAI(base_url=f"{address}/v1", api_key=TOKEN, max_retries=0)


def test_its_client_reads_the_answer_its_sources_and_the_quotes(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["articles"]
    completion = client.chat.completions.create(model="articles", messages=turns(QUESTION))
    content = completion.choices[0].message.content
    assert content is not None
    assert completion.choices[0].finish_reason == "stop"
    extra: Any = completion.model_extra
    (cited,) = extra["citations"]
    assert BAHN[cited["start"] : cited["end"]] == cited["quote"]
    assert content.startswith(f"{cited['quote']} [1]\n\nQuellen:\n- [1] ")
    assert replies.Completion.model_validate(completion.to_dict())


def test_a_streamed_answer_is_the_same(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="articles", messages=turns(QUESTION))
    stream = client.chat.completions.create(
        model="articles", messages=turns(QUESTION), stream=True, temperature=0.2
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]
    assert chunks[-1].model_extra == {"citations": (whole.model_extra or {})["citations"]}


def test_the_users_earlier_messages_are_the_history(client: openai.OpenAI) -> None:
    messages = turns("Was baut die Bahn 2026?", "Und 2027?")
    completion = client.chat.completions.create(model="articles", messages=messages)
    assert "Gelesen als: Was baut die Bahn 2027?" in str(completion.choices[0].message.content)
    parts: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]}
    ]
    completion = client.chat.completions.create(model="articles", messages=parts)
    assert "Quellen" in str(completion.choices[0].message.content)


def test_its_client_knows_our_errors(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as unknown:
        client.chat.completions.create(model="other", messages=turns(QUESTION))
    assert unknown.value.code == "invalid_request"
    stranger = client.with_options(api_key="wrong")
    with pytest.raises(openai.AuthenticationError) as refused:
        stranger.models.list()
    assert refused.value.code == "unauthorized"


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "assistant", "content": "Ja."}],
        [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "Ja."}],
        [{"role": "user", "content": " "}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": "x" * 2_001}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
        [{"role": "nobody", "content": QUESTION}],
    ],
    ids=lambda messages: str(messages)[:60],
)
def test_without_a_question_last_there_is_no_answer(filled: Assistant, messages: object) -> None:
    with TestClient(build_app(filled, Config()), HERE) as client:
        sent = {"model": "articles", "messages": messages}
        response = client.post("/v1/chat/completions", json=sent)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


def test_a_stream_that_breaks_says_so_to_its_client(
    filled: Assistant, embedder: CountingEmbedder
) -> None:
    growing = Growing("Eins.", "Zwei.", failure=RagError("the model is gone; bring it back"))
    broken = Assistant(filled.folder, Config(), embedder, growing)
    with serving(build_app(broken, Config())) as address:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="-", max_retries=0)
        stream = client.chat.completions.create(
            model="articles", messages=turns(QUESTION), stream=True
        )
        said: list[str] = []
        with pytest.raises(openai.APIError, match="the model is gone"):
            said.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert "".join(said) == "Eins. [1] Zwei. [1]"


def streamed(*answers: Answer) -> str:
    chunks = list(chat.chunks(answers))
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


def test_what_ends_otherwise_than_it_began_follows_whole() -> None:
    article = document()
    begun = answer(citation(article, 1, Span(0, 25)))
    other = answer(citation(article))
    assert streamed(begun, begun) == chat.markdown(begun)
    text = streamed(begun, other)
    assert text.startswith("Der Turm steht seit 1901.")
    assert text.endswith(f"\n\n---\n\n{chat.markdown(other)}")


HOSTILE = "Er misst ![x](http://evil.example/?q) <img src=//e> [1]: //e `a` **47** Meter."


def test_what_an_article_says_is_shown_as_it_is_and_loads_nothing() -> None:
    from markdown_it import MarkdownIt

    article: Document = document(HOSTILE, title="<b>[T](//e)</b>", source="![s](//e)")
    text = chat.markdown(answer(citation(article, 1, Span(0, len(HOSTILE)))))
    html = MarkdownIt("commonmark", {"html": True}).render(text)
    for tag in ("<img", "<a", "<b", "<strong", "<code"):
        assert tag not in html
    inline = MarkdownIt("commonmark", {"html": True}).parse(text)[1].children or []
    assert "".join(token.content for token in inline) == f"{HOSTILE} [1]"


def test_a_translation_stands_with_its_source() -> None:
    article = document()
    plain = answer(citation(article))
    (sentence,) = plain.sentences
    translated = replace(sentence.citations[0], translation="It is 47 metres *tall*.")
    foreign = replace(plain, language="en", sentences=(replace(sentence, citations=(translated,)),))
    assert "Sources:\n- [1] Der Turm · Bote · As of 2 January 2026 · Translation: It is 47" in (
        chat.markdown(foreign)
    )


def test_without_an_answer_the_closest_articles_are_named() -> None:
    text = chat.markdown(abstention(document(), Span(0, 25), Span(26, 44)))
    assert text == (
        "No answer in the articles\n\nNo passage \\<answers> it.\n\n"
        "Closest passages:\n- Der Turm · Bote · As of 2 January 2026"
    )


def test_claims_that_differ_stand_one_below_the_other() -> None:
    article = document()
    pair = (citation(article, 1, Span(0, 25)), citation(article, 2))
    both = replace(answer(*pair, groups=((0,), (1,))), heading="Die Angaben unterscheiden sich")
    assert chat.markdown(both).startswith(
        "Die Angaben unterscheiden sich\n- Der Turm steht seit 1901. [1]\n- Er misst 47 Meter. [2]"
    )
