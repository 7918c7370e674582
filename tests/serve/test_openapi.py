"""The OpenAPI document: what it promises holds for requests that nobody thought of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.openapi import from_url

from rag.assistant import Assistant
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.serve.app import build_app
from tests.serve.living import serving
from tests.trees import BAHN, BANK, write

BEARER = {"Authorization": "Bearer s3cret"}
EXAMPLES = 25  # for each operation


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("openapi")
    write(folder / "news" / "bahn.txt", BAHN)
    write(folder / "news" / "bank.txt", BANK)
    assistant = Assistant(folder / "index", Config(), HashEmbedder())
    assistant.sync(folder / "news")
    with serving(build_app(assistant, Config(), token="s3cret")) as address:
        yield address


OPERATIONS = (
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/v1/models"),
    ("GET", "/v1/documents"),
    ("POST", "/v1/documents"),
    ("GET", "/v1/documents/{doc_id}"),
    ("DELETE", "/v1/documents/{doc_id}"),
    ("POST", "/v1/search"),
    ("POST", "/v1/ask"),
    ("POST", "/v1/chat/completions"),
)


# No schema says that the user spoke last, or that a file has a name of a known kind. In a query,
# what should be a list and is none arrives as a list of one.
UNSAID = {
    ("GET", "/v1/documents"): [negative_data_rejection],
    ("POST", "/v1/chat/completions"): [positive_data_acceptance],
    ("POST", "/v1/documents"): [positive_data_acceptance],
}


@pytest.fixture(scope="module")
def document(address: str) -> Any:
    return from_url(f"{address}/openapi.json", headers=BEARER)


def test_it_has_every_path_an_example_and_no_page_from_elsewhere(document: Any) -> None:
    raw = document.raw_schema
    shown = {(method.upper(), path) for path, each in raw["paths"].items() for method in each}
    assert shown == set(OPERATIONS)
    schemas = raw["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert schemas["AskRequest"]["properties"]["question"]["examples"]
    assert "security" in raw["paths"]["/v1/ask"]["post"]
    assert "security" not in raw["paths"]["/healthz"]["get"]
    names = [each["operationId"] for path in raw["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_keeps_its_promise(
    document: Any, method: str, path: str, mode: GenerationMode
) -> None:
    strategy = document[path][method].as_strategy(generation_mode=mode)

    @given(strategy)
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    def asked(case: Case[Any]) -> None:
        case.call_and_validate(headers=BEARER, excluded_checks=UNSAID.get((method, path)))

    with suppress(Unsatisfiable):  # a path without parameters has nothing wrong to send
        asked()
