"""What the browser sends, checked before anything is done with it."""

from __future__ import annotations

import functools
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rag.errors import RagError
from rag.types import Filter

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

T = TypeVar("T")


def checked(form: type[T], value: object) -> T:
    """`value` as a `form`. Raises RagError where the page cannot have sent it."""
    from pydantic import ValidationError

    try:
        found: T = _adapter(cast("Hashable", form)).validate_python(value)
    except ValidationError:
        raise RagError("the page sent something unexpected; load it again") from None
    return found


@functools.cache
def _adapter(form: Hashable) -> Any:
    """Made once: that takes longer than using it."""
    from pydantic import TypeAdapter

    adapter: Any = TypeAdapter
    return adapter(form)


def chosen(
    since: str, until: str, sources: Sequence[str], languages: Sequence[str]
) -> tuple[Filter, str]:
    """The filter that was chosen, and how an answer names it. Raises RagError for no date."""
    first, last = _day(since), _day(until)
    wanted = Filter(
        sources=frozenset(sources) or None,
        languages=frozenset(languages) or None,
        since=first,
        until=last,
    )
    dates = f"{first or '…'} – {last or '…'}" if first or last else ""
    parts = [dates, ", ".join(sources), ", ".join(code.upper() for code in languages)]
    return wanted, " · ".join(filter(None, parts))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RagError(f"{text!r} is not a date; write it as 2026-02-01") from None
