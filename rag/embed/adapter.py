"""What changes in the packaged model where it reads a question: low-rank changes of dense layers.

    adapter.npz   per dense layer `<name>.down` (rank, in) and `<name>.up` (out, rank), float16;
                  their product is added to the layer's weights

It is made by `python -m eval train-questions`. Vectors of documents do not depend on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = Path(__file__).with_name("adapter.npz")


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """`down` (rank, in) and `up` (out, rank)."""

    down: NDArray[np.float32]
    up: NDArray[np.float32]


Adapter = Mapping[str, Update]  # by the packed name of the layer, such as `l3.q`


def read_adapter(path: Path = FILE) -> Adapter:
    import numpy as np

    with np.load(path, allow_pickle=False) as file:
        names = [key.removesuffix(".down") for key in file.files if key.endswith(".down")]
        return {
            name: Update(*(file[f"{name}.{part}"].astype(np.float32) for part in ("down", "up")))
            for name in names
        }


def write_adapter(adapter: Adapter, path: Path = FILE) -> None:
    import numpy as np

    arrays = {
        f"{name}.{part}": getattr(update, part).astype(np.float16)
        for name, update in adapter.items()
        for part in ("down", "up")
    }
    np.savez(path, **arrays)


def adapter_digest(path: Path = FILE) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
