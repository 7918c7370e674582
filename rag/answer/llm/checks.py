"""What a written sentence must hold to before anyone sees it.

It is compared with the sentences that it cites and with their articles' title, publisher and date.
Figures and places are compared across languages, words within one, meaning (where vectors can be
had) in both. The checks lean to too much: a sentence that fails gives way to its quote, which is
never wrong.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence

from rag.answer.llm.names import strange_names
from rag.answer.orders import is_order, sound_like_orders
from rag.language.analysis import analyse
from rag.language.detect import detect_language
from rag.language.exonyms import find_places, places
from rag.language.facts import denials, is_number
from rag.language.facts import words as words_of
from rag.language.figures import figures, unsupported
from rag.search.query import Query
from rag.types import Citation, Vectors

Embed = Callable[[Sequence[str]], Vectors]  # (n, dim) unit rows

# Least cosines with what is cited, for multilingual-e5-small. Of 400 questions of XQuAD less than
# 1 % lie further from their translation. A sentence that says a part of its quotes lies further
# off: of 17 true ones the lowest were at .781 with figures (12) and .853 without; of 15 false ones
# in another language than the quote none reached .84.
TRANSLATED = 0.86
MEANING = 0.84
WITH_FIGURES = 0.78  # which are checked by themselves
COVERED = 0.6  # share of what a sentence adds to the question's words that its quotes hold
SHARED = 2  # words of a clause from which on one at least must be theirs
LONGER = 2.0  # times the quotes that a sentence may be
ALLOWANCE = 80  # characters that it may be longer in any case
SURE = 5  # words from which on the language of a sentence shows

_LIGHT = {
    "de": "beträgt betragen liegt liegen gibt geben kostet kosten sagt sagte sagen teilte heißt "
    "laut angaben bericht zufolge insgesamt zudem außerdem derzeit aktuell jeweils dabei damit "
    "soll sollen will wollen kann können werden worden rund etwa",
    "en": "amounts says said saying say according report reports states stated total currently "
    "costs cost about around which each should will can plans planned also",
}
_MARKUP = re.compile(
    r"https?:|www\.|\]\s*\(|[<>{}`|\\]|\*\*|__|^\s*#|\S@\S|&\w+;|\b[\w-]+\.(?:[a-z]{2,3}/"
    r"|(?:com|org|net|de|io|ru|cn|info|xyz|app|example|test|invalid|biz|eu|ly)\b)"
    r"|[\u200b-\u200f\u202a-\u202e\u2060-\u2069]",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:.!?()„“”\"»«…](?=\s|$|\w)|\s[–—-]\s|(?<=\s)[\"'„(]")


def faults(
    text: str, cited: Sequence[Citation], query: Query, embed: Embed | None = None
) -> tuple[str, ...]:
    """The checks that a sentence fails; it may be shown where there are none.

    Without `embed` nothing is known of meaning, so a sentence in another language than its quotes
    fails.
    """
    return tuple(_faults(text, cited, query, embed))


def translation_faults(
    text: str, quote: Citation, language: str, embed: Embed | None = None
) -> tuple[str, ...]:
    """The same for the translation of one quote."""
    return tuple(_translation_faults(text, quote, language, embed))


def question_faults(text: str, typed: Sequence[str]) -> tuple[str, ...]:
    """The same for a question made of those that were typed: it brings in nothing of its own."""
    language, held = detect_language(text), " ".join(typed)
    known = [figure for each in typed for figure in figures(each, detect_language(each))]
    found = {
        "figures": bool(unsupported(figures(text, language), known)),
        "places": bool(set(places(text)) - set(places(held))),
        "names": bool(strange_names(_without_places(text), language, held, translated=True)),
        "markup": _MARKUP.search(text) is not None,
    }
    return tuple(name for name, fails in found.items() if fails)


def _faults(
    text: str, cited: Sequence[Citation], query: Query, embed: Embed | None
) -> Iterator[str]:
    quotes = " ".join(each.quote for each in cited)
    if not cited:
        yield "ids"
        return
    yield from _form_faults(text, quotes, query.language)
    known = [figure for each in cited for figure in figures(each.quote, each.document.language)]
    known += [figure for each in cited for figure in _frame_figures(each)]
    said = figures(text, query.language)
    if unsupported(said, known):
        yield "figures"
    frames = " ".join(f"{each.document.title} {each.document.source or ''}" for each in cited)
    told = f"{quotes} {frames}"
    held = f"{told} {query.text}"
    if set(places(text)) - set(places(held)):
        yield "places"
    translated = any(each.document.language != query.language for each in cited)
    if strange_names(_without_places(text), query.language, held, translated=translated):
        yield "names"
    if _denial_differs(text, cited):
        yield "denial"
    if not translated:
        yield from _word_faults(text, quotes, told, query)
    if embed is None:
        if translated:
            yield "meaning"
        return
    rows = embed([text, *(each.quote for each in cited), quotes])
    if float((rows[1:] @ rows[0]).max()) < (WITH_FIGURES if said else MEANING):
        yield "meaning"
    if sound_like_orders(rows[1:-1]):
        yield "order"


def _translation_faults(
    text: str, quote: Citation, language: str, embed: Embed | None
) -> Iterator[str]:
    yield from _form_faults(text, quote.quote, language)
    told = figures(quote.quote, quote.document.language)
    said = figures(text, language)
    if unsupported(said, told) or unsupported(told, said):
        yield "figures"
    if set(places(text)) != set(places(quote.quote)):
        yield "places"
    if bool(denials(text)) != bool(denials(quote.quote)):
        yield "denial"
    held = f"{quote.quote} {quote.document.title}"
    if strange_names(_without_places(text), language, held, translated=True):
        yield "names"
    rows = embed([text, quote.quote]) if embed else None
    if rows is None or float(rows[0] @ rows[1]) < TRANSLATED:
        yield "meaning"


def _form_faults(text: str, quotes: str, language: str) -> Iterator[str]:
    """Plain text in the question's language, no order, no question, no flood of words."""
    words = text.split()
    shouted = len(words) > 1 and text.isupper()
    if _MARKUP.search(text) or shouted or not any(c.isalnum() for c in text):
        yield "markup"
    if text.rstrip("\"'“”« )").endswith("?") or is_order(text):
        yield "order"
    if len(text) > LONGER * len(quotes) + ALLOWANCE:
        yield "length"
    if len(words) >= SURE and language in ("de", "en") and detect_language(text) != language:
        yield "language"


def _frame_figures(cited: Citation) -> Iterator[frozenset[str]]:
    document = cited.document
    yield from figures(document.title, document.language)
    if document.published is not None:
        yield from figures(str(document.published.first), document.language)
        yield from figures(str(document.published), document.language)


def _denial_differs(text: str, cited: Sequence[Citation]) -> bool:
    """A denial of its own, or the only cited sentence denies and this does not."""
    denied = [bool(denials(each.quote)) for each in cited]
    return not any(denied) if denials(text) else denied == [True]


def _word_faults(text: str, quotes: str, told: str, query: Query) -> Iterator[str]:
    """What it adds to the question is mostly in the words that it cites, and so is each clause."""
    asked, known = set(_terms(query.text, query)), set(_terms(told, query))
    said = set(_terms(text, query))
    added = said - asked
    alien = said and not said & set(_terms(quotes, query))
    if len(added & known) < COVERED * len(added) or alien:
        yield "words"
    clauses = (set(_terms(clause, query)) for clause in _CLAUSE.split(text))
    if any(len(clause) >= SHARED and not clause & (known | asked) for clause in clauses):
        yield "clause"


def _terms(text: str, query: Query) -> list[str]:
    """Terms without figures, which are checked by themselves, and what any answer may use."""
    language = query.language
    plain = " ".join(word for word in words_of(text) if not is_number(word.casefold()))
    found = analyse(f"{plain} x", language)[:-1]  # stop words are dropped beside another word only
    return [term for term in found if term not in _light(language)]


@functools.cache
def _light(language: str) -> frozenset[str]:
    return frozenset(analyse(_LIGHT.get(language, ""), language))


def _without_places(text: str) -> str:
    for place in find_places(text):
        text = text[: place.start] + " " * (place.end - place.start) + text[place.end :]
    return text
