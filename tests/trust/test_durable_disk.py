"""No room, no right, no more open files, a folder that changes: a clear error, and no loss."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import IndexDamaged, RagError
from rag.ingest import read_file
from rag.store import catalog, disk
from rag.store.local import LocalStore
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, BANK, WIND, ids, write


@contextmanager
def small_disk(folder: Path, size: str = "600k") -> Iterator[Path]:
    """A file system of its own with little room; skips where none can be mounted."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(["mount", *options], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def enlarge(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=20m", str(place)], check=True)


def much(folder: Path) -> Path:
    """Articles that take more than half a megabyte."""
    for n in range(20):
        write(folder / f"{n}.txt", f"{WIND} Das war Meldung {n} aus Kiel. " * 200)
    return folder


def check(folder: Path, held: list[str]) -> None:
    """The index is sound, holds these documents and answers from its caches."""
    with Assistant(folder, Config(), CountingEmbedder()) as assistant:
        assert assistant.verify() == []
        assert set(held) <= set(ids(assistant))
        assert assistant.search("Was kostet die neue Strecke der Bahn?")[0].document.text == BAHN
        with assistant._opened().snapshot() as snapshot:
            assert not snapshot.degraded
    assert not list(folder.glob("damaged-*"))


def test_a_full_disk_is_one_line_and_the_previous_index_stays(news: Path, tmp_path: Path) -> None:
    held = ["news/bahn.txt", "news/bank.txt"]
    with small_disk(tmp_path / "disk") as place:
        assistant = Assistant(place / "index", Config(), CountingEmbedder())
        assistant.sync([news])
        with pytest.raises(RagError, match=r"database or disk is full.*remove the cause and run"):
            assistant.sync([much(tmp_path / "much")])
        check(place / "index", held)
        filler = place / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(2_000_000))
        write(news / "wind.txt", WIND)
        with pytest.raises(RagError, match="remove the cause and run"):
            assistant.sync([news])
        check(place / "index", held)
        with pytest.raises(RagError, match=r"cannot be|No space|full"):
            Assistant(place / "other", Config(), CountingEmbedder()).sync([news])
        filler.unlink()
        enlarge(place)
        assistant.sync([news])
        check(place / "index", [*held, "news/wind.txt"])


def test_an_index_for_which_a_disk_is_too_small_is_whole_or_not_there(tmp_path: Path) -> None:
    made = 0
    for kilobytes in range(20, 220, 8):
        with small_disk(tmp_path / str(kilobytes), f"{kilobytes}k") as place:
            with suppress(sqlite3.Error, OSError):
                catalog.create(place, {"dim": "16"})
            enlarge(place)
            if (place / catalog.FILE).exists():
                made += 1
                with closing(catalog.connect(place)) as connection:
                    assert catalog.dim(connection) == 16
    assert 0 < made < 25


def test_a_full_temporary_folder_is_named_and_harms_no_cache(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assistant.sync([news])
    assistant.close()
    for place in ("Scratch", "mirror"):
        with monkeypatch.context() as patch:
            patch.setattr(disk, place, full)
            with pytest.raises(
                RagError, match=r"in the temporary folder \(.*No space left.*TMPDIR"
            ):
                assistant.search("Bahn")
    with monkeypatch.context() as patch:
        patch.setattr(disk, "mirror", full)
        write(news / "wind.txt", WIND)
        with pytest.raises(RagError, match=r"caches cannot be written \(.*No space left"):
            assistant.sync()
    check(assistant.folder, ["news/bahn.txt", "news/bank.txt", "news/wind.txt"])


OPEN = """
import os, resource, sys
from pathlib import Path
from rag.errors import RagError
from tests.trust.test_durable_disk import opened
assistant = opened(Path(sys.argv[1]))
assistant.search("Bahn")
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
assistant.close()
used = len(os.listdir("/proc/self/fd"))
for spare in range(12):
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + spare, hard))
    try:
        if sys.argv[2] == "read":
            assistant.search("Bahn")
        else:
            assistant.sync()
    except RagError as error:
        print(error)
    except OSError as error:
        print("raw", error)
    assistant.close()
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(assistant.verify())
"""


def opened(folder: Path) -> Assistant:
    return Assistant(folder, Config(), CountingEmbedder())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files cannot be counted")
@pytest.mark.parametrize("what", ["read", "write"])
def test_too_few_open_files_damage_nothing(assistant: Assistant, news: Path, what: str) -> None:
    assistant.sync([news])
    assistant.close()
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(assistant.folder), what],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    *errors, sound = done.stdout.splitlines()
    assert sound == "[]"
    assert errors
    assert not [line for line in errors if "raw" in line or "the catalog cannot be read" in line]
    check(assistant.folder, ["news/bahn.txt", "news/bank.txt"])


def test_a_limit_on_the_size_of_files_is_one_line(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    articles = much(news.parent / "much")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(RagError, match="remove the cause and run"):
            assistant.sync([articles])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert assistant.verify() == []
    assistant.sync([articles])
    assert len(ids(assistant)) == 22


@contextmanager
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that everybody may look into."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.mark.parametrize(
    ("closed", "message"),
    [(catalog.FILE, "cannot be read now"), ("", "correct the path or its rights")],
)
def test_an_index_that_may_not_be_read_is_not_called_damaged(
    news: Path, open_place: Path, closed: str, message: str
) -> None:
    folder = open_place / "index"
    with opened(folder) as assistant:
        assistant.sync([news])
    (folder / closed).chmod(0)
    with as_nobody(), pytest.raises(RagError, match=message) as told:
        opened(folder).documents()
    assert not isinstance(told.value, IndexDamaged)


def test_a_folder_that_may_not_be_written_is_one_line(news: Path, open_place: Path) -> None:
    with as_nobody(), pytest.raises(RagError, match=r"cannot be the folder of an index \(Permiss"):
        LocalStore.create(open_place / "index", {"dim": "4"})
    opened(open_place / "index").sync([news])
    store = LocalStore(open_place / "index")
    with as_nobody(), pytest.raises(RagError, match=r"cannot be written \(Permiss"), store.writer():
        pass


def test_a_loop_of_links_ends_and_is_no_article(assistant: Assistant, news: Path) -> None:
    (news / "loop").symlink_to(news)
    (news / "ring.txt").symlink_to(news / "gnir.txt")
    (news / "gnir.txt").symlink_to(news / "ring.txt")
    assert assistant.sync([news]).skipped == ()
    assert ids(assistant) == ["news/bahn.txt", "news/bank.txt"]
    (notice,) = assistant.sync([news / "ring.txt"]).notices
    assert "ring.txt is missing or empty; nothing was removed" in notice


def test_a_folder_that_changes_during_a_sync_is_right_after_the_next(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(6):
        write(news / f"{n}.txt", f"{WIND} Nummer {n}.")
    assistant.sync([news])
    changed = []

    def meddling(path: Path, doc_id: str, limit: int) -> object:
        changed.append(path)
        if len(changed) == 1:
            write(news / "new.txt", BANK)
            (news / "5.txt").unlink()
            (news / "4.txt").rename(news / "moved.txt")
        found = read_file(path, doc_id, limit)
        write(path, f"{WIND} Danach.")  # after it was read
        return found

    for n in range(6):
        write(news / f"{n}.txt", f"{WIND} Neue Nummer {n}.")
    monkeypatch.setattr("rag.preparing.read_file", meddling)
    report = assistant.sync([news])
    assert [reason for _, reason in report.skipped] == ["No such file or directory"] * 2
    assert assistant.verify() == []
    assert {"news/4.txt", "news/5.txt"} <= set(
        ids(assistant)
    )  # until it is sure that they are gone
    monkeypatch.undo()
    assistant.sync([news])
    assert assistant.verify() == []
    assert ids(assistant) == sorted(f"news/{path.name}" for path in news.iterdir())
    for path in news.iterdir():
        assert assistant.document(f"news/{path.name}").text == path.read_text(encoding="utf-8")


def test_an_emptied_folder_loses_nothing_unasked(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    for path in news.iterdir():
        path.unlink()
    (notice,) = assistant.sync([news]).notices
    assert "missing or empty; nothing was removed (--prune removes)" in notice
    assert ids(assistant) == ["news/bahn.txt", "news/bank.txt"]
    assistant.sync([news], prune=True)
    assert ids(assistant) == []


def test_the_log_of_a_catalog_that_is_gone_is_set_aside(assistant: Assistant, news: Path) -> None:
    assistant.sync([news])
    holding = sqlite3.connect(assistant.folder / catalog.FILE)
    holding.execute("BEGIN")
    holding.execute("SELECT * FROM settings").fetchall()
    write(news / "wind.txt", WIND)
    assistant.sync([news])
    assert (assistant.folder / f"{catalog.FILE}-wal").stat().st_size > 0
    assistant.close()
    (assistant.folder / catalog.FILE).rename(assistant.folder / "moved")
    (news / "bank.txt").unlink()
    assistant.sync([news])
    assert assistant.verify() == []
    assert ids(assistant) == ["news/bahn.txt", "news/wind.txt"]
    assert list(assistant.folder.glob(f"damaged-{catalog.FILE}-wal-1"))
    with closing(holding):
        pass


def test_a_bad_sector_in_a_cache_counts_as_damage(
    assistant: Assistant, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.sync([news])
    assistant.close()
    checksum = disk._checksum

    def bad(path: Path, *, anew: bool) -> int:
        if path.name == "base.vectors":
            raise OSError(errno.EIO, "Input/output error")
        return checksum(path, anew=anew)

    monkeypatch.setattr(disk, "_checksum", bad)
    assert assistant.search("Was kostet die neue Strecke der Bahn?")[0].document.text == BAHN
    with assistant._opened().snapshot() as snapshot:
        assert snapshot.degraded
    (line,) = assistant.verify()
    assert "the cache is damaged or missing; run: rag index" in line
