"""What is Milvus' own: generations without transactions, a lock without locks, long values."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ConfigError, IndexLocked, IndexMismatch, IndexNotFound, RagError
from rag.store import Delta, Record
from rag.store.milvus import embedded, lock, state, writer
from rag.store.milvus.address import Address
from rag.store.milvus.engine import Engine
from rag.store.milvus.store import MilvusStore
from rag.store.milvus.tables import CHUNKS, COUNTS, DOCUMENTS, LOCK, NOTHING, READ, SENTENCES
from rag.store.milvus.words import AVERAGE, column, weighted
from rag.types import Chunk, Document, Filter, Removed, Span
from tests.store.conftest import address_of
from tests.store.oracle import Oracle
from tests.store.samples import DIM, SETTINGS, adding, key, sample, unit, vectors_of

TERMS = {"de": ["w1", "w2"], "en": ["w3"], "fr": ["w4"]}
ROOT = Path(__file__).parents[2]


def commit(store: MilvusStore, oracle: Oracle, delta: Delta) -> None:
    with store.writer() as at_work:
        at_work.apply(delta)
        at_work.publish()
    oracle.apply(delta)


def ask(store: MilvusStore, oracle: Oracle) -> None:
    with store.snapshot() as snapshot:
        oracle.check(snapshot, unit("q"), TERMS, Filter(), 10)


def engine_of(store: MilvusStore) -> Engine:
    return store._engine


def rows(store: MilvusStore) -> Counter[str]:
    """How many rows each collection has, whatever their generation."""
    engine = engine_of(store)
    return Counter({table: engine.count(table, "added >= 0") for table in READ})


@pytest.mark.parametrize(
    ("text", "uri", "name", "shown"),
    [
        ("milvus:./a/x.db", "a/x.db", "rag", "milvus:a/x.db"),
        ("milvus:http://h:1/news", "http://h:1", "news", "milvus:http://h:1/news"),
        ("milvus:https://u:pw@h/n?index=hnsw", "https://u:pw@h", "n", "milvus:https://h/n"),
    ],
)
def test_an_address_names_a_file_or_a_server(text: str, uri: str, name: str, shown: str) -> None:
    address = Address.parse(text)
    assert (address.uri, address.name, str(address)) == (uri, name, shown)
    assert address.local == uri.endswith(".db")


@pytest.mark.parametrize(
    "text",
    [
        "milvus:archive",
        "milvus:.db",
        "milvus:http://h:1",
        "milvus:http://h:1/a b",
        "milvus:http://h/n?index=best",
        "milvus:http://h/n?shards=0",
        "milvus:http://h/n?colour=red",
    ],
)
def test_another_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        Address.parse(text)
    assert "\n" not in str(error.value)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound, match=r"none\.db: no index here; run: rag index"):
        MilvusStore(Address.parse(f"milvus:{tmp_path}/none.db"))
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.store.milvus.engine.CONNECT", 0.5)
    with pytest.raises(RagError, match=r"^milvus:http://127\.0\.0\.1:1/n: no Milvus answers"):
        MilvusStore(Address.parse("milvus:http://127.0.0.1:1/n"))


def test_an_index_is_as_it_was_when_it_is_opened_again(alone: MilvusStore) -> None:
    oracle = Oracle(AVERAGE)
    commit(alone, oracle, adding(sample(0), sample(1), sample(2)))
    commit(alone, oracle, adding(sample(1, 1), remove=("articles/0.md",)))
    alone.close()
    again = MilvusStore(alone.address)
    ask(again, oracle)
    assert list(again.verify()) == []
    again.close()


def test_an_open_snapshot_keeps_its_generation(milvus: MilvusStore) -> None:
    oracle, before = Oracle(AVERAGE), Oracle(AVERAGE)
    for each in (oracle, before):
        each.apply(adding(sample(0), sample(1)))
    with milvus.writer() as at_work:
        at_work.apply(adding(sample(0), sample(1)))
    with milvus.snapshot() as old:
        commit(milvus, oracle, adding(sample(1, 1), sample(2), remove=("articles/0.md",)))
        ask(milvus, oracle)
        before.check(old, unit("q"), TERMS, Filter(), 10)


def test_readers_see_no_mixture_while_a_sync_runs(milvus: MilvusStore) -> None:
    states, oracle = {0: Oracle(AVERAGE)}, Oracle(AVERAGE)
    stop, seen, failures = threading.Event(), set[int](), list[BaseException]()
    other = MilvusStore(milvus.address)

    def read(reader: MilvusStore) -> None:
        while not stop.is_set():
            try:
                with reader.snapshot() as snapshot:
                    seen.add(snapshot.generation)
                    found = snapshot.candidates(unit("q"), TERMS, Filter(), 10)
                    known = {r.chunk.chunk_id for r in states[snapshot.generation].rows()}
                    assert {c.chunk.chunk_id for c in found} <= known
                    assert len(found) >= min(10, len(known))
            except BaseException as error:
                failures.append(error)
                raise

    threads = [threading.Thread(target=read, args=(r,)) for r in (milvus, other)]
    for thread in threads:
        thread.start()
    with milvus.writer() as at_work:
        for turn in range(6):
            remove = (f"articles/{turn - 3}.md",)
            delta = adding(sample(turn), sample(turn // 2, turn), remove=remove)
            oracle.apply(delta)
            states[turn + 1] = Oracle(AVERAGE)
            states[turn + 1].records = dict(oracle.records)
            states[turn + 1].vectors = dict(oracle.vectors)
            assert at_work.apply(delta) == turn + 1
            at_work.publish()
    stop.set()
    for thread in threads:
        thread.join(60)
    other.close()
    assert not failures
    assert len(seen) > 1
    ask(milvus, oracle)


@pytest.mark.parametrize("point", ["inside commit", "before head"])
def test_what_a_killed_writer_left_is_taken_back(
    milvus: MilvusStore, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    oracle = Oracle(AVERAGE)
    commit(milvus, oracle, adding(sample(0), sample(1)))
    before = rows(milvus)

    def kill(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    change = adding(sample(1, 1), sample(2), remove=("articles/0.md",))
    with monkeypatch.context() as patched, milvus.writer() as at_work:
        patched.setattr(writer, "write_point", kill)
        with pytest.raises(KeyboardInterrupt):
            at_work.apply(change)
    ask(milvus, oracle)
    with milvus.writer():
        pass
    assert rows(milvus) == before
    ask(milvus, oracle)
    assert list(milvus.verify()) == []
    commit(milvus, oracle, adding(sample(3)))
    ask(milvus, oracle)
    assert list(milvus.verify()) == []


def test_the_same_change_again_changes_nothing(milvus: MilvusStore) -> None:
    delta = adding(sample(0), sample(1))
    with milvus.writer() as at_work:
        at_work.apply(delta)
        before = rows(milvus)
        assert not at_work.missing(list(delta.vectors))
        at_work.apply(replace(delta, vectors={}, files=(), roots=()))
        assert rows(milvus) == before
    assert list(milvus.verify()) == []


def test_what_no_snapshot_can_see_is_deleted(
    milvus: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = Oracle(AVERAGE)
    commit(milvus, oracle, adding(sample(0)))
    clean = rows(milvus)
    commit(milvus, oracle, adding(sample(1)))
    commit(milvus, oracle, Delta(remove=("articles/1.md",), forget=(("articles", "1.md"),)))
    assert rows(milvus) > clean
    monkeypatch.setattr(state, "GRACE", -1.0)
    with milvus.writer() as at_work:
        at_work.publish()
    assert rows(milvus) == clean
    ask(milvus, oracle)


def test_what_was_erased_is_in_no_file(alone: MilvusStore) -> None:
    secret = sample(5)
    document = replace(secret.document, text=f"Zebrafisch! {secret.document.text}", title="Okapi")
    oracle, path = Oracle(AVERAGE), Path(alone.address.uri)

    def holds() -> bool:
        files = [file.read_bytes() for file in path.rglob("*") if file.is_file()]
        return any(word in data for data in files for word in (b"Zebrafisch", b"Okapi"))

    commit(alone, oracle, adding(sample(0), replace(secret, document=document)))
    assert holds()
    delta = Delta(remove=(document.doc_id,))
    with alone.writer() as at_work:
        at_work.apply(delta)
        at_work.erase()
    oracle.apply(delta)
    assert not holds()
    ask(alone, oracle)
    alone.close()


def test_an_index_of_another_size_of_vectors_is_refused(milvus: MilvusStore) -> None:
    vectors = {b"k" * 32: np.ones(DIM + 1, np.float32)}
    with milvus.writer() as at_work, pytest.raises(IndexMismatch, match="make another index"):
        at_work.apply(Delta(vectors=vectors))


def test_vectors_that_come_before_their_documents_are_found(milvus: MilvusStore) -> None:
    """As a rebuild has it: all are embedded, then all documents change at once."""
    oracle, records = Oracle(AVERAGE), (sample(0), sample(1))
    commit(milvus, oracle, adding(*records))
    again = {name: unit(f"again {name!r}") for name in vectors_of(*records)}
    with milvus.writer() as at_work:
        at_work.apply(Delta(vectors=again))
        ask(milvus, oracle)
        at_work.apply(Delta(upsert=records))
        at_work.publish()
        assert engine_of(milvus).count(SENTENCES, 'doc == ""') == 0
    oracle.apply(Delta(upsert=records, vectors=again))
    ask(milvus, oracle)
    assert list(milvus.verify()) == []


def long_record() -> Record:
    """A text and a chunk that no field has room for."""
    sentences = [f"Satz {n} von vielen „in“ {'x' * 900}." for n in range(120)]
    spans, text = list[Span](), ""
    for sentence in sentences:
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += sentence + " "
    base = sample(0)
    d = replace(base.document, text=text, title="T" * 70_000, extra={"über": "ä" * 40_000})
    chunk = Chunk(f"{d.doc_id}#0", d.doc_id, Span(0, len(text) - 1), tuple(spans))
    return replace(
        base,
        document=d,
        chunks=(chunk,),
        terms=(tuple(f"w{n}" for n in range(9_000)),),
        keys=(tuple(key(s) for s in sentences),),
        removed=(Removed("y" * 80_000, "advertisement"),),
    )


def test_what_is_longer_than_a_field_comes_back_whole(milvus: MilvusStore) -> None:
    record, oracle = long_record(), Oracle(AVERAGE)
    commit(milvus, oracle, adding(record, sample(1)))
    ask(milvus, oracle)
    assert list(milvus.verify()) == []
    commit(milvus, oracle, Delta(remove=(record.document.doc_id,)))
    ask(milvus, oracle)


def test_a_mistyped_word_is_read_as_what_it_is_near_to(milvus: MilvusStore) -> None:
    record = sample(0)
    terms = tuple(("verkehr", "halten", *own) for own in record.terms)
    with milvus.writer() as at_work:
        at_work.apply(adding(replace(record, terms=terms)))
    shares = []
    with milvus.snapshot() as snapshot:
        for word in ("verkehr", "verkher", "verkeh", "unbekannt"):
            found = snapshot.candidates(unit("q"), {"de": [word]}, Filter(), 5)
            shares.append(max(c.shared for c in found))
    assert shares == pytest.approx([1.0, 0.8, 0.8, 0.0])


def test_a_term_has_the_same_column_always_and_languages_have_their_own() -> None:
    assert column("de", "bahn") == column("de", "bahn") != column("en", "bahn")
    assert weighted("de", {}) == {0: 1.0}
    short, long = (weighted("de", {"bahn": 1, "x": n})[column("de", "bahn")] for n in (1, 500))
    assert short > long


def test_a_second_writer_learns_who_writes(milvus: MilvusStore) -> None:
    other = MilvusStore(milvus.address)
    with (
        milvus.writer(),
        pytest.raises(IndexLocked, match=r"process \d+ on .* is writing.*again"),
        other.writer(),
    ):
        pass
    with other.writer() as at_work:
        assert at_work.apply(adding(sample(0))) == 1
    other.close()


def test_the_bid_of_a_dead_process_is_void(milvus: MilvusStore) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    )
    row = lock._row("dead", 0)
    host = row["holder"].rsplit(":", 1)[0]
    engine_of(milvus).put(LOCK, [{**row, "holder": f"{host}:{ended.stdout.strip()}"}])
    with milvus.writer():
        assert engine_of(milvus).count(LOCK, "until >= 0") == 1
    assert engine_of(milvus).count(LOCK, "until >= 0") == 0


def test_the_bid_of_another_machine_holds_until_it_runs_out(milvus: MilvusStore) -> None:
    engine, far = engine_of(milvus), {"id": "far", "vector": NOTHING, "holder": "elsewhere:1"}
    engine.put(LOCK, [{**far, "since": 0, "until": lock._now() + 60_000}])
    with pytest.raises(IndexLocked, match="process 1 on elsewhere"), milvus.writer():
        pass
    engine.put(LOCK, [{**far, "since": 0, "until": lock._now() - 1}])
    with milvus.writer():
        pass


def test_of_bids_at_one_instant_each_is_seen_and_one_at_most_holds(alone: MilvusStore) -> None:
    """Ten times four threads."""
    engines, meet = [Engine(alone.address) for _ in range(4)], threading.Barrier(4)
    unseen, held = list[str](), Counter[int]()

    def bid(engine: Engine) -> None:
        for turn in range(10):
            meet.wait()
            own = lock._put(engine, uuid.uuid4().hex, lock._now())["id"]
            rows = {row["id"] for row in engine.query(LOCK, "until >= 0", ["id"])}
            unseen.extend({own} - rows)
            held[turn] += rows == {own}
            meet.wait()
            lock._withdraw(engine, own)

    threads = [threading.Thread(target=bid, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not unseen
    assert max(held.values()) <= 1
    for engine in engines:
        engine.close()
    alone.close()


def test_a_writer_that_stood_still_gives_way_to_the_next(
    milvus: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle, other, now = Oracle(AVERAGE), MilvusStore(milvus.address), lock._now
    with ExitStack() as stack:
        first = stack.enter_context(milvus.writer())
        monkeypatch.setattr(lock, "_now", lambda: now() + int(1000 * lock.LEASE) + 1)
        second = stack.enter_context(other.writer())
        with pytest.raises(RagError, match="the right to write was lost"):
            first._lease.renew()
        with pytest.raises(RagError, match="the right to write was lost"):
            first.apply(adding(sample(0)))
        second.apply(adding(sample(1)))
    oracle.apply(adding(sample(1)))
    ask(milvus, oracle)
    assert rows(milvus)[DOCUMENTS] == 1
    other.close()


def test_a_writer_whose_right_ran_out_publishes_nothing(milvus: MilvusStore) -> None:
    oracle = Oracle(AVERAGE)
    with milvus.writer() as at_work:
        engine_of(milvus).delete(LOCK, "until >= 0")
        with pytest.raises(RagError, match="the right to write was lost"):
            at_work.apply(adding(sample(0)))
    ask(milvus, oracle)


def test_another_process_is_told_that_a_file_serves_one(alone: MilvusStore) -> None:
    code = (
        "import sys; from rag.store.opening import open_store\n"
        "try: open_store(sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(alone.address)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert told.stdout.startswith("IndexLocked ")
    assert "a .db folder serves one at a time" in told.stdout
    assert told.stdout.count("\n") == 1
    assert told.stderr == ""
    alone.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "usage: "),
        (["a.db", "x"], "usage: "),
        (["a.db", "{used}"], "is in use; choose another"),
        (["{old}", "{free}"], "an index of an older version"),
    ],
)
def test_what_cannot_be_served_is_named(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "old.db" / "collections").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as used:
        with socket.create_server(("127.0.0.1", 0)) as other:
            free = other.getsockname()[1]
        known = {"used": used.getsockname()[1], "free": free, "old": tmp_path / "old.db"}
        told = embedded.main([argument.format(**known) for argument in arguments])
    assert told is not None
    assert said in told
    assert "\n" not in told


DAMAGES = {
    "a chunk is lost": (CHUNKS, None, "chunks are not there"),
    "a chunk has another language": (CHUNKS, {"language": 7}, "otherwise than the document"),
    "other words are indexed": (CHUNKS, {"words": {7: 1.0}}, "other words are indexed"),
    "a sentence is lost": (SENTENCES, None, "is not searched"),
    "another vector": (SENTENCES, {"vector": unit("other")}, "by another vector"),
    "a sentence has another date": (SENTENCES, {"last": 5}, "otherwise than the document"),
    "words are counted wrongly": (COUNTS, {"body": "[[0, 99]]"}, "counted wrongly"),
}


@pytest.fixture(scope="module")
def sound(served: None, tmp_path_factory: pytest.TempPathFactory) -> MilvusStore:
    """An index to be damaged."""
    store = MilvusStore.create(address_of(tmp_path_factory.mktemp("sound")), SETTINGS)
    with store.writer() as at_work:
        at_work.apply(adding(sample(0), sample(1)))
    return store


@pytest.mark.parametrize("damage", DAMAGES)
def test_verify_notices_what_is_damaged(sound: MilvusStore, damage: str) -> None:
    engine = engine_of(sound)
    table, change, message = DAMAGES[damage]
    assert list(sound.verify()) == []
    row = next(engine.walk(table, 'id != ""', ["*"]))
    try:
        if change is None:
            engine.delete(table, f'id in ["{row["id"]}"]')
        else:
            engine.put(table, [{"id": row["id"], **change}], parts=True)
        told = list(sound.verify())
        assert any(message in line for line in told)
        assert all("\n" not in line and "rag " in line for line in told)
    finally:
        engine.put(table, [row])


def test_verify_looks_again_where_a_writer_deletes_meanwhile(milvus: MilvusStore) -> None:
    with milvus.writer() as writer:
        writer.apply(adding(*(sample(n) for n in range(4))))
    checked: list[str] = []

    def erased_meanwhile(document: Document, _: str) -> bool:
        if not checked:
            with milvus.writer() as writer:
                writer.apply(Delta(remove=("articles/2.md",)))
                writer.erase()
        checked.append(document.doc_id)
        return True

    assert list(milvus.verify(erased_meanwhile)) == []
    assert checked[-3:] == sorted({*checked} - {"articles/2.md"})


def test_nothing_of_milvus_is_loaded_for_an_index_in_a_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from rag.assistant import Assistant; from rag.config import Config\n"
        "print(Assistant(sys.argv[1], Config()).counts().documents,"
        " any(name.startswith(('pymilvus', 'milvus_lite', 'grpc')) for name in sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert told.stdout == "0 False\n"


def test_a_missing_package_is_named_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(
        RagError, match=r"needs the package pymilvus; run: pip install 'rag\[milvus\]'"
    ):
        MilvusStore(Address.parse("milvus:http://127.0.0.1:1/n"))
