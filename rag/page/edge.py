"""What the browser sends, checked before anything is done with it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rag.errors import RagError
from rag.types import Filter

if TYPE_CHECKING:
    from collections.abc import Hashable

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


@dataclass(frozen=True, slots=True)
class Choice:
    """The filters as the page sends them: dates as `2026-02-01` or empty."""

    since: str = ""
    until: str = ""
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def filter(self) -> Filter:
        """Raises RagError for what is no date."""
        return Filter(
            sources=frozenset(self.sources) or None,
            languages=frozenset(self.languages) or None,
            since=_day(self.since),
            until=_day(self.until),
        )

    def named(self, shown: Callable[[str], str], safe: Callable[[str], str]) -> str:
        """What an answer says of them; `shown` writes a day, `safe` all else. Empty: no filter."""
        since, until = (shown(day) if day else "…" for day in (self.since, self.until))
        dates = f"{since} – {until}" if self.since or self.until else ""
        languages = ", ".join(code.upper() for code in self.languages)
        return " · ".join(
            part for part in (dates, safe(", ".join(self.sources)), safe(languages)) if part
        )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        if day.isoformat() != text:  # 20260201, a week: no form that the page has
            raise ValueError
        return day
    except ValueError:
        raise RagError(f"{text!r} is not a date; write it as 2026-02-01") from None
