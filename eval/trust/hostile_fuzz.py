"""Inputs that nobody thought of, before every reader.

What may come out is an article whose spans are exact, or UnreadableFile. An input is made of pieces
that mean something to a reader and of any others; `seed` makes a run repeatable.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from eval.trust.hostile_reading import MOST_BYTES, prepare
from eval.trust.parts import Outcome, Part, Settings
from rag.errors import UnreadableFile
from rag.ingest.read import SUFFIXES
from rag.language.dates import find_dates, parse_date
from rag.language.sentences import split_sentences

INPUTS = 100_000
SLOW = 5.0  # seconds of processor time for an input of some kilobytes

_PROSE = (
    "Das Werk in Halle baut 500 Autos im Jahr. ",
    "The plant opens on May 3, 2026, the mayor said. ",
    "„Wir gehen davon aus“, sagte er, „dass es z. B. am 3. Mai endet.“ ",
    "Am 03.02.2026 um 12:30 Uhr (MEZ) kostete es 1.234,56 Euro. ",
)
_ODD = (
    "\0", "\ufeff", "\u200b", "\u200d", "\u00ad", "\u202e", "\u2066", "\u2028", "\u2029", "\x85",
    "\x1b[31m", "\r", "\r\n", "\n", "\n\n", "\t", "\x0b", "\x0c", "\u00a0", "\u3000", "e\u0301",
    "\u0301" * 40, "İ", "ß", "ﬁ", "Ⅷ", "٣", "²", "\U0001f469\u200d\U0001f4bb", "\U000e0041",
    "ѕсаm", "אבג", "漢字。", "\ufffd", "\ufffe", "\U0010ffff", "…", "‹›", "«»", "'", '"', "“”",
)  # fmt: skip
_MARKS = (
    "---\n", "---", "...\n", "title: ", "date: 2026-02-30\n", "published: ", "language: deutsch\n",
    "url: javascript:x\n", "# ", "## ", "- ", "* ", "1. ", "> ", "```\n", "~~~\n", "| a | b |\n",
    "[a](b)", "![", "**", "_", "&a ", "*a", "!!python/object ", "{", "}", "[", "]", ": ", "#\n",
    "<html>", "<body>", "<article>", "<p>", "</p>", "<div>", "</div>", "<br>", "<h1>", "<title>",
    "<meta name=date content='", "'>", "<script>", "</script>", "<style>",
    "<!--", "-->", "<![CDATA[",
    "<table><tr><td>", "<a href='javascript:x'>", "<time datetime='", "<link rel=canonical href='",
    "<html lang='", "&amp;", "&#0;", "&#xd800;", "&nbsp;", "<svg>", "<math>", "<form>", "<iframe>",
    "<meta charset='utf-7'>", "<meta charset='koi8-r'>", "<?xml version='1.0'?>", "<!DOCTYPE html>",
    '{"id": "a", "text": "', '"}\n', '{"id": 1}\n', '"text"', "\\ud800", "\\u0000", "null", "1e999",
    "NaN", '"published": "', "Von Max Muster\n", "Foto: dpa\n", "Anzeige\n", "Lesen Sie auch\n",
    "Kommentare (3)\n", "Newsletter abonnieren\n", "Stand: 3. Februar 2026\n", "BERLIN (dpa) - ",
    "31.02.2026", "2026-13", "00.00.0000", "99999999", "29. Februar 2025",
    "May 3rd, 2026", "3/4/2026",
)  # fmt: skip
_HEADS = (
    b"",
    b"",
    b"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xff\xfe\0\0",
    b"%PDF-",
    b"PK\x03\x04",
)
_CODINGS = ("utf-8",) * 6 + (
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "latin-1",
    "cp1252",
    "shift_jis",
)


def made(chance: random.Random) -> tuple[str, bytes]:
    """The name of a file and what is in it."""
    pools = [_PROSE, _ODD, _MARKS]
    weights = [chance.random() for _ in pools]
    pieces = []
    for _ in range(chance.randint(0, 60)):
        piece = chance.choice(chance.choices(pools, weights)[0])
        pieces.append(piece * chance.choice((1, 1, 1, 1, 2, 30)))
    text = "".join(pieces)
    if chance.random() < 0.1:
        text = json.dumps({"id": "a", "text": text, "title": text[:50]}) + "\n"
    data = text.encode(chance.choice(_CODINGS), "replace")
    data = chance.choice(_HEADS) + data
    if chance.random() < 0.15:  # some bytes go wrong
        raw = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        data = bytes(raw[: chance.randint(0, len(raw))])
    return f"input{chance.choice(SUFFIXES)}", data


def fault(path: Path, data: bytes) -> tuple[str, bool]:
    """What is wrong with the way an input is read, and whether there was an article in it."""
    path.write_bytes(data)
    begun = time.process_time()
    try:
        reading, _ = prepare(path)
    except UnreadableFile as error:
        line = "\n" in error.reason
        return ("a reason of several lines" if line else ""), False
    except Exception as error:
        return f"{type(error).__name__}: {error}", False
    if time.process_time() - begun > SLOW:
        return f"{time.process_time() - begun:.0f} s", False
    return "", bool(reading.documents)


def date_fault(text: str) -> str:
    """The same for the readers of dates and sentences, which take any text."""
    try:
        end = 0
        for found in find_dates(text):
            assert end <= found.start < found.end <= len(text)
            end = found.end
        spans = split_sentences(text)
        assert "".join("".join(s.of(text).split()) for s in spans) == "".join(text.split())
        parse_date(text)
    except ValueError:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def fuzz(count: int, seed: int, scratch: Path) -> tuple[list[str], Counter[str]]:
    """What was wrong, with what makes it happen again, and how many of each kind were tried."""
    chance = random.Random(seed)
    tried: Counter[str] = Counter()
    wrong = []
    for number in range(count):
        name, data = made(chance)
        found, article = fault(scratch / name, data)
        text = data.decode("utf-8", "surrogateescape")
        found = found or date_fault(text)
        tried[Path(name).suffix] += 1
        tried["articles"] += article
        if found:
            wrong.append(f"seed {seed}, input {number}, {name}: {found}")
        if number % 5_000 == 4_999:
            print(f"  {number + 1} of {count}", file=sys.stderr, flush=True)
    return wrong, tried


def _run(settings: Settings) -> Outcome:
    count = settings.count or INPUTS
    wrong, tried = fuzz(count, 20261122, settings.scratch)
    kinds: Sequence[str] = [f"{tried[suffix]:,} {suffix}" for suffix in SUFFIXES]
    shown = f"{', '.join(kinds)}; {tried['articles']:,} held an article"
    return Outcome(count, tuple(wrong), shown, {"tried": tried, "limit": MOST_BYTES})


PART = Part("fuzz", "any bytes are an article with exact spans, or refused", "inputs", _run)
