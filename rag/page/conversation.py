"""The conversation that the browser keeps, and what comes back from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rag.errors import RagError
from rag.page.edge import checked
from rag.page.view import Turn
from rag.page.words import period

MOST_TURNS = 20  # of a conversation
FORM = 2  # of what the browser keeps; what has another is forgotten


def kept(turns: Sequence[Turn]) -> dict[str, Any]:
    """What the browser keeps, as JSON values."""
    return {"form": FORM, "turns": [asdict(turn) for turn in turns]}


def turns(value: object) -> list[Turn]:
    """What the browser kept. Raises RagError where that is nothing of ours."""
    if not isinstance(value, dict) or value.get("form") != FORM:
        raise RagError("the conversation is of another version; begin a new one")
    try:
        found = checked(list[Turn], value.get("turns"))
    except RagError:
        raise RagError("the conversation cannot be read; begin a new one") from None
    if not all(map(_sound, found)):
        raise RagError("the conversation does not hold together; begin a new one")
    return found


def _sound(turn: Turn) -> bool:
    """Whether each mark leads to a quote, and what is to be a date is one."""
    numbers = {q.number for card in turn.cards for q in card.quotes}
    origins = [found for card in turn.cards for found in (card.origin, *card.copies)]
    dates = [*(found.published for found in origins), turn.filtered.since, turn.filtered.until]
    try:
        for written in filter(None, dates):
            period(written)
    except ValueError:
        return False
    return turn.key.isalnum() and numbers.issuperset(m for s in turn.said for m in s.marks)
