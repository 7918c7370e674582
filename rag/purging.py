"""Taking documents out for good: nothing of their text stays in the folder of the index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.errors import DocumentNotFound
from rag.ingest import is_remote
from rag.page import feedback
from rag.store import Delta, Writer
from rag.store.opening import open_store, own_folder


def purge(index: str | Path, doc_ids: Sequence[str]) -> list[str | Path]:
    """Remove documents, also ones that were removed before, with all that is kept of their text.

    What goes too is the file of an upload that held nothing else, and what readers said of answers
    that quote them. Ids stay, so that later syncs leave the documents out. Returns the files that
    still hold them: the user's own. Raises DocumentNotFound, and RagError while another process
    reads what was there before; both ask to be called again.
    """
    folder, store = own_folder(index), open_store(index)
    with store.writer() as writer:
        places = writer.owners(doc_ids)
        known = places.keys() | writer.excluded()
        for doc_id in doc_ids:
            if doc_id not in known:
                raise DocumentNotFound(f"{doc_id}: no such document; see: rag list")
        roots = {root.name: root.path for root in writer.roots()}
        left: list[str | Path] = []
        for root, path in sorted(set(places.values())):
            if is_remote(roots[root]):
                left.append(f"{roots[root]}/{path}")
                continue
            file = Path(roots[root], path)
            if file.is_relative_to(folder.absolute()) and _only(writer, (root, path), doc_ids):
                file.unlink(missing_ok=True)
            elif file.exists():
                left.append(file)
        feedback.forget(folder / feedback.FILE, doc_ids)
        writer.apply(Delta(remove=tuple(places), exclude=tuple(doc_ids)))
        writer.erase()
    store.close()
    return left


def _only(writer: Writer, place: tuple[str, str], doc_ids: Sequence[str]) -> bool:
    """Whether a file holds none but these documents."""
    return writer.documents_of(*place).keys() <= set(doc_ids)
