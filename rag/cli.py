"""The command line. Data goes to stdout, talk to stderr.

Exit codes: 0 done, 1 an error or a broken invariant, 2 a wrong command line, 3 done, but some
files were skipped, 130 interrupted.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rag import keeping, terminal
from rag.assistant import Assistant
from rag.cluster import ADDRESS
from rag.config import Config
from rag.errors import ConfigError, RagError
from rag.jsonform import answer_form, document_form, explanation_form, hit_form, report_form
from rag.serve import commands
from rag.types import Filter, Period

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask a collection of articles; every sentence of the answer cites an exact quote.",
)

Index = Annotated[
    str | None,
    typer.Option("--index", help="Folder, or milvus:… (docs/milvus.md).", show_default="index"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON (docs/json.md).")]
Since = Annotated[str | None, typer.Option(help="Only articles from this date on: 2026-02-01.")]
Until = Annotated[str | None, typer.Option(help="Only articles up to this date: 2026 or 2026-02.")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Only this publisher.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only this language: de.")]
Documents = Annotated[list[str] | None, typer.Option("--document", help="Only this document id.")]

Ray = Annotated[
    str | None,
    typer.Option(metavar="[ADDRESS]", help="Have a Ray cluster do it; alone: one of its own."),
]


class IndexCommand(TyperCommand):
    """`--ray` without an address behind it means a cluster of its own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        pairs = zip(args, [*args, ""][1:], strict=True)
        alone = [a == "--ray" and not ADDRESS.fullmatch(following) for a, following in pairs]
        args = [f"{a}=local" if flag else a for a, flag in zip(args, alone, strict=True)]
        return super().parse_args(ctx, args)


@app.command(cls=IndexCommand)
def index(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders, addresses; none: all that were indexed before."),
    ] = None,
    index: Index = None,
    prune: Annotated[
        bool, typer.Option(help="Remove what belonged to missing or emptied folders.")
    ] = False,
    restore: Annotated[bool, typer.Option(help="Bring back removed documents.")] = False,
    rebuild: Annotated[bool, typer.Option(help="Embed every document anew.")] = False,
    ray: Ray = None,
    as_json: Json = False,
) -> None:
    """Make the index agree with files and folders."""
    from rag.progress import progress_bar

    with Assistant.open(index) as assistant, progress_bar("Indexing") as progress:
        try:
            report = assistant.sync(
                paths or (),
                prune=prune,
                restore=restore,
                rebuild=rebuild,
                ray=ray,
                progress=progress,
            )
        except KeyboardInterrupt:
            terminal.say("interrupted; what was committed stays, run the command again to go on")
            raise typer.Exit(130) from None
    for path, reason in report.skipped:
        terminal.say(f"skipped {path}: {reason}")
    for notice in report.notices:
        terminal.say(notice)
    if as_json:
        terminal.show_json(report_form(report))
    else:
        terminal.show(
            f"{report.added} added, {report.updated} updated, {report.removed} removed, "
            f"{report.unchanged} unchanged, {len(report.skipped)} skipped"
        )
    if report.skipped:
        raise typer.Exit(3)


@app.command()
def ask(
    question: str,
    index: Index = None,
    as_json: Json = False,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    language: Languages = None,
    document: Documents = None,
) -> None:
    """Answer a question with citations."""
    with Assistant.open(index) as assistant:
        permitted = _filter(since, until, source, language, document)
        _answer(assistant, question, permitted, as_json)


@app.command()
def chat(
    index: Index = None,
    as_json: Json = False,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    language: Languages = None,
    document: Documents = None,
) -> None:
    """Answer questions line by line, follow-ups too; /new forgets them, an empty line ends."""
    permitted = _filter(since, until, source, language, document)
    history: list[str] = []
    with Assistant.open(index) as assistant:
        for question in terminal.typed():
            if question == "/new":
                history.clear()
                continue
            _answer(assistant, question, permitted, as_json, history)
            history.append(question)


@app.command()
def search(
    question: str,
    index: Index = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many passages.")] = 10,
    as_json: Json = False,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    language: Languages = None,
    document: Documents = None,
) -> None:
    """Show the passages that fit a question best."""
    with Assistant.open(index) as assistant:
        hits = assistant.search(question, k, _filter(since, until, source, language, document))
    if as_json:
        terminal.show_json([hit_form(hit) for hit in hits])
    else:
        terminal.show_hits(hits)


@app.command()
def explain(
    question: str,
    index: Index = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many passages.")] = 5,
    as_json: Json = False,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    language: Languages = None,
    document: Documents = None,
) -> None:
    """Show what a question became, and what each passage owes its rank to."""
    permitted = _filter(since, until, source, language, document)
    with Assistant.open(index) as assistant:
        explanation = assistant.explain(question, k, permitted)
    if as_json:
        terminal.show_json(explanation_form(explanation))
    else:
        terminal.show_explanation(explanation)


@app.command("list")
def list_documents(
    index: Index = None,
    as_json: Json = False,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    language: Languages = None,
) -> None:
    """List the documents of the index."""
    with Assistant.open(index) as assistant:
        documents = assistant.documents(_filter(since, until, source, language, None))
    if as_json:
        terminal.show_json([{**document_form(d), "chunks": d.chunks} for d in documents])
    else:
        terminal.show_documents(documents)


@app.command()
def show(
    document: str,
    index: Index = None,
    removed: Annotated[
        bool, typer.Option("--removed", help="Show what cleaning dropped instead.")
    ] = False,
) -> None:
    """Show the text of a document."""
    with Assistant.open(index) as assistant:
        if removed:
            for block in assistant.removed(document):
                terminal.show(f"[{block.reason}] {block.text}")
            return
        found = assistant.document(document)
    terminal.show_document(found)


app.command()(keeping.remove)
app.command()(keeping.verify)
app.command("export")(keeping.export)
app.command("import")(keeping.import_)
app.command()(commands.serve)
app.command()(commands.mcp)


@app.command()
def doctor(index: Index = None) -> None:
    """Show versions, model, engine and sizes; changes nothing."""
    from rag.doctor import examine

    for name, value in examine(Config.load(), index):
        terminal.show(f"{name}: {value}")


def main() -> None:
    """Entry point: one line for an error, no traceback."""
    terminal.start_logging()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # quotation marks on a terminal without them
    try:
        app()
    except RagError as error:
        terminal.say(f"rag: {error}")
        sys.exit(1)
    except OSError as error:
        terminal.say(f"rag: {error.filename or 'the system'}: {error.strerror or error}")
        sys.exit(1)


def _answer(
    assistant: Assistant,
    question: str,
    permitted: Filter,
    as_json: bool,
    history: Sequence[str] = (),
) -> None:
    if as_json:
        terminal.show_json(answer_form(assistant.ask(question, permitted, history=history)))
    else:
        terminal.show_answers(assistant.stream(question, permitted, history=history))


def _filter(
    since: str | None,
    until: str | None,
    sources: Iterable[str] | None,
    languages: Iterable[str] | None,
    documents: Iterable[str] | None,
) -> Filter:
    return Filter(
        doc_ids=frozenset(documents) if documents else None,
        sources=frozenset(sources) if sources else None,
        languages=frozenset(languages) if languages else None,
        since=_date("--since", since, first=True),
        until=_date("--until", until, first=False),
    )


def _date(option: str, text: str | None, *, first: bool) -> date | None:
    if text is None:
        return None
    try:
        period = Period.parse(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None
    return period.first if first else period.last


if __name__ == "__main__":
    main()
