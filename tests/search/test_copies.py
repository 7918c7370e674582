"""Near-copies fold into one hit, and nothing that differs is ever hidden."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.ingest.read import read_file
from rag.language.sentences import split_sentences
from rag.search.copies import collapse
from rag.types import Period
from tests.search.papers import REPORT, cut, describe, folded

ARTICLES = Path(__file__).parents[2] / "eval" / "articles"
CORPUS = Path(__file__).parents[2] / "eval" / "corpus.json"


def pair(original: Sequence[str], copy: Sequence[str]) -> dict[str, list[str]]:
    return folded(collapse([*cut("a", original), *cut("b", copy, score=0.9)], describe, 10))


def test_a_copy_is_found_under_another_dateline_and_initials() -> None:
    copy = [f"Lindau (xyz) – {REPORT[0]}", *REPORT[1:-1], f"{REPORT[-1]} (xyz/ab)"]
    assert pair(REPORT, copy) == {"a": ["b"]}


def test_a_word_in_brackets_within_a_sentence_is_no_initials() -> None:
    net, gross = (REPORT[-2].replace("Euro aus", f"Euro ({word})") for word in ("netto", "brutto"))
    net, gross = net.removesuffix("."), gross.removesuffix(".")
    assert len(pair([*REPORT[:-2], net], [*REPORT[:-2], gross])) == 2


def test_a_town_alone_before_the_text_is_no_difference_if_the_text_names_it() -> None:
    assert pair(REPORT, [f"Lindau – {REPORT[0]}", *REPORT[1:]]) == {"a": ["b"]}
    assert pair(REPORT, [f"Pollux – {REPORT[0]}", *REPORT[1:]]) == {"a": [], "b": []}


def test_a_shorter_version_is_hidden_but_never_the_longer_one() -> None:
    shorter = REPORT[:5]
    assert pair(REPORT, shorter) == {"a": ["b"]}
    assert pair(shorter, REPORT) == {"a": [], "b": []}


def test_a_sentence_of_the_papers_own_is_let_pass_without_a_fact_only() -> None:
    assert pair(REPORT, ["Das trifft die Region hart und plötzlich.", *REPORT]) == {"a": ["b"]}
    assert len(pair(REPORT, ["Das trifft 90 Zulieferer hart.", *REPORT])) == 2
    assert len(pair(REPORT, ["Das trifft die Region nicht.", *REPORT])) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("375.000", "357.000"),
        ("30. April", "30. Mai"),
        ("30. April", "3. April"),
        ("eine Milliarde", "eine Million"),
        ("knapp eine Milliarde", "weit über eine Milliarde"),
        ("rund 205.000", "unter 205.000"),
        ("rund 205.000", "angeblich 205.000"),
        ("seien nach", "seien sehr wohl nach"),
        ("nicht vorgesehen", "vorgesehen"),
        ("Dettmann", "Althoff"),
        ("sollen", "könnten"),
        ("bis zum Jahr 2030", "bis zum Jahr 2031"),
    ],
)
def test_a_passage_that_says_something_else_is_shown(old: str, new: str) -> None:
    copy = [sentence.replace(old, new) for sentence in REPORT]
    assert copy != list(REPORT)
    if new == "seien sehr wohl nach":
        copy = [sentence.replace(" nicht", "") for sentence in copy]
    assert pair(REPORT, copy) == {"a": [], "b": []}
    assert pair(copy, REPORT) == {"a": [], "b": []}


def test_who_did_what_to_whom_counts() -> None:
    swapped = [s.replace("Autobauer Kastor", "Autobauer Lindau") for s in REPORT]
    swapped = [s.replace("Werks in Lindau", "Werks in Kastor") for s in swapped]
    assert len(pair(REPORT, swapped)) == 2


def test_rows_of_a_table_that_change_places_differ() -> None:
    head = REPORT[:6]
    rows = ["Montag", "9 Uhr", "Dienstag", "10 Uhr"]
    moved = ["Montag", "10 Uhr", "Dienstag", "9 Uhr"]
    assert pair([*head, *rows], [*head, *rows]) == {"a": ["b"]}
    assert len(pair([*head, *rows], [*head, *moved])) == 2
    assert len(pair([*head, *rows], [*head, "Montag", "10 Uhr"])) == 2


def test_documents_that_share_little_are_not_compared() -> None:
    rng = random.Random(5)
    others = [" ".join("".join(rng.choices("aeinrst", k=5)) for _ in range(12)) for _ in range(60)]
    one, other = ([*REPORT[:3], *others[:30]], [*REPORT[:3], *others[30:]])
    candidates = [*cut("a", one, [3]), *cut("b", other, [3])]
    assert len(collapse(candidates, describe, 10)) == 4


def test_two_short_notices_are_copies_too() -> None:
    assert pair(REPORT[3:5], REPORT[3:5]) == {"a": ["b"]}


def test_a_passage_spread_over_many_is_no_copy_of_one() -> None:
    candidates = [*cut("a", REPORT, [3, 6]), *cut("b", REPORT, score=0.5)]
    assert folded(collapse(candidates, describe, 10)) == {"a": [], "b": []}


def test_a_sentence_that_stands_elsewhere_does_not_excuse_a_changed_one() -> None:
    changed = [*REPORT[:2], REPORT[3], *REPORT[3:5], *REPORT[2:3], *REPORT[5:]]
    candidates = [*cut("a", changed, [5]), *cut("b", REPORT, [5], score=0.5)]
    groups = collapse(candidates, describe, 10)
    assert [(g.shown.doc_id, g.shown.number) for g in groups] == [("a", 0), ("a", 1), ("b", 0)]


def test_a_heading_at_the_start_of_a_passage_is_found() -> None:
    text = [*REPORT[:4], "Stand 9 Uhr", *REPORT[4:]]
    candidates = [*cut("a", text, [4]), *cut("b", text, score=0.5)]
    groups = collapse(candidates, describe, 10)
    assert [(g.shown.doc_id, len(g.copies)) for g in groups] == [("a", 0), ("a", 1)]


def test_of_equal_scores_the_earliest_is_shown_whatever_the_order() -> None:
    days = {"a": "2026-05-13", "b": "2026-05-12", "c": None}
    candidates = [
        replace(cut(doc_id, REPORT)[0], published=Period.parse(day) if day else None)
        for doc_id, day in days.items()
    ]
    for order in (candidates, candidates[::-1]):
        assert folded(collapse(order, describe, 10)) == {"b": ["a", "c"]}


def test_places_are_filled_again() -> None:
    copies = [cut(f"copy{n}", REPORT, score=2 - n / 100)[0] for n in range(20)]
    others = [
        cut(f"other{n}", [f"Absatz {word} handelt von {word}." for word in (n, n + 50)])[0]
        for n in range(5)
    ]
    groups = collapse([*copies, *others], describe, 4)
    assert [g.shown.doc_id for g in groups] == ["copy0", "other0", "other1", "other2"]
    assert len(groups[0].copies) == 19


def test_a_passage_cut_elsewhere_is_hidden_where_the_rest_is_shown_too() -> None:
    candidates = [*cut("a", REPORT, [4]), *cut("b", REPORT, [6], score=0.995)]
    groups = collapse(candidates, describe, 10)
    assert [(g.shown.doc_id, g.shown.number) for g in groups] == [("a", 0), ("a", 1)]
    assert sum(len(g.copies) for g in groups) == 2
    alone = collapse(candidates, describe, 1)
    assert [(g.shown.doc_id, len(g.copies)) for g in alone] == [("a", 0)]


def test_the_rest_of_what_is_hidden_gets_its_place() -> None:
    """Others that score better must not take it."""
    first, rest = cut("a", REPORT, [4])
    longer, _ = cut("b", REPORT, [6], score=0.9)
    others = [
        cut(f"x{n}", [f"Absatz {n} handelt von etwas."], score=0.8 - n / 10)[0] for n in range(3)
    ]
    candidates = [first, longer, *others, replace(rest, score=0.1)]
    shown = [(g.shown.doc_id, g.shown.number) for g in collapse(candidates, describe, 3)]
    assert shown == [("a", 0), ("x0", 0), ("a", 1)]
    _, same = cut("c", REPORT, [4], score=0.95)
    groups = collapse([*candidates, replace(same, score=0.85)], describe, 3)
    assert folded(groups) == {"a": ["b"], "c": ["a"], "x0": []}


def test_nothing_is_compared_within_a_document() -> None:
    assert len(collapse(cut("a", [*REPORT, *REPORT], [9]), describe, 10)) == 2


def test_no_candidates_are_no_groups() -> None:
    assert collapse([], describe, 10) == []


def test_blank_passages_are_no_copies() -> None:
    assert pair(["***"], ["***"]) == {"a": [], "b": []}


def test_the_sample_copies_fold_and_the_wrong_figure_stays() -> None:
    for relation in json.loads(CORPUS.read_text(encoding="utf-8"))["near_copies"]:
        candidates = []
        for name in (relation["original"], *relation["copies"]):
            reading = read_file(ARTICLES / f"{name}.md", name, 10**6)
            text = reading.documents[0][0].text
            first = text.split("\n\n")[0]
            sentences = [span.of(first) for span in split_sentences(first)]
            candidates.append(replace(cut(name, [text])[0], sentences=tuple(sentences)))
        groups = collapse(candidates, describe, 10)
        wrong = {relation["differs"]["copy"]} if relation["differs"] else set()
        assert {g.shown.doc_id for g in groups[1:]} == wrong


def test_two_hundred_candidates_take_about_a_millisecond() -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices("aeioubdnrst", k=6)) for _ in range(5000)]
    candidates = [
        cut(str(n), [" ".join(rng.choices(words, k=15)) for _ in range(9)], score=rng.random())[0]
        for n in range(200)
    ]
    times = []
    for _ in range(20):
        start = time.process_time()
        collapse(candidates, describe, 10)
        times.append(time.process_time() - start)
    assert min(times) < 0.005
