"""The reader before a real server. Its model is weak: tested is what must hold for any."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from rag.answer.llm import LlmClient, LlmReader
from tests.answer.llama_server import CONTEXT, INSTALL, llama, model_file
from tests.answer.llm_attacks import ATTACKS, attacked
from tests.answer.llm_cases import Quoter, assert_exact, evidence, question

pytestmark = pytest.mark.slow

FACTS = (
    "The bank has 12 branches in London.",
    "It was founded in 1901 by Anna Kell.",
    "Customers can open an account online.",
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    model = model_file()
    if model is None:
        missing = f"no llama.cpp with a model; run: {INSTALL}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with llama(model) as address:
        yield address


def reader(url: str, context_tokens: int = CONTEXT) -> LlmReader:
    client = LlmClient(url, "smollm2", timeout=60, context_tokens=context_tokens, reply_tokens=100)
    return LlmReader(client, Quoter())


def test_every_citation_is_exact_and_every_answer_whole(url: str) -> None:
    for asked in ("How many branches does the bank have?", "Wann wurde die Bank gegründet?"):
        answers = list(reader(url).stream(question(asked), evidence(FACTS)))
        for answer in answers:
            assert_exact(answer)
        assert answers[-1].sentences


def test_it_takes_a_schema(url: str) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    messages = [{"role": "user", "content": 'Reply with {"n": 4}'}]
    assert list(json.loads(reader(url).client.complete(messages, schema))) == ["n"]


def test_more_than_the_context_holds_leaves_the_quotes(url: str) -> None:
    many = evidence(*((f"The bank {n} has {n} branches. " * 30,) for n in range(40)))
    answer = reader(url, 100_000).read(question("How many branches does the bank 7 have?"), many)
    assert_exact(answer)
    assert answer.reader == "quoter"
    assert len(answer.notices) == 1


@pytest.mark.parametrize("unseen", [False, True])
def test_it_obeys_no_article(url: str, unseen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the order itself is not seen as one."""
    if unseen:
        monkeypatch.setattr("rag.answer.llm.reader.is_order", lambda _: False)
    for attack in ATTACKS[7::30]:
        answer = reader(url).read(question(attack["question"]), attacked(attack))
        assert_exact(answer)
        assert attack["mark"] not in answer.text, attack
