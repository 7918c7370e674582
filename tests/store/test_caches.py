"""Damaged caches cost time, never an answer; the catalog holds all that it takes to mend them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from rag.errors import IndexDamaged, IndexMismatch, IndexNotFound, RagError
from rag.store import Delta, catalog, disk
from rag.store.local import LocalStore
from rag.store.salvage import salvage
from rag.types import Filter
from tests.store.oracle import Oracle
from tests.store.samples import SETTINGS, adding, sample, unit

TERMS = {"de": ["w1", "w2"], "en": ["w3"], "fr": ["w4"]}


def largest(path: Path) -> Path:
    """The file of a cache that holds most of it."""
    files = [p for p in [path, *path.rglob("*")] if p.is_file()]
    return max(files, key=lambda p: p.stat().st_size)


def truncate(path: Path) -> None:
    file = largest(path)
    os.truncate(file, file.stat().st_size // 2)


def flip_a_bit(path: Path) -> None:
    file = largest(path)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def lose_a_file(path: Path) -> None:
    largest(path).unlink()


def swap(path: Path) -> None:
    """Put the cache of another index under this name."""
    other = LocalStore.create(path.parent / "other", SETTINGS)
    with other.writer() as writer:
        writer.apply(adding(sample(5)))
        writer.publish()
    delete(path)
    (other.folder / f"{path.name.split('-', maxsplit=1)[0]}-1").rename(path)
    shutil.rmtree(other.folder)


def write_by_another_version(path: Path) -> None:
    """Whole, says its checksum, but not to be read."""
    for file in [p for p in [path, *path.rglob("*")] if p.is_file()]:
        file.write_bytes(b"version 0")
    connection = sqlite3.connect(path.parent / catalog.FILE)
    connection.execute(
        "UPDATE caches SET manifest = ? WHERE name = ?", (disk.manifest(path), path.name)
    )
    connection.commit()
    connection.close()


DAMAGES = (truncate, flip_a_bit, delete, lose_a_file, swap, write_by_another_version)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["vectors", "lexical"])
def test_damaged_caches_are_done_without_and_mended(
    store: LocalStore, kind: str, damage: Callable[[Path], None]
) -> None:
    oracle = Oracle()
    with store.writer() as writer:
        for n in range(8):
            writer.apply(adding(sample(n)))
            oracle.apply(adding(sample(n)))
        writer.publish()
    damage(store.folder / f"{kind}-8")
    left = (store.folder / f"{kind}-8").exists()

    reader = LocalStore(store.folder)
    for _ in range(2):
        with reader.snapshot() as snapshot:
            assert snapshot.degraded
            oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)
    if damage is not write_by_another_version:
        assert list(reader.verify()) == [
            f"{kind}-8: the cache is damaged or missing; run: rag index"
        ]

    with reader.writer() as writer:
        writer.publish()
    names = {path.name for path in store.folder.iterdir()}
    assert {"vectors-9", "lexical-9"} <= names
    assert (f"damaged-{kind}-8-1" in names) == left
    for mended in (reader, LocalStore(store.folder)):
        assert list(mended.verify()) == []
        with mended.snapshot() as snapshot:
            assert not snapshot.degraded
            oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)


def test_a_degraded_reader_still_sees_what_comes_later(store: LocalStore) -> None:
    oracle = Oracle()
    with store.writer() as writer:
        writer.apply(adding(sample(0)))
        writer.publish()
        delete(store.folder / "vectors-1")
        reader = LocalStore(store.folder)
        with reader.snapshot() as snapshot:
            assert snapshot.degraded
        writer.apply(adding(sample(1)))
        oracle.apply(adding(sample(0), sample(1)))
        with reader.snapshot() as snapshot:
            assert snapshot.degraded
            oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)


def test_publishing_twice_writes_nothing_new(store: LocalStore) -> None:
    with store.writer() as writer:
        writer.apply(adding(sample(0)))
        writer.publish()
        before = {p: p.stat().st_ino for p in store.folder.rglob("*")}
        writer.publish()
        assert {p: p.stat().st_ino for p in store.folder.rglob("*")} == before


def test_leftovers_of_killed_runs_are_swept_and_other_files_stay(store: LocalStore) -> None:
    for name in ("tmp-vectors-1", "vectors-7", "README.md"):
        (store.folder / name).write_bytes(b"x")
    for name in ("tmp-lexical-1/de", "lexical-7/de", "damaged-lexical-3-1"):
        (store.folder / name).mkdir(parents=True)
    with store.writer() as writer:
        writer.apply(adding(sample(0)))
        writer.publish()
    assert {p.name for p in store.folder.iterdir() if not p.name.startswith("catalog")} == {
        "README.md",
        "damaged-lexical-3-1",
        "lexical-1",
        "vectors-1",
        "write.lock",
    }


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Nothing in `folder` may be written; a test that runs as root becomes nobody meanwhile."""
    if os.geteuid() == 0:
        os.setresuid(65534, 65534, 0)
        try:
            yield
        finally:
            os.setresuid(0, 0, 0)
        return
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("published", [True, False])
@pytest.mark.parametrize("writer_at_work", [True, False])
def test_a_folder_that_may_only_be_read_is_enough(published: bool, writer_at_work: bool) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        folder = Path(scratch) / "index"
        store, oracle = LocalStore.create(folder, SETTINGS), Oracle()
        with store.writer() as writer:
            for n in range(4):
                writer.apply(adding(sample(n)))
                oracle.apply(adding(sample(n)))
            if published:
                writer.publish()
            if writer_at_work:
                with without_rights(folder):
                    check_reading(folder, oracle)
        store.close()
        if not writer_at_work:
            assert not (folder / "catalog.sqlite-wal").exists()
            with without_rights(folder):
                check_reading(folder, oracle)


def check_reading(folder: Path, oracle: Oracle) -> None:
    reader = LocalStore(folder)
    assert list(reader.verify()) == []
    with reader.snapshot() as snapshot:
        assert not snapshot.degraded
        oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)
    with pytest.raises(RagError, match="cannot be written"), reader.writer():
        pass
    reader.close()


def test_a_missing_index_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound, match="run: rag index FOLDER"):
        LocalStore(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(IndexNotFound):
        LocalStore(tmp_path / "file")


@pytest.mark.parametrize("content", [b"", b"no database at all, whatever its name says" * 100])
def test_a_catalog_that_is_none_is_called_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / catalog.FILE).write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"catalog\.sqlite.*move .* away and run: rag index"):
        LocalStore(tmp_path)


def test_a_catalog_that_is_damaged_further_in_is_named(store: LocalStore) -> None:
    with store.writer() as writer:
        for n in range(40):
            writer.apply(adding(sample(n)))
        writer.publish()
    store.close()
    path = store.folder / catalog.FILE
    data = bytearray(path.read_bytes())
    data[8192 : len(data)] = os.urandom(len(data) - 8192)
    path.write_bytes(data)
    reader = LocalStore(store.folder)
    assert any("the catalog cannot be read" in line for line in reader.verify())
    with pytest.raises(IndexDamaged), reader.snapshot() as snapshot:
        snapshot.documents(Filter())
    with pytest.raises(IndexDamaged), reader.writer() as writer:
        writer.publish()


def test_a_message_of_damaged_bytes_is_one_of_damage(store: LocalStore, tmp_path: Path) -> None:
    store.close()
    with closing(sqlite3.connect(store.folder / catalog.FILE)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        nonsense = "name = CAST(x'a0a0' AS TEXT), sql = CAST(x'43a0' AS TEXT)"
        connection.execute(f"UPDATE sqlite_master SET {nonsense} WHERE name = 'roots'")
        connection.commit()
    with (
        closing(sqlite3.connect(store.folder / catalog.FILE)) as connection,
        pytest.raises(UnicodeDecodeError),  # so it comes from SQLite
    ):
        connection.execute("SELECT * FROM settings")
    with pytest.raises(IndexDamaged, match=r"catalog\.sqlite.*cannot be read"):
        LocalStore(store.folder)
    with pytest.raises(IndexDamaged, match="not even its settings"):
        salvage(store.folder, tmp_path / "saved", lambda _: lambda *_: True)


def test_another_format_is_refused(store: LocalStore) -> None:
    with store.writer() as writer:
        writer.apply(Delta(settings={"format": "0"}))
    with pytest.raises(
        IndexMismatch, match="has format 0, this version reads 3; use the version that wrote"
    ):
        LocalStore(store.folder)


def test_an_index_is_made_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(disk, "settle", interrupt)
        with pytest.raises(KeyboardInterrupt):
            LocalStore.create(tmp_path, SETTINGS)
    with pytest.raises(IndexNotFound):
        LocalStore(tmp_path)
    store = LocalStore.create(tmp_path, SETTINGS)
    assert list(store.verify()) == []
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("tmp-")) == []


def test_a_full_disk_is_one_line_and_loses_nothing(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writer() as writer:
        writer.apply(adding(sample(0)))
        writer.publish()
    connect = catalog.connect

    def small(folder: Path, *, write: bool = False) -> sqlite3.Connection:
        connection = connect(folder, write=write)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(catalog, "connect", small)
        with (
            pytest.raises(RagError, match=r"database or disk is full.*what was committed stays"),
            store.writer() as writer,
        ):
            writer.apply(adding(*(sample(n) for n in range(1, 200))))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with store.writer() as writer:
        writer.apply(adding(sample(1)))
        monkeypatch.setattr(disk, "settle", full)
        with pytest.raises(RagError, match=r"search caches cannot be written.*No space left"):
            writer.publish()
    oracle = Oracle()
    oracle.apply(adding(sample(0), sample(1)))
    assert list(store.verify()) == []
    with store.snapshot() as snapshot:
        oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)


def test_the_manifest_names_each_file_with_its_size(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "a").write_bytes(b"abc")
    (tmp_path / "de" / ".x.lock").touch()
    assert json.loads(disk.manifest(tmp_path)) == {"de/a": [3, 0x352441C2]}


def test_what_was_read_and_not_written_since_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    old = time.time_ns() - 10**10
    os.utime(file, ns=(old, old))
    before = disk.manifest(tmp_path)
    file.write_bytes(b"abd")
    assert disk.manifest(tmp_path) != before
    os.utime(file, ns=(old, old))
    assert disk.manifest(tmp_path) == before  # what a bad sector would look like
    assert disk.manifest(tmp_path, anew=True) != before  # but not to `rag verify`
    monkeypatch.setattr(Path, "open", None)
    assert disk.manifest(tmp_path) != before
    (tmp_path / "b").hardlink_to(file)  # of the next generation
    assert len(json.loads(disk.manifest(tmp_path))) == 2


def test_verify_reads_what_no_clock_tells(store: LocalStore) -> None:
    with store.writer() as writer:
        writer.apply(adding(sample(0)))
        writer.publish()
        writer.apply(adding(sample(1)))
        writer.publish()
    with store.snapshot():
        pass
    file = largest(next(store.folder.glob("vectors-*")))
    old = file.stat().st_mtime_ns - 10**10
    os.utime(file, ns=(old, old))
    assert list(store.verify()) == []
    flip_a_bit(file)
    os.utime(file, ns=(old, old))
    assert any("damaged" in line for line in store.verify())
