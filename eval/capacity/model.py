"""The model: constants measured on small indexes and figures that others published, and products.

A constant says where it is from. What was measured is in `eval/RESULTS.md`, section "Speed and
size", on 2 cores; `report.check` lays the model beside three indexes that were measured. Nothing of
Milvus was run on a cluster.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DIM = 384  # columns of multilingual-e5-small
CHARACTERS = 100  # of a sentence
PER_DOCUMENT, PER_CHUNK = 20, 6.7  # sentences
LARGEST = 6 / 7  # share of the language that most are in; the rest is one more

# --- the local index: bytes, by its format (index/README.md) ---
HALF = 2 * DIM  # a float16 vector: in the catalog, for each title too, and once more in the cache
CATALOG = 500  # text, terms and rows of a sentence in the catalog, measured at 10⁴
ROW = 5 * 8 + 1  # of the vector cache
CODE = DIM // 4  # four bits for two columns, for languages that are
CODED = 50_000  # sentences or larger
WORDS = 30  # tantivy; 37 at 10⁴, 24 at 10⁶, because words come again
PROCESS = 629e6  # memory of an assistant besides: model, libraries, what is remembered

# --- a question, milliseconds ---
ALONE = 11.0  # one client, without nearest vectors: the model and the features, measured at 10⁴
BUSY = 19.4  # of processor time, when two cores answer many clients, measured at 10⁴
EXACT = 1.1e3 / 9_853  # microseconds for a sentence that is looked at whole
SCANNED = 4.4e-3  # microseconds for a code, between 84,633 and 846,615 of them
AGAIN = 1.9  # reading 6,400 vectors again, in each language that has codes
CATALOG_READ = 1.15  # for each tenfold from 10⁴ on: 1.1 there, 3.4 at 10⁶

# --- indexing ---
PER_CHARACTER = 39.8 / 964_904  # seconds of processor time, from files to caches; 9/10 the model
EFFICIENCY = 0.95  # of the cores that are busy: 39.8 s of processor time in 20.9 s on two

# --- Milvus: bytes of the rows that rag/store/milvus writes ---
FILTERS = 3 * 32 + 4 * 8  # hashes of document, source and language; two dates, two generations
SENTENCE_ROW = 4 * DIM + FILTERS + 64 + 14  # float32 vector, key, id
CHUNK_ROW = (
    4 / 3 * HALF * (PER_CHUNK + 1)  # vectors of title and sentences in base64, for the features
    + 512  # signature for near-copies
    + PER_CHUNK * 110  # terms and spans
    + 60 * 8  # the sparse vector of BM25
    + FILTERS
    + 160
)
DOCUMENT_ROW = 1.2 * CHARACTERS * PER_DOCUMENT + FILTERS + 700  # JSON; two entries beside it
MILVUS_ROWS = SENTENCE_ROW + CHUNK_ROW / PER_CHUNK + DOCUMENT_ROW / PER_DOCUMENT + 20  # counts
LINKS = 2 * 30 * 4  # of a vector in a graph with M = 30, Milvus' default

# Alibaba Cloud, "Milvus limits and quotas": 8 GB hold 1.5 million vectors of 768 columns in
# memory, or 5 million by DiskANN and mapped files. Beside bytes of vectors (and links), that is:
IN_MEMORY = 8e9 / 1.5e6 / (4 * 768 + LINKS)
ON_DISK = 8e9 / 5e6 / (4 * 768)

# Milvus 2.2 Benchmark Test Report (milvus.io/docs/v2.2.x/benchmark.md): 7,153 questions a second
# on 8 cores, HNSW over a million vectors of 128 columns, ef 64. Work grows with columns and ef.
WANTED = 400  # sentences that the store asks for, so ef is as large
GRAPH = 8e3 / 7_153 * (DIM / 128) * (WANTED / 64)  # ms of processor time at a million
SCAN = 4 * DIM / 10e9 * 1e3  # ms to look at one sentence by FLAT: 10 GB a second and core
DISK = 100.0  # ms by DiskANN: "~100 ms" (Zilliz, "Demystifying the Milvus Sizing Tool")
ROUNDS, ROUND = 6, 1.5  # calls to Milvus one after another in a question, and ms for each
BODIES = 250 * CHUNK_ROW / 1.25e9 * 1e3  # ms to fetch a question's chunks at 10 Gbit/s
SEGMENT = 16e9 / (4 * DIM)  # sentences of a segment, with dataCoord.segment.maxSize of 16 GB


@dataclass(frozen=True, slots=True)
class Machine:
    """`memory` in bytes; a fifth stays free for the system and for segments that are exchanged."""

    cores: int = 16
    memory: float = 64e9

    @property
    def usable(self) -> float:
        return 0.8 * self.memory


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes, hours, milliseconds. `per_second` counts questions on all machines."""

    engine: str
    disk: float
    memory: float  # that must be there
    machines: int
    hours: float
    question: float
    per_second: float
    resident: float = 0.0  # with all that is mapped from files in memory as well


def local(sentences: float, machine: Machine) -> Need:
    """One process on one machine, however many sentences there are; warm."""
    n = sentences
    parts = [LARGEST * n, (1 - LARGEST) * n]
    coded = [part for part in parts if part > CODED]
    codes = CODE * sum(coded)
    cache = (HALF + ROW) * n + codes
    catalog = HALF * (n + n / PER_DOCUMENT) + CATALOG * n
    search = sum(SCANNED * p / 1e3 + AGAIN if p > CODED else EXACT * p / 1e3 for p in parts)
    search += CATALOG_READ * max(0.0, math.log10(n / 1e4))
    return Need(
        engine="local",
        disk=catalog + cache + WORDS * n,
        memory=PROCESS + codes,
        machines=1,
        hours=hours(n, machine.cores),
        question=ALONE + search,
        per_second=machine.cores * 1e3 / (BUSY + search),
        resident=PROCESS + cache,
    )


def milvus(sentences: float, machine: Machine, replicas: int = 1) -> Need:
    """Query nodes that hold the index, `replicas` times; each has an assistant beside it.

    Coordinators, object storage and the log need machines of their own, three small ones.
    """
    n, raw = sentences, 4 * DIM
    index, stored, held = index_of(n), 0.0, IN_MEMORY * raw
    if index == "HNSW":
        stored, held = raw + LINKS, IN_MEMORY * (raw + LINKS)
    elif index == "HNSW_SQ":
        stored, held = DIM + LINKS, IN_MEMORY * (DIM + LINKS)
    elif index == "DISKANN":
        stored, held = raw + 4 * 56, ON_DISK * raw  # 56 links, Milvus' default
    memory = replicas * (held * n + PROCESS)
    machines = max(replicas, math.ceil(memory / machine.usable))
    segments = max(1, math.ceil(n / SEGMENT))
    size = n / segments
    work = SCAN * size if index == "FLAT" else GRAPH * max(0.5, math.log(size) / math.log(1e6))
    cores = machine.cores * machines / replicas
    waves = math.ceil(segments / cores)
    search = max(work * waves, DISK if index == "DISKANN" else 0.0)
    return Need(
        engine=f"Milvus, {index}",
        disk=(MILVUS_ROWS + stored) * n,
        memory=memory,
        machines=machines,
        hours=hours(n, machine.cores * machines),
        question=ALONE + ROUNDS * ROUND + BODIES + search,
        per_second=machine.cores * machines * 1e3 / (BUSY + BODIES + segments * work),
    )


def index_of(sentences: float) -> str:
    """Which index of Milvus serves so many; docs/scale.md has the reasons."""
    for most, index in ((2e5, "FLAT"), (3e7, "HNSW"), (3e8, "HNSW_SQ")):
        if sentences <= most:
            return index
    return "DISKANN"


def hours(sentences: float, cores: int) -> float:
    return sentences * CHARACTERS * PER_CHARACTER / EFFICIENCY / cores / 3600
