"""An index goes into one file and comes back; of a damaged one, what can be read comes back."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag import archive
from rag.assistant import Assistant
from rag.config import Config
from rag.errors import IndexDamaged, IndexMismatch, RagError, SourceError
from rag.indexing import genuine
from rag.store import catalog
from rag.store.local import LocalStore
from rag.store.salvage import Saved, salvage
from rag.types import Period
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, BANK, WIND, contents, counts, ids, rows, write


def opened(folder: Path) -> Assistant:
    return Assistant(folder, Config(), CountingEmbedder())


@pytest.fixture
def kept(tmp_path: Path) -> Assistant:
    """An index with everything in it that is to be kept."""
    news = tmp_path / "news"
    write(news / "bahn.txt", BAHN + "\n\nWeiterlesen: Mehr zum Thema\n")
    write(news / "bank.txt", BANK)
    rows(news / "rows.jsonl", x=WIND, y=BAHN, z=BANK)
    write(news / "leer.txt", "")
    assistant = opened(tmp_path / "index")
    assistant.sync([news])
    assistant.remove("y")
    assistant.correct("news/bahn.txt", Period.parse("2026-02"), "Kurier")
    return assistant


def exported(assistant: Assistant, file: Path) -> bytes:
    store = LocalStore(assistant.folder)
    assert archive.write(store, file) == len(ids(assistant))
    store.close()
    return file.read_bytes()


def test_an_archive_comes_back_byte_for_byte(kept: Assistant, tmp_path: Path) -> None:
    first = exported(kept, tmp_path / "1.jsonl")
    archive.read(tmp_path / "1.jsonl", tmp_path / "new")
    new = opened(tmp_path / "new")
    assert new.verify() == []
    assert exported(new, tmp_path / "2.jsonl") == first
    documents, chunks = contents(kept)
    new_documents, new_chunks = contents(new)
    assert documents == new_documents
    assert documents["news/bahn.txt"].source == "Kurier"
    assert kept.removed("news/bahn.txt") == new.removed("news/bahn.txt")
    for name, candidate in chunks.items():
        assert candidate.chunk == new_chunks[name].chunk
        np.testing.assert_array_equal(candidate.vectors, new_chunks[name].vectors)
        np.testing.assert_array_equal(candidate.title, new_chunks[name].title)


def test_a_sync_of_what_was_imported_embeds_nothing(kept: Assistant, tmp_path: Path) -> None:
    exported(kept, tmp_path / "1.jsonl")
    archive.read(tmp_path / "1.jsonl", tmp_path / "new")
    embedder = CountingEmbedder()
    with Assistant(tmp_path / "new", Config(), embedder) as new:
        assert counts(new.sync()) == (0, 0, 0, 4)
        assert embedder.embedded == []
        assert "y" not in ids(new)  # stays out


@pytest.mark.parametrize("harm", ["cut", "flip", "other", "newer", "empty"])
def test_a_damaged_archive_is_refused_before_anything_is_made(
    kept: Assistant, tmp_path: Path, harm: str
) -> None:
    data = exported(kept, tmp_path / "1.jsonl")
    place = data.index(b"Kassel")
    harmed, reason = {
        "cut": (data[: data.rindex(b"\n", 0, -1) + 1], "damaged or not whole"),
        "flip": (data[:place] + b"k" + data[place + 1 :], "damaged or not whole"),
        "other": (b'{"id": 1}\n', "no archive of an index; make one with: rag export"),
        "newer": (
            data.replace(b'"archive": 1', b'"archive": 2'),
            "version 2, this version reads 1",
        ),
        "empty": (b"", "no archive"),
    }[harm]
    file = tmp_path / "2.jsonl"
    file.write_bytes(harmed)
    with pytest.raises(SourceError, match=reason):
        archive.read(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_archive_that_somebody_else_wrote_is_no_traceback(tmp_path: Path) -> None:
    head = {"settings": {"dim": "4", "model": "m", "fingerprint": "f", "pipeline": "p"}}
    document: list[object] = [head, {"document": {}}]
    odd: list[list[object]] = [[], document, [{"root": []}], [head, {"document": 7}], [[1]]]
    for rows_ in odd:
        lines = b"".join(json.dumps(row).encode() + b"\n" for row in [{"archive": 1}, *rows_])
        end = {"lines": len(rows_) + 1, "sha256": hashlib.sha256(lines).hexdigest()}
        file = tmp_path / "1.jsonl"
        file.write_bytes(lines + json.dumps(end).encode() + b"\n")
        with pytest.raises(RagError, match="holds what no archive does"):
            archive.read(file, tmp_path / "new")
        assert [path.name for path in tmp_path.iterdir()] == ["1.jsonl"]


def test_only_the_newest_format_can_be_saved(kept: Assistant, tmp_path: Path) -> None:
    kept.close()
    with closing(sqlite3.connect(kept.folder / catalog.FILE)) as connection, connection:
        connection.execute("UPDATE settings SET value = '2' WHERE name = 'format'")
    with pytest.raises(IndexMismatch, match="has format 2, what can be saved has 3"):
        repaired(kept.folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over_by_an_import(kept: Assistant, tmp_path: Path) -> None:
    before = exported(kept, tmp_path / "1.jsonl")
    with pytest.raises(RagError, match="is there already; name a folder that is empty"):
        archive.read(tmp_path / "1.jsonl", kept.folder)
    assert exported(kept, tmp_path / "2.jsonl") == before
    with pytest.raises(SourceError, match="cannot be read"):
        archive.read(tmp_path / "none.jsonl", tmp_path / "new")
    with pytest.raises(SourceError, match="cannot be written"):
        archive.write(LocalStore(kept.folder), tmp_path / "none" / "1.jsonl")


def repaired(damaged: Path, folder: Path) -> Saved:
    return salvage(damaged, folder, lambda settings: genuine(settings, Config().chunk_tokens))


def test_a_text_that_is_not_what_was_indexed_is_noticed(kept: Assistant, tmp_path: Path) -> None:
    kept.close()
    with closing(sqlite3.connect(kept.folder / catalog.FILE)) as connection, connection:
        connection.execute("UPDATE documents SET text = replace(text, '20 Mill', '21 Mill')")
    assert kept.verify() == [
        "news/bahn.txt: what is kept of it is not what was indexed; "
        "save the rest with: rag verify --repair NEW"
    ]
    saved = repaired(kept.folder, tmp_path / "new")
    assert (saved.documents, saved.lost) == (3, ("news/bahn.txt",))
    with opened(tmp_path / "new") as new:
        assert new.verify() == []
        assert counts(new.sync()) == (1, 0, 0, 3)
        assert new.document("news/bahn.txt").published == Period.parse("2026-02")
        assert "21 Mill" not in new.document("news/bahn.txt").text


def test_what_is_saved_of_damaged_pages_is_sound_and_the_rest_comes_from_the_files(
    kept: Assistant, tmp_path: Path
) -> None:
    news = tmp_path / "news"
    for n in range(60):
        write(news / f"{n}.txt", f"{WIND} Das war Meldung {n} aus Kiel. " * 5)
    kept.sync()
    documents, _ = contents(kept)
    kept.close()
    good = (kept.folder / catalog.FILE).read_bytes()
    generator = random.Random(7)
    saved_any = 0
    for number in range(12):
        data = bytearray(good)
        for _ in range(3):  # pages, but not the first: without it nothing is known of the others
            at = generator.randrange(1, len(good) // 4096) * 4096
            data[at : at + 4096] = generator.randbytes(4096)
        (kept.folder / catalog.FILE).write_bytes(data)
        folder = tmp_path / f"new-{number}"
        try:
            saved = repaired(kept.folder, folder)
        except IndexDamaged:
            assert not folder.exists()
            continue
        saved_any += saved.documents
        with opened(folder) as new:
            for line in new.verify():  # of a folder that is forgotten, until it is given again
                assert "no sync watches the file" in line
            for doc_id in ids(new):
                assert new.document(doc_id) == documents[doc_id]
            new.sync([news])
            assert contents(new)[0].keys() >= documents.keys()
            assert new.verify() == []
    assert saved_any > 200
