"""Where sentences begin and end.

sentencex (Wikimedia's rules, in Rust) proposes boundaries. Around it: newlines are told apart (a
wrapped line goes on, a heading or a list item ends), quotation marks and brackets are kept from
it, and what it gets wrong in German is mended. One idea mends most: in German a pronoun, article
or preposition is capitalised only where a sentence begins, so such a word after a full stop that
may belong to the word before it (`3.`, `usw.`, `U.S.`) shows a boundary, and its absence none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.types import Span

_WINDOW = 20_000  # characters given to sentencex at once: it compares every stop with every address
_CONTEXT = 60  # characters on each side of a boundary that decide about it


def _any(words: str) -> str:
    return "(?:" + "|".join(re.escape(word) for word in words.split()) + ")"


_OPEN = "[\"“”„«»‚‘'(]{0,3}"  # bounded: a run of them must not cost quadratic time
_CLOSE = "[\"“”«»’')]{0,4}"
_STARTER = (
    rf"\s*{_OPEN}"
    + _any(
        "Aber Alle Allerdings Als Also Am An Andere Anders Auch Auf Aus Außerdem Bei Beide Beim "
        "Bis Da Dabei Dadurch Dafür Dagegen Daher Damals Damit Danach Dann Daran Darauf Daraus "
        "Darüber Darum Das Dass Davon Davor Dazu Dem Den Denn Dennoch Der Deren Des Deshalb "
        "Dessen Deswegen Die Dies Diese Diesem Diesen Dieser Dieses Doch Dort Durch Ein Eine "
        "Einem Einen Einer Eines Einige Er Es Etwa Für Gegen Heute Hier Hinter Hinzu Ich Ihm Ihn "
        "Ihr Ihre Ihren Ihrer Im Immer In Ins Inzwischen Ist Je Jede Jeder Jedes Jedoch Jetzt "
        "Kein Keine Man Manche Mehr Mein Meine Mit Nach Nachdem Neben Nicht Niemand Noch Nun Nur "
        "Ob Obwohl Oder Ohne Schon Seine Seinen Seit Seitdem Selbst Sie Sind So Sobald Sogar "
        "Somit Sondern Später Statt Trotz Trotzdem Um Und Uns Unser Unsere Unter Viele Vielleicht "
        "Vom Von Vor Wann War Waren Warum Was Weder Wegen Weil Weiter Welche Wenn Wer Wie Wieder "
        "Wir Wird Wo Während Zu Zudem Zuletzt Zum Zunächst Zur Zuvor Zwar Zwischen After All "
        "Although And Another As At Because Before But By During Each For From He Her His However "
        "How If It Its Many Most My Nobody Of On Other Others Our Several She Since Some That The "
        "Their Then There These They This Those Today Until We What When Where Which While Who "
        "Why With You Your"
    )
    + r"(?=\s)"
)
_ARTICLE = _any(
    "am im der die das den dem des zum zur vom beim bis und oder ab seit seinen seiner seinem "
    "ihren ihrer ihrem ein eine einen einer einem jeder jede jeden"
)

# sentencex takes no boundary between a pair of these; one without its partner would swallow much.
_HIDDEN = str.maketrans(dict.fromkeys('"“”„«»‚()\n\r\v\f\x85\u2028\u2029', " "))
_HIDDEN |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # lone surrogates, which Rust refuses
_AFTER_STOP = re.compile(rf"{_CLOSE}(?:\s[\"“”«»)](?=\s|$))?")
_BEGINS = re.compile(_STARTER)
_COUNTED = re.compile(
    r"\s*(?:Jahrhundert|Jahrtausend|Jahrestag|Jh|Weltkrieg|Klasse|Mal|Platz|Rang|Stock|Etage|Quartal"
    r"|Spieltag|Runde|Minute|Bundesliga|Geburtstag|Lebensjahr|Auflage|Semester|Tag|Woche|Monat"
    r"|(?:Jan|Feb|Mär|Apr|Jun|Jul|Aug|Sep|Okt|Nov|Dez)\b)"
)
_MISSED = re.compile(
    rf"[.!?…]{_CLOSE}(?={_STARTER})"
    rf"|(?:[^\W\d_]{{4}}|\b(?:19|20)\d\d|\d:\d+|%)\.{_CLOSE}(?=\s+\d)"
)
_LOWER = re.compile(rf"\s*{_CLOSE}{_OPEN}[\s–—-]*(?:[,;:]|([^\W\d_]))")
_UNFINISHED = re.compile(
    rf"(?:^|[\s(])(?i:{_ARTICLE})\s+\d{{1,3}}\.$"  # an ordinal
    r"|(?:^|[\s.(-])[A-ZÄÖÜ]\.$"  # an initial
    r"|(?:^|[\s(])(?:geb|gest|ehem|med|rer|sog|lt|gem|rd|Fa|Abb|Tab|Ziff|Abschn|Febr|Sept|\w*str)\.$"
)
_NUMBER = re.compile(r"\b\d{1,3}\.$")
_MARKER = re.compile(r"\W*(?:\d{1,3}|[a-zA-Z]|[IVX]{1,4})[.)]\s*")

_LINE = re.compile(r"\S[^\n\r\v\f\x85\u2028\u2029]*")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_ENDED = re.compile(rf"[.!?…:;]{_CLOSE}$")
_STOP = re.compile(rf"[.!?…]{_CLOSE}(?:\s|$)")
_ITEM = re.compile(r"(?:[-*+•·–▪◦‣>|]|\d{1,3}[.)]|[a-z]\)|#{1,6})(?:\s|$)")
_DANGLING = re.compile(
    r"\b(?:z\. ?B\.|d\. ?h\.|"
    + _any(
        "und oder sowie der die den dem des ein eine einen einem eines einer im am vom zum zur "
        "beim ins bei von für durch gegen ohne wegen dass weil wenn ob the a an of and or to for "
        "with from by at"
    )
    + ")$"
)
_CONTINUES = re.compile(r"[^\W\d_A-ZÄÖÜ][^\W\d_]*[,;:.!?)“”\"]*(?:\s|$)")  # a word, not an address


def split_sentences(text: str) -> list[Span]:
    """Sentences of `text`, in order; every character but white space lies in exactly one.

    Spans do not overlap and neither begin nor end with white space. Time is linear in the text.
    """
    spans = []
    for start, end in _blocks(text):
        block = text[start:end]
        edges = [0, *_boundaries(block), len(block)]
        for left, right in pairwise(edges):
            piece = block[left:right]
            content = piece.strip()
            if content:
                first = start + left + len(piece) - len(piece.lstrip())
                spans.append(Span(first, first + len(content)))
    return spans


def _boundaries(block: str) -> Iterator[int]:
    """Where a sentence ends inside `block`, closing quotation marks included."""
    stops = {match.end() for match in _MISSED.finditer(block)}
    stops.update(_after_stop(block, end) for end in _proposals(block))
    last = 0
    for stop in sorted(stops):
        if not _joins(block, last, stop):
            yield stop
            last = stop


def _proposals(block: str) -> Iterator[int]:
    """Ends of sentences according to sentencex, white space after them excluded."""
    import sentencex

    hidden = block.translate(_HIDDEN)
    start = 0
    while start < len(hidden):
        window = hidden[start : start + _WINDOW]
        found = [
            start + sentence["start_index"] + len(sentence["text"].rstrip())
            for sentence in sentencex.get_sentence_boundaries("de", window)
        ]
        if start + _WINDOW >= len(hidden):
            yield from found[:-1]
            return
        # The last sentence may go on behind the window: read it again with what follows.
        yield from found[:-1]
        start = found[-2] if len(found) > 1 else start + _WINDOW


def _after_stop(block: str, stop: int) -> int:
    match = _AFTER_STOP.match(block, stop)
    assert match is not None  # it matches the empty string
    return match.end()


def _joins(block: str, last: int, stop: int) -> bool:
    """Whether what follows `stop` still belongs to the sentence that began at `last`."""
    before = block[max(last, stop - _CONTEXT) : stop]
    after = block[stop : stop + _CONTEXT]
    following = _LOWER.match(after)
    if following and (following[1] is None or following[1].islower()):
        return True
    if stop - last < _CONTEXT and _MARKER.fullmatch(before):
        return True
    if before.endswith((".", "!", "?")) and after[:1].isalnum() and not _BEGINS.match(after):
        return True  # no space: part of a name or address
    if _NUMBER.search(before) and _COUNTED.match(after):
        return True
    return _UNFINISHED.search(before) is not None and _BEGINS.match(after) is None


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each run of lines that is read without a break."""
    for paragraph in _paragraphs(text):
        lines = [text[start:end].rstrip() for start, end in paragraph]
        goes_on = _goes_on(lines)
        first = paragraph[0][0]
        for n, (_, end) in enumerate(paragraph):
            if not goes_on[n]:
                yield first, end
                first = paragraph[n + 1][0] if n + 1 < len(paragraph) else end


def _paragraphs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Lines that no blank line parts, as (start, end)."""
    paragraph: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        if paragraph and len(_BREAK.findall(text, paragraph[-1][1], match.start())) > 1:
            yield paragraph
            paragraph = []
        paragraph.append(match.span())
    if paragraph:
        yield paragraph


def _goes_on(lines: Sequence[str]) -> list[bool]:
    """For each line, whether the next one continues it."""
    if _filled(lines):
        return [True] * (len(lines) - 1) + [False]
    goes_on = [False] * len(lines)
    stops = _STOP.search(lines[-1]) is not None  # whether the sentence comes to a full stop
    for n in range(len(lines) - 2, -1, -1):
        line, following = lines[n], lines[n + 1]
        if line.startswith("#") or _ITEM.match(following):
            pass
        elif _DANGLING.search(line, max(0, len(line) - _CONTEXT)):
            goes_on[n] = True
        elif stops and not _ENDED.search(line, max(0, len(line) - _CONTEXT)):
            goes_on[n] = _CONTINUES.match(following) is not None
        stops = _STOP.search(line) is not None or (goes_on[n] and stops)
    return goes_on


def _filled(lines: Sequence[str]) -> bool:
    """Whether each line breaks only where the next word no longer fitted: wrapped by a program."""
    width = max(map(len, lines))
    if len(lines) < 3 or not 40 <= width <= 120 or any(map(_ITEM.match, lines)):
        return False
    return all(
        len(line) + 1 + len(following.split(maxsplit=1)[0]) > width
        for line, following in pairwise(lines)
    )
