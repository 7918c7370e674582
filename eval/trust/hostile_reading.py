"""A file → its documents, chunks and terms, as indexing makes them, without a model.

As a process, `python -m eval.trust.hostile_reading`: a path a line comes in, a line of JSON goes
out. It gives itself the address space of `LIMIT`, so that a file that takes more is noticed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import UnreadableFile
from rag.ingest import Reading, read_file
from rag.ingest.chunk import chunk
from rag.ingest.duplicates import signature
from rag.language.analysis import analyse
from rag.types import Document

MOST_BYTES = 20_000_000  # of a file, as the settings have it
LIMIT = 4 << 30  # bytes of address space, of which the libraries take a fourth before any file
TARGET, ROOM = 256, 512  # tokens of a chunk


def count_tokens(texts: Sequence[str]) -> list[int]:
    """About as many as the model counts; it sees no text here."""
    return [3 + max(1, len(text) // 4) for text in texts]


def prepare(path: Path) -> tuple[Reading, int]:
    """What is in a file, with all that is made of it before the model reads it: how many chunks.

    Raises UnreadableFile, and AssertionError where a span is not exact.
    """
    reading = read_file(path, "file", MOST_BYTES)
    return reading, sum(_chunks(document) for document, _ in reading.documents)


def _chunks(document: Document) -> int:
    text = document.text
    chunks = chunk(document, count_tokens, TARGET, ROOM)
    assert text.strip(), "a document without text"
    assert document.title.strip(), "a document without a title"
    (text + document.title).encode()  # raises where half a character is left
    at = 0
    for each in chunks:
        assert each.span.start == each.sentences[0].start
        assert each.span.end == each.sentences[-1].end
        for span in each.sentences:
            assert not text[at : span.start].strip(), "text lies between two sentences"
            quote = span.of(text)
            assert at <= span.start < span.end <= len(text)
            assert quote == quote.strip() != "", "a sentence has white space around it"
            at = span.end
        analyse(each.span.of(text), document.language)
    assert not text[at:].strip(), "text lies behind the last sentence"
    signature(document)
    return len(chunks)


def main() -> None:
    """Until stdin ends: seconds of CPU, MB at most, and what came of it."""
    warm = Path(sys.argv[1])
    warm.write_text("<html><body><p>Das ist ein Satz. This is one too.</p></body></html>")
    _examine(warm)
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_examine(Path(json.loads(line)))), flush=True)


def _examine(path: Path) -> dict[str, Any]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    begun = time.process_time()
    try:
        reading, chunks = prepare(path)
        said = f"{len(reading.documents)} documents, {chunks} chunks"
    except UnreadableFile as error:
        said = f"refused: {error.reason[:100]}"
    seconds = time.process_time() - begun
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return {"seconds": round(seconds, 2), "megabytes": peak // 1024, "said": said}


if __name__ == "__main__":
    main()
