"""Compiled graphs, kept beside the model: reading one takes a third of the time of making it.

    compiled-<settings>.bin     CRC-32 of the rest (4 bytes, little-endian), OpenVINO's export

The export holds no weights; they stay in model.bin. OpenVINO refuses what another version of it or
another kind of processor made.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_CHECKSUM = 4  # bytes


class CompiledGraph:
    """`model` is of type openvino.CompiledModel; `known` is whether it had been kept.

    Raises RuntimeError (OpenVINO) where the graph cannot be compiled.
    """

    def __init__(self, core: Any, graph: Path, settings: Mapping[str, str]) -> None:
        name = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
        self._path = graph.with_name(f"compiled-{name}.bin")
        settings = {**settings, "CACHE_MODE": "OPTIMIZE_SIZE"}
        self.model: Any = None
        data = _read(self._path)
        if data is not None:
            weights = {"WEIGHTS_PATH": str(graph.with_suffix(".bin"))}
            with suppress(RuntimeError):  # of another version
                self.model = core.import_model(io.BytesIO(data), "CPU", {**settings, **weights})
        self.known = self.model is not None
        if not self.known:
            self.model = core.compile_model(core.read_model(graph), "CPU", settings)

    def keep(self) -> None:
        """Keep it for the next process, if it can be written."""
        if self.known:
            return
        stream = io.BytesIO()
        self.model.export_model(stream)
        with suppress(OSError):
            _write(self._path, stream.getvalue())


def _read(path: Path) -> bytes | None:
    """What `_write` left there, or None where that is missing or damaged."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    intact = zlib.crc32(data[_CHECKSUM:]).to_bytes(_CHECKSUM, "little") == data[:_CHECKSUM]
    return data[_CHECKSUM:] if intact else None


def _write(path: Path, data: bytes) -> None:
    """The file appears whole or not at all."""
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(zlib.crc32(data).to_bytes(_CHECKSUM, "little") + data)
        Path(partial).replace(path)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise
