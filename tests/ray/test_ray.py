"""A Ray cluster makes the index that one process makes, whoever dies on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cluster import alike, two_nodes
from rag import cli, cluster
from rag.assistant import Assistant
from rag.cluster import hands_of
from rag.config import Config
from rag.errors import ConfigError, IndexMismatch, RagError
from rag.types import SyncReport
from tests.search.papers import REPORT
from tests.store.running import milvus_server
from tests.trees import BAHN, BANK, counts, write

ROOT = Path(__file__).parents[2]
TOPICS = ("Bahn", "Bank", "Werk", "Wind", "Stadt", "Hafen")


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve shards of ten articles; one report stands in the first and in the last."""
    folder = tmp_path_factory.mktemp("shards") / "news"
    for shard in range(12):
        lines = []
        for n in range(10):
            topic = TOPICS[n % len(TOPICS)]
            text = " ".join(
                f"Im Jahr {1900 + shard} hat {topic} {n} den Plan Nummer {i} vorgelegt."
                for i in range(6)
            )
            lines.append({"id": f"{shard}-{n}", "title": f"{topic} {shard}", "text": text})
        if shard in (0, 11):
            lines.append({"id": f"report-{shard}", "text": " ".join(REPORT)})
        write(folder / f"{shard:02d}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    write(folder / "bahn.txt", BAHN)
    write(folder / "zu.pdf", BANK)
    return folder


@pytest.fixture(scope="module")
def one(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SyncReport]:
    """The index of one process, and what it reported."""
    index = tmp_path_factory.mktemp("one") / "index"
    with Assistant(index, Config()) as assistant:
        return index, assistant.sync([shards])


@pytest.fixture(scope="module")
def nodes() -> Iterator[tuple[str, Callable[[], None]]]:
    with two_nodes() as found:
        yield found


def workers() -> list[int]:
    """The processes of this cluster's workers."""
    found = subprocess.run(["pgrep", "-f", "^ray::Worker"], capture_output=True, text=True)  # noqa: PLW1510
    return [int(line) for line in found.stdout.split()]


@pytest.mark.slow
def test_two_workers_make_the_same_index_in_milvus(
    nodes: tuple[str, Callable[[], None]],
    shards: Path,
    one: tuple[Path, SyncReport],
    tmp_path: Path,
) -> None:
    index, reported = one
    with milvus_server(tmp_path) as server, Assistant(f"{server}/news", Config()) as assistant:
        assert assistant.sync([shards], ray=nodes[0]) == reported
        same, cosine = alike(index, f"{server}/news")
        assert same
        assert cosine >= 0.999
        assert assistant.verify() == []
        assert counts(assistant.sync()) == (0, 0, 0, 123)


@pytest.mark.slow
def test_a_worker_and_a_node_die_and_the_index_is_that_of_one_process(
    nodes: tuple[str, Callable[[], None]],
    shards: Path,
    one: tuple[Path, SyncReport],
    tmp_path: Path,
) -> None:
    address, kill_node = nodes

    def progress(done: int, _: int) -> None:
        if done == 30:
            os.kill(workers()[0], signal.SIGKILL)
        if done == 60:
            kill_node()

    index, reported = one
    with Assistant(tmp_path / "index", Config()) as assistant:
        assert assistant.sync([shards], ray=address, progress=progress) == reported
        assert assistant.verify() == []
        same, cosine = alike(index, assistant.folder)
        assert same
        assert cosine >= 0.999
        # The same report in two shards is found once.
        hits = assistant.search("Warum verzichtet Kastor auf den Ausbau des Werks in Lindau?", 5)
        assert [copy.doc_id for copy in hits[0].copies] == ["report-11"]
        # A second run does what changed: by now one node is left.
        write(shards / "bahn.txt", BANK)
        try:
            report = assistant.sync([shards], ray=address)
        finally:
            write(shards / "bahn.txt", BAHN)
        assert counts(report) == (0, 1, 0, 122)
        other = {**assistant._opened().settings(), "fingerprint": "another"}
        with hands_of(address, Config(threads=1), other) as hands:
            assert hands is not None
            with pytest.raises(IndexMismatch, match="a worker has fingerprint"):
                hands.embed({b"key": ("", "Text.")}).result()


@pytest.mark.slow
def test_an_interrupted_run_leaves_no_process_and_no_file(shards: Path, tmp_path: Path) -> None:
    before = set(Path("/tmp").glob("rag-ray-*"))
    command = [sys.executable, "-m", "rag.cli", "index", "--ray", str(shards)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAG_INDEX": str(tmp_path / "index")}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as running:
        while not (folders := set(Path("/tmp").glob("rag-ray-*")) - before):
            assert running.poll() is None
            time.sleep(0.05)
        (folder,) = folders
        while not list(folder.glob("session_latest/logs/worker-*")):
            assert running.poll() is None, running.communicate()[1]
            time.sleep(0.05)
        started = below(running.pid)
        assert len(started) > 3
        assert listening_beyond_loopback(started) == []
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "what was committed stays" in said
    assert "Traceback" not in said
    assert not folder.exists()
    deadline = time.monotonic() + 10
    while alive := [number for number in started if number in parents()]:
        assert time.monotonic() < deadline, alive
        time.sleep(0.1)


def parents() -> dict[int, int]:
    """The parent of each process that has not ended."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if state != "Z":
            found[int(path.parent.name)] = int(parent)
    return found


def below(number: int) -> list[int]:
    """The processes that it has started, and those that they have."""
    known = parents()
    children = [child for child, parent in known.items() if parent == number]
    return children + [grandchild for child in children for grandchild in below(child)]


def listening_beyond_loopback(numbers: list[int]) -> list[str]:
    """Addresses at which one of these processes listens and that other machines can reach."""
    sockets = set()
    for number in numbers:
        for link in Path(f"/proc/{number}/fd").glob("*"):
            try:
                sockets.add(link.readlink().name)
            except OSError:  # closed meanwhile
                continue
    beyond = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            near = (
                fields[1].split(":")[0].endswith(("0100007F", "00000000000000000000000001000000"))
            )
            if fields[3] == "0A" and not near and f"socket:[{fields[9]}]" in sockets:
                beyond.append(fields[1])
    return beyond


@pytest.mark.parametrize(
    ("words", "paths", "ray"),
    [
        (["x"], ["x"], None),
        (["x", "--ray"], ["x"], "local"),
        (["--ray", "x"], ["x"], "local"),
        (["--ray", "auto", "x"], ["x"], "auto"),
        (["x", "--ray", "10.0.0.7:6379"], ["x"], "10.0.0.7:6379"),
        (["--ray", "--prune", "s3://papers/2026"], ["s3://papers/2026"], "local"),
        (["--ray=wrong", "x"], ["x"], "wrong"),
    ],
)
def test_the_address_of_a_cluster_may_be_left_out(
    monkeypatch: pytest.MonkeyPatch, words: list[str], paths: list[str], ray: str | None
) -> None:
    seen: list[object] = []

    def sync(_: Assistant, given: list[str], **options: object) -> SyncReport:
        seen.extend([list(given), options["ray"]])
        return SyncReport()

    monkeypatch.setattr(Assistant, "sync", sync)
    assert CliRunner().invoke(cli.app, ["index", *words]).exit_code == 0
    assert seen == [paths, ray]


def test_a_wrong_address_is_named() -> None:
    with pytest.raises(ConfigError, match="'wrong' is no address of a Ray cluster"):
        hands_of("wrong", Config(), {}).__enter__()


def test_an_interrupt_counts_where_ray_fails_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    def fail(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        raise RuntimeError("the current node timed out during startup")

    monkeypatch.setattr(ray, "init", fail)
    with pytest.raises(KeyboardInterrupt):
        hands_of("local", Config(), {}).__enter__()


@pytest.mark.parametrize(("address", "failures", "calls"), [("local", 1, 2), ("auto", 1, 1)])
def test_a_cluster_of_our_own_is_started_again_where_a_node_does_not_come_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, failures: int, calls: int
) -> None:
    import ray

    from rag.cluster import session

    tried: list[str] = []

    def start(address: str, **_: object) -> None:
        tried.append(address)
        if len(tried) <= failures:
            raise RuntimeError("the current node timed out during startup")

    monkeypatch.setattr(ray, "init", start)
    if address == "local":
        session._join(address, 1, str(tmp_path))
    else:
        with pytest.raises(RagError, match="no Ray cluster can be had"):
            session._join(address, 1, None)
    assert tried == [address] * calls


def test_without_ray_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name == "ray" or name.startswith("rag.cluster."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delattr(cluster, "session", raising=False)
    with pytest.raises(ConfigError, match=r"pip install 'rag\[ray\]'"):
        hands_of("local", Config(), {})


def test_no_secret_goes_to_the_workers() -> None:
    from rag.cluster.session import _own

    config = Config(token="secret", llm_api_key="secret", llm_base_url="http://x", llm_model="m")
    assert "secret" not in str([getattr(_own(config), name) for name in Config.__slots__])
