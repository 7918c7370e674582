"""Near-copies: pages of OMoS-QA train against edited copies of them.

Each page is edited as papers edit an agency's report. A question aims at one sentence: the changed
one, or one that both have. The two passages that hold it rank first, and the other passages of both
documents follow in random order. The pair is *folded* when only the first of the two is shown.
Where the copy says the same or less, the original ranks first and the copy should be folded; where
it says something else, either may rank first, and neither must be hidden.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets import read_jsonl
from rag.ingest.chunk import chunk
from rag.ingest.duplicates import signature
from rag.language.facts import is_fact
from rag.language.repeats import HARMLESS
from rag.language.sentences import split_sentences
from rag.search.copies import Passage, collapse
from rag.types import Chunk, Document

SENTENCES = 8  # that a page must have, so that there is something to drop
HITS = 10
TOKENS, LIMIT = 256, 500  # of a chunk
INTRO = {
    "de": "Für viele Menschen in der Region ist das eine gute Nachricht.",
    "en": "For many people in the region this comes as good news.",
}
MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April June July August September October November December",
}
DENIAL = {"de": "nicht", "en": "not"}


@dataclass(frozen=True, slots=True)
class Edited:
    """Sentences, where a line break follows each, and which of both texts the question is about."""

    lines: list[str]
    original: int
    copy: int


Edit = Callable[[list[str], str, random.Random], Edited | None]


def report(folder: Path) -> str:
    """Share of pairs folded by kind of edit, with precision and recall of folding."""
    folded = {name: list[bool]() for name in (*SAME, *DIFFERENT)}
    for language in ("de", "en"):
        pages = {row["context"] for _, row in read_jsonl(folder / f"train.{language}.jsonl")}
        for number, page in enumerate(sorted(pages)):
            lines = [span.of(page) for span in split_sentences(page)]
            if len(lines) < SENTENCES:
                continue
            for name, edit in (SAME | DIFFERENT).items():
                rng = random.Random(f"{language} {number} {name}")
                edited = edit(list(lines), language, rng)
                if edited is not None:
                    first = "original" if name in SAME else rng.choice(("original", "copy"))
                    folded[name].append(is_folded(lines, edited, language, rng, first))
    right = sum(sum(folded[name]) for name in SAME)
    wrong = sum(sum(folded[name]) for name in DIFFERENT)
    pairs = sum(len(folded[name]) for name in SAME)
    rows = [f"{'copy':20}{'pairs':>6}{'folded':>8}   should be"]
    for name, outcomes in folded.items():
        share = sum(outcomes) / len(outcomes) if outcomes else 0.0
        rows.append(f"{name:20}{len(outcomes):6}{share:8.3f}   {float(name in SAME):.0f}")
    precision = right / (right + wrong) if right + wrong else 0.0
    rows.append(f"precision {precision:.4f}, recall {right / pairs if pairs else 0.0:.4f}")
    return "\n".join(rows)


def is_folded(
    lines: list[str], edited: Edited, language: str, rng: random.Random, first: str
) -> bool:
    """Whether a question for the chosen sentence shows it once; `first` names the best document."""
    texts = {"original": lines, "copy": edited.lines}
    documents = [_document(name, text, language) for name, text in texts.items()]
    aims = [_start(lines, edited.original), _start(edited.lines, edited.copy)]
    ranked: list[tuple[float, Chunk, Document]] = []
    aimed: set[str] = set()
    for document, aim in zip(documents, aims, strict=True):
        for each in chunk(document, lambda texts: [len(t) // 4 + 2 for t in texts], TOKENS, LIMIT):
            hit = each.span.start <= aim < each.span.end
            aimed |= {each.chunk_id} if hit else set()
            score = rng.random() + hit + (hit and document.doc_id == first)
            ranked.append((score, each, document))
    signatures = {document.doc_id: signature(document) for document in documents}

    def describe(item: tuple[float, Chunk, Document]) -> Passage:
        score, each, document = item
        return Passage(
            doc_id=document.doc_id,
            score=score,
            published=None,
            signature=signatures[document.doc_id],
            opening=each.span.start == 0,
            sentences=lambda: [span.of(document.text) for span in each.sentences],
        )

    shown = {group.shown[1].chunk_id for group in collapse(ranked, describe, HITS)}
    return len(aimed & shown) == 1


def _document(doc_id: str, lines: Sequence[str], language: str) -> Document:
    return Document(doc_id, "\n".join(lines), "", None, None, language)


def _start(lines: Sequence[str], number: int) -> int:
    return sum(len(line) + 1 for line in lines[:number])


# --- edits that leave the chosen sentence's statement alone ---


def _same(lines: list[str], _: str, rng: random.Random) -> Edited:
    chosen = rng.randrange(len(lines))
    return Edited(lines, chosen, chosen)


def _dateline(lines: list[str], *_: object) -> Edited:
    return Edited([f"Neustadt (xyz) – {lines[0]}", *lines[1:]], 0, 0)


def _end_dropped(lines: list[str], _: str, rng: random.Random) -> Edited:
    kept = lines[: len(lines) * 2 // 3]
    chosen = rng.randrange(len(kept))
    return Edited(kept, chosen, chosen)


def _paragraph_dropped(lines: list[str], _: str, rng: random.Random) -> Edited:
    start = rng.randrange(len(lines) - 2)
    kept = [n for n in range(len(lines)) if not start <= n < start + 3]
    chosen = rng.randrange(len(kept))
    return Edited([lines[n] for n in kept], kept[chosen], chosen)


def _intro_added(lines: list[str], language: str, rng: random.Random) -> Edited:
    chosen = rng.randrange(len(lines))
    return Edited([INTRO[language], *lines], chosen, chosen + 1)


# --- edits that change it ---


def _word_replaced(lines: list[str], _: str, rng: random.Random) -> Edited | None:
    """One word by another of the page, which may turn the sense; neither is a fact or a name."""
    plain = {w for line in lines for w in re.findall(r"(?<!\S)[a-zäöüß]{4,}(?!\S)", line)}
    soft = sorted(w for w in plain if not is_fact(w) and w.casefold() not in HARMLESS)
    return _replaced(lines, rng, r"(?<!\S)[a-zäöüß]{4,}(?!\S)", soft, at_least=7)


def _number_changed(lines: list[str], _: str, rng: random.Random) -> Edited | None:
    return _replaced(lines, rng, r"\d", list("0123456789"))


def _month_changed(lines: list[str], language: str, rng: random.Random) -> Edited | None:
    months = MONTHS[language].split()
    return _replaced(lines, rng, rf"\b(?:{'|'.join(months)})\b", months)


def _denied(lines: list[str], language: str, rng: random.Random) -> Edited | None:
    chosen = rng.randrange(len(lines))
    words = lines[chosen].split(" ")
    words.insert(rng.randint(1, len(words)), DENIAL[language])
    lines[chosen] = " ".join(words)
    return Edited(lines, chosen, chosen)


def _name_changed(lines: list[str], _: str, rng: random.Random) -> Edited | None:
    return _replaced(lines, rng, r"(?<=[a-z] )[A-Z][a-z]{3,}\b", ["Neustadt", "Altona", "Kurz"])


def _replaced(
    lines: list[str], rng: random.Random, pattern: str, by: Sequence[str], at_least: int = 1
) -> Edited | None:
    """One match of `pattern` in a sentence of enough words replaced by something else."""
    places = [
        (n, match)
        for n, line in enumerate(lines)
        if len(line.split()) >= at_least
        for match in re.finditer(pattern, line)
        if match.group() in by or len(by) < 4
    ]
    if not places:
        return None
    chosen, match = rng.choice(places)
    other = rng.choice([word for word in by if word != match.group()])
    line = lines[chosen]
    lines[chosen] = line[: match.start()] + other + line[match.end() :]
    return Edited(lines, chosen, chosen)


SAME: dict[str, Edit] = {
    "unchanged": _same,
    "dateline": _dateline,
    "end dropped": _end_dropped,
    "paragraph dropped": _paragraph_dropped,
    "intro added": _intro_added,
}
DIFFERENT: dict[str, Edit] = {
    "word replaced": _word_replaced,
    "digit changed": _number_changed,
    "month changed": _month_changed,
    "denied": _denied,
    "name changed": _name_changed,
}
