"""Document → chunks: runs of whole sentences that fit the model, cut along the text's structure.

langchain's recursive splitter decides where to cut. It is shown not the text but a string with one
character per token, in which the last character of each sentence tells what comes after it: a
heading, a paragraph, a line or the next sentence. So its lengths are tokens, its pieces add up to
the whole, and spans follow from sums.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from rag.language.sentences import split_sentences
from rag.types import Chunk, Document, Span

TokenCounter = Callable[[Sequence[str]], list[int]]

_TOKEN = "x"
_HEADING, _PARAGRAPH, _LINE, _SENTENCE = "#", "¶", "/", "."  # best place for a cut first
_CHARACTERS_PER_TOKEN = 16  # a sentence with more than that for each token is cut uncounted
_TITLE_LENGTH = 100  # characters; a longer line is text even without a full stop

_MARKDOWN_HEADING = re.compile(r"#{1,6}\s")
_LIST_ITEM = re.compile(r"(?:[-*+•·–▪◦‣>|]|\d{1,3}[.)])\s")
_FINAL = re.compile(r"[.!?…][\"“”«»’')\]]*$")


def chunk(document: Document, count_tokens: TokenCounter, target: int, limit: int) -> list[Chunk]:
    """Cut `document` into chunks of about `target` tokens and of `limit` tokens at most.

    Chunks tile the text, and their sentences tile them; what lies between is white space. A
    sentence is cut only if it exceeds `limit` by itself; its pieces then stand for sentences.
    `count_tokens` counts what is added to every text too, and must give one character at most
    `limit` tokens.
    """
    text = document.text
    fixed = count_tokens([""])[0]  # prompt and special tokens, once in a chunk
    sentences, tokens = _sentences(text, count_tokens, fixed, limit)
    runs = _runs(text, sentences, tokens, max(1, min(target, limit) - fixed))
    return [
        Chunk(
            f"{document.doc_id}#{n}", document.doc_id, Span(run[0].start, run[-1].end), tuple(run)
        )
        for n, run in enumerate(_within(text, runs, count_tokens, limit))
    ]


def _sentences(
    text: str, count_tokens: TokenCounter, fixed: int, limit: int
) -> tuple[list[Span], list[int]]:
    """Sentences of at most `limit` tokens each, and their own tokens (at least 1)."""
    done: list[Span] = []
    tokens: list[int] = []
    pending = split_sentences(text)
    size = limit * _CHARACTERS_PER_TOKEN
    while pending:
        pending = [piece for span in pending for piece in _pieces(text, span, size)]
        counts = count_tokens([span.of(text) for span in pending])
        fits = [
            count <= limit or len(span) == 1 for span, count in zip(pending, counts, strict=True)
        ]
        done += [span for span, ok in zip(pending, fits, strict=True) if ok]
        tokens += [max(1, n - fixed) for n, ok in zip(counts, fits, strict=True) if ok]
        pending = [span for span, ok in zip(pending, fits, strict=True) if not ok]
        size = max(1, min(size, limit * 8) // 2)
    order = sorted(range(len(done)), key=done.__getitem__)
    return [done[n] for n in order], [tokens[n] for n in order]


def _pieces(text: str, span: Span, size: int) -> Iterator[Span]:
    """`span` in pieces of `size` characters: cut after a line, a clause or a word if it can be."""
    if len(span) <= size:
        yield span
        return
    start = span.start
    for piece in _split(span.of(text), ["\n", "; ", ", ", " "], size):
        for offset in range(0, len(piece), size):
            part = piece[offset : offset + size]
            content = part.strip()
            if content:
                first = start + offset + len(part) - len(part.lstrip())
                yield Span(first, first + len(content))
        start += len(piece)


def _split(text: str, separators: list[str], size: int) -> list[str]:
    """Pieces of at most `size` characters, unless no separator is near. Joined they are `text`."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=separators,
        chunk_size=size,
        chunk_overlap=0,
        keep_separator="end",
        strip_whitespace=False,
    )
    pieces: list[str] = splitter.split_text(text)
    return pieces


def _runs(
    text: str, sentences: Sequence[Span], tokens: Sequence[int], size: int
) -> Iterator[Sequence[Span]]:
    """Sentences in runs of at most `size` tokens where a cut is allowed."""
    if not sentences:
        return
    breaks = [*_breaks(text, sentences), _SENTENCE]
    sketch = "".join(
        _TOKEN * (count - 1) + after for count, after in zip(tokens, breaks, strict=True)
    )
    ends = {}  # tokens up to the end of a sentence → sentences up to there
    position = 0
    for n, count in enumerate(tokens, 1):
        position += count
        ends[position] = n
    first = position = length = 0
    for piece in _split(sketch, [_HEADING, _PARAGRAPH, _LINE, _SENTENCE], size):
        # A long paragraph leaves a short rest behind; it goes with what follows.
        if length and length + len(piece) > size:
            yield sentences[first : ends[position]]
            first, length = ends[position], 0
        position += len(piece)
        length += len(piece)
    yield sentences[first:]


def _breaks(text: str, sentences: Sequence[Span]) -> Iterator[str]:
    """What stands between each sentence and the next; after a heading, nothing that may be cut."""
    titles = [_is_title(text, span) for span in sentences]
    for n, (span, following) in enumerate(pairwise(sentences)):
        gap = text[span.end : following.start]
        if titles[n]:
            yield _SENTENCE if titles[n + 1] else _TOKEN
        elif titles[n + 1]:
            yield _HEADING
        elif gap.count("\n") > 1:
            yield _PARAGRAPH
        else:
            yield _LINE if "\n" in gap else _SENTENCE


def _is_title(text: str, span: Span) -> bool:
    """Whether a sentence is a heading: a Markdown one, or a short line without a full stop."""
    if len(span) > _TITLE_LENGTH:
        return False
    sentence = span.of(text)
    if _MARKDOWN_HEADING.match(sentence):
        return True
    before = text[max(0, span.start - _TITLE_LENGTH) : span.start].rstrip(" \t")
    after = text[span.end : span.end + _TITLE_LENGTH].lstrip(" \t\r")
    alone = before[-1:] in ("", "\n") and after[:1] == "\n"
    return alone and _FINAL.search(sentence) is None and _LIST_ITEM.match(sentence) is None


def _within(
    text: str, runs: Iterator[Sequence[Span]], count_tokens: TokenCounter, limit: int
) -> list[Sequence[Span]]:
    """The runs, halved while they exceed `limit`: joined text may take more than its parts."""
    pending = list(runs)
    done: list[Sequence[Span]] = []
    while pending:
        counts = count_tokens([text[run[0].start : run[-1].end] for run in pending])
        halves: list[Sequence[Span]] = []
        for run, count in zip(pending, counts, strict=True):
            if count <= limit or len(run) == 1:
                done.append(run)
            else:
                halves += [run[: len(run) // 2], run[len(run) // 2 :]]
        pending = halves
    return sorted(done, key=lambda run: run[0])
