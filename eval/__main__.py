"""`python -m eval`: measure the assistant. Tables go to stdout, talk to stderr.

Exit codes: 0 done (or skipped, where a dataset is not there), 1 an error, 2 a wrong command line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.capacity.report import capacity
from eval.datasets import ARTICLES, CORPUS, QUESTIONS, DatasetError, read_questions
from eval.speed.command import speed
from eval.trust.command import trust
from rag.errors import RagError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measure retrieval, answers and abstention. Without a command: the sample questions.",
)

beir = typer.Typer(help="Write a dataset in BEIR's layout, for `retrieval`.")
app.add_typer(beir, name="beir")
app.command()(capacity)
app.command()(speed)
app.command()(trust)

Data = Annotated[
    Path,
    typer.Option("--data", help="Folder that holds omos-qa/.", show_default=False),
]
Known = Annotated[
    Path | None,
    typer.Option(metavar="FILE.npz", help="Vectors of questions, by `train-questions --vectors`."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Embed anew what an earlier run embedded.")]


PAGES = Path(__file__).parents[1] / "tests" / "data" / "dirty"


class Half(StrEnum):
    DEV = "dev"
    TEST = "test"
    ALL = "all"


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    *,
    split: Annotated[Half, typer.Option(help="Only the questions of this half.")] = Half.ALL,
    corpus: Annotated[Path, typer.Option(help="Folder of articles.")] = ARTICLES,
    questions: Annotated[Path, typer.Option(help="JSONL file of questions.")] = QUESTIONS,
    index: Annotated[
        str | None,
        typer.Option(help="Keep the index in this folder or at milvus:…, or use the one there."),
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List what went wrong.")] = False,
    to: Annotated[Path | None, typer.Option("--json", help="Write all figures here.")] = None,
) -> None:
    """Ask questions and judge the answers by their gold quotes."""
    if context.invoked_subcommand is not None:
        return
    from eval import report
    from eval.collection import indexed
    from eval.run import run
    from rag.progress import progress_bar

    chosen = [q for q in read_questions(questions) if split in (Half.ALL, q.split)]
    if not chosen:
        raise DatasetError(f"{questions}: no question of the {split} half; use --split all")
    with indexed([corpus], index) as assistant, progress_bar("Asking") as progress:
        outcomes = run(assistant, chosen, progress)
    rows = report.rows(outcomes)
    print(report.table(rows))
    if any(row.calibration_error is not None for row in rows):
        print("\n" + report.reader_table(rows))
    if failures and (text := report.failures(outcomes)):
        print("\n" + text)
    _write(report.as_json(outcomes), to)


@app.command()
def check() -> None:
    """Prove that the sample questions fit the sample articles; exit 1 with a line per problem."""
    from eval.check import counts, problems

    found = problems(QUESTIONS, ARTICLES, CORPUS)
    if found:
        print("\n".join(found))
        raise typer.Exit(1)
    print(counts(read_questions(QUESTIONS)))


@app.command()
def ablate() -> None:
    """How much of its title a sentence should know, on the dev half."""
    from eval.ablation import table

    print(table())


@app.command()
def clean(
    pages: Annotated[Path, typer.Option(help="Folder of pages with gold.jsonl.")] = PAGES,
) -> None:
    """Cleaning: article lines lost and other lines left, on pages with marked lines."""
    from eval.cleaning import report

    print(report(pages))


@app.command()
def retrieval(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A task in BEIR's layout.")],
    *,
    split: Annotated[
        list[str] | None, typer.Option(help="Only this qrels/SPLIT.tsv; may be repeated.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--json", help="Write all figures here.")] = None,
    run: Annotated[
        Path | None, typer.Option(help="Write the rankings here as a TREC run, 100 deep.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Keep the index in this folder, or use the one there.")
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Resample queries in groups: whose documents' ids begin with the same match.",
        ),
    ] = None,
    fresh: Fresh = False,
) -> None:
    """Retrieval of documents: nDCG@10, R and RR with 95 % intervals."""
    from eval import retrieval as ranking
    from eval.beir import read_beir
    from rag.progress import progress_bar

    if index is not None and fresh:
        raise DatasetError("--fresh goes without --index: name a new folder to embed all anew")
    task = read_beir(folder, split or ())
    groups = None
    if group_by is not None:
        groups = {name: ranking.group(qrels, group_by) for name, qrels in task.qrels.items()}
    depth = ranking.RUN_DEPTH if run else ranking.DEPTH
    with (
        ranking.indexed_corpus(task.corpus, index, fresh) as assistant,
        progress_bar("Asking") as progress,
    ):
        model = assistant.embedder.name
        judged = ranking.measure(assistant, task, depth, groups, progress)
    print(ranking.table(judged))
    data, documents = folder.resolve().name, len(task.corpus)
    _write(ranking.as_json(judged, data=data, documents=documents, model=model), to)
    if run is not None:
        run.write_text(ranking.trec_run([each.run for each in judged], "rag"), encoding="utf-8")


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A.json", help="Figures before a change.")],
    second: Annotated[Path, typer.Argument(metavar="B.json", help="Figures after it.")],
) -> None:
    """Is B better than A, or is it chance? Two files of `retrieval` or `answers --json`, paired."""
    from eval.compare import table

    print(table(first, second))


@beir.command(name="omos")
def beir_omos(
    data: Data,
    out: Annotated[Path, typer.Option(help="Here pages-de/ and pages-en/ are written.")],
) -> None:
    """OMoS-QA, train and dev: find the page that a question was asked about."""
    from eval.beir import LANGUAGES, omos, write_beir

    for language in LANGUAGES:
        write_beir(omos(data / "omos-qa", language), out / f"pages-{language}")


@app.command()
def answers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Rows of OMoS-QA's form.")],
    *,
    context: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Pages and answers, by the same ids; else from FILE."),
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--open", help="Ask over all pages at once, not of a given page.")
    ] = False,
    to: Annotated[Path | None, typer.Option("--json", help="Write all figures here.")] = None,
    fresh: Fresh = False,
) -> None:
    """Answers from a given page, or none: sentence and no-answer P, R and F1."""
    from eval.answers import as_json, measure, table

    measured = measure(file, context or file, everywhere=everywhere, fresh=fresh)
    print(table(measured))
    _write(as_json(measured), to)


@app.command()
def calibration(
    rows: Annotated[
        Path,
        typer.Argument(metavar="ROWS.jsonl", help="Objects with probability and answerable."),
    ],
    *,
    plot: Annotated[Path | None, typer.Option(help="Draw the reliability into this PNG.")] = None,
) -> None:
    """Does the stated probability of an answer match how often there is one?"""
    from eval.calibration import draw, read_stated, table

    stated = read_stated(rows)
    print(table(stated))
    if plot is not None:
        draw(stated, plot)


@app.command("train-questions")
def train_questions(
    data: Data,
    write: Annotated[bool, typer.Option("--write", help="Replace rag/embed/adapter.npz.")] = False,
    vectors: Annotated[
        Path | None,
        typer.Option(metavar="FILE.npz", help="For `train-reader`: all out of fold."),
    ] = None,
) -> None:
    """Learn how the model reads a question; how often the nearest sentence answers."""
    from eval.adapter import report

    _measure(data, lambda folder: report(folder, to_write=write, vectors=vectors))


@app.command()
def train(
    data: Data,
    ablate: Annotated[bool, typer.Option("--ablate", help="Also without each feature.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Replace rag/search/weights.json.")
    ] = False,
) -> None:
    """Learn the weights of the ranking; nDCG@10 out of fold."""
    from eval.train import report

    _measure(data, lambda folder: report(folder, ablate=ablate, to_write=write))


@app.command("train-reader")
def train_reader(
    data: Data,
    questions: Known = None,
    write: Annotated[
        bool, typer.Option("--write", help="Replace rag/answer/weights.json.")
    ] = False,
    rows: Annotated[
        Path | None,
        typer.Option(metavar="ROWS.jsonl", help="For `calibration`: all probabilities."),
    ] = None,
) -> None:
    """Learn the weights of the extractive reader; figures out of fold."""
    from eval.collection import read_known
    from eval.reader import report

    known = read_known(questions)
    _measure(data, lambda folder: report(folder, to_write=write, rows=rows, known=known))


@app.command()
def cost(
    paths: Annotated[list[Path] | None, typer.Argument(help="Articles; none: the sample.")] = None,
) -> None:
    """Indexing beside embedding each token once."""
    from eval.cost import report

    print(report(paths or [ARTICLES]))


@app.command("ray")
def by_ray(
    sentences: Annotated[int, typer.Option(min=100, help="Of made-up articles.")] = 10_000,
) -> None:
    """Indexing by Ray beside one process, and with a node killed on the way."""
    from eval.cluster import report

    print(report(sentences))


@app.command()
def analysis(data: Data) -> None:
    """What each part of the lexical analysis is worth, by BM25 alone."""
    from eval.analysis import report

    _measure(data, report)


@app.command()
def copies(data: Data) -> None:
    """Near-copies: what is folded of generated copies, and what is wrongly hidden."""
    from eval.copies import report

    _measure(data / "omos-qa", report)


def _write(figures: dict[str, Any], to: Path | None) -> None:
    if to is None:
        return
    try:
        to.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{to}: {error.strerror}; name a file that can be written") from None


@app.command()
def conflicts(
    split: Annotated[Half, typer.Option(help="Only the questions of this half.")] = Half.DEV,
    corpus: Annotated[
        Path | None, typer.Option(help="Instead: a folder with articles/ and questions.jsonl.")
    ] = None,
) -> None:
    """Differing articles: shown where the sample has some, and what is shown without need."""
    from eval.conflicts import report

    if corpus is not None:
        print(report([corpus / "articles"], read_questions(corpus / "questions.jsonl")))
        return
    chosen = [q for q in read_questions(QUESTIONS) if split in (Half.ALL, q.split)]
    print(report([ARTICLES], chosen))


def _measure(folder: Path, report: Callable[[Path], str]) -> None:
    if not folder.is_dir():
        print(f"skipped: {folder} is not there; see eval/README.md", file=sys.stderr)
        return
    print(report(folder))


def run_app() -> None:
    try:
        app(prog_name="python -m eval")
    except RagError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    run_app()
