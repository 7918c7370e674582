"""After a purge nothing of a document's text is in the folder of its index."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
import tantivy

from rag.assistant import Assistant
from rag.config import Config
from rag.errors import DocumentNotFound, RagError
from rag.page import feedback
from rag.purging import purge
from rag.store import catalog, disk
from rag.store.dense import Tuning
from rag.store.local import LocalStore
from tests.conftest import CountingEmbedder
from tests.trees import BANK, WIND, counts, ids, write

# Words that stand nowhere else, as an analyser would keep them too.
SECRET = "Die Zyxqualm frisst Wolfram. Nur Qwirkelmann wusste von der Zyxqualm in Kassel."
WORDS = ("zyxqualm", "qwirkelmann", "wolfram")


def traces(folder: Path) -> list[str]:
    """Files that hold one of the words: as text in any case and encoding, or as parts of it."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes().lower()
            for word in WORDS:
                forms = [word.encode(e) for e in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")]
                if any(form in data for form in forms):
                    found.append(f"{path.relative_to(folder)}: {word}")
    return found


def terms(folder: Path) -> list[str]:
    """The words that tantivy's own dictionaries know."""
    known = []
    for path in folder.glob("lexical-*/*"):
        searcher = tantivy.Index.open(str(path)).searcher()
        known += [word for word in WORDS if searcher.doc_freq("terms", word)]
    return known


def vectors(folder: Path) -> set[bytes]:
    """All that the catalog keeps, from which a text could be guessed."""
    with closing(sqlite3.connect(folder / catalog.FILE)) as connection:
        return {value for (value,) in connection.execute("SELECT value FROM vectors")}


LARGE = Tuning(exact=4, recall=1.0, stale=0.9, counted=0)  # nothing is made anew without need


@pytest.fixture
def tuning(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Tuning:
    """That of every index from here on."""
    chosen: Tuning = getattr(request, "param", Tuning())
    for opening in (LocalStore.__init__, LocalStore.__dict__["create"].__func__):
        monkeypatch.setattr(opening, "__defaults__", (chosen,))
    return chosen


@pytest.fixture
def index(assistant: Assistant, tmp_path: Path, tuning: Tuning) -> Assistant:
    """One with the secret in its catalog, free pages, log, caches, a cache set aside and logs."""
    news = tmp_path / "news"
    write(news / "secret.txt", SECRET)
    write(news / "bank.txt", BANK)
    write(assistant.folder / "uploads" / "mine.txt", f"{WIND} {SECRET}")
    for n in range(30):
        write(news / f"{n}.txt", f"{WIND} Das war Meldung {n} aus Kiel. " * 5)
    assistant.sync([news, assistant.folder / "uploads"])
    with closing(sqlite3.connect(assistant.folder / catalog.FILE)) as connection:
        # What an earlier version deleted may still stand in pages that are free now.
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE old (text TEXT)")
        connection.executemany("INSERT INTO old VALUES (?)", [(SECRET,)] * 200)
        connection.commit()
        connection.execute("DROP TABLE old")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    cache = next(assistant.folder.glob("lexical-*"))
    segment = max(cache.rglob("*.term"), key=lambda path: path.stat().st_size)
    os.truncate(segment, segment.stat().st_size - 1)
    write(news / "bank.txt", f"{BANK} That is all.")
    write(news / "secret.txt", f"{SECRET} Das ist alles.")
    assistant.sync()
    assert list(assistant.folder.glob("damaged-lexical-*"))
    for doc_id, said in (("news/secret.txt", SECRET), ("news/bank.txt", BANK)):
        quote = feedback.Quoted(doc_id, 0, len(said), said)
        line = feedback.Feedback("helpful", f"Was? {said}", "de", "fact", "hand", [quote])
        feedback.keep(line, assistant.folder / feedback.FILE)
    return assistant


@pytest.mark.parametrize("tuning", [Tuning(), LARGE], indirect=True)
def test_a_purge_leaves_nothing_of_the_text(index: Assistant, tmp_path: Path) -> None:
    places = {line.partition(":")[0] for line in traces(index.folder)}
    assert {"catalog.sqlite", "catalog.sqlite-wal", "feedback.jsonl"} <= places
    assert set(terms(index.folder)) == set(WORDS)
    before = vectors(index.folder)
    left = purge(index.folder, ["news/secret.txt", "uploads/mine.txt"])
    assert left == [tmp_path / "news" / "secret.txt"]
    assert traces(index.folder) == []
    assert terms(index.folder) == []
    gone = before - vectors(index.folder)
    assert gone
    for path in index.folder.rglob("*"):
        assert path.is_dir() or not any(row in path.read_bytes() for row in gone), path
    assert not list(index.folder.glob("damaged-*"))
    assert not (index.folder / "uploads" / "mine.txt").exists()
    rows = (index.folder / feedback.FILE).read_text().splitlines()
    assert [row["quotes"][0]["quote"] for row in map(json.loads, rows)] == [BANK]
    assert index.verify() == []
    assert len(ids(index)) == 31
    assert index.search("Meldung 7 aus Kiel")[0].document.doc_id.startswith("news/")
    assert counts(index.sync()) == (0, 0, 0, 31)  # stays out
    assert traces(index.folder) == []


def test_what_was_removed_before_can_be_purged_and_what_never_was_there_cannot(
    index: Assistant,
) -> None:
    index.remove(["news/secret.txt", "uploads/mine.txt"])
    assert traces(index.folder)
    purge(index.folder, ["news/secret.txt", "uploads/mine.txt"])
    assert [line for line in traces(index.folder) if not line.startswith("uploads")] == []
    with pytest.raises(DocumentNotFound, match="news/none"):
        purge(index.folder, ["news/none.txt"])


def test_a_purge_that_a_reader_holds_up_says_so_and_can_be_run_again(
    index: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = catalog.connect

    def hasty(folder: Path, *, write: bool = False) -> sqlite3.Connection:
        connection = connect(folder, write=write)
        connection.execute("PRAGMA busy_timeout = 50")
        return connection

    monkeypatch.setattr(catalog, "connect", hasty)
    reader = LocalStore(index.folder)
    both = ["news/secret.txt", "uploads/mine.txt"]
    with reader.snapshot() as snapshot:
        with pytest.raises(RagError, match="another process still reads what was removed"):
            purge(index.folder, both)
        assert snapshot.document("news/secret.txt").text
    reader.close()
    purge(index.folder, both)
    assert traces(index.folder) == []
    assert index.verify() == []


LEAVE = """
import os, sys
from pathlib import Path
from rag.store import disk
(disk.Scratch().path / "words").write_text(sys.argv[1])
print("left", flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), 9)
sys.stdin.read()
"""


def test_what_a_killed_reader_left_in_the_temporary_folder_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(how: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", LEAVE, SECRET, how],
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "left\n"
        return process

    with run("die") as dead, run("live") as living:
        dead.wait()
        for path in tmp_path.iterdir():
            os.utime(path, (0, 0))
        assert len(list(tmp_path.iterdir())) == 2
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        disk.sweep_scratch()
        (kept,) = tmp_path.iterdir()
        assert (kept / "words").exists()
        living.kill()


def test_the_command_says_which_files_are_left(
    index: Assistant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag import cli

    words = ["rag", "remove", "--purge", "news/secret.txt", "--index", str(index.folder)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert "secret.txt: still holds one; the file is yours to delete" in capsys.readouterr().err
    assert Assistant(index.folder, Config(), CountingEmbedder()).verify() == []
