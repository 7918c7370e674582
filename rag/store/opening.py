"""Where an index lies: in a folder of this machine, or in Milvus. The one place that tells them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.store.milvus.address import PREFIX, Address

if TYPE_CHECKING:
    from rag.store import Store

Index = str | Path  # a folder, or a Milvus address


def is_milvus(index: Index) -> bool:
    return isinstance(index, str) and index.startswith(PREFIX)


def shown(index: Index) -> str:
    """As messages name it: without a password."""
    return str(Address.parse(str(index)) if is_milvus(index) else index)


def own_folder(index: Index) -> Path:
    """What this machine keeps beside the index: uploaded files, feedback. Raises ConfigError."""
    return Address.parse(str(index)).folder if is_milvus(index) else Path(index)


def open_store(index: Index) -> Store:
    """Raises IndexNotFound, IndexMismatch, IndexDamaged, ConfigError."""
    if is_milvus(index):
        from rag.store.milvus.store import MilvusStore

        return MilvusStore(Address.parse(str(index)))
    from rag.store.local import LocalStore

    return LocalStore(Path(index))


def create_store(index: Index, settings: Mapping[str, str]) -> Store:
    """Open it, made with these settings if there is none yet. Raises IndexLocked."""
    if is_milvus(index):
        from rag.store.milvus.store import MilvusStore

        return MilvusStore.create(Address.parse(str(index)), settings)
    from rag.store.local import LocalStore

    return LocalStore.create(Path(index), settings)


def outdated(index: Index) -> dict[str, str] | None:
    """The settings of an index of an earlier format, else None. Raises IndexNotFound."""
    if is_milvus(index):
        return None
    from rag.store.local import LocalStore

    return LocalStore.outdated(Path(index))
