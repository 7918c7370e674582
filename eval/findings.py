"""What a long measurement has found so far, a part at a time, so that it can be resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval.datasets import DatasetError


def read(path: Path) -> dict[str, Any]:
    """What an earlier run left; nothing where there is no file. Raises DatasetError."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["parts"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: no findings ({error}); name another file") from None
    return found


def write(path: Path, parts: dict[str, Any]) -> None:
    """In one step, so that a run that is interrupted loses one part at most."""
    text = json.dumps({"parts": parts}, ensure_ascii=False, indent=1)
    partial = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(f"{text}\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; name a file that can be written") from None
