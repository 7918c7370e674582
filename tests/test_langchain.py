"""The LangChain retriever, against the real package."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag import Assistant, DocumentInfo, Filter, Period, RagError
from tests.trees import rows

if TYPE_CHECKING:
    from rag.langchain import ArticleRetriever

ROOT = Path(__file__).parents[1]
QUESTION = "Wo steht das neue Werk?"

if find_spec("langchain_core") is None and os.environ.get("CI") != "true":
    pytest.skip("no langchain-core; run: pip install -e '.[langchain]'", allow_module_level=True)


@pytest.fixture
def retriever(assistant: Assistant, tmp_path: Path) -> ArticleRetriever:
    from rag.langchain import ArticleRetriever

    texts = {
        "halle": "Das neue Werk steht in Halle. Es baut Autos.",
        "jena": "In Jena steht ein altes Werk. Es baut Linsen.",
        "bank": "The bank is in London. It has 12 branches.",
    }
    assistant.sync(rows(tmp_path / "news.jsonl", **texts))
    return ArticleRetriever(assistant=assistant)


def test_a_passage_carries_all_that_a_citation_needs(retriever: ArticleRetriever) -> None:
    hits = retriever.assistant.search(QUESTION)
    found = retriever.invoke(QUESTION)
    assert [p.page_content for p in found] == [hit.text for hit in hits]
    assert [p.id for p in found] == [hit.chunk.chunk_id for hit in hits]
    for passage, hit in zip(found, hits, strict=True):
        data = passage.metadata
        text = retriever.assistant.document(data["doc_id"]).text
        assert text[data["start"] : data["end"]] == passage.page_content
        assert data["chunk_id"] == hit.chunk.chunk_id
        assert data["score"] == hit.score
        assert (data["title"], data["language"]) == (hit.document.title, hit.document.language)
    assert json.loads(json.dumps([p.metadata for p in found])) == [p.metadata for p in found]


def test_copies_and_dates_are_plain_values(
    retriever: ArticleRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hit,) = retriever.assistant.search(QUESTION, 1)
    day = Period.parse("2026-02")
    other = DocumentInfo("b", "Werk", "Blatt", day, "de", "https://example.org/b", 40, 1)
    document = replace(hit.document, published=day, source="Bote")
    copied = replace(hit, document=document, copies=(other,))
    monkeypatch.setattr(Assistant, "search", lambda *_: [copied])
    (passage,) = retriever.invoke(QUESTION)
    assert (passage.metadata["published"], passage.metadata["source"]) == ("2026-02", "Bote")
    assert passage.metadata["copies"] == [
        {
            "id": "b",
            "title": "Werk",
            "source": "Blatt",
            "published": "2026-02",
            "language": "de",
            "url": "https://example.org/b",
        }
    ]


def test_k_and_filter_hold_as_settings_and_for_one_question(retriever: ArticleRetriever) -> None:
    from rag.langchain import ArticleRetriever

    english = Filter(languages=frozenset({"en"}))
    of_setting = ArticleRetriever(assistant=retriever.assistant, k=1, filter=english)
    (once,) = retriever.invoke(QUESTION, k=1, filter=english)
    (always,) = of_setting.invoke(QUESTION)
    assert once == always
    assert always.metadata["doc_id"] == "bank"
    assert len(of_setting.invoke(QUESTION, k=2, filter=Filter())) == 2
    assert len(retriever.invoke(QUESTION)) == 3


@pytest.mark.parametrize("settings", [{"k": 0}, {"k": "all"}, {"filter": {"languages": ["de"]}}])
def test_wrong_settings_are_refused(
    retriever: ArticleRetriever, settings: dict[str, object]
) -> None:
    from rag.langchain import ArticleRetriever

    with pytest.raises(ValueError, match=next(iter(settings))):
        ArticleRetriever.model_validate({"assistant": retriever.assistant, **settings})


def test_a_misspelt_override_is_not_ignored(retriever: ArticleRetriever) -> None:
    with pytest.raises(TypeError, match="top_k"):
        retriever.invoke(QUESTION, top_k=1)
    with pytest.raises(TypeError, match="top_k"):
        asyncio.run(retriever.ainvoke(QUESTION, top_k=1))


def test_async_batches_and_chains_find_the_same(retriever: ArticleRetriever) -> None:
    from langchain_core.runnables import RunnableLambda

    questions = [QUESTION, "Where is the bank?"]
    expected = [retriever.invoke(question) for question in questions]
    assert retriever.batch(questions) == expected
    assert asyncio.run(retriever.abatch(questions)) == expected
    assert asyncio.run(retriever.ainvoke(QUESTION, k=1)) == expected[0][:1]
    first = retriever | RunnableLambda(lambda passages: passages[0].id)
    assert first.batch(questions) == [found[0].id for found in expected]


def test_it_opens_an_index_by_its_folder(tmp_path: Path) -> None:
    from rag.langchain import ArticleRetriever

    retriever = ArticleRetriever.open(tmp_path / "none", k=3)
    assert retriever.k == 3
    with pytest.raises(RagError, match="rag index"):
        retriever.invoke(QUESTION)


def python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_without_the_package_the_error_names_the_install_command() -> None:
    code = "import sys; sys.modules['langchain_core'] = None; import rag.langchain"
    last = python(code).stderr.strip().splitlines()[-1]
    assert "pip install 'rag[langchain]'" in last
    assert "langchain_core" in last


def test_the_package_alone_does_not_load_langchain() -> None:
    loaded = python("import sys, rag; print(*sys.modules)").stdout.split()
    assert "rag.assistant" in loaded
    assert not [name for name in loaded if name.startswith(("langchain", "pydantic"))]
