"""The packaged model on OpenVINO's CPU engine."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from rag.embed.compiled import CompiledGraph
from rag.embed.convert import engine_files
from rag.embed.graph import import_openvino
from rag.embed.packaged import NAME
from rag.embed.reference import LEAST, agreement
from rag.embed.rows import unit_rows
from rag.embed.tokens import DOCUMENT_PROMPT, QUERY_PROMPT, Tokens
from rag.errors import ModelError
from rag.together import Together

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from rag.config import Config
    from rag.types import Vectors

_log = logging.getLogger("rag.embed")

DIM, MAX_TOKENS = 384, 512
PAD = 1  # any id would do: the graph looks at a text's own tokens only
BATCH_TOKENS = 1024  # padding included; larger batches fall out of the processor's caches
_SETTINGS = {
    "int8": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "64"},
    "bf16": {"INFERENCE_PRECISION_HINT": "bf16", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"},
    "fp32": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"},
}
# Where texts are many, what is beside int8 products is faster so on a processor that has bf16; one
# question is not.
_BESIDE = {"INFERENCE_PRECISION_HINT": "bf16"}
_COMPARED = 64  # texts by which that is checked


class OpenVinoEmbedder:
    """multilingual-e5-small, with an adapter beside it where a question is read for its answer.

    The first use converts it. Longer texts are cut at 512 tokens. Raises ModelError if the model
    cannot be had.
    """

    name = NAME
    dim = DIM
    max_tokens = MAX_TOKENS
    adapted = True

    def __init__(self, config: Config) -> None:
        self._config = config
        self._plain = _Side(config)
        self.fingerprint = self._plain.fingerprint
        self.precision = self._plain.precision
        self._queries = Together(self._plain.engine.run_several)
        self._questions: Together[Sequence[NDArray[np.int32]], Vectors] | None = None
        self._opening = Lock()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens that each text takes as a document, uncut."""
        return self._plain.tokens.count(texts, DOCUMENT_PROMPT)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32 unit rows."""
        return self._queries(self._plain.tokens.encode(texts, QUERY_PROMPT))

    def embed_questions(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """(n, 384) float32 unit rows of each. The first call loads what reads them."""
        with self._opening:
            if self._questions is None:
                side = _Side(self._config, self._plain.tokens)
                self._questions = Together(side.engine.run_several)
        both = self._questions(self._plain.tokens.encode(texts, QUERY_PROMPT))
        return both[:, 0], both[:, 1]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32 unit rows."""
        return self._plain.embed(texts)


class _Side:
    """The model as it is or, with the tokenizer of that, with the adapter beside it.

    In a number format that gives the right vectors on this processor.
    """

    def __init__(self, config: Config, tokens: Tokens | None = None) -> None:
        self._is_adapted = tokens is not None
        self._prompt = QUERY_PROMPT if self._is_adapted else DOCUMENT_PROMPT
        self._open(config, choose_precision(config.precision), tokens)
        if not self.engine.known and (nearness := self._nearness()) < LEAST:
            _log.warning(
                "%s gives other vectors here than it should: cosine %.3f; set RAG_PRECISION=fp32",
                self.precision,
                nearness,
            )
            if config.precision == "auto":
                self._open(config, "fp32", self.tokens)
        else:
            self.engine.keep()

    def _open(self, config: Config, precision: str, tokens: Tokens | None) -> None:
        int8 = precision == "int8"
        files = engine_files(config, int8=int8, questions=self._is_adapted)
        self.fingerprint = files.fingerprint
        self.precision = f"openvino {precision}"
        with ThreadPoolExecutor(1) as beside:  # neither load waits for the other
            loading = beside.submit(lambda: tokens or Tokens(files.folder, MAX_TOKENS))
            self.engine = _Engine(files.folder / "model.xml", precision, config.threads)
            self.tokens = loading.result()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, 384), or with the adapter (n, 2, 384)."""
        return self.engine.run(self.tokens.encode(texts, self._prompt))

    def _nearness(self) -> float:
        if not self._is_adapted:
            return agreement(self.embed)
        return agreement(lambda texts: self.embed(texts)[:, 1], questions=True)


def choose_precision(setting: str, offered: Collection[str] | None = None) -> str:
    """The format to use of those that the processor offers.

    `auto` is int8: measured, it is the fastest and ranks as well as float32. Raises ModelError
    for bf16 on a processor without it, where OpenVINO would silently take float32.
    """
    if offered is None:
        offered = _offered(import_openvino().Core())
    if setting == "auto":
        return "int8" if "INT8" in offered else "fp32"
    if setting == "bf16" and "BF16" not in offered:
        raise ModelError("precision is bf16, which this processor lacks; set RAG_PRECISION=auto")
    return setting


def _offered(core: Any) -> Collection[str]:
    """What the processor can do, as OpenVINO names it."""
    found: list[str] = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return found


class _Engine:
    """One graph compiled twice: all cores on one batch, or a batch for each group of cores."""

    def __init__(self, graph: Path, precision: str, threads: int) -> None:
        self._precision = precision
        # Bound to cores, two processes with a thread each would share the first one.
        self._settings = {**_SETTINGS[precision], "ENABLE_CPU_PINNING": "NO"}
        if threads:
            self._settings["INFERENCE_NUM_THREADS"] = str(threads)
        self._core = import_openvino().Core()
        self._graph = graph
        self._latency = self._compile("LATENCY")
        self._throughput: _Compiled | None = None
        self._lock = Lock()

    def run(self, rows: Sequence[NDArray[np.int32]]) -> Vectors:
        """(n, …, dim) unit vectors of n rows of token ids, whatever their order and number."""
        batches = list(_batches(rows))
        compiled = self._latency if len(batches) < 2 else self._for_many(rows)
        return self._vectors(compiled, rows, batches)

    def _vectors(
        self, compiled: _Compiled, rows: Sequence[NDArray[np.int32]], batches: Sequence[list[int]]
    ) -> Vectors:
        import numpy as np

        vectors = np.empty((len(rows), *compiled.shape), np.float32)
        for batch, means in compiled.map(rows, batches):
            vectors[batch] = means
        return unit_rows(vectors)

    def run_several(self, several: Sequence[Sequence[NDArray[np.int32]]]) -> list[Vectors]:
        """The same for groups of rows: (n, …, dim) of each."""
        import numpy as np

        vectors = self.run([row for group in several for row in group])
        return np.split(vectors, np.cumsum([len(group) for group in several])[:-1])

    @property
    def known(self) -> bool:
        """Whether an earlier process has used this graph here, and `keep` kept it."""
        return self._latency.graph.known

    def keep(self) -> None:
        self._latency.graph.keep()

    def _for_many(self, rows: Sequence[NDArray[np.int32]]) -> _Compiled:
        with self._lock:
            if self._throughput is None:
                self._throughput = self._with_bf16(rows) or self._compile("THROUGHPUT")
                self._throughput.graph.keep()
            return self._throughput

    def _with_bf16(self, rows: Sequence[NDArray[np.int32]]) -> _Compiled | None:
        """For many texts; None where the processor lacks it, or gives other vectors or none."""
        if self._precision != "int8" or "BF16" not in _offered(self._core):
            return None
        try:
            made = self._compile("THROUGHPUT", **_BESIDE)
            right = made.graph.known or self._nearness(made, rows[:_COMPARED]) >= LEAST
        except ModelError:
            return None
        return made if right else None

    def _nearness(self, compiled: _Compiled, rows: Sequence[NDArray[np.int32]]) -> float:
        """The lowest cosine to what the graph for one batch says, which was checked."""
        batches = list(_batches(rows))
        told, checked = (self._vectors(c, rows, batches) for c in (compiled, self._latency))
        return float((told * checked).sum(axis=-1).min())

    def _compile(self, hint: Literal["LATENCY", "THROUGHPUT"], **beside: str) -> _Compiled:
        settings = {**self._settings, **beside, "PERFORMANCE_HINT": hint}
        try:
            return _Compiled(CompiledGraph(self._core, self._graph, settings))
        except RuntimeError as error:
            reason = str(error).strip().rpartition("\n")[2]
            raise ModelError(
                f"OpenVINO cannot run {NAME} on this processor ({reason}); try RAG_PRECISION=fp32, "
                "or set RAG_MODEL to use sentence-transformers"
            ) from None


class _Compiled:
    """A compiled graph and the inference requests that are free."""

    def __init__(self, graph: CompiledGraph) -> None:
        self.graph = graph
        self._model = model = graph.model
        self._free: SimpleQueue[Any] = SimpleQueue()
        _, *rest = model.output(0).partial_shape
        self.shape = [each.get_length() for each in rest]  # of what it says of a text
        self._workers: int = model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")

    def map(
        self, rows: Sequence[NDArray[np.int32]], batches: Sequence[list[int]]
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Each batch with its (n, …, dim) means."""
        if len(batches) < 2:
            yield from ((batch, self._infer(rows, batch)) for batch in batches)
            return
        with ThreadPoolExecutor(self._workers) as pool:
            yield from zip(batches, pool.map(partial(self._infer, rows), batches), strict=True)

    def _infer(
        self, rows: Sequence[NDArray[np.int32]], batch: Sequence[int]
    ) -> NDArray[np.float32]:
        import numpy as np

        lengths = np.array([len(rows[i]) for i in batch], np.int32)
        ids = np.full((len(batch), lengths.max()), PAD, np.int32)
        for line, i in zip(ids, batch, strict=True):
            line[: len(rows[i])] = rows[i]
        try:
            request = self._free.get_nowait()
        except Empty:
            request = self._model.create_infer_request()
        request.infer([ids, lengths], share_inputs=True)
        means: NDArray[np.float32] = request.get_output_tensor().data.copy()
        self._free.put(request)
        return means


def _batches(rows: Sequence[NDArray[np.int32]]) -> Iterator[list[int]]:
    """Indexes of rows, longest first, so that a batch holds rows of about one length."""
    batch: list[int] = []
    for i in sorted(range(len(rows)), key=lambda i: -len(rows[i])):
        if batch and len(rows[batch[0]]) * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
