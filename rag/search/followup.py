"""Follow-up questions → questions that stand alone, by rules, with the conversation before them.

    resolve("Und 2027?", ["Wie viele Autos will Xiaomi 2026 ausliefern?"])
        == "Wie viele Autos will Xiaomi 2027 ausliefern?"
    resolve("Was kostet er?", ["Wann kommt der SU7 Ultra?"]) == "Was kostet er (SU7 Ultra)?"

A fragment takes the place of its like in the question before: a time that of a time, a name that of
a name. A pronoun stays, with what it means in brackets. What stands alone comes back as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rag.language.detect import detect_language
from rag.language.mentions import FUNCTION_WORDS, words
from rag.search.conversation import add, content, topic
from rag.search.fragments import LONGEST, QUESTION_WORD, WHY, Followup, opened, parse
from rag.search.swap import cleared, supplement, swap

_MORE = re.compile(r"\s(?:nicht|not|so\s\w+)$", re.IGNORECASE)  # Warum so wenige?

TURNS = 20  # earlier questions that are looked at


def resolve(question: str, history: Sequence[str], today: date | None = None) -> str:
    """`question` with what it leaves to the earlier questions of `history`, oldest first.

    It comes back as it is where it stands alone or nothing came before. What is relative in time
    counts from `today`. At most 20 earlier questions and 500 characters of each are read.
    """
    today = today or date.today()
    followup = parse(question, today)
    earlier = [text for text in map(_plain, history[-TURNS:]) if text]
    if followup is None or not earlier:
        return question
    pending = [followup]
    context = earlier[-1]
    for context in reversed(earlier):
        before = parse(context, today)
        if before is None:
            break
        pending.append(before)
    else:
        pending.pop()  # a conversation that begins with a follow-up
    context = _capital(opened(context))
    for number, each in enumerate(reversed(pending)):
        context = _apply(each, context, today, bracketed=number > 0)
    return context


def _plain(text: str) -> str:
    return " ".join(text[:LONGEST].split())


def _apply(followup: Followup, context: str, today: date, *, bracketed: bool) -> str:
    """The follow-up as a question of its own, after the self-contained question `context`."""
    asked = _capital(opened(followup.text))
    alike = detect_language(context) == followup.language or _neutral(followup)
    if followup.kind == "whole":
        return _whole(followup, asked, context)
    if followup.kind == "event":
        return add(asked, content(context, followup.language))
    if followup.kind in ("aspect", "thing"):
        return add(asked, topic(context, bracketed=bracketed))
    if not alike:
        rest = cleared(context, followup.core, today)
        return add(_capital(followup.text), content(rest, followup.language))
    if followup.kind == "detail":
        return supplement(context, followup.core)
    swapped = swap(context, followup.core, today)
    return swapped if swapped != context else add(asked, topic(context, bracketed=bracketed))


def _neutral(followup: Followup) -> bool:
    """Whether its words tell no language: `Tesla?`, `in 2027?`."""
    german, english = FUNCTION_WORDS["de"], FUNCTION_WORDS["en"]
    return not any(word[0].casefold() in german ^ english for word in words(followup.text))


def _whole(followup: Followup, asked: str, context: str) -> str:
    """`Warum?` in place of the question word of `context`, else before its content."""
    own = WHY.match(context)
    same = detect_language(context) == followup.language
    adverb = WHY.fullmatch(followup.core) and _MORE.search(followup.core) is None
    if same and adverb:
        if own:
            return f"{_capital(followup.core)} {context[own.end() :].strip()}"
        if context.endswith("?") and not QUESTION_WORD.match(context):
            return f"{_capital(followup.core)} {context[0].lower()}{context[1:]}"
    return add(asked, content(context, followup.language))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
