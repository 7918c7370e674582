"""Whatever a file is left out for is said in German too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.page.failures import FAILURES
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


# Where what a page does can fail; the rest is for the command line or for programs.
NEEDED = (
    "assistant",
    "byhand",
    "ingest/files",
    "embed/*",
    "answer/llm/client",
    "page/edge",
    "store/catalog",
    "store/local",
    "store/lock",
    "store/writer",
)
ERRORS = {"RagError", "SourceError", "ModelError", "IndexLocked", "IndexDamaged", "IndexMismatch"}
PROGRAMS = "k is {}; ask for 1 passage or more"


def failures(path: Path) -> Iterator[str]:
    """What the errors raised in a module say, with what a function adds to it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ERRORS and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Call) and ast.unparse(argument.func) in functions:
                (made,) = (
                    n.value
                    for n in ast.walk(functions[ast.unparse(argument.func)])
                    if isinstance(n, ast.Return)
                )
                assert isinstance(made, ast.JoinedStr)
                reason = template(argument.args[0])
                yield template(made).replace(" {};", f" {reason};", 1)
            else:
                yield template(argument)


def test_every_failure_that_a_page_can_meet_has_german_words() -> None:
    modules = [path for name in NEEDED for path in ROOT.glob(f"{name}.py")]
    said = {failure for module in modules for failure in failures(module)} - {"", PROGRAMS}
    assert len(said) > 25
    assert [failure for failure in said if 'lang="de"' not in told(failure)] == []


def test_no_german_reason_says_more_than_the_english() -> None:
    for english, german in (REASONS | FAILURES).items():
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
