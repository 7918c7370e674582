"""The work of a sync, done by a Ray cluster. Ray is loaded when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from rag.errors import ConfigError

if TYPE_CHECKING:
    from rag.config import Config
    from rag.pipeline import Hands

ADDRESS = re.compile(r"auto|local|[\w.-]+:\d{1,5}|\[[\da-fA-F:]+\]:\d{1,5}")  # of a cluster


def hands_of(
    ray: str | None, config: Config, settings: Mapping[str, str]
) -> AbstractContextManager[Hands | None]:
    """The hands that `ray` names: those of a cluster, or without a name the caller's own (None).

    `settings` are those of the index (`Indexer.settings`), which each worker has to agree with.
    Raises ConfigError where the extra is not installed.
    """
    if ray is None:
        return nullcontext()
    try:
        from rag.cluster.session import workers
    except ImportError as error:
        raise ConfigError(
            f"--ray needs the package {error.name}; run: pip install 'rag[ray]'"
        ) from None
    return workers(ray, config, settings)
