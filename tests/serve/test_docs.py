"""What docs/http.md and docs/mcp.md tell a newcomer to type does work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from rag.assistant import Assistant
from rag.config import Config
from rag.serve.app import build_app
from tests.serve.living import serving
from tests.trees import write

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ADDRESS = "http://127.0.0.1:8000"


def blocks(name: str, language: str, folder: Path = DOCS) -> list[str]:
    text = (folder / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def address(filled: Assistant) -> Iterator[str]:
    with serving(build_app(filled, Config())) as address:
        yield address


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here: apt-get install curl")
def test_the_curl_lines_run(address: str, tmp_path: Path) -> None:
    write(tmp_path / "article.txt", "Der Turm steht in Ulm. Er misst 47 Meter.")
    script = next(block for block in blocks("http.md", "sh") if "curl" in block)
    lines = script.replace("\\\n", "").replace(ADDRESS, address).splitlines()
    assert len(lines) >= 6
    replies = [
        subprocess.run(
            ["bash", "-c", f"{line} --fail-with-body"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in lines
    ]
    assert json.loads(replies[0])["language"] == "de"
    assert replies[1].endswith("event: done\ndata: {}\n\n")
    assert [json.loads(reply)["added"] for reply in replies[3:5]] == [1, 1]
    assert json.loads(replies[5])["documents"][0]["id"] == "a1"


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here: apt-get install curl")
def test_the_readme_s_snippets_for_programs_run(address: str) -> None:
    (script,) = (block for block in blocks("README.md", "sh", ROOT) if "curl" in block)
    command = ["bash", "-c", script.replace(ADDRESS, address)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["language"] == "de"
    (given,) = blocks("README.md", "json", ROOT)
    assert json.loads(given) == json.loads(blocks("mcp.md", "json")[0]), "run below"


@pytest.mark.parametrize("name", ["http.md", "mcp.md"])
def test_the_python_examples_run(
    address: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for example in blocks(name, "python"):
        exec(compile(example.replace(ADDRESS, address), name, "exec"), {"__name__": "example"})
    assert "[1]" in capsys.readouterr().out


def asked(server: Any) -> dict[str, Any]:
    """The answer of the tool."""

    async def session() -> dict[str, Any]:
        async with Client(server) as client:
            result = await client.call_tool("ask_articles", {"question": "Was kostet sie?"})
            assert isinstance(result, CallToolResult)
            content: dict[str, Any] | None = result.structured_content
            assert content is not None
            return content

    return anyio.run(session)


def test_the_configuration_for_http_works(filled: Assistant) -> None:
    (server,) = json.loads(blocks("mcp.md", "json")[1])["mcpServers"].values()
    token = server["headers"]["Authorization"].removeprefix("Bearer ")

    with serving(build_app(filled, Config(), token=token)) as address:
        url = server["url"].replace(ADDRESS, address)
        http = httpx2.AsyncClient(headers=server["headers"])
        assert asked(streamable_http_client(url, http_client=http))["citations"]


@pytest.mark.slow
def test_the_configuration_for_programs_works_with_the_real_model(
    tmp_path: Path, news: Path
) -> None:
    with Assistant.open(tmp_path / "index", config=Config()) as assistant:
        assistant.sync(news)
    (server,) = json.loads(blocks("mcp.md", "json")[0])["mcpServers"].values()
    assert server["command"] == "rag"
    arguments = [each.replace("/path/to", str(tmp_path)) for each in server["args"]]
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "rag.cli", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    answer = asked(started)
    assert answer["citations"] or answer["abstention"]


def test_every_file_they_point_to_is_there() -> None:
    for name in ("http.md", "mcp.md"):
        text = (DOCS / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!http:|https:)([^)#]+)\)", text):
            assert (DOCS / link).exists(), link


def test_every_path_and_every_code_of_the_server_is_told(filled: Assistant) -> None:
    text = (DOCS / "http.md").read_text(encoding="utf-8")
    for path in build_app(filled, Config()).openapi()["paths"]:
        assert path.replace("{doc_id}", "{id}") in text
    source = "".join(file.read_text("utf-8") for file in (ROOT / "rag" / "serve").glob("*.py"))
    codes = re.findall(r'(?:Problem\(|\()\s*(?:\d{3}),\s*"(\w+)"', source)
    assert len(codes) > 12
    for code in codes:
        assert f"`{code}`" in text, code
