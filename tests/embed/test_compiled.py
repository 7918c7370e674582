"""What is kept of a compiled graph, and the check before it is kept."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openvino import Type

from rag.config import Config
from rag.embed import Embedder, engine, open_embedder
from rag.embed.convert import engine_files
from rag.embed.reference import LEAST, agreement
from rag.errors import ModelError

pytestmark = pytest.mark.slow

TEXTS = ["Der Zug fährt morgens um sechs.", "The train leaves at six."]


class Without:
    """OpenVINO on a processor that has no bf16."""

    def __init__(self, core: Any) -> None:
        self._core = core

    def get_property(self, device: str, name: str) -> list[str]:
        return [each for each in self._core.get_property(device, name) if each != "BF16"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)


def kept(config: Config, *, int8: bool = True) -> list[Path]:
    folder = engine_files(config, int8=int8).folder
    return sorted(folder.glob("compiled-*.bin"))


def test_the_stored_vectors_are_those_of_sentence_transformers(reference: Embedder) -> None:
    assert agreement(reference.embed_documents) > 0.9999


def test_a_graph_is_compiled_once_and_gives_the_same_vectors_when_it_is_read(
    converted: Config,
) -> None:
    first = engine.OpenVinoEmbedder(converted)
    again = engine.OpenVinoEmbedder(converted)
    assert not first._plain.engine.known
    assert again._plain.engine.known
    np.testing.assert_array_equal(first.embed_queries(TEXTS), again.embed_queries(TEXTS))


def test_a_damaged_graph_is_not_used_and_is_made_anew(converted: Config) -> None:
    vectors = open_embedder(converted).embed_queries(TEXTS)
    (path,) = kept(converted)
    whole = path.read_bytes()
    for damaged in (b"", whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]):
        path.write_bytes(damaged)
        opened = engine.OpenVinoEmbedder(converted)
        assert not opened._plain.engine.known
        np.testing.assert_array_equal(opened.embed_queries(TEXTS), vectors)
        assert engine.OpenVinoEmbedder(converted)._plain.engine.known


def test_where_int8_gives_other_vectors_the_exact_weights_take_over_and_it_is_said(
    spare: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "agreement", lambda *_: LEAST - 0.01)
    with caplog.at_level(logging.WARNING, "rag.embed"):
        opened = open_embedder(spare)
    assert opened.precision == "openvino fp32"
    assert "cosine 0.980" in caplog.text
    assert kept(spare) == []  # so the next process looks again


@pytest.mark.parametrize("fault", ["other vectors", "none", "no bf16"])
def test_where_many_texts_get_other_vectors_than_one_float32_takes_over(
    spare: Config, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def judged(*_: object) -> float:
        if fault == "none":
            raise ModelError("a vector that is zero or not a number")
        assert fault == "other vectors"
        return LEAST - 0.01

    many = [f"Satz {n} von vielen, die das Modell zugleich liest." for n in range(100)]
    expected = open_embedder(spare).embed_documents(many)
    for path in kept(spare):
        path.unlink()
    monkeypatch.setattr(engine._Engine, "_nearness", judged)
    opened = engine.OpenVinoEmbedder(spare)
    if fault == "no bf16":
        monkeypatch.setattr(opened._plain.engine, "_core", Without(opened._plain.engine._core))
    assert (opened.embed_documents(many) * expected).sum(axis=1).min() >= LEAST
    compiled = opened._plain.engine._throughput
    assert compiled is not None
    assert compiled._model.get_property("INFERENCE_PRECISION_HINT") == Type.f32
