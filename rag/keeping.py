"""The commands that look after an index: what goes, what is sound, what is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import terminal
from rag.assistant import Assistant
from rag.config import Config

Index = Annotated[
    str | None,
    typer.Option("--index", help="Folder, or milvus:… (docs/milvus.md).", show_default="index"),
]


def remove(
    documents: list[str],
    index: Index = None,
    purge: Annotated[
        bool, typer.Option("--purge", help="Leave nothing of their text in the index.")
    ] = False,
) -> None:
    """Take documents out of the index; later syncs leave them out too."""
    if purge:
        from rag.purging import purge as purge_documents

        left = purge_documents(_place(index), list(dict.fromkeys(documents)))
        terminal.say(f"{len(documents)} removed, and nothing of them is left in the index")
        for file in left:
            terminal.say(f"{file}: still holds one; the file is yours to delete")
        return
    with Assistant.open(index) as assistant:
        assistant.remove(documents)
    terminal.say(f"{len(documents)} removed; rag index PATH --restore brings them back")


def verify(
    index: Index = None,
    repair: Annotated[
        str | None,
        typer.Option(metavar="NEW", help="Save what can be read as an index of this name."),
    ] = None,
) -> None:
    """Check every invariant of the index; exit 1 if one is broken."""
    if repair is not None:
        _repair(_place(index), repair)
        return
    with Assistant.open(index) as assistant:
        problems = assistant.verify()
    for problem in problems:
        terminal.show(problem)
    if problems:
        raise typer.Exit(1)
    terminal.show("every invariant holds")


def _repair(damaged: str | Path, new: str) -> None:
    from rag.indexing import genuine
    from rag.store.opening import salvage, shown

    tokens = Config.load().chunk_tokens
    saved = salvage(damaged, new, lambda settings: genuine(settings, tokens))
    for doc_id in saved.lost:
        terminal.say(f"{doc_id}: not saved, for it is damaged")
    terminal.show(f"{saved.documents} documents saved in {shown(new)}, {len(saved.lost)} not")
    terminal.say(f"to read every file again, run: rag index --index {shown(new)}")


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Where to write it.")],
    index: Index = None,
) -> None:
    """Write all that the index holds to one file with a checksum."""
    from rag import archive
    from rag.store.opening import open_store

    store = open_store(_place(index))
    documents = archive.write(store, file)
    store.close()
    terminal.say(f"{documents} documents written to {file}")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="What `export` wrote.")],
    index: Index = None,
) -> None:
    """Make a new index of what `export` wrote; nothing is embedded again."""
    from rag import archive
    from rag.store.opening import shown

    place = _place(index)
    archive.read(file, place)
    terminal.say(f"imported into {shown(place)}")


def _place(index: str | None) -> str | Path:
    return index or Config.load().index_at
