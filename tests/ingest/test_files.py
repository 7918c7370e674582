"""Which files a folder holds."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from rag.errors import SourceError, UnreadableFile
from rag.ingest import find_files, read_file


def test_files_are_found_in_all_folders_and_sorted(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/b/c.html", ".hidden.txt", ".git/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Text")
    names = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path)]
    assert names == ["a/b/c.html", "a/z.md", "b.txt"]


def test_a_file_is_its_own_only_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Text")
    assert find_files(file) == [file]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("Geheim")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.txt").write_text("Text")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    (root / "out.txt").symlink_to(outside / "secret.txt")
    assert find_files(root) == [root / "a.txt"]


def test_a_root_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        find_files(tmp_path / "nothing")


NOBODY = 65534


def listing_error(root: Path) -> str:
    """What is wrong with a folder for somebody who, unlike root, may not list every folder."""
    if os.getuid() == 0:
        os.setuid(NOBODY)
    try:
        find_files(root)
    except SourceError as error:
        return str(error)
    return ""


def test_a_folder_that_cannot_be_listed_is_an_error() -> None:
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(1) as pool:
        root = Path(name)
        root.chmod(0o755)  # the child, which is somebody else, may list this one
        (root / "locked").mkdir(mode=0)
        message = pool.submit(listing_error, root).result()
    assert "cannot list" in message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_listed_and_never_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    assert find_files(tmp_path) == [pipe]
    with pytest.raises(UnreadableFile, match="not a regular file"):
        read_file(pipe, "pipe", 1_000)
