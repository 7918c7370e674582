"""Learning the reader's weights: on readings made by hand, and on tiny data in the real forms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

import eval.reader
import eval.teaching
from eval.omos import Item
from eval.reader import FOLDS, cross_fit, judge, table, write
from eval.readings import Reading, omos_open, omos_pages, xquad
from eval.teaching import fit
from rag.answer.features import inputs
from rag.answer.model import Model
from rag.answer.network import Network
from tests.answer.made import EMBEDDER, asked, told
from tests.conftest import CountingEmbedder
from tests.trees import write as write_file

QUESTIONS = ["Wie viele Autos baut das Werk?", "Where is the plant?", "Was kostet die Fahrt?"]
OTHERS = ["Es regnet oft.", "Das Wetter ist in vielen Orten schön.", "Im Hafen liegt ein Schiff."]
SETS = ("OMoS page", "OMoS open", "XQuAD", "XQuAD page", "XQuAD without", "XQuAD swapped")


def reading(name: str, number: int, *, answerable: bool) -> Reading:
    """A right sentence is near the question, and nothing is where none is right."""
    random = np.random.default_rng([number, len(name)])
    near = 0.9 if answerable else 0.75
    cosines = [near, *random.uniform(0.65, 0.75, 4)]
    place = number % 5
    cosines[0], cosines[place] = cosines[place], cosines[0]
    lines = [(f"{OTHERS[n % 3]} {number + n}", float(c)) for n, c in enumerate(cosines)]
    evidence = replace(told(lines, given="page" in name), model=EMBEDDER)
    query = asked(QUESTIONS[number % 3])
    right = (np.arange(5) == place) & answerable
    page = "\n".join(text for text, _ in lines)
    lines_right = frozenset([place]) if answerable else frozenset[int]()
    return Reading(
        set=name,
        id=str(number),
        asked="de",
        told="de",
        group=f"page {number % 9}",
        answerable=answerable,
        query=query,
        evidence=evidence,
        inputs=inputs(query, evidence),
        right=right,
        item=Item(query.text, page, lines_right) if name == "OMoS page" else None,
    )


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    never = ("XQuAD without", "XQuAD swapped")
    always = ("XQuAD", "OMoS open")
    return [
        reading(name, number, answerable=name in always or (name not in never and number % 3 > 0))
        for name in SETS
        for number in range(30)
    ]


@pytest.fixture(scope="module", autouse=True)
def _few_readings() -> Iterator[None]:
    """Recipes for few readings: smaller batches, more often. Two threads would wait by spinning."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RANKING", "MEMBER", "SEARCH"):
            recipe = replace(getattr(eval.teaching, name), hidden=8, epochs=30, batch=32, several=1)
            patch.setattr(eval.teaching, name, recipe)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def model(readings: list[Reading]) -> Model:
    return fit(readings, EMBEDDER)


def test_what_is_plain_is_learned(model: Model, readings: list[Reading]) -> None:
    judged = [judge(model, each) for each in readings]
    answerable = [each for each in judged if each.reading.answerable]
    assert all(each.reading.right[each.scores.argmax()] for each in answerable)
    assert all(each.reading.right[each.odds.argmax()] for each in answerable)
    for name in ("OMoS page", "XQuAD"):  # each regime is judged by what it is learned on
        least = min(each.probability for each in answerable if each.reading.set == name)
        none = [each for each in judged if not each.reading.answerable]
        given = "page" in name
        most = max(each.probability for each in none if ("page" in each.reading.set) == given)
        assert most < least


def test_learning_twice_gives_the_same(model: Model, readings: list[Reading]) -> None:
    again = fit(readings, EMBEDDER)
    for one, other in (
        (again.sentence, model.sentence),
        (again.member, model.member),
        (again.answered["search"], model.answered["search"]),
    ):
        assert isinstance(one, Network)
        assert isinstance(other, Network)
        assert one.form() == other.form()
    assert again.answered["page"] == model.answered["page"]
    assert (again.agreement == model.agreement).all()


def test_a_feature_that_never_changes_is_left_out(model: Model) -> None:
    assert "cosine" in model.member.names
    assert not {"articles", "german"} & {*model.member.names, *model.sentence.names}


def test_what_is_written_reads_as_before(
    model: Model, readings: list[Reading], tmp_path: Path
) -> None:
    path = tmp_path / "weights.json"
    write(model, path)
    held = Model.load(path)
    assert held.embedder == EMBEDDER
    assert np.allclose(held.agreement, model.agreement, rtol=1e-3)
    for each in readings[::7]:
        one, other = judge(model, each), judge(held, each)
        assert np.allclose(one.scores, other.scores, atol=1e-2)
        assert np.allclose(one.odds, other.odds, atol=1e-2)
        assert one.probability == pytest.approx(other.probability, abs=1e-3)


def test_what_shares_a_page_is_judged_by_weights_that_have_not_seen_it(
    readings: list[Reading], model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []

    def spied(learned: Sequence[Reading]) -> Model:
        seen.append({each.group for each in learned})
        return model

    monkeypatch.setattr(eval.reader, "fit", spied)
    judged = cross_fit(readings)
    assert sorted(id(each.reading) for each in judged) == sorted(id(each) for each in readings)
    every = {each.group for each in readings}
    left_out = [every - learned for learned in seen]
    assert len(left_out) == FOLDS
    assert sum(map(len, left_out)) == len(every)  # so they do not overlap
    assert set().union(*left_out) == every
    order = [next(n for n, out in enumerate(left_out) if j.reading.group in out) for j in judged]
    assert all(one <= other for one, other in pairwise(order))


def test_the_table_has_a_row_for_each_set(model: Model, readings: list[Reading]) -> None:
    text = table([judge(model, each) for each in readings])
    rows = {line[:22].strip(): line[22:].split() for line in text.splitlines()[1:]}
    assert rows["XQuAD de→de"] == ["30", "1.000"]
    count, first, f1, none, auroc = rows["OMoS page de→de"]
    assert (count, first, auroc) == ("30", "1.000", "1.000")
    assert float(f1) > 0.9
    assert 0 <= float(none) <= 1
    assert rows["XQuAD without de→de"] == ["30", "0.000"]


# --- data in the real forms ---

HALLE = "Werk in Halle\nDas Werk in Halle baut Autos.\nEs hat 300 Leute."
HALLE_EN = "Plant in Halle\nThe plant in Halle builds cars.\nIt has 300 people."
KIEL = "Hafen in Kiel\nDer Hafen in Kiel wächst.\nEr hat sieben Kräne."
KIEL_EN = "Port of Kiel\nThe port of Kiel grows.\nIt has seven cranes."
ROWS = {
    "de": [
        ("Was baut das Werk in Halle?", HALLE, [1]),
        ("Wie viele Leute hat das Werk?", HALLE, [2]),
        ("Wann schließt der Hafen?", KIEL, []),
    ],
    "en": [
        ("What does the plant in Halle build?", HALLE_EN, [1]),
        ("How many people does the plant have?", HALLE_EN, [2]),
        ("When does the port close?", KIEL_EN, []),
    ],
}


@pytest.fixture
def data(tmp_path: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """OMoS-QA and XQuAD-R of a few lines each."""
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("eval.collection.open_embedder", lambda _: embedder)
    for language, rows in ROWS.items():
        lines = [
            json.dumps({"id": number, "question": q, "context": page, "answers": answers})
            for number, (q, page, answers) in enumerate(rows)
        ]
        write_file(tmp_path / "omos-qa" / f"train.{language}.jsonl", "\n".join(lines))
    passages = {
        "a00p0": "Das Werk in Halle baut 500 Autos. Es hat 300 Leute.",
        "a01p0": "Der Hafen in Kiel wächst. Er hat sieben Kräne.",
    }
    corpus = [json.dumps({"_id": name, "text": text}) for name, text in passages.items()]
    asked_ = {
        "de-1": ("Wie viele Autos baut Halle seit 2024?", "a00p0"),
        "en-1": ("How many cars has Halle built since 2024?", "a00p0"),
        "de-2": ("Wie viele Kräne hat Kiel seit 2019?", "a01p0"),
    }
    folder = tmp_path / "xquad-r"
    write_file(folder / "corpus.jsonl", "\n".join(corpus))
    queries = [json.dumps({"_id": name, "text": text}) for name, (text, _) in asked_.items()]
    write_file(folder / "queries.jsonl", "\n".join(queries))
    qrels = ["query-id\tcorpus-id\tscore", *(f"{n}\t{p}\t1" for n, (_, p) in asked_.items())]
    write_file(folder / "qrels" / "de.tsv", "\n".join(qrels) + "\n")
    answers = [("1", "a00p0", [0, 38]), ("2", "a01p0", [26, 46])]
    gold = [json.dumps({"qa": n, "passage": p, "sentence": s}) for n, p, s in answers]
    write_file(folder / "answers.jsonl", "\n".join(gold))
    return tmp_path


def right_texts(each: Reading) -> list[str]:
    numbers = each.inputs.order[each.right].tolist()
    sentences = [each.evidence.sentences[number] for number in numbers]
    return [s.span.of(each.evidence.hits[s.hit].document.text) for s in sentences]


def check(found: Iterator[Reading]) -> list[Reading]:
    """The laws of a reading; all of them, in a list."""
    readings = list(found)
    assert readings
    for each in readings:
        assert len(each.right) == len(each.inputs.order) == len(each.spans)
        assert each.answerable or not each.right.any()
    return readings


def test_pages_are_read_in_all_four_pairs_of_languages(data: Path) -> None:
    found = check(omos_pages(data, "train"))
    assert len(found) == 12
    assert {(r.asked, r.told) for r in found} == {
        (a, t) for a in ("de", "en") for t in ("de", "en")
    }
    assert {r.evidence.permitted for r in found} == {1}
    people = [r for r in found if r.id == "1"]
    assert {(r.told, *right_texts(r)) for r in people} == {
        ("de", "Es hat 300 Leute."),
        ("en", "It has 300 people."),
    }
    assert len({r.group for r in found if r.id in "01"}) == 1  # a page, whatever its language
    assert len({r.group for r in found}) == 2
    assert {r.id for r in found if not r.answerable} == {"2"}


def test_open_search_asks_what_a_page_answers(data: Path) -> None:
    found = check(omos_open(data))
    assert {r.id for r in found} == {"0", "1"}
    for each in found:
        assert len({hit.document.doc_id for hit in each.evidence.hits}) > 1
        assert len(right_texts(each)) == 1


def test_questions_on_passages_are_asked_in_every_way(data: Path) -> None:
    found = check(xquad(data))
    by_set = {name: [r for r in found if r.set == name] for name in {r.set for r in found}}
    assert by_set.keys() >= {"XQuAD", "XQuAD page", "XQuAD without", "XQuAD swapped"}
    assert {r.id for r in by_set["XQuAD"]} == {"de-1", "en-1", "de-2"}
    assert {t for r in by_set["XQuAD page"] for t in right_texts(r)} == {
        "Das Werk in Halle baut 500 Autos.",
        "Er hat sieben Kräne.",
    }
    own = [r for r in found if r.set != "foreign"]
    assert {(r.id[-1], r.group) for r in own} == {("1", "a00"), ("2", "a01")}
    assert not any(r.answerable for r in by_set["foreign"])
    for each in by_set["XQuAD without"]:
        assert not each.answerable
        assert not any(h.document.doc_id.startswith(each.group) for h in each.evidence.hits)
    originals = {r.query.text for r in by_set["XQuAD"]}
    assert not originals & {r.query.text for r in by_set["XQuAD swapped"]}
