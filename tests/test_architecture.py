"""The order of the house: who may import whom, how large a module is, what `import rag` costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rag"
LONGEST = 300  # lines of a module

BASE = {"types", "errors", "config"}
WORDS = BASE | {"language"}
BELOW_ASSISTANT = WORDS | {"ingest", "embed", "store", "search", "answer", "indexing", "sync"}
MAY_IMPORT = {
    "types": set[str](),
    "errors": set[str](),
    "config": {"errors"},
    "together": set(),
    "language": BASE,
    "ingest": WORDS,
    "embed": WORDS | {"together"},
    # Knows vectors, terms and chunks, but no model and no raw question.
    "store": BASE | {"together"},
    "search": WORDS | {"embed", "store"},
    "answer": WORDS | {"search"},
    "indexing": WORDS | {"ingest", "embed", "store"},
    "roots": BASE | {"ingest", "store"},
    "pipeline": BASE | {"store", "indexing"},
    "byhand": BASE | {"store", "indexing", "pipeline"},
    "preparing": BASE | {"ingest", "store", "indexing", "byhand"},
    "cluster": BASE | {"embed", "indexing", "pipeline"},
    "archive": BASE | {"store"},
    "sync": BASE | {"ingest", "store", "indexing", "pipeline", "roots", "byhand", "preparing"},
    "assistant": BELOW_ASSISTANT | {"roots", "byhand", "pipeline", "cluster"},
}
TOP = {
    "cli",
    "doctor",
    "jsonform",
    "keeping",
    "langchain",
    "loopback",
    "page",
    "passages",
    "progress",
    "purging",
    "serve",
    "terminal",
    "uploads",
    "__init__",
}  # above the assistant
HEAVY = {
    "faiss",
    "gradio",
    "numpy",
    "openvino",
    "sentence_transformers",
    "tantivy",
    "torch",
    "transformers",
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(module: Path) -> str:
    """The room or the top-level module that a file belongs to."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(module: Path) -> Iterator[str]:
    """The parts of this package that a file imports anywhere, also for types only."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package == "rag":
                yield rest.partition(".")[0] or "__init__"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_below(module: Path) -> None:
    part = part_of(module)
    imported = set(imported_parts(module)) - {part}
    if part in TOP:
        assert imported <= set(MAY_IMPORT) | TOP - {"__init__"}
    else:
        assert part in MAY_IMPORT, f"say here what {part} may import"
        assert imported <= MAY_IMPORT[part]


def test_the_allowed_imports_have_no_circle() -> None:
    below: set[str] = set()
    for part, allowed in MAY_IMPORT.items():
        assert allowed <= below | {"roots"}
        below.add(part)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_stays_short_and_says_what_it_is_for(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST
    assert not text or ast.get_docstring(ast.parse(text))


def fresh(code: str) -> str:
    """What a new interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout


def test_importing_the_package_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, time; t = time.process_time(); import rag;"
        " print(time.process_time() - t, *sys.modules)"
    )
    runs = [fresh(code).split() for _ in range(3)]
    loaded = {name.partition(".")[0] for name in runs[0][1:]}
    assert loaded & HEAVY == set()
    assert min(float(run[0]) for run in runs) < 0.3


def test_public_names_are_there_sorted_and_documented() -> None:
    assert list(rag.__all__) == sorted(rag.__all__)
    for name in rag.__all__:
        assert getattr(rag, name).__doc__, name
    assert {"Assistant", "Answer", "Config", "Filter", "Retriever", "RagError"} <= set(rag.__all__)


def test_every_error_of_the_library_is_a_rag_error() -> None:
    from rag import errors

    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(classes) > 5
    for error in classes:
        assert issubclass(error, errors.RagError)
        assert error.__name__ in str(errors.__doc__)
