"""`rag verify` names each broken invariant, and the command that it names mends it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.errors import RagError
from rag.store import catalog
from tests.conftest import CountingEmbedder

ARTICLES = {
    "bahn.txt": "Die Bahn baut eine neue Strecke. Sie kostet 20 Millionen Euro.\n\n"
    "Die Arbeiten beginnen im März. Sie dauern drei Jahre.",
    "bank.txt": "The bank raised its rates on Monday. Analysts had expected that.\n\n"
    "Shares fell by two percent.",
}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def filled(assistant: Assistant, articles: Path) -> Assistant:
    assistant.sync([articles])
    return assistant


def run(assistant: Assistant, sql: str) -> None:
    connection = sqlite3.connect(assistant.folder / catalog.FILE)
    assert connection.execute(sql).rowcount != 0
    connection.commit()
    connection.close()


def test_a_sound_index_gives_no_line(filled: Assistant) -> None:
    assert filled.verify() == []


FIRST = "(SELECT min(row) FROM {})"
BREAKS = {
    "chunk too short": (
        f"UPDATE chunks SET end = end - 1 WHERE row = {FIRST.format('chunks')}",
        r"articles/bahn\.txt: \d+:\d+ of the text is in no chunk or in two",
    ),
    "chunk lost": (
        f"DELETE FROM chunks WHERE row = {FIRST.format('chunks')}",
        r"articles/bahn\.txt: 0:\d+ of the text is in no chunk or in two",
    ),
    "chunk misnumbered": (
        f"UPDATE chunks SET position = 7 WHERE row = {FIRST.format('chunks')}",
        r"articles/bahn\.txt: its chunks are not numbered from 0 on",
    ),
    "sentence lost": (
        f"DELETE FROM sentences WHERE row = {FIRST.format('sentences')}",
        r"articles/bahn\.txt: 0:\d+ of a chunk is in no sentence or in two",
    ),
    "sentences overlap": (
        f"UPDATE sentences SET start = start - 3 WHERE row = {FIRST.format('sentences')} + 1",
        r"articles/bahn\.txt: \d+:\d+ of a chunk is in no sentence or in two",
    ),
    "sentence beyond the text": (
        "UPDATE sentences SET end = 9999 WHERE row = (SELECT max(row) FROM sentences)",
        r"articles/bank\.txt: \d+:9999 of a chunk",
    ),
    "vectors lost": (
        "DELETE FROM vectors WHERE row IN (SELECT vector FROM sentences LIMIT 2)",
        r"2 sentences or titles have no vector",
    ),
    "vector of a title lost": (
        "DELETE FROM vectors WHERE key IN (SELECT title_key FROM documents LIMIT 1)",
        r"1 sentences or titles have no vector",
    ),
    "vector zeroed": (
        "UPDATE vectors SET value = zeroblob(length(value))"
        " WHERE key = (SELECT key FROM vectors LIMIT 1)",
        r"1 vectors are not unit vectors of 32 columns",
    ),
    "vector cut": (
        "UPDATE vectors SET value = zeroblob(7) WHERE key = (SELECT key FROM vectors LIMIT 1)",
        r"1 vectors are not unit vectors of 32 columns",
    ),
    "vector exchanged": (
        "UPDATE vectors SET value = (SELECT value FROM vectors v WHERE v.key > vectors.key)"
        " WHERE key = (SELECT min(key) FROM vectors)",
        r"vectors-\d+: holds other vectors than the catalog",
    ),
    "sentence renumbered": (
        "UPDATE sentences SET row = row + 1000 WHERE row = (SELECT max(row) FROM sentences)",
        r"vectors-\d+: holds other sentences than the catalog",
    ),
    "chunk renumbered": (
        "UPDATE chunks SET row = row + 1000 WHERE row = (SELECT max(row) FROM chunks)",
        r"lexical-\d+: holds other chunks than the catalog",
    ),
    "document of the future": (
        "UPDATE documents SET added = 99 WHERE doc_id = 'articles/bahn.txt'",
        r"articles/bahn\.txt: belongs to a generation that never was",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_invariant_is_named_and_a_rebuild_mends_it(filled: Assistant, name: str) -> None:
    sql, line = BREAKS[name]
    run(filled, sql)
    found = filled.verify()
    assert any(re.match(line, problem) for problem in found), found
    assert all(problem.endswith("; run: rag index --rebuild") for problem in found)
    filled.sync(rebuild=True)
    assert filled.verify() == []
    assert sorted(info.doc_id for info in filled.documents()) == [
        "articles/bahn.txt",
        "articles/bank.txt",
    ]


LOST = r"articles/bahn\.txt: no sync watches the file of this document; .*rag remove articles/bahn"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM files WHERE path = 'bahn.txt'",
        "UPDATE files SET path = 'x.txt' WHERE path = 'bahn.txt'",
    ],
)
@pytest.mark.parametrize(
    "remedy",
    [
        lambda assistant, articles: assistant.sync([articles / "bahn.txt"]),
        lambda assistant, _: assistant.remove(["articles/bahn.txt"]),
    ],
)
def test_a_document_that_no_sync_watches_is_named(
    filled: Assistant, articles: Path, sql: str, remedy: Callable[[Assistant, Path], object]
) -> None:
    run(filled, sql)
    (line,) = filled.verify()
    assert re.match(LOST, line)
    remedy(filled, articles)
    assert filled.verify() == []


@pytest.mark.parametrize("kind", ["vectors", "lexical"])
def test_damaged_caches_are_mended_by_a_sync_that_embeds_nothing(
    filled: Assistant, embedder: CountingEmbedder, kind: str
) -> None:
    cache = next(filled.folder.glob(f"{kind}-*"))
    file = max([cache, *cache.rglob("*")], key=lambda p: p.is_file() and p.stat().st_size)
    file.write_bytes(file.read_bytes()[:-1])
    assert filled.verify() == [f"{cache.name}: the cache is damaged or missing; run: rag index"]
    embedder.embedded.clear()
    filled.sync()
    assert filled.verify() == []
    assert embedder.embedded == []


def test_caches_that_are_behind_or_were_never_made_are_sound(filled: Assistant) -> None:
    run(filled, "UPDATE settings SET value = value + 1 WHERE name = 'generation'")
    assert filled.verify() == []
    run(filled, "DELETE FROM caches")
    assert filled.verify() == []


def test_the_remedy_of_an_unreadable_catalog_is_a_new_index(filled: Assistant) -> None:
    filled.close()
    path = filled.folder / catalog.FILE
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(RagError, match=r"catalog cannot be read .*move .* away and run: rag index"):
        filled.verify()
