"""Whatever a file is left out for is said in German too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.page.reasons import REASONS, told
from tests.ui.answers import Parsed

ROOT = Path(__file__).parents[2] / "rag"
INGEST = ("decode", "frontmatter", "html", "jsonl", "metadata", "read")


def template(node: ast.expr) -> str:
    """A text with `{}` for what is put into it; empty for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            "{}" if isinstance(v, ast.FormattedValue) else template(v) for v in node.values
        )
    return ""


def said(path: Path) -> Iterator[str]:
    """The reasons in a module: of what is raised for a file, and of what is put on a list."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
            yield template(node.value)
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        if name == "UnreadableFile":
            yield template(node.args[1])
        elif name == "ValueError":
            yield template(node.args[0])
        elif name == "append" and isinstance(pair := node.args[0], ast.Tuple):
            yield template(pair.elts[-1])


def test_every_reason_has_german_words() -> None:
    modules = [ROOT / "ingest" / f"{name}.py" for name in INGEST]
    modules += [ROOT / "uploads.py", ROOT / "sync.py", ROOT / "page" / "shelf.py"]
    reasons = {reason for module in modules for reason in said(module)} - {"", "{}"}
    assert len(reasons) > 25
    assert [reason for reason in reasons if 'lang="de"' not in told(reason)] == []


def test_no_german_reason_says_more_than_the_english() -> None:
    for english, german in REASONS.items():
        values = [f"<{n}>" for n in range(english.count("{}"))]
        shown = Parsed(told(english.format(*values)))
        both = [span.text for span in shown.all("span", "t")]
        assert both == [german.format(*values), english.format(*values)]


@pytest.mark.parametrize(
    ("reason", "german"),
    [
        ("front matter: language is 'xyz'; write its two letters, such as de", "etwa de"),
        ("not JSON: Expecting value at column 3", "kein JSON, ab Spalte 3"),
        ("larger than 20 bytes", "größer als 20 Bytes"),
    ],
)
def test_what_was_found_stands_in_the_german_too(reason: str, german: str) -> None:
    assert german in told(reason)


def test_what_has_no_german_words_is_marked_as_english() -> None:
    (span,) = Parsed(told("disk <full>")).all("span")
    assert (span.text, span.attributes) == ("disk <full>", {"lang": "en"})
