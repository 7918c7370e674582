"""Where an index lies: in a folder of this machine, or in Milvus. The one place that tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import ConfigError
from rag.store.milvus.address import PREFIX, Address

if TYPE_CHECKING:
    from rag.store import Row, Store
    from rag.store.salvage import Saved
    from rag.types import Document

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


def make_store(index: Index, read_rows: Callable[[], Iterable[Row]]) -> None:
    """An index of the rows of another (`Store.rows`), where none is: whole or not at all.

    They are read more than once, so that only a part of them is in memory. Raises RagError,
    and IndexDamaged where they agree with each other less than `Store.verify` asks.
    """
    if is_milvus(index):
        from rag.store.milvus.archive import make as make_in_milvus

        make_in_milvus(Address.parse(str(index)), read_rows)
        return
    from rag.store.archive import make

    make(Path(index), read_rows)


def salvage(
    damaged: Index, new: Index, genuine: Callable[[dict[str, str]], Callable[[Document, str], bool]]
) -> Saved:
    """Make an index at `new` of what can still be read; what is in a folder goes into a folder.

    `genuine` tells of an index with these settings whether a document agrees with its checksum.
    """
    if is_milvus(damaged):
        from rag.store.milvus.archive import salvage as salvage_milvus

        return salvage_milvus(Address.parse(str(damaged)), new, genuine)
    if is_milvus(new):
        raise ConfigError(
            f"{shown(new)}: what is saved of a folder goes into a folder; name one, "
            "and bring it there with: rag export, rag import"
        )
    from rag.store.salvage import salvage as salvage_folder

    return salvage_folder(Path(damaged), Path(new), genuine)


def outdated(index: Index) -> dict[str, str] | None:
    """The settings of an index of an earlier format, else None. Raises IndexNotFound."""
    if is_milvus(index):
        return None
    from rag.store.local import LocalStore

    return LocalStore.outdated(Path(index))
