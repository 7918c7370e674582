"""Whether articles differ in what they answer.

Two sentences of different articles conflict when all of this holds:

1. *Same question.* Both are among the sentences that most likely answer; or one is, and the other
   is nearly the same sentence. Of its article each is the nearest in meaning to the other: what an
   article says of another thing is nearer to something else. The best of each article are compared
   in any case, if they are among these. Where a count is asked for, one of them says a
   word of the question besides its names; where an amount is asked for in another language than
   both have, they share a word that is neither a unit nor of these names.
2. *Same thing.* Both articles hold the names of the question (one is enough in another language
   than the question's). Neither sentence has another name in the place of one of them, speaks of
   another model (`SU7 Ultra` beside `SU7`) or of another place ("in Polen") than the other or the
   question.
3. *Same time.* Both name one and the same year, quarter or month, or neither names any; if only one
   does, the other was published then. Neither names only times that the question does not mean,
   nor was it published before these and tells of the past. A plan is not compared with a result.
4. *Incompatible answers*, by what is asked:
   - an amount: in the unit and rate asked for, no amount of one equals one of the other, as
     exactly as they are written ("rund 8,6 Mrd." agrees with 8.61 billion, "mehr als 5.000" with
     5,400), and one is at most twice the other, as more is rarely the same thing;
   - when: no time of one overlaps one of the other (this replaces 3), they share words (across
     languages a name), and neither tells of the past where the other or the question plans;
   - whether: one denies it or tells that it ended ("schließt", "beurlaubt"), the other does not,
     and they share words in the same way;
   - where: no place in common, and one says that this is new ("nun doch", "moved").

An article *revises* an older one when it says what it replaces ("von 490 auf 435 Liter", "statt
2025", "verschoben") and the older one gives the former value as current. Then only one of the two
need be a likely answer, and of 2 only one name holds.

Not seen are opposite directions ("steigen", "sinken"), other persons, and values that are told in
words; a value for a part ("Studenten zahlen ...") may be taken for another value of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answer.asked import Asked, asked
from rag.answer.claims import Claim
from rag.answer.contradiction import contradict, replaces, same_answer
from rag.search.query import Query
from rag.types import Evidence, Vectors

COMPARED = 5  # sentences that may be the answer: those with the best scores
DENIED = 8  # the same where a denial tells the answers apart
NEAR = 0.85  # cosine from which two sentences may speak of one thing
UNRANKED = 0.95  # the same where only one of them may be the answer, and none says that it revises
REPEATED = 1e-4  # of a cosine: as near, so in the same words
GROUPS = 3  # that are shown at most, the likeliest answers
CITED = 2  # articles of each

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Groups of sentences of the evidence; those of a group agree. Newest first, undated last."""

    groups: tuple[tuple[int, ...], ...]


def differing(query: Query, evidence: Evidence, scores: Floats) -> Conflict | None:
    """The claims that contradict each other, or None where the articles agree.

    `scores` are log odds of the sentences of the evidence to answer; what cannot has minus
    infinity. The definition is that of the module.
    """
    wanted = asked(query)
    if not wanted.anything or len({hit.document.doc_id for hit in evidence.hits}) < 2:
        return None
    found = _Comparison(wanted, evidence, scores)
    for number in found.ranked:
        for other in found.counterparts(number):
            if found.revised(number, other) or found.conflict(number, other):
                return Conflict(found.groups(number, other))
    return None


class _Comparison:
    """The sentences of one piece of evidence, in pairs; a sentence goes by its number."""

    def __init__(self, wanted: Asked, evidence: Evidence, scores: Floats) -> None:
        self._asked = wanted
        self._evidence = evidence
        self._scores = scores
        ids = [evidence.hits[each.hit].document.doc_id for each in evidence.sentences]
        self._articles = np.unique(ids, return_inverse=True)[1]
        self._able = scores > -np.inf
        count = DENIED if wanted.whether else COMPARED
        best = np.argsort(-scores, kind="stable")[:count]
        self.ranked = best[self._able[best]].tolist()
        likeliest = np.unique(self._articles[self.ranked], return_index=True)[1].tolist()
        self._likeliest = [self.ranked[place] for place in sorted(likeliest)]
        self._claims: dict[int, Claim] = {}
        self._rows: dict[int, Vectors] = {}

    def counterparts(self, number: int) -> list[int]:
        """The sentences of other articles that say most nearly what one says, best first.

        Of its article each is the nearest to the one, and the one is the nearest to it; or both
        are the likeliest answers.
        """
        near = self._nearest(number)
        own = self._articles[number]
        found = [
            other
            for article, other in near.items()
            if article != own and self._is_nearest(number, other)
        ]
        if number in self._likeliest:
            found += [o for o in self._likeliest if o != number and o not in found]
        return sorted(found, key=lambda other: -float(self._scores[other]))

    def revised(self, one: int, other: int) -> bool:
        """Whether one replaces what the other says."""
        a, b = self._claim(one), self._claim(other)
        return replaces(self._asked, a, b) or replaces(self._asked, b, a)

    def conflict(self, one: int, other: int) -> bool:
        """Whether both answer, and not the same."""
        return self._near(one, other) and contradict(
            self._asked, self._claim(one), self._claim(other)
        )

    def groups(self, one: int, other: int) -> tuple[tuple[int, ...], ...]:
        """The claims with what agrees with each; an article stands in a group once."""
        found = [[one], [other]]
        more = {*self.counterparts(one), *self.counterparts(other)} - {one, other}
        for number in sorted(more, key=lambda n: -float(self._scores[n])):
            home = next((group for group in found if self._repeats(group[0], number)), None)
            if home is not None:
                if len(home) < CITED and self._articles[number] not in self._articles[home]:
                    home.append(number)
            elif len(found) < GROUPS and all(self.conflict(group[0], number) for group in found):
                found.append([number])
        found.sort(key=lambda group: max(self._claim(n).date for n in group), reverse=True)
        return tuple(map(tuple, found))

    def _nearest(self, number: int) -> dict[int, int]:
        """Of each article the sentence that is nearest to one, if it is near at all."""
        similar = self._similar(number)
        near = np.flatnonzero(self._able & (similar >= NEAR))
        ranked = near[np.argsort(similar[near], kind="stable")]
        return dict(zip(self._articles[ranked].tolist(), ranked.tolist(), strict=True))

    def _is_nearest(self, number: int, other: int) -> bool:
        """Whether no sentence of its article is nearer to another than this one."""
        siblings = self._able & (self._articles == self._articles[number])
        similar = self._similar(other)
        return bool(similar[number] >= similar[siblings].max() - REPEATED)

    def _similar(self, number: int) -> Vectors:
        """The cosines with one sentence; small, so that threads would only cost time."""
        if number not in self._rows:
            vectors = self._evidence.sentence_vectors
            self._rows[number] = np.einsum("ij,j->i", vectors, vectors[number])
        return self._rows[number]

    def _claim(self, number: int) -> Claim:
        if number not in self._claims:
            sentence = self._evidence.sentences[number]
            document = self._evidence.hits[sentence.hit].document
            self._claims[number] = Claim(sentence.span.of(document.text), document)
        return self._claims[number]

    def _repeats(self, one: int, other: int) -> bool:
        """Whether a sentence gives the same answer as another."""
        return self._near(one, other) and same_answer(
            self._asked, self._claim(one), self._claim(other)
        )

    def _near(self, one: int, other: int) -> bool:
        """Whether two sentences may speak of one thing."""
        least = NEAR if other in self.ranked else UNRANKED
        return float(self._similar(one)[other]) >= least
