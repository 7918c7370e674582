"""How a time, a place or a name of one question gives way to that of another."""

from __future__ import annotations

import re
from datetime import date

from rag.language.detect import detect_language
from rag.language.mentions import Mention, find_mentions
from rag.search.periods import find_periods

_NOW = re.compile(
    r"\b(?:heute|jetzt|aktuell|derzeit|zurzeit|momentan|zuletzt|inzwischen|ursprünglich|anfangs|now"
    r"|today|currently|originally|initially|recently|at\spresent)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_RELATIVE = re.compile(
    r"(?:letzt|vorig|vergangen|nächst|kommend|dies|last|next|previous|this|vor\s|ago)",
    re.IGNORECASE,
)
_PREPOSITION = r"im|in|am|on|for|für|seit|ab|bis|nach|vor|since|from|until|till|by|before|after"
_BEFORE_TIME = re.compile(
    rf"(?:\b(?:{_PREPOSITION}|during|anfang|ende|mitte|early|late|mid|end|dem|der|das|den|the|of"
    r"|des|jahre?s?|year)\s)+$",
    re.IGNORECASE,
)
_LED = re.compile(rf"(?:{_PREPOSITION})\s", re.IGNORECASE)
_BEFORE_NAME = re.compile(
    r"\b(?:(?P<prep>in|nach|aus|für|auf|bei|mit|von|zu|of|to|from|for|at|by|with|within|across|near)"
    r"\s)?(?P<article>(?:der|die|das|den|dem|des|eine?[mnrs]?|the|an?)\s)?(?:[^\W\d_]+e[nrsm]?\s)?$",
    re.IGNORECASE,
)
_GENDER = {
    "der": {"der", "den", "dem", "des", "ein", "einen", "einem", "eines"},
    "die": {"die", "der", "eine", "einer"},
    "das": {"das", "dem", "des", "ein", "einem", "eines"},
}
PREPOSITIONS = re.compile(
    r"auf|aus|bei|beim|für|gegen|im|in|mit|nach|ohne|seit|trotz|unter|vom|von|vor|während|zu|zum|zur"
    r"|at|by|during|for|from|on|to|under|with|without",
    re.IGNORECASE,
)
_END = re.compile(r"(?:\s\([^()]*\))?\s?[?.!…]*$")


def times(text: str, today: date) -> list[tuple[int, int]]:
    """The ranges of `text` that name a time, in order, without overlap."""
    found = [(f.start, f.end) for f in find_periods(text, today)]
    if not found and " " not in text:  # a month is one after a preposition only
        found = [(0, f.end - 3) for f in find_periods(f"in {text}", today)]
    if not found:  # and a day with a year only
        dated = find_periods(f"{text} {today.year}", today)
        found = [(f.start, len(text)) for f in dated if f.start < len(text) < f.end]
    for match in _NOW.finditer(text):
        if all(match.end() <= start or end <= match.start() for start, end in found):
            found.append(match.span())
    return sorted(found)


def swap(question: str, fragment: str, today: date) -> str:
    """`question` with each part of a fragment in the place of its like, else at the end.

    >>> swap("Was kostet der SU7 in China?", "in Europa 2027", date(2026, 1, 1))
    'Was kostet der SU7 in Europa 2027?'
    """
    when = times(fragment, today)
    language = detect_language(question)
    rest = without(fragment, when)
    for new in find_mentions(rest, language, fragment=True):
        question = _swap_name(question, rest, new, language)
    for start, end in when:
        lead = _BEFORE_TIME.search(fragment[:start])
        question = _swap_time(question, lead[0] if lead else "", fragment[start:end], today)
    return question


def cleared(question: str, fragment: str, today: date) -> str:
    """`question` without what `fragment`, in another language, stands for."""
    when = times(fragment, today)
    if when:
        question = without(question, times(question, today))
    rest = without(fragment, when)
    for new in find_mentions(rest, detect_language(fragment), fragment=True):
        mentions = find_mentions(question, detect_language(question))
        if old := _target(question, mentions, new, rest):
            question = without(question, [(old.start, old.end)])
    return question


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """`text` less these ranges, which are in order."""
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def supplement(question: str, detail: str) -> str:
    """`bei Rastnetz` in the place of `bei Voltino`, else at the end.

    >>> supplement("Was kostet das Laden?", "ohne Vertrag")
    'Was kostet das Laden ohne Vertrag?'
    """
    preposition, _, name = detail.partition(" ")
    if not PREPOSITIONS.fullmatch(preposition):
        return append(question, f"({detail})")
    for old in find_mentions(question, detect_language(question)):
        if " " not in name and _before(question, old) == (preposition.lower(), ""):
            return question[: old.start] + name + question[old.end :]
    return append(question, detail)


def append(question: str, text: str) -> str:
    """`text` at the end of `question`, before its brackets and question mark."""
    end = _END.search(question)
    cut = end.start() if end else len(question)
    return f"{question[:cut]} {text}{question[cut:]}"


def _swap_time(question: str, lead: str, when: str, today: date) -> str:
    found = times(question, today)
    language = detect_language(question)
    if not found:
        return append(question, _timed(lead, when, language))
    start, end = found[-1]
    old = question[start:end]
    if not lead and _YEAR.fullmatch(old) and _YEAR.fullmatch(when):
        return question[:start] + when + question[end:]
    year = _YEAR.search(old)
    if year and not any(each.search(when) for each in (_YEAR, _RELATIVE, _NOW)):
        when = f"{when} {year[0]}"  # a month or a quarter of the year that was asked about
    before = _BEFORE_TIME.search(question[:start])
    start -= len(before[0]) if before else 0
    return question[:start] + _timed(lead, when, language) + question[end:]


def _timed(lead: str, when: str, language: str) -> str:
    """With the preposition that a bare year or month needs."""
    if lead or _RELATIVE.match(when) or _NOW.match(when) or _LED.match(when):
        return f"{lead}{when}"
    if language == "de":
        return when if when[0].isdigit() else f"im {when}"
    return f"in {when}" if when[0].isdigit() or when[0].isupper() else when


def _swap_name(question: str, fragment: str, new: Mention, language: str) -> str:
    name = fragment[new.start : new.end]
    prep, article = _before(fragment, new)
    old = _target(question, find_mentions(question, language), new, fragment)
    if old is None:
        return append(question, f"{prep} {article}{name}" if prep else f"({name})")
    if new.kind != "place":
        return question.replace(question[old.start : old.end], name)
    own, own_article = _before(question, old)
    start = old.start
    if article or own:
        start -= len(own_article)
    if prep and own:
        start -= len(own) + 1
        return f"{question[:start]}{prep} {article}{name}{question[old.end :]}"
    kept = article if own or language != "de" else ""  # `in den USA` for a subject: `USA`
    return f"{question[:start]}{kept}{name}{question[old.end :]}"


def _target(question: str, mentions: list[Mention], new: Mention, fragment: str) -> Mention | None:
    """The mention of a question that gives way to `new`: one of its kind."""
    prep, article = _before(fragment, new)
    product = ("product", "code", "name")  # `der Taycan` may follow a code or a bare name
    kinds = {
        "place": ("place",),
        "name": product if article else ("name", "product"),
        "product": product,
        "code": ("code", "product"),
    }[new.kind]
    for kind in kinds:
        same = [m for m in mentions if m.kind == kind and _agrees(question, m, article)]
        if not same:
            continue
        alike = [m for m in same if _before(question, m)[0] == prep]
        old = (alike or same)[-1 if kind == "place" else 0]
        if kind == new.kind == "code" and new.core == new.start:
            return Mention(old.core, old.end, kind, old.core)  # the maker stays
        return old
    return None


def _before(text: str, mention: Mention) -> tuple[str, str]:
    """Preposition, and article with its blank, in front of a mention; empty where there is none."""
    found = _BEFORE_NAME.search(text[: mention.start])
    return ((found["prep"] or "").lower(), found["article"] or "") if found else ("", "")


def _agrees(question: str, mention: Mention, article: str) -> bool:
    """Whether the articles agree in gender, where both are German."""
    own = _before(question, mention)[1]
    genders = _GENDER.get(article.strip().lower())
    return genders is None or not own or own.strip().lower() in genders
