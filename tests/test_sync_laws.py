"""Whatever happens to the files, a sync ends where an index made anew would."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rag.pipeline
from rag.assistant import Assistant
from rag.config import Config
from tests.conftest import CountingEmbedder
from tests.trees import BAHN, BANK, WIND, contents

TEXTS = [BAHN, BANK, WIND, f"{BAHN}\n\n{WIND}", f"Kurz und neu: {BANK} {BANK}"]
ROOTS = ("one", "two")
FILES = [f"{root}/{path}" for root in ROOTS for path in ("a.txt", "b.md", "sub/c.txt")]
ROWS = [f"{root}/{path}" for root in ROOTS for path in ("rows.jsonl", "sub/0.jsonl")]


@dataclass(frozen=True)
class Edit:
    """What happens to one file: it gets a text or rows, is deleted, or takes another name."""

    path: str
    text: str | None = None
    rows: tuple[tuple[str, str], ...] | None = None
    onto: str | None = None

    def do(self, folder: Path) -> None:
        path = folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.onto is not None:
            if path.exists():
                (folder / self.onto).parent.mkdir(parents=True, exist_ok=True)
                path.rename(folder / self.onto)
        elif self.rows is not None:
            lines = [json.dumps({"id": name, "text": text}) for name, text in self.rows]
            path.write_text("\n".join(lines), encoding="utf-8")
        elif self.text is not None:
            path.write_text(self.text, encoding="utf-8")
        else:
            path.unlink(missing_ok=True)


NAMES = st.sampled_from("uvwxyz")
EDITS = st.one_of(
    st.builds(Edit, st.sampled_from(FILES), text=st.sampled_from(TEXTS)),
    st.builds(
        Edit,
        st.sampled_from(ROWS),
        rows=st.dictionaries(NAMES, st.sampled_from(TEXTS), min_size=1, max_size=3).map(
            lambda given: tuple(given.items())
        ),
    ),
    st.builds(Edit, st.sampled_from([*FILES, *ROWS])),
    st.builds(Edit, st.sampled_from(FILES), onto=st.sampled_from(FILES)),
    st.builds(Edit, st.sampled_from(ROWS), onto=st.sampled_from(ROWS)),
)


@dataclass(frozen=True)
class Round:
    """Some edits and then a sync of some paths, in small commits or in one."""

    edits: list[Edit]
    paths: list[str]
    batch: int


ROUNDS = st.builds(
    Round,
    edits=st.lists(EDITS, max_size=5),
    paths=st.lists(st.sampled_from([*ROOTS, "one/sub", "two/rows.jsonl"]), max_size=3),
    batch=st.sampled_from([1, 2_000]),
)


def holders(folder: Path) -> dict[str, set[str]]:
    """id → its texts in all files that bring it."""
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.setdefault(row["id"], set()).add(row["text"])
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rounds=st.lists(ROUNDS, min_size=1, max_size=5))
def test_a_sync_ends_where_a_new_index_would(rounds: list[Round]) -> None:
    embedder = CountingEmbedder()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for root in ROOTS:
            (folder / root).mkdir()
        with Assistant(folder / "index", Config(), embedder) as kept:
            kept.sync([folder / root for root in ROOTS])
            for round_ in rounds:
                for edit in round_.edits:
                    edit.do(folder)
                with patch.object(rag.pipeline, "BATCH_SENTENCES", round_.batch):
                    kept.sync([folder / path for path in round_.paths], prune=True)
                assert kept.verify() == []
            kept.sync(prune=True)  # what was not given above, and ids that were freed there
            kept.sync(prune=True)
            embedder.embedded.clear()
            report = kept.sync(prune=True)
            assert (report.added, report.updated, report.removed) == (0, 0, 0)
            with Assistant(folder / "new", Config(), embedder) as new:
                new.sync([folder / root for root in ROOTS])
                compare(kept, new, holders(folder))


def compare(kept: Assistant, new: Assistant, texts: dict[str, set[str]]) -> None:
    """The same documents, chunks and vectors. Of a contested id, either owner is right."""
    contested = {name for name, found in texts.items() if len(found) > 1}
    documents, chunks = contents(kept)
    new_documents, new_chunks = contents(new)
    assert documents.keys() == new_documents.keys()
    for name, document in documents.items():
        if name in contested:
            assert document.text in texts[name]
        else:
            assert document == new_documents[name]
    sound = {name for name, c in chunks.items() if c.chunk.doc_id not in contested}
    assert sound == {n for n, c in new_chunks.items() if c.chunk.doc_id not in contested}
    for name in sound:
        assert chunks[name].chunk == new_chunks[name].chunk
        np.testing.assert_array_equal(chunks[name].vectors, new_chunks[name].vectors)
