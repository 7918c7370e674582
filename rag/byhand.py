"""What is changed by hand and stays so in later syncs: documents out, dates and publishers right.

A correction is a setting of the catalog, `correct:` and the document's id. It goes with a document
into every sync, so a file that changes keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.errors import DocumentNotFound
from rag.indexing import Indexer
from rag.pipeline import Pipeline
from rag.store import Delta, Store
from rag.types import Document, Period

PREFIX = "correct:"

Corrections = Mapping[str, str]  # id → what is right, as JSON


def remove(store: Store, doc_ids: Sequence[str]) -> None:
    """Take documents out, also of later syncs. Raises DocumentNotFound, then removes none."""
    with store.writer() as writer:
        known = writer.owners(doc_ids)
        for doc_id in doc_ids:
            if doc_id not in known:
                raise DocumentNotFound(f"{doc_id}: no such document; see: rag list")
        writer.apply(Delta(remove=tuple(doc_ids), exclude=tuple(doc_ids)))
        writer.publish()


def correct(
    store: Store, indexer: Indexer, doc_id: str, published: Period | None, source: str | None
) -> None:
    """Give a document another date and publisher, None where unknown. Raises DocumentNotFound."""
    right = json.dumps([published and str(published), source])
    with store.writer() as writer, store.snapshot() as snapshot:
        document = corrected(snapshot.document(doc_id), {doc_id: right})
        place = writer.owners([doc_id])[doc_id]
        record = indexer.record((document, snapshot.removed(doc_id), *place))
        delta = Delta(upsert=[record], settings=as_settings({doc_id: right}))
        with Pipeline(writer, indexer) as pipeline:
            pipeline.submit([record], delta)
            pipeline.drain()
        writer.publish()


def as_settings(known: Corrections) -> dict[str, str]:
    """As the catalog keeps them."""
    return {f"{PREFIX}{doc_id}": right for doc_id, right in known.items()}


def corrections(settings: Mapping[str, str]) -> dict[str, str]:
    """Those among the settings of a catalog."""
    named = ((name.removeprefix(PREFIX), name, right) for name, right in settings.items())
    return {doc_id: right for doc_id, name, right in named if name != doc_id}


def corrected(document: Document, known: Corrections) -> Document:
    """The document as it was set right, if it was."""
    right = known.get(document.doc_id)
    if right is None:
        return document
    published, source = json.loads(right)
    period = None if published is None else _period(published)
    return replace(document, published=period, source=source)


def _period(text: str) -> Period:
    """A free range is `first/last`."""
    first, _, last = text.partition("/")
    return Period(Period.parse(first).first, Period.parse(last or first).last)
