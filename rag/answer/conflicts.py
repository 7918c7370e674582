"""Whether articles differ in what they answer.

Two sentences of different articles conflict when all of this holds:

1. *Same question.* The reader thinks that both may answer (`ranked`), and they are near in meaning;
   or one may, and the other is nearly the same sentence.
2. *Same thing.* Both articles hold the names of the question (one is enough in another language
   than the question's). Neither sentence has another name in the place of one of them, speaks of
   another model (`SU7 Ultra` beside `SU7`) or of another place ("in Polen").
3. *Same time.* Both name one and the same year, quarter or month, or neither names any; if only one
   does, the other was published then. Neither names only times that the question does not mean. A
   plan is not compared with a result.
4. *Incompatible answers*, by what is asked:
   - an amount: in the unit and rate asked for, no amount of one equals one of the other, as
     exactly as they are written ("rund 8,6 Mrd." agrees with 8.61 billion, "mehr als 5.000" with
     5,400), and one is at most twice the other, as more is rarely the same thing;
   - when: no time of one overlaps one of the other (this replaces 3);
   - whether: one denies it, the other does not, and they share words (across languages a name);
   - where: no place in common, and one says that this is new ("nun doch", "moved").

An article *revises* an older one when it says what it replaces ("von 490 auf 435 Liter", "statt
2025", "verschoben") and the older one gives the former value as current. Then 1 needs less
nearness, and of 2 only one name.

Not seen are opposite directions ("steigen", "sinken"), other persons, and values that are told in
words; a value for a part ("Studenten zahlen ...") may be taken for another value of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.asked import Asked, asked
from rag.answer.claims import Claim
from rag.answer.contradiction import contradict, replaces, same_answer
from rag.search.query import Query
from rag.types import Evidence, Vectors

BEST = 3  # sentences that may be the answer
NEAREST = 10  # of each of them, the sentences of other articles that are looked at
SAME_LANGUAGE = 0.88  # cosine from which two sentences may speak of one thing
CROSSING = 0.84  # the same between two languages
REVISING = 0.85  # the same where one says what it replaces
UNRANKED = 0.95  # the same where the reader does not think that both may answer


@dataclass(frozen=True, slots=True)
class Conflict:
    """Groups of sentences of the evidence; those of a group agree. Newest first, undated last."""

    groups: tuple[tuple[int, ...], ...]


def differing(
    query: Query, evidence: Evidence, ranked: Sequence[int], scores: Vectors
) -> Conflict | None:
    """The claims that contradict each other, or None where the articles agree.

    `ranked` are the sentences that may answer, best first; `scores` has one for each sentence of
    the evidence, and what scores 0 cannot answer. The definition is that of the module.
    """
    wanted = asked(query)
    if not wanted.anything or len({hit.document.doc_id for hit in evidence.hits}) < 2:
        return None
    found = _Comparison(wanted, evidence, frozenset(ranked))
    for place, number in enumerate(ranked):
        others = found.others(number, scores)
        for other in others:
            if found.revised(number, other) or (place < BEST and found.conflict(number, other)):
                return Conflict(found.groups(number, other, others))
    return None


class _Comparison:
    """The sentences of one piece of evidence, in pairs; a sentence goes by its number."""

    def __init__(self, wanted: Asked, evidence: Evidence, ranked: frozenset[int]) -> None:
        self._asked = wanted
        self._vectors = evidence.sentence_vectors
        self._ranked = ranked
        documents = [evidence.hits[each.hit].document for each in evidence.sentences]
        self._claims = [
            Claim(each.span.of(document.text), document)
            for each, document in zip(evidence.sentences, documents, strict=True)
        ]
        ids = [document.doc_id for document in documents]
        self._articles = np.unique(ids, return_inverse=True)[1]
        self._revising = frozenset(n for n, each in enumerate(self._claims) if each.may_replace)

    def others(self, number: int, scores: Vectors) -> list[int]:
        """Sentences of other articles that may conflict with one, the likeliest answers first."""
        similar = self._vectors @ self._vectors[number]
        near = similar >= min(CROSSING, REVISING)
        foreign = np.flatnonzero(near & (scores > 0) & (self._articles != self._articles[number]))
        if number in self._revising:
            kept = foreign.tolist()
        else:
            nearest = foreign[np.argsort(-similar[foreign], kind="stable")[:NEAREST]].tolist()
            kept = [n for n in foreign.tolist() if n in self._ranked | self._revising | {*nearest}]
        return sorted(kept, key=lambda n: -float(scores[n]))

    def revised(self, one: int, other: int) -> bool:
        """Whether one replaces what the other says."""
        if not self._revising & {one, other} or self._similar(one, other) < REVISING:
            return False
        a, b = self._claims[one], self._claims[other]
        return replaces(self._asked, a, b) or replaces(self._asked, b, a)

    def conflict(self, one: int, other: int) -> bool:
        """Whether both answer, and not the same."""
        a, b = self._claims[one], self._claims[other]
        return self._near(one, other) and contradict(self._asked, a, b, self._similar(one, other))

    def groups(self, one: int, other: int, more: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """The claims with what agrees with each; an article stands in a group once."""
        found = [[one], [other]]
        for number in more:
            heads = [group[0] for group in found]
            home = next((n for n, head in enumerate(heads) if self._repeats(head, number)), None)
            if home is not None:
                articles = self._articles[found[home]]
                found[home] += [number] if self._articles[number] not in articles else []
            elif number not in heads and all(self.conflict(head, number) for head in heads):
                found.append([number])
        found.sort(key=lambda group: max(self._claims[n].date for n in group), reverse=True)
        return tuple(map(tuple, found))

    def _repeats(self, one: int, other: int) -> bool:
        """Whether a sentence gives the same answer as another."""
        a, b = self._claims[one], self._claims[other]
        return self._near(one, other) and same_answer(self._asked, a, b)

    def _near(self, one: int, other: int) -> bool:
        """Whether two sentences may speak of one thing."""
        least = UNRANKED
        if other in self._ranked:
            languages = {self._claims[n].document.language for n in (one, other)}
            least = SAME_LANGUAGE if len(languages) == 1 else CROSSING
        return self._similar(one, other) >= least

    def _similar(self, one: int, other: int) -> float:
        return float(self._vectors[one] @ self._vectors[other])
