"""Models of sentence-transformers: what cannot be loaded, and which prompts are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Config
from rag.embed import Embedder, open_embedder
from rag.embed.hub import choose_prompts
from rag.errors import ModelError


@pytest.mark.parametrize(
    ("name", "shipped", "expected"),
    [
        ("org/model", {"query": "q: ", "passage": "p: "}, ("q: ", "p: ")),
        ("org/model", {"query": "q: ", "document": "d: "}, ("q: ", "d: ")),
        ("org/model", {"query": "", "document": ""}, ("", "")),
        ("intfloat/multilingual-e5-base", {}, ("query: ", "passage: ")),
        ("intfloat/e5-small", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("/e5-models/minilm", {}, ("", "")),
    ],
)
def test_prompts_are_those_of_the_model_or_of_its_family(
    name: str, shipped: dict[str, str], expected: tuple[str, str]
) -> None:
    assert choose_prompts(name, shipped) == expected


def test_an_instruct_model_gets_an_instruction_before_queries_only() -> None:
    query, document = choose_prompts("intfloat/multilingual-e5-large-instruct", {})
    assert query.startswith("Instruct: ")
    assert query.endswith("Query: ")
    assert document == ""


@pytest.mark.slow
def test_the_exported_folder_opens_with_its_prompts(reference: Embedder) -> None:
    assert (reference.dim, reference.max_tokens) == (384, 512)
    query, document = (
        reference.embed_queries(["passage: Haus"]),
        reference.embed_documents(["Haus"]),
    )
    assert query[0] @ document[0] < 0.9999


@pytest.mark.slow
def test_the_fingerprint_is_that_of_the_content(reference: Embedder, exported: Path) -> None:
    again = open_embedder(Config(model=str(exported)))
    assert again.fingerprint == reference.fingerprint
    settings = exported / "config_sentence_transformers.json"
    before = settings.read_text(encoding="utf-8")
    try:
        settings.write_text(before.replace("query: ", "Frage: "), encoding="utf-8")
        assert open_embedder(Config(model=str(exported))).fingerprint != reference.fingerprint
    finally:
        settings.write_text(before, encoding="utf-8")


@pytest.mark.slow
def test_what_cannot_be_loaded_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    (broken / "model.safetensors").write_bytes(b"no weights")
    for model in (tmp_path / "empty", broken, tmp_path / "absent", "not a model id"):
        with pytest.raises(ModelError, match=r"cannot be loaded \(.+\); set RAG_MODEL") as caught:
            open_embedder(Config(model=str(model)))
        assert "\n" not in str(caught.value)
