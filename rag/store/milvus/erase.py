"""Making the embedded engine forget: what was deleted stays in its files until it merges them."""

from __future__ import annotations

from rag.store.milvus.engine import TIMEOUT, Engine
from rag.store.milvus.tables import COUNTS, READ, load, make

TWIN = "twin"  # what the name of a collection that takes another's place ends in


def rewrite(engine: Engine, dim: int) -> None:
    """Copy what is left of each collection into a new one that takes its place."""
    client = engine.client
    for table in (*READ, COUNTS):
        twin = f"{table}_{TWIN}"
        if engine.has(twin):  # of a run that was broken off
            client.drop_collection(engine.name(twin), timeout=TIMEOUT)
        make(engine, table, twin, dim)
        engine.insert(twin, engine.walk(table, "", ["*"]))
        engine.flush([twin])
        with engine.told():
            client.drop_collection(engine.name(table), timeout=TIMEOUT)
            client.rename_collection(engine.name(twin), engine.name(table), timeout=TIMEOUT)
    load(engine)


def mend(engine: Engine) -> None:
    """Finish or undo what `rewrite` was killed at. The caller holds the lock."""
    for table in (*READ, COUNTS):
        twin = f"{table}_{TWIN}"
        if not engine.has(twin):
            continue
        if engine.has(table):
            engine.client.drop_collection(engine.name(twin), timeout=TIMEOUT)
        else:
            engine.client.rename_collection(engine.name(twin), engine.name(table), timeout=TIMEOUT)
