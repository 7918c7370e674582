"""Two files of figures against each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eval.compare import table
from eval.datasets import DatasetError
from tests.trees import write


def split(
    values: Mapping[str, float], groups: Mapping[str, str] | None = None, name: str = "R@1"
) -> dict[str, Any]:
    return {
        "measures": {name: {}},
        "groups": groups,
        "per_query": {query: {name: value} for query, value in values.items()},
    }


def file(path: Path, **splits: object) -> Path:
    return write(path, json.dumps({"splits": splits}))


def test_queries_are_paired_by_id_whatever_their_order(tmp_path: Path) -> None:
    a = file(tmp_path / "a", de=split({f"q{n}": n % 2 for n in range(40)}))
    b = file(tmp_path / "b", de=split({f"q{n}": n % 2 for n in reversed(range(40))}))
    heading, row = table(a, b).splitlines()
    assert heading.split() == ["split", "n", "measure", "A", "B", "B−A", "95", "%", "interval", "p"]
    assert row.split() == [
        *("de", "40", "R@1", "0.5000", "0.5000", "+0.0000"),
        *("[+0.0000,", "+0.0000]", "1.0000"),
    ]


def test_the_difference_is_that_of_the_second_and_its_p_knows_the_groups(tmp_path: Path) -> None:
    worse, better = dict.fromkeys("abcdef", 0.0), dict.fromkeys("abcdef", 0.5)
    alone = table(file(tmp_path / "a", de=split(worse)), file(tmp_path / "b", de=split(better)))
    assert alone.splitlines()[1].split()[5:8] == ["+0.5000", "[+0.5000,", "+0.5000]"]
    pairs = dict(zip("abcdef", "112233", strict=True))
    grouped = table(
        file(tmp_path / "a", de=split(worse, pairs)), file(tmp_path / "b", de=split(better, pairs))
    )
    p = [float(text.split()[-1]) for text in (alone, grouped)]
    assert p == pytest.approx([2 / 2**6, 2 / 2**3], abs=0.02)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"de": split({"q1": 1, "q3": 1})}, "2 queries of de stand in one of them only.*'q2'"),
        ({"en": split({"q1": 1, "q2": 1})}, "splits de against en"),
        ({"de": split({"q1": 1, "q2": 1}, {"q1": "a", "q2": "b"})}, "groups of de differ"),
        ({"de": split({"q1": 1, "q2": 1}, name="R@5")}, "measures of de differ"),
        ({"de": {"per_query": {}}}, "not figures of retrieval"),
        ({"de": []}, "not figures of retrieval"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    tmp_path: Path, other: Mapping[str, object], message: str
) -> None:
    first = file(tmp_path / "a", de=split({"q1": 1, "q2": 0}))
    with pytest.raises(DatasetError, match=message) as raised:
        table(first, file(tmp_path / "b", **other))
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere: No such file"):
        table(tmp_path / "nowhere", tmp_path / "nowhere")
