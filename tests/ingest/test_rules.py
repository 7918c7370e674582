"""The notation in which rules are written."""

from __future__ import annotations

import pytest

from rag.ingest.rules import key_of, pattern, rule


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("Follow us on Instagram!", True),
        ("Follow Instagram", True),
        ("follow me and my dog on Mastodon, or do not", True),
        ("Follow us", False),
        ("Followers of Instagram", False),
        ("Follow “Sue” on Instagram", False),
        ("They follow us on Instagram", False),
    ],
)
def test_an_ellipsis_stands_for_words_without_quotation_marks(line: str, holds: bool) -> None:
    assert (pattern("follow … (?:<social>) …").fullmatch(line) is not None) is holds


def test_deeper_lines_continue_the_alternative_above() -> None:
    both = pattern(
        r"""
        (?:red
            |green) apple
        pear
        """
    )
    assert all(both.fullmatch(line) for line in ("Red apple", "green apple.", "PEAR"))
    assert not both.fullmatch("red")


def test_an_ellipsis_out_of_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="ellipsis"):
        pattern("follow|…us")


def test_a_rule_looks_at_its_length_and_the_words_it_needs() -> None:
    one = rule("share prompt", "anywhere", 20, "… now …", needs="share tell")
    assert one.holds("Share now")
    assert not one.holds("Buy now")
    assert not one.holds("Share now with all of your friends")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("  • **Foto:**  [dpa](https://dpa.example) ", "Foto: dpa"),
        ("📧 Newsletter", "Newsletter"),
        ("## Kommentare", "Kommentare"),
        ("„Zitat“", "„Zitat“"),
        ("x" * 2_000, ""),
    ],
)
def test_rules_see_a_line_without_its_markup(line: str, key: str) -> None:
    assert key_of(line) == key
