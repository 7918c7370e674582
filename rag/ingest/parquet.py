"""Parquet: a row is an article, as in JSONL; columns are named as a row's keys are there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from rag.errors import UnreadableFile

_STEP = 256  # rows that are unpacked at once


def unpack(data: bytes, path: str, limit: int) -> Iterator[dict[str, Any]]:
    """The rows. Raises UnreadableFile for what is no Parquet or holds more than `limit` characters.

    A small file can unpack to a large one, so what comes out is counted too. A date is taken for
    its ISO form, and an empty cell for a missing key.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise UnreadableFile(
            path, "Parquet needs the package pyarrow; run: pip install 'rag[ray]'"
        ) from None
    total = 0
    try:
        for batch in ParquetFile(io.BytesIO(data)).iter_batches(_STEP):
            total += batch.nbytes
            if total > limit:
                reason = f"too large: more than {limit} bytes when unpacked"
                raise UnreadableFile(path, f"{reason}; split it or raise max_file_bytes")
            for row in batch.to_pylist():
                yield {key: _plain(cell) for key, cell in row.items() if cell is not None}
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableFile(path, f"no Parquet file ({reason[:200]})") from None


def _plain(cell: Any) -> Any:
    """Dates and times as text, the rest as it is."""
    return cell.isoformat() if hasattr(cell, "isoformat") else cell
