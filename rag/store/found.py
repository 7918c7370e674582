"""What a snapshot found for a question: a chunk each, with every feature exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from rag.types import Chunk, Period, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.types import Vectors

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A chunk that vectors or terms found, with every feature exact.

    `vectors` has a unit row per sentence, `title` is the unit vector of its document's title.
    `shared` is the share of the query's words that the chunk holds, 0 to 1, where a rare word
    counts for more (by its idf). Ranks count from 1.
    """

    chunk: Chunk
    language: str
    published: Period | None
    signature: bytes
    vectors: Vectors
    title: Vectors
    shared: float
    dense_rank: int | None
    lexical_rank: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Candidates(Sequence[Candidate]):
    """Candidates as columns: hundreds are looked at for a question, and ten are shown.

    `chunks` is (3, n): the chunk's number in its document, its start and its end. `spans` is
    (2, sentences), start and end of each, and `vectors` (sentences, dim); those of candidate `i`
    lie from `first[i]` to `first[i + 1]`. `titles` is (n, dim), `shared` (n,).
    """

    doc_ids: Sequence[str]
    languages: Sequence[str]
    published: Sequence[Period | None]
    signatures: Sequence[bytes]
    chunks: Ints
    spans: Ints
    first: Ints
    vectors: Vectors
    titles: Vectors
    shared: Vectors
    dense_ranks: Sequence[int | None]
    lexical_ranks: Sequence[int | None]

    def __len__(self) -> int:
        return len(self.doc_ids)

    def chunk(self, number: int) -> Chunk:
        doc_id, (position, start, end) = self.doc_ids[number], self.chunks[:, number].tolist()
        own = self.spans[:, self.first[number] : self.first[number + 1]]
        return Chunk(
            f"{doc_id}#{position}", doc_id, Span(start, end), tuple(map(Span, *own.tolist()))
        )

    def vectors_of(self, number: int) -> Vectors:
        """(sentences, dim) of one candidate."""
        return self.vectors[self.first[number] : self.first[number + 1]]

    @overload
    def __getitem__(self, number: int) -> Candidate: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Candidate]: ...

    def __getitem__(self, number: int | slice) -> Candidate | Sequence[Candidate]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        number = range(len(self))[number]
        return Candidate(
            chunk=self.chunk(number),
            language=self.languages[number],
            published=self.published[number],
            signature=self.signatures[number],
            vectors=self.vectors_of(number),
            title=self.titles[number],
            shared=float(self.shared[number]),
            dense_rank=self.dense_ranks[number],
            lexical_rank=self.lexical_ranks[number],
        )
