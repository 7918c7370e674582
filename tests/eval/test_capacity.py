"""The capacity model, beside what was measured and beside the rows that are really written."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from eval.__main__ import app
from eval.capacity import model
from eval.capacity.model import Machine, local, milvus
from eval.capacity.report import MEASURED, SIZES, check, checked, table
from eval.findings import read
from eval.speed.corpus import Corpus
from rag.embed.double import HashEmbedder
from rag.indexing import Indexer
from rag.ingest import read_file
from rag.store.milvus.rows import rows_of

ROOT = Path(__file__).parents[2]


def test_it_is_within_a_quarter_of_what_was_measured() -> None:
    rows = list(check(read(MEASURED)["growth"]["sizes"]))
    assert {row.sentences for row in rows} == {9_853, 98_446, 984_409}
    assert all(row.met for row in rows)


def test_the_tables_that_are_written_down_are_those_that_it_prints() -> None:
    assert table(SIZES, Machine(), 1) in (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    results = (ROOT / "eval" / "RESULTS.md").read_text(encoding="utf-8")
    _, _, *rows = checked(list(check(read(MEASURED)["growth"]["sizes"]))).splitlines()
    assert "\n".join(rows[-8:]) in results


def test_a_wrong_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "CATALOG", 5_000)
    rows = list(check(read(MEASURED)["growth"]["sizes"]))
    assert not any(row.met for row in rows if row.quantity == "disk, MB")
    assert "**no**" in checked(rows)


def stored(value: Any) -> int:
    """Bytes of a field: a sparse vector has a column and a weight for each term."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, np.ndarray):
        return value.nbytes
    return {dict: 8, list: 4}.get(type(value), 0) * len(value) if isinstance(value, Sized) else 8


def test_the_rows_of_milvus_have_the_bytes_that_it_counts_on(tmp_path: Path) -> None:
    corpus, indexer = Corpus(), Indexer(HashEmbedder(model.DIM), 256)
    vector = np.full(model.DIM, model.DIM**-0.5, np.float32)
    sentences = bytes_ = 0
    for number in range(10):
        path = tmp_path / f"{number}.md"
        path.write_text(corpus.article(number), encoding="utf-8")
        ((document, removed),) = read_file(path, path.name, 10**6).documents
        record = indexer.record((document, removed, "articles", path.name))
        keys = [key for own in record.keys for key in own]
        vectors = dict.fromkeys([record.title_key, *keys], vector)
        tables = rows_of(record, "1.1", 1, vectors, model.DIM)
        sentences += len(keys)
        bytes_ += sum(stored(v) for rows in tables.values() for row in rows for v in row.values())
    assert bytes_ / sentences == pytest.approx(model.MILVUS_ROWS, rel=0.1)


@given(st.integers(1_000, 10**9), st.integers(1, 128), st.integers(8, 512), st.integers(1, 4))
def test_more_sentences_take_more_and_a_machine_holds_its_share(
    sentences: int, cores: int, gigabytes: int, replicas: int
) -> None:
    machine = Machine(cores, gigabytes * 1e9)
    need, more = local(sentences, machine), local(10 * sentences, machine)
    assert need.disk < more.disk
    assert need.memory <= more.memory
    assert need.hours < more.hours
    assert need.per_second > more.per_second
    served = milvus(sentences, machine, replicas)
    assert served.machines >= replicas
    assert served.memory <= served.machines * machine.usable
    assert served.disk < milvus(10 * sentences, machine, replicas).disk


def test_the_command_prints_both_engines_and_the_check() -> None:
    done = CliRunner().invoke(app, ["capacity", "--sentences", "100000000", "--replicas", "2"])
    assert done.exit_code == 0, done.output
    needs, compared = done.stdout.split("\n\n")
    assert [line.split("|")[1:3] for line in needs.splitlines()[2:]] == [
        [" 100,000,000 ", " local "],
        [" 100,000,000 ", " Milvus, HNSW_SQ "],
    ]
    assert compared.count("yes") == 12
    assert "**no**" not in compared


def test_figures_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text("{}")
    done = CliRunner().invoke(app, ["capacity", "--figures", str(tmp_path / "f.json")])
    assert "no findings" in str(done.exception)
