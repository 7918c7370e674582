"""The vector cache: FAISS over sentence vectors, exact inner product."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.types import Vectors

Ids = NDArray[np.int64]


class DenseIndex:
    """Immutable once made. Scores are cosines; ids are the catalog's sentence rows."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, batches: Iterable[tuple[Ids, Vectors]], dim: int) -> DenseIndex:
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
        for ids, vectors in batches:
            index.add_with_ids(np.ascontiguousarray(vectors), ids)
        return cls(index)

    def forward(self, added: Iterable[tuple[Ids, Vectors]], removed: Ids) -> DenseIndex:
        """A copy with rows added and removed; this one stays as it is."""
        index = faiss.clone_index(self._index)
        if len(removed):
            index.remove_ids(faiss.IDSelectorBatch(removed))
        for ids, vectors in added:
            index.add_with_ids(np.ascontiguousarray(vectors), ids)
        return DenseIndex(index)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Raises RuntimeError (faiss) when the file is not an index."""
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        return int(self._index.d)

    @property
    def ids(self) -> Ids:
        return np.sort(faiss.vector_to_array(self._index.id_map))

    def search(self, query: Vectors, n: int, permitted: Ids | None = None) -> tuple[Ids, Vectors]:
        """Ids and cosines of the nearest `n`, best first, among `permitted` if given."""
        n = min(n, len(self) if permitted is None else len(permitted))
        if n == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if permitted is not None:
            selector = faiss.IDSelectorBatch(permitted)  # must outlive the search
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        scores, ids = self._index.search(query.reshape(1, -1), n, params=parameters)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def vectors(self, ids: Ids) -> Vectors:
        """(n, dim) rows for these ids, in their order."""
        rows: Vectors = self._index.reconstruct_batch(ids)
        return rows
