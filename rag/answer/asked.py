"""Which kind of value a question asks for, so that only that value of a sentence is compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rag.answer.claims import is_plan
from rag.language.mentions import FUNCTION_WORDS
from rag.language.names import Names, names
from rag.language.nouns import is_german_noun
from rag.language.quantities import COUNT
from rag.language.units import unit
from rag.search.query import Query
from rag.types import Period

_ANY = re.IGNORECASE
_MONEY = ("euro", "dollar", "yuan", "pound", "franc", "yen", "cent")
_UNITS = tuple(
    (re.compile(pattern, _ANY), frozenset(units))
    for pattern, units in (  # the first that fits decides
        (r"prozent|\w*anteil|\w*quote\b|\bpercent|\bshare of|proportion|how steep", ["percent"]),
        (
            r"\bkost|\bteuer|\w*preise?\b|umsatz|\bgewinn|\bgeld\b|bußgeld|gebühr|gehalt|euros?\b"
            r"|\w*lohn\b|\bzahl(?:t|en)\b|\bcosts?\b|\bprices?\b|expensive|revenue|profit|money"
            r"|\bfees?\b|\bfine\b|salary|dollars?\b|\bpay\b",
            _MONEY,
        ),
        (r"\bwie (?:lange|alt)\b|\bdauer|\bhow (?:long|old)\b|ladezeit", ["time", "length"]),
        (r"\b(?:schnell|fast|quickly)\b.*(?:l[aä]d|charg)", ["time"]),
        (r"tempo\b|\bspeed|geschwindigkeit", ["speed"]),
        (
            r"reichweite|\bwie (?:weit|lang|breit|tief)\b|\brange\b|\bhow (?:far|deep|wide)",
            ["length"],
        ),
        (r"\bliter|kofferraum|gepäck|wasser|\blitres?\b|luggage|boot space", ["volume"]),
        (r"\bwie schwer|gewicht|\bhow heavy|\bweigh", ["mass"]),
        (r"\bfläche|\bhektar|\barea\b|hectares?\b", ["area"]),
        (r"energiedichte|\w*kapazität|\bakku|batter(?:ie|y)|energy|capacity", ["energy", "power"]),
        (r"leistung|\bpower\b", ["power", "horsepower"]),
        (
            r"\bwie ?viele\b|\b(?:an)?zahl\b|\w*ziel\b|absatz|\bhow many\b|\bnumber of|\btarget",
            [COUNT],
        ),
    )
)
_HOW_MANY = re.compile(r"\b(?:wie ?viele?|how many)\s([^\W\d]+(?:-[^\W\d]+)?)", _ANY)
_WHEN = re.compile(
    r"\b(?:wann|when|welche[mns]? (?:jahr|monat|tag|datum)"
    r"|(?:which|what) (?:year|month|day|date))\b",
    _ANY,
)
_CLOCK = re.compile(r"\b(?:wie ?viel uhr|wie spät|what time)\b", _ANY)
_WHERE = re.compile(
    r"\b(?:wo|wohin|where|welche[mnrs]? (?:stadt|ort|standort)|which (?:city|town))\b", _ANY
)
_OPEN = re.compile(
    r"\b(?:wer|wen|wem|wessen|wie\w*|was|wann|wo|wohin|woher|warum|wieso|weshalb|welche[mnrs]?|wozu"
    r"|womit|wofür|wodurch|wobei|worauf|woran|wovon|who|whom|whose|what|when|where|which|how|why)\b",
    _ANY,
)


@dataclass(frozen=True)
class Asked:
    """At most one of `when`, `where`, `whether` and `amount`; `units` are None for any amount."""

    text: str
    language: str
    when: bool
    where: bool
    whether: bool
    amount: bool
    units: frozenset[str] | None
    within: tuple[Period, ...]
    words: frozenset[str]  # terms, in every language of the index

    @property
    def anything(self) -> bool:
        return self.when or self.where or self.whether or self.amount

    @cached_property
    def names(self) -> Names:
        """Without numbers."""
        found = names(self.text, self.language)
        kept = {word for word in found.words if not word[0].isdigit() and not _is_unit(word)}
        return Names(frozenset(kept), found.places)

    @cached_property
    def planned(self) -> bool | None:
        """Whether it speaks of what is to come; False of the past, None of what is."""
        return is_plan(self.text)


def asked(query: Query) -> Asked:
    """What `query` asks for."""
    text = query.text
    units = _counted(text) or next((u for pattern, u in _UNITS if pattern.search(text)), None)
    when = _WHEN.search(text) is not None
    where = not when and _WHERE.search(text) is not None
    whether = text.endswith("?") and _OPEN.search(text) is None and not _begins_with_noun(query)
    return Asked(
        text=text,
        language=query.language,
        when=when,
        where=where,
        whether=whether,
        amount=not (when or where or whether or _CLOCK.search(text))
        and (units is not None or query.asks_number),
        units=units,
        within=query.time.within if query.time else (),
        words=frozenset(term for terms in query.terms.values() for term in terms),
    )


def _begins_with_noun(query: Query) -> bool:
    """`Tagesproduktion im Herbst?` is no question whether; that begins with a verb."""
    first = query.text.split()[0]
    verb = query.language != "de" or first.lower() in FUNCTION_WORDS["de"]  # Haben, Sollen
    return not verb and is_german_noun(first, determined=False)


def _counted(text: str) -> frozenset[str] | None:
    """The unit of `how many tonnes`."""
    match = _HOW_MANY.search(text)
    found = unit(match[1]) if match else None
    return frozenset([found.dimension]) if found else None


def _is_unit(word: str) -> bool:
    return any(pattern.search(word) for pattern, _ in _UNITS)
