"""Files that are no files, places outside of the folder, and names that steer a terminal."""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rag import terminal
from rag.assistant import Assistant
from rag.cli import main
from rag.config import Config
from rag.embed.double import HashEmbedder
from rag.errors import UnreadableFile
from rag.ingest import read_file
from rag.serve.app import build_app
from rag.uploads import keep_uploads
from tests.trees import BAHN, write

SECRET = "Der geheime Satz steht nur hier. Er gehört nicht in den Index."
NAMES = (
    "a\nevery invariant holds.txt",
    "a\x1b[2J\x1b]0;owned\x07.txt",
    "\u202etxt.exe.txt",
    "-rf.txt",
    "a\r0 added.txt",
    "\udc80\udcff.txt",
    "$(touch x).txt",
)


def test_nothing_from_outside_of_the_folder_is_read(tmp_path: Path, assistant: Assistant) -> None:
    outside = write(tmp_path / "outside" / "secret.txt", SECRET)
    news = write(tmp_path / "news" / "bahn.txt", BAHN).parent
    (news / "file.txt").symlink_to(outside)
    (news / "folder").symlink_to(outside.parent)
    (news / "loop").symlink_to(news)
    (news / "up.txt").symlink_to("../outside/secret.txt")
    (news / "passwd.txt").symlink_to("/etc/passwd")
    assistant.sync(news)
    assert [document.doc_id for document in assistant.documents()] == ["news/bahn.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_what_is_no_file_is_reported_and_never_waited_for(
    tmp_path: Path, assistant: Assistant
) -> None:
    news = write(tmp_path / "news" / "bahn.txt", BAHN).parent
    os.mkfifo(news / "pipe.txt")
    wanted = {"pipe.txt"}
    if os.getuid() == 0:
        os.mknod(news / "device.txt", 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero
        wanted.add("device.txt")
    report = assistant.sync(news)
    assert {Path(path).name for path, _ in report.skipped} == wanted
    assert {reason for _, reason in report.skipped} == {"not a regular file"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_file_that_becomes_a_pipe_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.txt", BAHN)
    status = file.stat()
    file.unlink()
    os.mkfifo(file)
    monkeypatch.setattr(Path, "stat", lambda *_, **__: status)
    waited = []

    def write_to_it() -> None:  # an error where nobody reads
        os.close(os.open(file, os.O_WRONLY | os.O_NONBLOCK))
        waited.append(file)

    help_on = threading.Timer(5, write_to_it)
    help_on.start()
    with pytest.raises(UnreadableFile, match="not a regular file"):
        read_file(file, "a", 1_000_000)
    help_on.cancel()
    assert not waited


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/evil.txt", "..\\..\\evil.txt", ".hidden.txt", "a/../b.txt"]
)
def test_an_upload_stays_in_its_folder(tmp_path: Path, assistant: Assistant, name: str) -> None:
    with TestClient(build_app(assistant, Config()), "http://127.0.0.1") as client:
        sent = client.post("/v1/documents", files={"files": (name, BAHN)})
        assert sent.status_code == 200, sent.text
        for path in ("../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"):
            assert client.get(f"/v1/documents/{path}").status_code == 404
    written = {p for p in tmp_path.rglob("*") if p.suffix == ".txt"}
    assert {p.parent for p in written} == {assistant.folder / "uploads"}


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "gradio" / "...txt", BAHN)
    kept, refused = keep_uploads([str(file)], tmp_path / "uploads", 1_000_000)
    assert all(path.parent == tmp_path / "uploads" for path in kept)
    assert len(kept) + len(refused) == 1


def test_no_name_forges_a_line_or_steers_the_terminal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("rag.embed.open_embedder", lambda _: HashEmbedder())
    monkeypatch.chdir(tmp_path)
    news = write(tmp_path / "news" / "bahn.txt", BAHN).parent
    for name in NAMES:
        (news / name).write_bytes(b"\0" if name.startswith(("a", "$")) else BAHN.encode())

    def run(*arguments: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["rag", *arguments])
        with pytest.raises(SystemExit):
            main()
        out, err = capsys.readouterr()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out + err)
        return (out + err).splitlines()

    lines = run("index", "news")
    assert len([line for line in lines if line.startswith("skipped ")]) == 5
    assert len(lines) == 6
    assert len(run("list")) == 3
    assert not [line for line in run("ask", "Was kostet die Bahn?") if line.startswith("every")]


def test_a_warning_is_one_line_that_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    try:
        terminal.start_logging()
        logging.getLogger("x").warning("%s", "server: \x1b[31mno\nrag: all is well\u202e")
    finally:
        root.handlers = before
    assert capsys.readouterr().err == "server: [31mno rag: all is well\n"
