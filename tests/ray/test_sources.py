"""Articles that lie in a bucket, in any file system of fsspec, or in Parquet."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

import rag.preparing
from rag.assistant import Assistant
from rag.errors import SourceError, UnreadableFile
from rag.ingest import read_data, read_file
from rag.purging import purge
from tests.ray.bucket import BUCKET, serving
from tests.trees import BAHN, BANK, WIND, counts, ids, rows, write

LIMIT = 1_000_000


def table(*articles: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(articles)), out)
    return out.getvalue()


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """What is put into this dictionary lies in the bucket."""
    objects: dict[str, bytes] = {}
    with serving(objects, time.time() - 3600) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield objects


def test_rows_of_parquet_are_articles_as_rows_of_jsonl_are(tmp_path: Path) -> None:
    article = {"id": "a", "text": BAHN, "title": "Bahn", "source": "Blatt", "pages": 3}
    written = parquet.write_table
    written(
        pa.Table.from_pylist([{**article, "published": date(2026, 2, 1), "url": None}]),
        tmp_path / "a.parquet",
    )
    write(tmp_path / "a.jsonl", json.dumps({**article, "published": "2026-02-01"}))
    one = read_file(tmp_path / "a.parquet", "x", LIMIT)
    assert one.documents == read_file(tmp_path / "a.jsonl", "x", LIMIT).documents
    assert one.documents[0][0].extra == {"pages": "3"}


def test_a_row_of_parquet_that_is_no_article_is_named() -> None:
    data = table({"id": "a", "text": BAHN}, {"id": "b", "text": None}, {"id": "a", "text": BANK})
    reading = read_data(data, "s.parquet", "x", LIMIT)
    assert [document.doc_id for document, _ in reading.documents] == ["a"]
    assert [error.path for error in reading.skipped] == ["s.parquet:2", "s.parquet:3"]


def test_parquet_that_unpacks_to_more_than_it_may_is_refused() -> None:
    data = table(*({"id": str(n), "text": "x" * 10_000} for n in range(500)))
    assert len(data) < 100_000
    with pytest.raises(UnreadableFile, match="too large: more than 1000000 bytes when unpacked"):
        read_data(data, "s.parquet", "x", LIMIT)
    with pytest.raises(UnreadableFile, match="no Parquet file"):
        read_data(data[:-9], "s.parquet", "x", LIMIT)


def test_without_pyarrow_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assistant: Assistant
) -> None:
    for name in ("pyarrow", "pyarrow.fs", "pyarrow.parquet"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(UnreadableFile, match=r"pip install 'rag\[ray\]'"):
        read_data(b"PAR1", "s.parquet", "x", LIMIT)
    with pytest.raises(SourceError, match=r"pip install 'rag\[ray\]'"):
        assistant.sync(["s3://papers/news"])


def test_an_address_is_a_root_like_any_other(assistant: Assistant, memory: Any) -> None:
    memory.pipe("/news/bahn.txt", BAHN.encode())
    memory.pipe("/news/sub/bank.txt", BANK.encode())
    memory.pipe("/news/.hidden.txt", BANK.encode())
    assert counts(assistant.sync(["memory://news/"])) == (2, 0, 0, 0)
    assert ids(assistant) == ["news/bahn.txt", "news/sub/bank.txt"]
    assert counts(assistant.sync(["memory://news"])) == (0, 0, 0, 2)
    memory.pipe("/news/bahn.txt", WIND.encode())
    memory.rm("/news/sub/bank.txt")
    memory.pipe("/news/wind.pdf", b"x")
    report = assistant.sync()  # it is known by now
    assert counts(report) == (0, 1, 1, 0)
    assert [path for path, _ in report.skipped] == ["memory://news/wind.pdf"]
    assert assistant.document("news/bahn.txt").text == WIND
    assert assistant.verify() == []


def test_a_part_of_an_address_is_a_part_of_its_root(assistant: Assistant, memory: Any) -> None:
    memory.pipe("/news/a/bahn.txt", BAHN.encode())
    memory.pipe("/news/b/bank.txt", BANK.encode())
    assistant.sync(["memory://news"])
    memory.pipe("/news/a/bahn.txt", WIND.encode())
    memory.rm("/news/b/bank.txt")
    assert counts(assistant.sync(["memory://news/a"])) == (0, 1, 0, 0)
    assert counts(assistant.sync(["memory://news/a/bahn.txt"])) == (0, 0, 0, 1)
    assert ids(assistant) == ["news/a/bahn.txt", "news/b/bank.txt"]


def test_an_address_that_is_suddenly_empty_loses_nothing_unless_pruned(
    assistant: Assistant, memory: Any
) -> None:
    memory.pipe("/news/bahn.txt", BAHN.encode())
    assistant.sync(["memory://news"])
    memory.rm("/news/bahn.txt")
    assert "nothing was removed" in assistant.sync(["memory://news"]).notices[0]
    assert counts(assistant.sync(["memory://news"], prune=True)) == (0, 0, 1, 0)


def test_an_address_that_cannot_be_read_is_named(assistant: Assistant, memory: Any) -> None:
    with pytest.raises(SourceError, match="memory://nothing: nothing is there"):
        assistant.sync(["memory://nothing"])
    with pytest.raises(SourceError, match="gopher://x: cannot be read"):
        assistant.sync(["gopher://x"])


def test_an_address_with_a_password_is_not_kept(assistant: Assistant) -> None:
    with pytest.raises(SourceError) as caught:
        assistant.sync(["s3://key:geheim@papers/news"])
    assert "password" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_file_elsewhere_that_cannot_be_fetched_keeps_its_last_version(
    assistant: Assistant, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe("/news/bahn.txt", BAHN.encode())
    assistant.sync(["memory://news"])

    def broken(*_: object) -> bytes:
        raise OSError("the line is dead")

    with monkeypatch.context() as patch:
        patch.setattr(rag.preparing, "fetch", broken)
        report = assistant.sync()
    assert report.skipped == (("memory://news/bahn.txt", "the line is dead"),)
    assert ids(assistant) == ["news/bahn.txt"]
    assert counts(assistant.sync()) == (0, 0, 0, 1)


def test_shards_in_a_bucket_are_read_and_only_what_changed_again(
    assistant: Assistant,
    bucket: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shard = rows(tmp_path / "one.jsonl", x=BAHN, y=BANK)
    bucket["2026/one.jsonl"] = shard.read_bytes()
    bucket["2026/two.parquet"] = table({"id": "z", "text": WIND})
    address = f"s3://{BUCKET}/2026"
    assert counts(assistant.sync([address])) == (3, 0, 0, 0)
    with monkeypatch.context() as patch:
        patch.setattr(rag.preparing, "fetch", None)  # nothing is fetched where nothing changed
        assert counts(assistant.sync([address])) == (0, 0, 0, 3)
    bucket["2026/one.jsonl"] = rows(shard, x=BAHN, y=f"{BANK} {WIND}").read_bytes()
    assert counts(assistant.sync()) == (0, 1, 0, 2)


def test_an_article_elsewhere_that_is_purged_is_named_as_still_there(
    assistant: Assistant, memory: Any
) -> None:
    memory.pipe("/news/bahn.txt", BAHN.encode())
    assistant.sync(["memory://news"])
    assert purge(assistant.folder, ["news/bahn.txt"]) == ["memory://news/bahn.txt"]
    assert ids(assistant) == []
