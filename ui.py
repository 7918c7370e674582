"""The web page over `rag.Assistant`: ask, read the sources, add articles.

    python ui.py                # the index of this folder; the sample articles if there is none
    python ui.py --index DIR    # another index; where it is new, add articles in the page

Around an answer the words are in the question's language, elsewhere in the browser's.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import logging
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from rag import Assistant, Config, Filter, RagError, SyncReport, htmlform
from rag.errors import ConfigError, IndexDamaged, IndexLocked, IndexMismatch, IndexNotFound
from rag.progress import progress_bar
from rag.uploads import UPLOAD_SUFFIXES, keep_uploads

log = logging.getLogger("ui")

SAMPLE_ARTICLES = Path(__file__).resolve().parent / "eval" / "articles"
SAMPLE_QUESTIONS = (
    "Wie viele Autos will Xiaomi 2026 ausliefern?",
    "Was kostet eine Kilowattstunde am Schnelllader?",
    "Baut Tesla in Grünheide aus?",
    "What does the SU7 Ultra cost in China?",
    "Where is Xiaomi's European development centre?",
    "Who won the World Cup in 2014?",
)
MOST_LISTED = 500  # documents in the table

TEXT = {  # key: German, English
    "title": ("Fragen Sie Ihre Artikel", "Ask your articles"),
    "subtitle": ("Jeder Satz ist ein Zitat mit Quelle.", "Every sentence is a cited quote."),
    "sample": ("Beispieltexte, frei erfunden.", "Sample texts, all invented."),
    "own": (
        "Eigene Artikel: <code>rag index ORDNER</code>, dann <code>python ui.py</code>."
        " Zum Hochladen im Browser: <code>python ui.py --index index</code>",
        "Your own articles: <code>rag index FOLDER</code>, then <code>python ui.py</code>."
        " To upload in the browser: <code>python ui.py --index index</code>",
    ),
    "question": ("Ihre Frage, auf Deutsch oder Englisch", "Your question, in German or English"),
    "ask": ("Fragen", "Ask"),
    "no question": ("Bitte geben Sie eine Frage ein.", "Please type a question."),
    "model": ("Lädt das Sprachmodell …", "Loading the language model …"),
    "indexing": ("Liest die Beispieltexte: {} von {} …", "Reading the samples: {} of {} …"),
    "searching": ("Sucht in den Artikeln …", "Searching the articles …"),
    "failed": ("Fehler; mehr steht im Terminal.", "An error; the terminal says more."),
    "empty": ("Noch keine Artikel. Bitte unten hinzufügen.", "No articles yet. Add some below."),
    "status": ("{} Artikel · {} Textstellen", "{} articles · {} passages"),
    "documents": ("Alle Artikel", "All articles"),
    "more": ("und {} weitere", "and {} more"),
    "upload": ("Artikel hinzufügen: .txt .md .html .jsonl", "Add articles: .txt .md .html .jsonl"),
    "report": ("{} neu, {} aktualisiert, {} unverändert", "{} added, {} updated, {} unchanged"),
    "skipped": ("{} übersprungen:", "{} skipped:"),
}


def both(key: str, *values: int) -> str:
    """A text of the page in both languages; the style sheet shows the browser's."""
    german, english = (text.format(*values) for text in TEXT[key])
    return htmlform.both(german, english)


def note(html: str, kind: str = "note") -> str:
    """A line that a screen reader says; `html` must be safe."""
    return f'<p class="{kind}" role="status">{html}</p>'


class Page:
    """What the page does, as HTML. `prepare` runs once, beside it."""

    def __init__(self, assistant: Assistant, config: Config, sample: bool) -> None:
        self.sample = sample
        self._assistant = assistant
        self._config = config
        self._prepared = threading.Event()
        self._waiting = both("model")
        self._problem = ""

    def prepare(self) -> None:
        """Load the model and index the sample, so that the first question is quick."""
        try:
            if self.sample:
                self._index_sample()
            else:
                _ = self._assistant.embedder
        except RagError as error:
            self._problem = str(error)
            log.error("%s", error)
        finally:
            self._prepared.set()

    def _index_sample(self) -> None:
        with progress_bar("Indexing the sample articles") as bar:

            def progress(done: int, total: int) -> None:
                self._waiting = both("indexing", done, total)
                bar(done, total)

            try:
                self._assistant.sync([SAMPLE_ARTICLES], progress=progress)
            except IndexLocked:
                log.warning("another process is indexing the sample articles; using what is there")
            except (IndexMismatch, IndexDamaged):  # of another version or model: only a copy
                self._assistant.close()
                shutil.rmtree(self._assistant.folder)
                self._assistant.sync([SAMPLE_ARTICLES], progress=progress)

    def ask(self, question: str) -> Iterator[str]:
        """What is being waited for, then the answer."""
        if not question.strip():
            yield note(both("no question"))
            return
        yield from self._wait()
        yield note(both("searching"), "waiting")
        try:
            for answer in self._assistant.stream(question):
                yield htmlform.answer_html(answer)
        except RagError as error:
            yield self._trouble(error)

    def status(self) -> Iterator[str]:
        """What is being waited for, then how much there is to ask."""
        yield from self._wait()
        try:
            counts = self._assistant.counts()
        except RagError as error:
            yield self._trouble(error)
            return
        if counts.documents and not self._problem:
            yield f'<p class="status">{both("status", counts.documents, counts.chunks)}</p>'
        else:
            yield self._trouble()

    def documents(self) -> str:
        try:
            documents = self._assistant.documents()
        except RagError as error:
            return self._trouble(error)
        html = htmlform.documents_html(documents[:MOST_LISTED])
        more = len(documents) - MOST_LISTED
        return f"{html}<p>{both('more', more)}</p>" if more > 0 else html

    def add(self, files: Iterable[str], progress: Callable[[int, int], None]) -> str:
        """Put uploaded files into the index. The report names each one that was left out."""
        folder = self._assistant.folder / "uploads"
        kept, refused = keep_uploads(files, folder, self._config.max_file_bytes)
        report = SyncReport()
        if kept:
            try:  # only these files: what was removed of earlier ones stays out
                report = self._assistant.sync(kept, restore=True, progress=progress)
            except RagError as error:
                return self._trouble(error)
        skipped = [*refused, *((Path(path).name, reason) for path, reason in report.skipped)]
        html = note(both("report", report.added, report.updated, report.unchanged))
        if skipped:
            lines = "".join(f"<br>{escape(name)}: {escape(reason)}" for name, reason in skipped)
            html += note(both("skipped", len(skipped)) + lines, "note problem")
        return html + "".join(note(escape(notice)) for notice in report.notices)

    def _trouble(self, error: RagError | None = None) -> str:
        if error is not None and not isinstance(error, IndexNotFound):
            return note(escape(str(error)), "note problem")
        return note(escape(self._problem), "note problem") if self._problem else note(both("empty"))

    def _wait(self) -> Iterator[str]:
        while not self._prepared.wait(0.3):
            yield note(self._waiting, "waiting")


def build_app(page: Page) -> Any:
    """The page as `gradio.Blocks`. Questions wait until `page.prepare` has run somewhere."""
    import gradio as gr

    words = gr.I18n()
    html = functools.partial(gr.HTML, apply_default_css=False)
    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    ask: dict[str, Any] = {"fn": page.ask, **quiet}
    with gr.Blocks(title="Article assistant", analytics_enabled=False) as app:
        html(f"<h1>{both('title')}</h1><p>{both('subtitle')}</p>", elem_id="top")
        if page.sample:
            html(note(f"<b>{both('sample')}</b> {both('own')}"))
        with gr.Row(elem_id="ask"):
            question = gr.Textbox(
                label=words("question"),
                placeholder=words("question"),
                show_label=False,
                container=False,
                autofocus=True,
            )
            button = gr.Button(words("ask"), variant="primary")
        answer = html(js_on_load=htmlform.GO_TO_SOURCE)
        ask |= {"inputs": question, "outputs": answer}
        asked = [question.submit(**ask), button.click(**ask)]
        if page.sample:
            with gr.Row(elem_id="examples"):
                for text in SAMPLE_QUESTIONS:
                    example = gr.Button(text, size="sm")
                    asked.append(example.click(str, example, question, **quiet).then(**ask))
        for event in asked:
            event.failure(lambda: note(both("failed"), "note problem"), None, answer, **quiet)
        status = html()
        app.load(page.status, None, status, **quiet)
        with gr.Accordion(words("documents"), open=False) as listing:
            table = html()
            listing.expand(page.documents, None, table, **quiet)
        if not page.sample:
            with gr.Accordion(words("upload")):
                kinds = list(UPLOAD_SUFFIXES)
                files = gr.File(
                    file_count="multiple", file_types=kinds, show_label=False, height=140
                )
                report = html()

            def add(given: list[str] | None, bar: Any = gr.Progress()) -> tuple[str, None]:  # noqa: B008
                return page.add(given or (), lambda done, total: bar((done, total))), None

            added = files.upload(add, files, [report, files], api_visibility="private")
            added.failure(lambda: note(both("failed"), "note problem"), None, report, **quiet)
            added.then(page.status, None, status, **quiet)
            added.then(page.documents, None, table, **quiet)
    return app


def serve(page: Page, host: str, port: int | None, limit: int) -> None:
    """Show the page until interrupted; raises ConfigError if the address cannot be had."""
    import gradio as gr

    app = build_app(page)
    try:
        _, url, _ = app.launch(
            server_name=host,
            server_port=port,
            max_file_size=limit,
            theme=gr.themes.Default(primary_hue="teal", neutral_hue="slate", font="system-ui"),
            css=htmlform.STYLE,
            head=htmlform.HEAD,
            i18n=gr.I18n(
                de={key: german for key, (german, _) in TEXT.items()},
                en={key: english for key, (_, english) in TEXT.items()},
            ),
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            quiet=True,
            prevent_thread_lock=True,
        )
    except (OSError, OverflowError):
        where = f"port {port} of {host}" if port else f"any port of {host}"
        raise ConfigError(f"cannot listen on {where}; choose another: --port 7870") from None
    print(f"Open {url} (Ctrl-C ends)", flush=True)
    threading.Thread(target=page.prepare, daemon=True).start()
    app.block_thread()


def choose_index(given: Path | None, config: Config) -> tuple[Path, bool]:
    """The index to serve, and whether it is the sample: only where the user has none."""
    own = given or config.index_dir
    if given is None:
        try:
            with Assistant.open(own, config=config) as assistant:
                assistant.documents(Filter(doc_ids=frozenset()))
        except IndexNotFound:
            # Another copy of the articles, at another path, is another index.
            copy = hashlib.sha256(str(SAMPLE_ARTICLES).encode()).hexdigest()[:8]
            return config.cache_dir / "sample-index" / copy, True
    return own, False


def main() -> None:
    """Entry point: one line for an error, no traceback."""
    parser = argparse.ArgumentParser(description="Ask articles, in the browser.")
    parser.add_argument("--index", type=Path, help="folder of the index (default: index)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    options = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    try:
        config = Config.load()
        folder, sample = choose_index(options.index, config)
        with Assistant.open(folder, config=config) as assistant:
            page = Page(assistant, config, sample)
            serve(page, options.host, options.port, config.max_file_bytes)
    except RagError as error:
        sys.exit(f"ui.py: {error}")


if __name__ == "__main__":
    main()
