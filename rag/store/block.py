"""A file of vectors at stored precision, which is searched where it lies: exact, in parts, mapped.

`<name>.vectors` is a FAISS index of half-precision rows (an exact scan), mapped into memory, so
that opening reads nothing; `<name>.rows` says whose they are. Both are written once, front to back,
in batches: a block may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.store import disk
from rag.store.precision import Halves
from rag.types import Vectors

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Batches = Iterable[tuple[Ids, Halves]]  # (LINES, n) as below; (n, dim) vectors

SENTENCE, CHUNK, DOCUMENT, START, END = LINES = range(5)  # rows of the catalog, and the span
_NONE = np.empty(0, np.int64)
_SELECTOR: Any = faiss.IDSelectorBitmap  # its Python form takes an array, which its stub lacks


class Block:
    """Immutable. `rows` is (LINES, n), in the order of the catalog; a position counts from 0."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, ValueError or RuntimeError (faiss) when the files are no block."""
        self.path = path
        self._first: Block | None = None  # whose copy this is: it stays in use
        self.rows: Ids = np.load(_rows(path), allow_pickle=False)
        index: Any = faiss.read_index(str(_vectors(path)), faiss.IO_FLAG_MMAP_IFC)
        self.index = index
        codes = index.codes
        data = faiss.rev_swig_ptr(codes.data(), codes.size()) if codes.size() else b""
        self.halves: Halves = np.frombuffer(data, "<f2").reshape(-1, index.d)
        if self.rows.shape != (len(LINES), len(self.halves)):
            raise ValueError(f"{path}: vectors and rows differ in number")
        self._chunk_starts = _starts(self.rows[CHUNK])
        self._document_starts = _starts(self.rows[DOCUMENT])
        self.chunks = self.rows[CHUNK, self._chunk_starts[:-1]]

    @classmethod
    def load(cls, path: Path) -> Block:
        """The same; what another generation in use has read of the files is not read again."""
        identity = disk.identity(_vectors(path)) + disk.identity(_rows(path))
        known = _in_use.get(identity)
        if known is None:
            block = _in_use[identity] = cls(path)
        else:
            block = copy(known)
            block.path = path
            block._first = known
        return block

    @classmethod
    def write(cls, path: Path, batches: Batches, dim: int) -> Block:
        """Write a new block, batch by batch."""
        lines = [np.empty((len(LINES), 0), np.int64)]
        with _vectors(path).open("xb") as file:
            file.write(_header(dim, 0))
            for rows, halves in batches:
                lines.append(rows)
                file.write(halves.tobytes())
            every = np.concatenate(lines, axis=1)
            file.seek(0)
            file.write(_header(dim, every.shape[1]))
        with _rows(path).open("xb") as file:
            np.save(file, every)
        return cls(path)

    @staticmethod
    def is_at(path: Path) -> bool:
        return _rows(path).exists()

    def link(self, folder: Path) -> None:
        """Put its files into `folder` too."""
        for file in (_vectors(self.path), _rows(self.path)):
            if file.parent != folder:
                disk.link(file, folder / file.name)

    def leave(self, folder: Path) -> None:
        """Take its files out of `folder`, if they are there; what is mapped stays readable."""
        for file in (_vectors(self.path), _rows(self.path)):
            if file.parent == folder:
                file.unlink()

    def __len__(self) -> int:
        return int(self.rows.shape[1])

    def search(self, query: Vectors, n: int, allowed: Mask | None) -> tuple[Ids, Vectors]:
        """Positions and cosines of the nearest `n`, best first, among the allowed: all are seen."""
        if n == 0 or len(self) == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector: Any = _SELECTOR(bits)  # must outlive the search
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        scores, positions = self.index.search(query.reshape(1, -1), n, params=parameters)
        found = positions[0] >= 0
        return positions[0][found], scores[0][found]

    def of_documents(self, documents: Ids) -> Mask:
        """Which positions belong to these document rows."""
        own = self.rows[DOCUMENT, self._document_starts[:-1]]
        mask: Mask = np.repeat(np.isin(own, documents), np.diff(self._document_starts))
        return mask

    def places(self, chunks: Ids) -> tuple[Ids, Ids, Ids]:
        """Which of these chunk rows are here, by their number, and where each begins and ends."""
        if not len(self.chunks):
            return _NONE, _NONE, _NONE
        places = np.searchsorted(self.chunks, chunks)
        here = np.flatnonzero(self.chunks[np.minimum(places, len(self.chunks) - 1)] == chunks)
        places = places[here]
        return here, self._chunk_starts[places], self._chunk_starts[places + 1]


_in_use: WeakValueDictionary[tuple[int, ...], Block] = WeakValueDictionary()


def _vectors(path: Path) -> Path:
    return path.with_name(f"{path.name}.vectors")


def _rows(path: Path) -> Path:
    return path.with_name(f"{path.name}.rows")


def _starts(line: Ids) -> Ids:
    """Where each run of equal numbers begins, and the end of the last."""
    changes = np.flatnonzero(line[1:] != line[:-1]) + 1
    return np.concatenate([[0], changes, [len(line)]]) if len(line) else np.zeros(1, np.int64)


def _header(dim: int, n: int) -> bytes:
    """What FAISS writes before the vectors of such an index: it ends with their size in bytes."""
    index: Any = faiss.IndexScalarQuantizer(
        dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index.ntotal = n
    return bytes(faiss.serialize_index(index).tobytes()[:-8] + (2 * dim * n).to_bytes(8, "little"))
