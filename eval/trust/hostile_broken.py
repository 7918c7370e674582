"""The promises about hostile input, each with a change of the source that breaks it."""

from __future__ import annotations

from eval.trust.broken import Break

HTTP = "tests/trust/test_hostile_http.py"
NAMES = "tests/trust/test_hostile_names.py"
ORDERS = "tests/trust/test_hostile_orders.py -k question"
PAGES = "tests/trust/test_hostile_pages.py -k text"
PRIVACY = "tests/trust/test_hostile_privacy.py -k indexing"
READERS = "tests/trust/test_hostile_readers.py"

BREAKS: tuple[Break, ...] = (
    Break(
        "a file is read or refused in bounded time",
        "rag/ingest/frontmatter.py",
        '_KEY = re.compile(r"(?:[^\\S\\n]*(',
        '_KEY = re.compile(r"(?:\\s*(',
        f"{READERS} -k blank",
    ),
    Break(
        "spans are exact, whatever is read",
        "rag/language/sentences.py",
        "first = start + left + len(piece) - len(piece.lstrip())",
        "first = start + left",
        f"{READERS} -k bytes",
    ),
    Break(
        "what no reader takes is refused, not crashed upon",
        "rag/ingest/jsonl.py",
        "    except RecursionError:\n",
        "    except ZeroDivisionError:\n",
        f"{READERS} -k hostile",
    ),
    Break(
        "links out of a folder are not followed",
        "rag/ingest/files.py",
        " or entry.is_symlink()",
        "",
        f"{NAMES} -k outside",
    ),
    Break(
        "pipes and devices are never waited for",
        "rag/ingest/read.py",
        'flags | getattr(os, "O_NONBLOCK", 0)',
        "flags",
        f"{NAMES} -k becomes",
    ),
    Break(
        "an upload stays in its folder",
        "rag/serve/documents.py",
        'name = Path((file.filename or "").replace("\\\\", "/")).name',
        'name = (file.filename or "").replace("\\\\", "/")',
        f"{NAMES} -k upload",
    ),
    Break(
        "no name forges a line of the terminal",
        "rag/terminal.py",
        '_STEERING.sub("", " ".join(text.splitlines()))',
        '_STEERING.sub("", text)',
        f"{NAMES} -k line",
    ),
    Break(
        "no text steers the terminal",
        "rag/terminal.py",
        'return _STEERING.sub("", " ".join(text.splitlines()))',
        'return " ".join(text.split(chr(10)))',
        f"{NAMES} -k terminal",
    ),
    Break(
        "an order is no answer",
        "rag/answer/extractive.py",
        "if not orders or asks_about_orders(query.text):",
        "if orders or asks_about_orders(query.text):",
        ORDERS,
    ),
    Break(
        "no order is obeyed by a language model",
        "rag/answer/llm/composing.py",
        "found = faults(each.text, cited, self._query, self._embed)",
        "found = ()",
        "tests/answer/test_llm_reader.py -k obeyed",
    ),
    Break(
        "an article with an order is kept from a language model",
        "rag/answer/llm/prompt.py",
        "if hit.document.doc_id in withheld:",
        "if hit.document.doc_id in ():",
        "tests/answer/test_llm_reader.py -k withheld",
    ),
    Break(
        "no text becomes an element of the page",
        "rag/page/text.py",
        "shown = escape(piece.of(text))",
        "shown = piece.of(text)",
        PAGES,
    ),
    Break(
        "no title becomes an element of the page",
        "rag/page/turn.py",
        'class="opens">{escape(card.origin.title)}',
        'class="opens">{card.origin.title}',
        PAGES,
    ),
    Break(
        "only addresses of the web become links",
        "rag/page/view.py",
        'return url if url.lower().startswith(("http://", "https://")) else ""',
        "return url",
        PAGES,
    ),
    Break(
        "a client is held to its rate",
        "rag/serve/app.py",
        "rate = config.rate_limit",
        "rate = 0",
        f"{HTTP} -k often",
    ),
    Break(
        "wrong tokens count against the rate",
        "rag/serve/gate.py",
        'self._rate.wait(secret or network((scope.get("client") or ("", 0))[0]))',
        'self._rate.wait(secret or headers.get("authorization", ""))',
        f"{HTTP} -k guesses",
    ),
    Break(
        "secrets are compared in constant time",
        "rag/serve/gate.py",
        "if secrets.compare_digest(given.strip(), secret) and scheme.lower() == kind",
        "if given.strip() == secret and scheme.lower() == kind",
        f"{HTTP} -k constant",
    ),
    Break(
        "a token opens every path but those of health",
        "rag/serve/gate.py",
        "if self._secrets and not known and path not in OPEN:",
        'if self._secrets and not known and path.startswith("/v1"):',
        f"{HTTP} -k open",
    ),
    Break(
        "no other site may ask",
        "rag/serve/gate.py",
        'if origin is not None and origin.partition("://")[2].lower() != host.lower():',
        "if False:",
        f"{HTTP} -k site",
    ),
    Break(
        "who trickles loses the connection",
        "rag/serve/run.py",
        "        http=Patience,\n",
        "",
        f"{HTTP} -k trickles",
    ),
    Break(
        "nothing leaves the machine",
        "rag/ingest/__init__.py",
        "from rag.ingest.files import find_files\n",
        "import socket\nfrom rag.ingest.files import find_files\n"
        "try:\n    socket.getaddrinfo('telemetry.example', 443)\nexcept OSError:\n    pass\n",
        PRIVACY,
    ),
    Break(
        "no question is kept",
        "rag/serve/service.py",
        "        answer = None\n",
        '        answer = None\n        log.warning("%s", question)\n',
        PRIVACY,
    ),
)
