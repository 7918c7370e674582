"""The BERT encoder as an OpenVINO graph, built from OpenVINO's own operators.

Inputs: `ids` (batch, length) int32, padded on the right, and `lengths` (batch,) int32.
Output: (batch, hidden) float32, the mean over each text's own tokens, not yet normalised; with an
adapter (batch, 2, hidden), without its changes and with them. Both go through the dense layers
together, which takes three quarters of the time that two graphs take.
"""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from rag.embed.packaged import BLOCK, PackedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.embed.adapter import Adapter


_importing = Lock()


def import_openvino() -> Any:
    """OpenVINO without its telemetry, which reports each import to a server.

    With an empty module in its place, OpenVINO falls back on the stub that it ships. The first
    array to become a tensor sets up OpenVINO's view of numpy; where two threads do that at once
    they wait for each other for ever, so it is done here, by one.
    """
    with _importing:
        if "openvino" not in sys.modules and "openvino_telemetry" not in sys.modules:
            sys.modules["openvino_telemetry"] = ModuleType("openvino_telemetry")
            try:
                import openvino
            finally:
                del sys.modules["openvino_telemetry"]
        import numpy as np
        import openvino

        openvino.Tensor(np.zeros(1, np.float32)).data.copy()
    return openvino


def write_graph(
    model: PackedModel, folder: Path, *, int8: bool, adapter: Adapter | None = None
) -> None:
    """Write `model.xml` and `model.bin` into `folder`; an adapter makes it read everything twice.

    With `int8` the dense layers hold a byte per weight and a float32 scale per output, the form
    that the CPU plugin multiplies in int8; without, the exact float32 weights. The embedding
    table is exact in both: bytes, with the scales of their blocks.
    """
    openvino = import_openvino()
    graph = _Builder(model, int8, adapter or {}).build()
    openvino.serialize(graph, folder / "model.xml", folder / "model.bin")


class _Builder:
    def __init__(self, model: PackedModel, int8: bool, adapter: Adapter) -> None:
        from openvino import opset13

        self.op = opset13
        self.model = model
        self.sizes = model.sizes
        self.int8 = int8
        self.adapter = adapter
        self.adapted: Any = None  # (2 batch, 1, 1): 1 for what is read with the adapter, else 0

    def build(self) -> Any:
        """The whole network, of type openvino.Model."""
        import numpy as np
        from openvino import Model

        op, axis = self.op, self._ints
        ids = op.parameter([-1, -1], np.int32, name="ids")
        lengths = op.parameter([-1], np.int32, name="lengths")
        length = op.gather(op.shape_of(ids, "i32"), axis(1), axis(0))
        positions = op.range(axis(0), length, axis(1), "i32")
        own = op.less(op.unsqueeze(positions, axis(0)), op.unsqueeze(lengths, axis(1)))
        weights = op.convert(own, "f32")  # (batch, length): 1 for a text's own tokens, else 0
        bias = op.multiply(op.subtract(weights, self._floats(1.0)), self._floats(1e9))
        bias = op.unsqueeze(bias, axis([1, 2]))
        states = self._embed(ids, positions)
        if self.adapter:
            states, weights, bias = (op.concat([each, each], 0) for each in (states, weights, bias))
            plain = op.multiply(op.convert(lengths, "f32"), self._floats(0.0))
            adapted = op.concat([plain, op.add(plain, self._floats(1.0))], 0)
            self.adapted = op.unsqueeze(adapted, axis([1, 2]))
        for layer in range(self.sizes.layers):
            states = self._layer(states, bias, f"l{layer}.")
        column = op.unsqueeze(weights, axis(2))
        total = op.reduce_sum(op.multiply(states, column), axis(1))
        mean = op.divide(total, op.reduce_sum(column, axis(1)))
        if self.adapter:
            mean = op.reshape(mean, axis([2, -1, self.sizes.hidden]), False)
            mean = op.transpose(mean, axis([1, 0, 2]))
        return Model([op.result(mean)], [ids, lengths], "encoder")

    def _embed(self, ids: Any, positions: Any) -> Any:
        """Token + position + type rows, normalised. Every token is of type 0."""
        op, axis, hidden = self.op, self._ints, self.sizes.hidden
        words = self.model.matrix("emb.word", hidden)
        codes = op.convert(op.gather(op.constant(words.codes), ids, axis(0)), "f32")
        scales = op.convert(op.gather(op.constant(words.scales), ids, axis(0)), "f32")
        blocks = op.reshape(codes, axis([0, 0, hidden // BLOCK, BLOCK]), True)
        blocks = op.multiply(blocks, op.unsqueeze(scales, axis(3)))
        places = self.model.vector("emb.pos").reshape(-1, hidden)
        places = places + self.model.vector("emb.type")[:hidden]
        rows = op.reshape(blocks, axis([0, 0, hidden]), True)
        return self._normalise(
            op.add(rows, op.gather(op.constant(places), positions, axis(0))), "emb.ln"
        )

    def _layer(self, states: Any, bias: Any, name: str) -> Any:
        """Self-attention, then the two dense layers, each added to its input and normalised."""
        op, axis, heads, hidden = self.op, self._ints, self.sizes.heads, self.sizes.hidden
        width = hidden // heads
        swap = axis([0, 2, 1, 3])  # (batch, length, heads, width) <-> (batch, heads, length, width)
        query, key, value = (
            op.transpose(
                op.reshape(self._dense(states, f"{name}{part}"), axis([0, 0, heads, width]), True),
                swap,
            )
            for part in "qkv"
        )
        scores = op.multiply(op.matmul(query, key, False, True), self._floats(width**-0.5))
        mixed = op.matmul(op.softmax(op.add(scores, bias), -1), value, False, False)
        mixed = op.reshape(op.transpose(mixed, swap), axis([0, 0, hidden]), True)
        states = self._normalise(op.add(states, self._dense(mixed, f"{name}ao")), f"{name}aln")
        wide = op.gelu(self._dense(states, f"{name}fi"), "erf")
        narrow = self._dense(wide, f"{name}fo", self.sizes.intermediate)
        return self._normalise(op.add(states, narrow), f"{name}oln")

    def _dense(self, states: Any, name: str, columns: int = 0) -> Any:
        op = self.op
        exact = self.model.matrix(f"{name}.w", columns or self.sizes.hidden).dense()
        if self.int8:
            codes, scales = int8_rows(exact)
            weights = op.multiply(op.convert(op.constant(codes), "f32"), op.constant(scales))
        else:
            weights = op.constant(exact)
        offset = op.constant(self.model.vector(f"{name}.b"))
        told = op.add(op.matmul(states, weights, False, True), offset)
        if name not in self.adapter:
            return told
        down, up = (op.constant(getattr(self.adapter[name], part)) for part in ("down", "up"))
        narrow = op.multiply(op.matmul(states, down, False, True), self.adapted)
        return op.add(told, op.matmul(narrow, up, False, True))

    def _normalise(self, states: Any, name: str) -> Any:
        op = self.op
        centred = op.mvn(states, self._ints([-1]), True, self.sizes.epsilon, "inside_sqrt")
        gain, offset = (op.constant(self.model.vector(f"{name}.{part}")) for part in "wb")
        return op.add(op.multiply(centred, gain), offset)

    def _ints(self, value: int | list[int]) -> Any:
        import numpy as np

        return self.op.constant(np.array(value, np.int32))

    def _floats(self, value: float) -> Any:
        import numpy as np

        return self.op.constant(np.float32(value))


def int8_rows(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(rows, columns) int8 in -127..127 and (rows, 1) float32: their product is `weights`."""
    import numpy as np

    scales = np.abs(weights).max(axis=1, keepdims=True) / np.float32(127)
    scales[scales == 0] = 1
    return np.rint(weights / scales).astype(np.int8), scales
