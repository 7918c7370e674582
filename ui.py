"""The web page over `rag.Assistant`: ask, read the sources, manage the articles.

    python ui.py                # the index of this folder; the sample articles if there is none
    python ui.py --index DIR    # another index; where it is new, add articles in the page

What the page shows and does is in `rag.page`; here it is put together with Gradio.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rag import Assistant, Config, Filter, RagError, terminal
from rag.errors import ConfigError, IndexNotFound
from rag.page import frame
from rag.page.access import Access
from rag.page.beside import host
from rag.page.edge import Choice
from rag.page.labels import Labels
from rag.page.page import Page
from rag.page.shelf import MOST_FILES, Shelf
from rag.page.words import PAGE, both, note
from rag.uploads import UPLOAD_SUFFIXES

SAMPLE_ARTICLES = Path(__file__).resolve().parent / "eval" / "articles"
SAMPLE_QUESTIONS = (
    "Wie viele Autos will Xiaomi 2026 ausliefern?",
    "How many cars will BYD sell in 2025?",
    "Baut Tesla in Grünheide aus?",
    "What does the SU7 Ultra cost in China?",
    "Was kostet eine Kilowattstunde am Schnelllader?",
    "Who won the World Cup in 2014?",
)
AT_ONCE = 8  # questions that are answered at the same time
LANGUAGES = {"de": "Deutsch", "en": "English"}

Said = tuple[Any, ...]


def build_app(page: Page, shelf: Shelf) -> Any:
    """The page as `gradio.Blocks`. Questions wait until `page.prepare` has run somewhere."""
    import gradio as gr

    words = Labels(gr)
    html = functools.partial(gr.HTML, apply_default_css=False)
    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    with gr.Blocks(title="Article assistant", analytics_enabled=False, fill_width=True) as app:
        kept = gr.BrowserState({}, storage_key="rag-conversation", secret=page.secret())
        html(frame.HEADER, elem_id="head")
        methods = (page.article, page.feedback, shelf.remove, shelf.correct, shelf.as_questions)
        served = [_function(method) for method in methods]
        html(frame.DIALOGS, js_on_load=frame.CONNECT, server_functions=served, elem_id="dialogs")
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            with words(gr.Tab, "tab ask", "label", elem_id="asking"):
                _asking(gr, app, page, kept, html, words, quiet)
            with words(gr.Tab, "tab articles", "label", elem_id="shelf") as tab:
                _articles(gr, tab, shelf, html, words, quiet)
        language = html(js_on_load=frame.SPEAK)
        language.change(words.speak, language, words.components, **quiet)
    app.queue(default_concurrency_limit=AT_ONCE, api_open=False)
    return app


def _function(method: Callable[[object], object]) -> Callable[[object], object]:
    """A function that Gradio can put its sign on, which a method does not take."""

    @functools.wraps(method)
    def call(sent: object) -> object:
        return method(sent)

    return call


def _asking(gr: Any, app: Any, page: Page, kept: Any, html: Any, words: Any, quiet: Any) -> None:
    with gr.Row(elem_id="tools"):
        new = words(gr.Button, "new", "value", size="sm", elem_id="new")
        words(gr.Button, "export", "value", size="sm", elem_id="export")
    html(frame.HERO, elem_id="hero")
    past = html(elem_id="past")
    html('<div id="earlier"></div>', elem_id="before")
    now = html(elem_id="now", js_on_load=frame.FOLLOW)
    with gr.Column(elem_id="composer"):
        html(frame.SKIP, elem_id="skip")
        with gr.Row(elem_id="ask"):
            question = words(
                gr.Textbox,
                "question",
                "label",
                "placeholder",
                show_label=False,
                container=False,
                autofocus=True,
                max_length=frame.LONGEST_QUESTION,
            )
            button = words(gr.Button, "ask", "value", variant="primary")
        with words(gr.Accordion, "filters", "label", open=False, elem_id="filters"):
            with gr.Row():
                since, until = (
                    html("", html_template=frame.date_field(key), js_on_load=frame.DAY, elem_id=key)
                    for key in ("since", "until")
                )
            with gr.Row():
                sources = words(gr.Dropdown, "sources", "label", choices=[], multiselect=True)
                languages = words(gr.Dropdown, "languages", "label", choices=[], multiselect=True)
            clear = words(gr.Button, "clear", "value", size="sm", elem_id="clear")
    filters = [since, until, sources, languages]
    added = gr.JSON(visible=False)

    def ask(asked: str, *given: Any) -> Iterator[Said]:
        since, until, sources, languages, before = given
        choice = Choice(since, until, tuple(sources), tuple(languages))
        for shown in page.ask(asked, choice, before):
            yield shown.now, shown.kept

    def fill() -> Said:
        found, codes = page.choices()
        names = [(LANGUAGES.get(code, code.upper()), code) for code in codes]
        return gr.Dropdown(choices=found), gr.Dropdown(choices=names)

    event: dict[str, Any] = {
        "fn": ask,
        "inputs": [question, *filters, kept],
        "outputs": [now, added],
        "js": frame.ASK,
        **quiet,
    }
    asked = [question.submit(**event), button.click(**event)]
    if page.sample:
        with gr.Row(elem_id="examples"):
            for text in SAMPLE_QUESTIONS:
                example = gr.Button(text, size="sm")
                asked.append(example.click(str, example, question, **quiet).then(**event))
        html(f"<p>{both('sample')} {both('own')}</p>", elem_id="sample")
    for each in asked:
        for done in (
            each.success(None, [kept, added], kept, js=frame.KEEP, **quiet),
            each.failure(lambda: note(both("failed"), "note problem"), None, now, **quiet),
        ):
            done.then(None, js=frame.AFTER, **quiet)
    status = html(elem_id="status")
    new.click(lambda: ("", "", {}, ""), None, [past, now, kept, question], **quiet)
    clear.click(lambda: ("", "", [], []), None, filters, **quiet)
    app.load(page.restore, kept, past, **quiet).then(None, js=frame.RESTORE, **quiet)
    app.load(page.status, None, status, **quiet).then(fill, None, [sources, languages], **quiet)


def _articles(gr: Any, tab: Any, shelf: Shelf, html: Any, words: Any, quiet: Any) -> None:
    statistics = html(js_on_load=frame.STATISTICS, elem_id="statistics")
    if shelf.editable:
        limit = shelf.limit // 1_000_000 or "< 1"
        hint = both("upload hint", MOST_FILES, " ".join(UPLOAD_SUFFIXES), limit)
        html(f'<h2 class="label">{both("upload")}</h2><p class="meta">{hint}</p>')
        files = words(
            gr.File,
            "upload",
            "label",
            file_count="multiple",
            file_types=list(UPLOAD_SUFFIXES),
            show_label=False,
            height=120,
            elem_id="upload",
        )
        html(frame.limits(UPLOAD_SUFFIXES, shelf.limit))
        report = html(elem_id="report")
    else:
        html(f'<p class="meta">{both("sample")} {both("own")}</p>')
    with gr.Row(elem_id="bar"):
        search = words(
            gr.Textbox,
            "search",
            "label",
            "placeholder",
            show_label=False,
            container=False,
            elem_id="search",
        )
        if shelf.editable:
            resync = words(gr.Button, "sync", "value", size="sm", elem_id="resync")
        words(gr.Button, "as questions", "value", size="sm", elem_id="questions")
    listing = html(js_on_load=frame.LIST, elem_id="listing")
    search.change(shelf.listing, search, listing, trigger_mode="always_last", **quiet)
    tab.select(shelf.shown, search, [listing, statistics], **quiet)
    if not shelf.editable:
        return

    def add(given: list[str] | None) -> Iterator[Said]:
        for shown in shelf.add(given or ()):
            yield shown, None

    for done in (
        files.upload(add, files, [report, files], **quiet),
        resync.click(shelf.resync, None, report, **quiet),
    ):
        done.failure(lambda: note(both("failed"), "note problem"), None, report, **quiet)
        done.then(shelf.shown, search, [listing, statistics], **quiet)


def serve(page: Page, shelf: Shelf, config: Config, access: Access) -> None:
    """Show the page until interrupted, with HTTP API and MCP beside it where they are installed.

    Raises ConfigError if the address cannot be had.
    """
    import gradio as gr

    from rag.serve.run import listen

    app = build_app(page, shelf)
    threading.Thread(target=page.prepare, daemon=True).start()
    looks: dict[str, Any] = {
        "max_file_size": shelf.limit,
        "theme": gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=frame.FONT),
        "css": frame.STYLE,
        "head": frame.HEAD,
        "i18n": gr.I18n(
            de={key: german for key, (german, _) in PAGE.items()},
            en={key: english for key, (_, english) in PAGE.items()},
        ),
        "footer_links": [],
        "favicon_path": str(frame.ICON),
        "run_history": False,
        "ssr_mode": False,
        "show_error": False,
    }
    api = host(page.assistant, config, access)
    gr.mount_gradio_app(api, app, path="/", **looks)
    listen(api, access.host, access.free_port())


def choose_index(given: str | Path | None, config: Config) -> tuple[str | Path, Path | None]:
    """The index to serve, and the sample articles for it: only where the user has none."""
    own = given or config.index_at
    if given is None:
        try:
            with Assistant.open(own, config=config) as assistant:
                assistant.documents(Filter(doc_ids=frozenset()))
        except IndexNotFound:
            # Another copy of the articles, at another path, is another index.
            copy = hashlib.sha256(str(SAMPLE_ARTICLES).encode()).hexdigest()[:8]
            return config.cache_dir / "sample-index" / copy, SAMPLE_ARTICLES
    return own, None


def main() -> None:
    """Entry point: one line for an error, no traceback."""
    parser = argparse.ArgumentParser(description="Ask articles, in the browser.")
    parser.add_argument("--index", help="folder of the index, or milvus:… (default: index)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="who may use the page")
    parser.add_argument("--public", action="store_true", help="another --host without --auth")
    options = parser.parse_args()
    terminal.start_logging()
    try:
        access = Access(options.host, options.port, options.auth, options.public)
        config = Config.load()
        if config.token and access.login is None:
            raise ConfigError(
                "RAG_TOKEN is set, which browsers cannot show; add --auth, or unset it"
            )
        folder, sample = choose_index(options.index, config)
        with Assistant.open(folder, config=config) as assistant:
            page = Page(assistant, sample)
            serve(page, Shelf(page, config), config, access)
    except RagError as error:
        sys.exit(f"ui.py: {error}")


if __name__ == "__main__":
    main()
