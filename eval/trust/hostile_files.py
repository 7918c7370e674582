"""Files made to cost time or memory: each is read, cut and analysed in a process of its own.

`SECONDS` of processor time and `MEGABYTES` of memory are what a file of 20 MB, the largest that is
read by default, may take; smaller ones their share of it.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from eval.trust.hostile_reading import MOST_BYTES
from eval.trust.parts import ROOT, Outcome, Part, Settings

SECONDS = 180.0
MEGABYTES = 2_500
LEAST_SECONDS, LEAST_MEGABYTES = 10.0, 600  # for what a small file takes in any case
PATIENCE = 20  # times the seconds allowed, on a machine that has other work

S = "Das Werk in Halle baut im Jahr 2026 rund 500.000 Autos, sagte der Sprecher am 3. Mai. "
LONG = 10 * S


def _again(piece: str, before: str = "", after: str = "") -> Callable[[int], bytes]:
    """Files of the same piece again and again; lines stay below the most that are read."""

    def make(size: int) -> bytes:
        whole = piece.encode()
        count = (size - len(before.encode()) - len(after.encode())) // len(whole)
        lines = piece.count("\n")
        count = min(count, 99_000 // lines) if lines and "id" not in piece else count
        return before.encode() + whole * count + after.encode()

    return make


def _rows(size: int) -> bytes:
    rows = (json.dumps({"id": str(n), "text": "Das Werk."}) + "\n" for n in range(size // 40))
    return "".join(rows).encode()


def _bomb(levels: int) -> str:
    """A YAML mapping whose value has 9 to the power of `levels` parts once it is unfolded."""
    names = "abcdefghijklmnop"
    first = f"a: &a [{','.join('x' * 9)}]\n"
    rest = (
        f"{names[n]}: &{names[n]} [{','.join([f'*{names[n - 1]}'] * 9)}]\n"
        for n in range(1, levels)
    )
    return f"---\n{first}{''.join(rest)}---\n{S}"


def _entities(levels: int) -> str:
    names = "abcdefghijklmnop"
    rest = (f"<!ENTITY {names[n]} '{f'&{names[n - 1]};' * 10}'>" for n in range(1, levels))
    head = f"<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'>{''.join(rest)}]>"
    return f"{head}<p>&{names[levels - 1]};</p>{LONG}"


_TEXTS = {
    "one line": "a", "one line of sentences": S, "lines of two letters": "ab\n", "stops": ".",
    "stops and blanks": ". ", "quotation marks": '"', "brackets": "(", "digits": "1",
    "digits and stops": "1.", "dates": "3. Mai 2026 ", "dates in lines": "01.02.2026 01.02.2026\n",
    "abbreviations": "z.B. ", "initials": "A. ", "addresses": "http://a.b/", "signs": "# ",
    "bars": "| ", "dashes": "-", "commas": "a,", "tabs": "a\t", "line separators": "a\u2028",
    "form feeds": "abc\x0c", "ellipses": "…", "zero-width": "a\u200b",
    "right to left": "\u202eabc ",
    "combining marks": "\u0301", "stacks of marks": f"e{chr(0x301) * 50} ", "emoji": "\U0001f600",
    "ideographs": "漢", "homoglyphs": "Ваnk аuf ", "underscores": "_", "stars": "**",
    "cookie notices": "wir verwenden cookies auf dieser Seite\n",
    "teasers": "Mehr zum Thema: a b c\n",
    "by-lines": "Von Max Mustermann ist Redakteur bei der Zeitung und schreibt über\n",
    "datelines": f"BERLIN, 3. Mai 2026 (dpa) - {S}\n", "paragraphs": f"{S}\n\n",
    "comments": f"{S}\nKommentare (12)\nmax sagt:\n",
}  # fmt: skip
_MARKDOWN = {"brackets": "[", "links that do not end": "[a](", "images": "![a](b)"}
_HTML = {
    "div in div": ("<div>", "<html><body>", LONG), "b in b": ("<b>", "", LONG),
    "i in i": ("<i>", "<p>", LONG), "table in table": ("<table><tr><td>", "", LONG),
    "list in list": ("<ul><li>", "", LONG), "quote in quote": ("<blockquote>", "", LONG),
    "paragraphs": (f"<p>{S}", "<article>", ""), "line breaks": (f"{S}<br>", "<p>", ""),
    "links": ("<a href='x'>y</a> ", "<p>", ""), "one paragraph": (S, "<p>", "</p>"),
    "attributes": ("a=1 ", "<p ", f">{LONG}"), "a long attribute": ("b", "<p a='", f"'>{LONG}"),
    "entities": ("&lt;", "<p>", ""), "comments in comments": ("<!--", "", ""),
    "comments": ("<!-- x -->", "<p>", LONG), "scripts": ("<script>", "", ""),
    "less than": ("<", "", ""),
    "tags that do not end": ("<a ", "", ""), "quotes that do not end": ('<a href="', "", ""),
    "metadata": ("<meta name=date content=x>", "<head>", f"</head><p>{LONG}"),
    "a long title": ("x", "<title>", f"</title><p>{LONG}"), "headings": (f"<h1>{S}", "", ""),
    "a long language": ("de-", "<html lang='", f"'><p>{LONG}"),
    "a long address": ("a.", "<link rel=canonical href='http://", f"'><p>{LONG}"),
    "linked data": ("[", "<script type='application/ld+json'>", f"</script><p>{LONG}"),
    "forms": ("<form>", "", f"<p>{LONG}"), "drawings": ("<svg><g>", "", LONG),
}  # fmt: skip

FILES: dict[str, Callable[[int], bytes]] = {
    **{f"{name}.txt": _again(piece) for name, piece in _TEXTS.items()},
    **{f"{name}.md": _again(piece) for name, piece in _MARKDOWN.items()},
    **{f"{name}.html": _again(*pieces) for name, pieces in _HTML.items()},
    "spaces.txt": lambda size: b"a" + b" " * (size - 2) + b"b",
    "latin-1.txt": lambda size: "ä".encode("latin-1") * size,
    "bytes that are no text.txt": lambda size: b"\x80" * size,
    "half a surrogate.txt": lambda size: b"\xff\xfe" + b"a\0\0\xd8" * (size // 4),
    "front matter of brackets.md": lambda _: f"---\nk: {'[' * 60_000}\n---\n{S}".encode(),
    "front matter that unfolds.md": lambda _: _bomb(12).encode(),
    "front matter of comments.md": lambda _: f"---\n#{chr(10) * 64_000}---\n{S}".encode(),
    "entities that unfold.html": lambda _: _entities(9).encode(),
    "a file of the system.html": lambda _: (
        f"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><p>&x; {LONG}"
    ).encode(),
    "rows.jsonl": _rows,
    "rows of one id.jsonl": _again('{"id":"a","text":"b"}\n'),
    "no rows.jsonl": _again("x\n"),
    "a row of brackets.jsonl": lambda size: b"[" * size,
    "a row of digits.jsonl": lambda size: b'{"id":"a","text":"b","n":%s}\n' % (b"1" * size)[30:],
    "a row.jsonl": lambda size: json.dumps({"id": "a", "text": "x" * (size - 30)}).encode(),
    "a long id.jsonl": lambda size: json.dumps({"id": "x" * (size - 30), "text": "b"}).encode(),
}  # fmt: skip


class Reader:
    """The process that reads; a new one after a file that took too long or too much."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._process: subprocess.Popen[str] | None = None

    def read(self, path: Path, seconds: float) -> dict[str, object]:
        """What the process says of a file. `said` begins with `failed` where it says nothing."""
        process = self._process or self._started()
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(str(path)) + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], seconds * PATIENCE)
        line = process.stdout.readline() if ready else ""
        if line:
            found: dict[str, object] = json.loads(line)
            return found
        self.close()
        last = (self._scratch / "err").read_text(encoding="utf-8").strip().splitlines()[-1:]
        why = (last[0] if last else "it died") if ready else "no end"
        return {"seconds": 0.0, "megabytes": 0, "said": f"failed: {why}"}

    def _started(self) -> subprocess.Popen[str]:
        warm = str(self._scratch / "warm.html")
        with (self._scratch / "err").open("w") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "eval.trust.hostile_reading", warm],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
                cwd=ROOT,
            )
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"
        return self._process

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def reading(scratch: Path) -> Iterator[Reader]:
    reader = Reader(scratch)
    try:
        yield reader
    finally:
        reader.close()


def examine(
    names: Sequence[str], size: int, scratch: Path
) -> Iterator[tuple[str, dict[str, object], str]]:
    """Each file with what came of it, and in a line what is wrong, if anything is."""
    share = size / MOST_BYTES
    seconds = max(LEAST_SECONDS, SECONDS * share)
    megabytes = max(LEAST_MEGABYTES, MEGABYTES * share)
    with reading(scratch) as reader:
        for name in names:
            path = scratch / name
            path.write_bytes(FILES[name](size))
            found = reader.read(path, seconds)
            path.unlink()
            wrong = ""
            if str(found["said"]).startswith("failed"):
                wrong = f"{name}: {found['said']}"
            elif float(str(found["seconds"])) > seconds or int(str(found["megabytes"])) > megabytes:
                wrong = f"{name}: {found['seconds']} s, {found['megabytes']} MB"
            yield name, found, wrong


def _run(settings: Settings) -> Outcome:
    """`count` is how many files."""
    names = list(islice(cycle(FILES), settings.count or len(FILES)))
    done = {}
    lines = []
    for name, found, wrong in examine(names, MOST_BYTES, settings.scratch):
        print(f"  {name}: {found}", file=sys.stderr, flush=True)
        done[name] = found
        if wrong:
            lines.append(wrong)
    slowest = max(done, key=lambda name: float(str(done[name]["seconds"])))
    largest = max(done, key=lambda name: int(str(done[name]["megabytes"])))
    shown = (
        f"at most {done[slowest]['seconds']} s ({slowest}) "
        f"and {done[largest]['megabytes']} MB ({largest})"
    )
    return Outcome(len(names), tuple(lines), shown, done)


PART = Part(
    "files", "a hostile file of 20 MB is read or refused in bounded time and memory", "files", _run
)
