"""Sentence boundaries: hand-made cases, laws on any text, and published annotations."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.language.sentences import split_sentences
from rag.types import Span

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("TEST_SHARED", HERE.parents[1] / "../shared"))

SCRAPS = (
    "Das ist gut. Er kam am 3. Mai „Ja?“ » « ( ) … ?! Dr. z. B. U.S. 12.42 J. K. und Haus # - 1. "
    "www.a.de a@b.de 😀 שלום 我们。 ' \" “. ,"
)
BREAKS = ["\n", "\n\n", "\r\n", "\t", "\u2028", "\x1f", "\x00", "\u0301", "\ud800", "  "]
PROSE = st.lists(st.sampled_from(SCRAPS.split() + BREAKS), max_size=40).map(" ".join)


def cases() -> Iterator[tuple[str, list[Span]]]:
    """A line of sentences.txt as a text and the spans that its marks give."""
    for line in (HERE / "sentences.txt").read_text(encoding="utf-8").splitlines():
        if not line or (line.startswith("# ") and "¦" not in line):
            continue
        marked = line.replace("\\n", "\n").replace("\\u00a0", "\u00a0")
        text, spans = "", []
        for part in marked.split("¦"):
            content = part.strip()
            text += part.lstrip(" ")
            start = text.rindex(content)
            spans.append(Span(start, start + len(content)))
        yield text, spans


@pytest.mark.parametrize(("text", "spans"), list(cases()), ids=lambda value: str(value)[:40])
def test_the_hand_made_cases_split_as_marked(text: str, spans: list[Span]) -> None:
    assert [span.of(text) for span in split_sentences(text)] == [span.of(text) for span in spans]


@given(st.one_of(st.text(), PROSE))
@example("\n\n\n")
@example("“. „")
@example("a.\u2028 b")
def test_sentences_tile_any_text(text: str) -> None:
    position = 0
    for span in split_sentences(text):
        assert not text[position : span.start].strip()
        sentence = span.of(text)
        assert sentence
        assert sentence == sentence.strip()
        assert span.start >= position
        position = span.end
    assert not text[position:].strip()


@given(PROSE, PROSE)
def test_a_blank_line_parts_what_stands_on_both_sides(left: str, right: str) -> None:
    text = f"{left}.\n\n{right}"
    border = len(left) + 1
    assert all(s.end <= border or s.start > border for s in split_sentences(text))


def test_lines_that_a_program_wrapped_are_read_as_one_paragraph() -> None:
    text = (
        "Die Gemeinde will im kommenden Jahr zwei neue Linien bauen, und der\n"
        "Landkreis bezahlt die Hälfte davon. Der Rat hat den Plan gebilligt.\n"
        "Busse fahren ab Mai alle zwanzig Minuten zwischen Bahnhof und dem\n"
        "Krankenhaus."
    )
    assert [span.of(text).split()[0] for span in split_sentences(text)] == ["Die", "Der", "Busse"]


def test_short_lines_of_a_page_stay_apart() -> None:
    text = (
        "Öffnungszeiten\nMontag 9 bis 12 Uhr\nDienstag 9 bis 12 Uhr\namt@example.de\nwww.example.de"
    )
    assert [span.of(text) for span in split_sentences(text)] == text.split("\n")


def test_a_long_paragraph_has_the_boundaries_of_its_parts() -> None:
    """The proposals are read in windows; none may be lost or added at a window's edge."""
    part = (
        "Das Werk in Ulm baut Autos mit z. B. 500 PS. „Das ist viel.“, sagte Dr. Maier am 3. Mai. "
    )
    text = part * 1_000
    spans = [span.of(text) for span in split_sentences(text)]
    assert spans == [span.of(part) for span in split_sentences(part)] * 1_000


HOSTILE = [
    "wort ",
    "x",
    ".",
    ". ",
    '."',
    "„a. B ",
    "'a. B ",
    "(",
    "\n",
    "a\n",
    "z. B. ",
    "\u0301",
    "1. ",
]


@pytest.mark.parametrize("unit", [*HOSTILE, "a@b.de. Da ", " \n", "\x00", "…", "😀! ", "[a. B "])
def test_time_grows_no_faster_than_hostile_text(unit: str) -> None:
    def seconds(length: int) -> float:
        text = "A." + unit * (length // len(unit)) + "b"
        start = time.process_time()
        split_sentences(text)
        return time.process_time() - start

    def best_of(length: int) -> list[float]:
        return [seconds(length) for _ in range(3)]

    seconds(1_000)
    # Quadratic time would take 16 times as long for 4 times the text.
    assert min(best_of(200_000)) < 10 * min(best_of(50_000)) + 0.1


def test_german_annotations_are_met_as_well_as_measured() -> None:
    folder = SHARED / "data/xquad-r"
    if not folder.is_dir():
        pytest.skip("the annotated passages are not here")
    passages = {row["_id"]: row["text"] for row in _rows(folder / "corpus.jsonl")}
    gold = {(row["passage"], *row["sentence"]) for row in _rows(folder / "answers.jsonl")}
    found = {
        (name, span.start, span.end)
        for name, text in passages.items()
        for span in split_sentences(text)
    }
    # About 12 of the 406 annotated sentences are wrong themselves (they end after `William E.`).
    assert len(gold & found) / len(gold) > 0.95


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").strip().split("\n")]
