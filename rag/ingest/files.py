"""Which files a folder holds."""

from __future__ import annotations

import os
from pathlib import Path

from rag.errors import SourceError


def find_files(root: Path) -> list[Path]:
    """`root` itself if it is a file, else every file below it, sorted, hidden ones left out.

    Symbolic links below `root` are not followed: what they name inside the folder is listed under
    its own name, and what lies outside was not asked for. Devices and pipes are listed, so that
    `read_file` reports them; neither opens them. Raises SourceError where `root` does not exist or
    a folder cannot be listed: a folder taken for empty would cost its articles their place.
    """
    if not root.exists():
        raise SourceError(f"{root}: no such file or folder; correct the path")
    if not root.is_dir():
        return [root]
    found: list[Path] = []
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.is_symlink():
                        continue
                    target = folders if entry.is_dir(follow_symlinks=False) else found
                    target.append(folder / entry.name)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SourceError(
                f"{folder}: cannot list the folder ({reason}); make it readable or move it away"
            ) from None
    return sorted(found)
