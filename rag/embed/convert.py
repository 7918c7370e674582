"""The packaged weights → files in the cache, each kind once, when it is first needed.

    int8/, dense/   tokenizers, model.xml, model.bin             for the engine
    int8-questions/, dense-questions/                            the same, the adapter beside it
    torch/          an ordinary sentence-transformers folder     for everything else

A folder appears whole or not at all, and one that was damaged later is made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed.packaged import (
    NAME,
    PACKAGE,
    PackedModel,
    check_genuine,
    packaged_file,
    read_packaged,
)
from rag.embed.tokens import DOCUMENT_PROMPT, QUERY_PROMPT, TOKENIZATION, write_tokenizers
from rag.errors import ModelError

if TYPE_CHECKING:
    from rag.config import Config

FORMAT = 4  # raise it when the conversion changes
MANIFEST = "manifest.json"
_log = logging.getLogger("rag.embed")


@dataclass(frozen=True, slots=True)
class Converted:
    """A folder of the cache, checked, and the fingerprint of the model in it."""

    folder: Path
    fingerprint: str


def engine_files(config: Config, *, int8: bool, questions: bool = False) -> Converted:
    """The folder that the engine reads, for documents or for questions; made if it is not there.

    Takes a few seconds and 140 MB of disk (int8) or 200 MB the first time. Raises ModelError.
    """
    from rag.embed.adapter import adapter_digest, read_adapter
    from rag.embed.graph import write_graph

    def build(model: PackedModel, folder: Path) -> None:
        write_tokenizers(model, folder)
        write_graph(model, folder, int8=int8, adapter=read_adapter() if questions else None)

    kind = "int8" if int8 else "dense"
    if questions:
        return _cached(config, f"{kind}-questions", build, adapter_digest())
    return _cached(config, kind, build)


def torch_folder(config: Config) -> Path:
    """The packaged model as a sentence-transformers folder, 490 MB; made if it is not there."""
    from rag.embed.export import write_folder

    return _cached(config, "torch", write_folder).folder


def _cached(
    config: Config, kind: str, build: Callable[[PackedModel, Path], None], adapter: str = ""
) -> Converted:
    """`adapter` is the digest of the one in it: with another the folder is made again."""
    source, version = packaged_file()
    home = config.cache_dir / f"{NAME}-{PACKAGE}-{version}-v{FORMAT}"
    target = home / kind
    try:
        manifest = _manifest(target, adapter)
        if manifest is None:
            home.mkdir(parents=True, exist_ok=True)
            with _locked(home / f"{kind}.lock"):
                manifest = _manifest(target, adapter) or _make(target, source, build, adapter)
    except OSError as error:
        raise ModelError(
            f"{target}: the converted model cannot be kept there ({error.strerror}); "
            "make room, or set RAG_CACHE to another folder"
        ) from None
    return Converted(target, manifest["fingerprint"])


def _make(
    target: Path, source: Path, build: Callable[[PackedModel, Path], None], adapter: str
) -> Mapping[str, Any]:
    """Build beside the target, then put it in its place with one rename."""
    _log.info("converting %s into %s, once", source.name, target)
    model = read_packaged(source)
    check_genuine(model)
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    build(model, partial)
    parts = (model.fingerprint, str(TOKENIZATION), QUERY_PROMPT, DOCUMENT_PROMPT)
    fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    files = {
        str(path.relative_to(partial)): _checksum(path)
        for path in sorted(partial.rglob("*"))
        if path.is_file()
    }
    manifest = {"fingerprint": fingerprint, "adapter": adapter, "files": files}
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in (*partial.rglob("*"), partial):
        _flush(path)
    if target.exists():
        shutil.rmtree(target)
    partial.rename(target)
    _flush(target.parent)
    return manifest


def _manifest(folder: Path, adapter: str) -> Mapping[str, Any] | None:
    """What the folder holds, if it is there, of this adapter, and each file has its checksum."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest.get("adapter", "") != adapter:
            return None
        intact = all(_checksum(folder / name) == crc for name, crc in manifest["files"].items())
        return manifest if intact and manifest["fingerprint"] else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        _log.warning("%s is damaged; converting again", folder)
        return None


def _checksum(path: Path) -> int:
    """CRC-32: it guards against accidents, and runs at the speed of the disk."""
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 22):
            crc = zlib.crc32(piece, crc)
    return crc


def _flush(path: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait for, then hold, the lock; the system frees it if the process dies."""
    import fcntl  # the package has no Windows build, so nothing is converted there

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
