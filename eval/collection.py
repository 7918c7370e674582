"""An index made for one measurement from today's code, and vectors kept from the last one."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np

from eval.wrapped import Wrapped
from rag import Assistant, Config
from rag.answer import Reader
from rag.embed import Embedder, open_embedder
from rag.progress import progress_bar
from rag.types import Vectors


@contextmanager
def indexed(
    paths: Sequence[Path], index: str | Path | None = None, reader: Reader | None = None
) -> Iterator[Assistant]:
    """An assistant that has read `paths`, into a temporary folder or into an index that stays."""
    config = Config.load()
    with (
        TemporaryDirectory(prefix="rag-eval-") as scratch,
        Assistant(index or Path(scratch) / "index", config, reader=reader) as assistant,
    ):
        _sync(assistant, paths)
        yield assistant


@contextmanager
def reindexed(paths: Sequence[Path], fresh: bool = False) -> Iterator[Assistant]:
    """Like `indexed`, but sentences that an earlier run embedded are not embedded again.

    The documents are always cut by today's code, so only the vectors can be old; `fresh` embeds
    them anew. They are kept in the user's cache directory.
    """
    config = Config.load()
    embedder = open_embedder(config)
    known = KeptVectors(embedder, config.cache_dir / "eval", fresh)
    with (
        TemporaryDirectory(prefix="rag-eval-") as scratch,
        Assistant(Path(scratch) / "index", config, known) as assistant,
    ):
        _sync(assistant, paths)
        known.save()
        yield assistant


def _sync(assistant: Assistant, paths: Sequence[Path]) -> None:
    with progress_bar("Indexing") as progress:
        assistant.sync(paths, progress=progress)


class KeptVectors(Wrapped):
    """An embedder that remembers document vectors, by model, precision and text, in one file."""

    def __init__(self, embedder: Embedder, folder: Path, fresh: bool = False) -> None:
        super().__init__(embedder)
        model = hashlib.sha256(f"{self.fingerprint}\0{self.precision}".encode()).hexdigest()
        self.path = folder / f"vectors-{model[:16]}.npz"
        self._rows: dict[bytes, Vectors] = {} if fresh else _load(self.path, self.dim)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows."""
        new = {_key(text): text for text in texts if _key(text) not in self._rows}
        if new:
            vectors = self.behind.embed_documents(list(new.values()))
            self._rows.update(zip(new, vectors, strict=True))
        rows = [self._rows[_key(text)] for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dim), np.float32)

    def save(self) -> None:
        """Write all vectors, in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        keys = np.frombuffer(b"".join(self._rows), np.uint8).reshape(-1, 32)
        rows = np.array(list(self._rows.values()), np.float32).reshape(-1, self.dim)
        with TemporaryDirectory(dir=self.path.parent) as scratch:
            part = Path(scratch) / self.path.name
            np.savez(part, keys=keys, rows=rows)
            part.replace(self.path)


Known = Mapping[str, Vectors]  # question → its vector
UNKNOWN: Known = MappingProxyType({})


def write_known(known: Known, path: Path) -> None:
    np.savez(path, texts=np.array(list(known)), vectors=np.stack(list(known.values())))


def read_known(path: Path | None) -> Known:
    """What `write_known` wrote; nothing where there is no path."""
    if path is None:
        return UNKNOWN
    with np.load(path, allow_pickle=False) as file:
        return dict(zip(file["texts"].tolist(), file["vectors"], strict=True))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _load(path: Path, dim: int) -> dict[bytes, Vectors]:
    """What an earlier run left; nothing where there is no file or a broken one."""
    try:
        with np.load(path) as file:
            keys, rows = file["keys"], file["rows"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return {}
    if keys.shape != (len(rows), 32) or rows.shape[1:] != (dim,):
        return {}
    return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}
