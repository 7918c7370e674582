from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.uploads import UPLOAD_SUFFIXES, keep_uploads
from tests.trees import BAHN, write


def test_files_of_known_kinds_are_moved_into_the_folder(tmp_path: Path) -> None:
    texts = {
        ".jsonl": '{"id": "a", "text": "Text."}',
        ".html": f"<html><body><article><p>{BAHN}</p></article></body></html>",
    }
    sent = [
        str(write(tmp_path / "sent" / f"a{suffix}", texts.get(suffix, "Text.")))
        for suffix in UPLOAD_SUFFIXES
    ]
    kept, refused = keep_uploads(sent, tmp_path / "kept", 1000)
    assert kept == [tmp_path / "kept" / f"a{suffix}" for suffix in UPLOAD_SUFFIXES]
    assert sorted((tmp_path / "kept").iterdir()) == sorted(kept)
    assert not refused
    assert not list((tmp_path / "sent").iterdir())


def test_other_kinds_and_large_files_are_refused_and_deleted(tmp_path: Path) -> None:
    sent = [write(tmp_path / "page.exe", "x"), write(tmp_path / "long.TXT", "x" * 101)]
    kept, refused = keep_uploads(map(str, sent), tmp_path / "kept", 100)
    assert not kept
    assert [name for name, _ in refused] == ["page.exe", "long.TXT"]
    assert [reason for _, reason in refused] == [
        "not one of .txt .md .html .jsonl",
        "larger than 100 bytes",
    ]
    assert not (tmp_path / "kept").exists()
    assert not list(tmp_path.glob("*.*"))


def test_a_file_of_the_same_name_is_replaced(tmp_path: Path) -> None:
    for text in ("old", "new"):
        keep_uploads([str(write(tmp_path / "sent" / "a.md", text))], tmp_path / "kept", 100)
    assert [path.read_text() for path in (tmp_path / "kept").iterdir()] == ["new"]


def test_a_file_without_an_article_is_refused_and_replaces_none(tmp_path: Path) -> None:
    keep_uploads([str(write(tmp_path / "sent" / "a.md", "Text."))], tmp_path / "kept", 100)
    sent = [write(tmp_path / "a.md", ""), write(tmp_path / "rows.jsonl", "{}\nno\n")]
    kept, refused = keep_uploads(map(str, sent), tmp_path / "kept", 100)
    assert kept == []
    assert [name for name, _ in refused] == ["a.md", "rows.jsonl:1", "rows.jsonl:2"]
    assert [path.read_text() for path in (tmp_path / "kept").iterdir()] == ["Text."]
    assert not any(path.exists() for path in sent)


@pytest.mark.parametrize("name", [".md", "..txt", "noend", "a.md.exe"])
def test_a_name_without_a_known_ending_is_refused(tmp_path: Path, name: str) -> None:
    sent = write(tmp_path / name, "x")
    assert keep_uploads([str(sent)], tmp_path / "kept", 100)[0] == []


@given(st.text("ab. ü-", min_size=1, max_size=8))
def test_no_name_leads_out_of_the_folder_or_hides_in_it(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("names")
    sent = write(folder / "sent" / f"{name}.md", "x")
    around = folder / "sent" / ".." / "sent" / sent.name
    kept, refused = keep_uploads([str(around)], folder / "kept", 9)
    assert len(kept) + len(refused) == 1
    for path in kept:
        assert path.parent == folder / "kept"
        assert not path.name.startswith(".")
