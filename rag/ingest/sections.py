"""Parts of a page that are no article: reader comments, lists of links, the author's biography."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.ingest.rules import SOCIAL
from rag.ingest.units import Unit
from rag.language.dates import find_date

Drops = dict[int, str]  # number of a unit → the reason

NEAR = 12  # units below a heading that may prove it to head comments
CLOSING = (
    "biography",
    "reader comments",
    "related links",
    "share prompt",
    "newsletter prompt",
    "follow prompt",
    "copyright line",
    "navigation",
    "comment rules",
)
OPENING = ("cookie notice", "privacy notice", "navigation")
BIOGRAPHY_PROSE = 3  # paragraphs that a biography may have

_SAYS = re.compile(
    r"[^.!?]{2,50}\b(?:sagt|says|said|schrieb|schreibt|wrote|meint|kommentiert)\b"
    r"(?:\s(?:am|on|vor|um)\b.{0,50})?\s?:",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"(?:(?:antworten|antwort|reply|melden|report|gefällt mir|like|permalink|zitieren|upvote|teilen"
    r"|bewerten|share|\d{1,5}(?: likes?)?)[\s·|,•]*){1,5}",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,3}\.\s+\S|@\w+")
_AGO = re.compile(
    r"\bvor (?:\d+|einer|einem) (?:sekunden?|minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?)\b"
    r"|\b\d+ ?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|[hdwm]) ago\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d\b")

_BIOGRAPHY_HEADING = re.compile(
    r"(?:über|about) (?:den|die|the|our|unsere[nr]?) (?:autor\w*|author\w*|writers?|reporters?|redakteur\w*)\b.{0,60}"
    r"|(?:zum|zur) autor(?:in)?\b.{0,40}|(?:(?:der|die) )?autor(?:in|en)?\W{0,2}|(?:the )?authors?\W{0,2}"
    r"|(?:geschrieben|verfasst|written|posted) (?:von|by) .{2,60}|autor(?:in)?: .{2,60}|author: .{2,60}",
    re.IGNORECASE,
)
_TRADE = (
    r"(?:redakteur|redaktion|autor\b|autorin|journalist|reporter|korrespondent|volont|blogger"
    r"|kolumn|mitarbeiter|ressort|hospit|writer|editor|correspondent|columnist|contributor"
    r"|freelance|newsroom|staff|author\b|schreibt|berichtet|writes|covers|covering|reports)"
)
_DOES = (
    r"(?:ist|war|arbeitet|schreibt|berichtet|verantwortet|leitet|betreut|beschäftigt sich|bloggt"
    r"|testet|studierte|volontierte|absolvierte|kümmert sich|is|was|has been|writes|covers|reports"
    r"|joined|works|has (?:written|covered|worked)|hat (?:\w+ ){1,5}studiert)"
)
_PERSON = r"[A-ZÄÖÜ][\w'’.-]+(?: (?:[A-ZÄÖÜ][\w'’.-]*|von|van|de|der)){0,3}"
_THIRD_PERSON = re.compile(
    rf"(?P<name>{_PERSON})(?:,[^,.]{{2,60}},)? (?:(?i:{_DOES}))\b(?=.{{0,220}}(?i:{_TRADE})).*"
)
_AUTHOR_IS = re.compile(
    rf"(?:der|die|unser[e]?|the|our) (?:autor(?:in)?|author|writer|reporter)\b,? .{{0,60}}\b{_DOES}\b.*"
    rf"|(?:(?:freier?|freie|leitender?|stellvertretende[r]?|senior|staff|freelance) )"
    rf"(?:redakteur|autor|journalist|reporter|writer|editor|correspondent)(?:in)?\b.*",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"(?i:(?:(?:hallo|hi|hey|moin|servus|hello)\b[,!. ]*)?(?:ich bin(?: der| die)?|mein name ist|ich heiße"
    r"|i[’']?m|i am|my name is)) [A-ZÄÖÜ](?=.*(?i:blog|redakt|schreib|autor|gründe|journalist|writ"
    r"|editor|founder|freelance|vater|mutter|fan\b|baujahr|jahrgang)).*"
)
_CONTINUES = re.compile(
    r"(?:er|sie|he|she|they|his|her|their|seine?|ihre?|zuvor|davor|vorher|privat|nebenbei|before|previously"
    r"|outside|wenn|when|nach|in (?:seiner|ihrer)|you can|follow|contact|kontakt|e-?mail|mail|reach|zu (?:seinen|ihren)"
    rf"|{SOCIAL})\b.*",
    re.IGNORECASE,
)
_FOUND_AT = re.compile(
    rf"(?:auch )?(?:zu finden|erreichbar|find (?:him|her|me|them)|follow (?:him|her|me|them)|reach (?:him|her|me|them)"
    rf"|you can (?:find|follow|reach|contact)|(?:er|sie) (?:twittert|ist zu finden|bloggt)|kontakt:)\b.{{0,80}}(?:\b{SOCIAL}\b|@).*",
    re.IGNORECASE,
)


def drop_comments(units: Sequence[Unit], drops: Drops) -> None:
    """Everything from the first comment on; a mere count beside the headline alone."""
    begun = 0  # characters of prose so far
    for i, unit in enumerate(units):
        scope = unit.rule.scope if unit.rule and i not in drops else None
        if scope == "comments":
            after = sum(
                len(u.text)
                for j, u in enumerate(units[i + 1 :], i + 1)
                if u.prose and j not in drops
            )
            if begun and (after <= begun or _marks(units, i + 1)):
                return _drop(drops, range(i, len(units)), "reader comments")
            _drop(drops, [i], "reader comments")
        elif begun and (
            (scope == "maybe comments" and _marks(units, i + 1) and not unit.prose)
            or _headless(units, i)
        ):
            return _drop(drops, range(i, len(units)), "reader comments")
        if unit.prose and i not in drops:
            begun += len(unit.text)
    return None


def _marks(units: Sequence[Unit], start: int) -> bool:
    """Whether what follows has the look of comments: who says it, replies, several times of day."""
    near = units[start : start + NEAR]
    if any(_SAYS.fullmatch(u.key) or _REPLY.fullmatch(u.key) for u in near):
        return True
    if near and _NUMBERED.match(near[0].text):
        return True
    return sum(_stamped(u) for u in near) >= 2


def _stamped(unit: Unit) -> bool:
    if len(unit.text) > 90:
        return False
    return bool(_AGO.search(unit.text) or (_CLOCK.search(unit.text) and find_date(unit.text)))


def _headless(units: Sequence[Unit], i: int) -> bool:
    """Whether a comment begins here without a heading above: who and when, and a reply button."""
    if not (_SAYS.fullmatch(units[i].key) or _stamped(units[i])):
        return False
    return any(_REPLY.fullmatch(u.key) and not u.key.isdigit() for u in units[i + 1 : i + 7])


def drop_links(units: Sequence[Unit], drops: Drops) -> None:
    """Headings such as `Related articles` with the links below them, but no heading of the text."""
    for i, unit in enumerate(units):
        if i in drops or unit.rule is None or unit.rule.scope != "links" or i == 0:
            continue
        end = i + 1
        while end < len(units) and (end in drops or not units[end].prose):
            end += 1
        if end < len(units):  # the text goes on: the last short line may be a heading of it
            end = _end_of_list(units, i + 1, end)
        _drop(drops, [j for j in range(i, end) if j not in drops], "related links")


def _end_of_list(units: Sequence[Unit], start: int, prose: int) -> int:
    """Where a list ends that prose follows: at a blank line, else before the last short line."""
    for j in range(start + 1, prose):
        if units[j].gap and not (units[start].gap and j == start + 1 and units[j + 1].gap):
            return j
    return prose - 1 if prose - start > 1 else prose


def drop_biography(units: Sequence[Unit], drops: Drops) -> None:
    """The author's biography at the end, with the name above it and the links below it."""
    kept = [i for i in range(len(units)) if i not in drops]
    places = [i for i in kept if units[i].prose][-BIOGRAPHY_PROSE - 1 :]
    window = [i for i in kept if (places and i > places[0]) or len(places) < BIOGRAPHY_PROSE]
    for i in window:
        before = [units[j] for j in kept if j < i]
        if not any(u.prose for u in before) or not _begins_biography(units[i], before):
            continue
        rest = [j for j in kept if j > i]
        heading = units[i].short
        closed = all(
            not units[j].prose or heading or _CONTINUES.fullmatch(units[j].key) for j in rest
        )
        dropped = [i, *(rest if closed else [])]
        if before[-1].short and _names(before[-1], units[i]):
            dropped.append(kept[kept.index(i) - 1])
        _drop(drops, dropped, "biography")
        return


def _begins_biography(unit: Unit, before: Sequence[Unit]) -> bool:
    key = unit.key
    if _BIOGRAPHY_HEADING.fullmatch(key) and unit.short:
        return True
    if _FIRST_PERSON.fullmatch(key) or _AUTHOR_IS.fullmatch(key) or _FOUND_AT.fullmatch(key):
        return True
    match = _THIRD_PERSON.fullmatch(key)
    if match is None:
        return False
    # Whom the article itself speaks of is not its author.
    name = match.group("name").split()[-1]
    return not any(name in u.text for u in before if u.prose)


def _names(above: Unit, biography: Unit) -> bool:
    words = above.key.split()
    return 0 < len(words) <= 4 and all(word in biography.key[:80] for word in words)


def drop_company(units: Sequence[Unit], drops: Drops) -> None:
    """Short lines that keep company with dropped ones where the article has not begun or is over.

    Between the notices above the headline; below the last prose, from the first line that closes
    a page on.
    """
    prose = [i for i, unit in enumerate(units) if unit.prose and i not in drops]
    if not prose:
        return
    closing = next((i for i in range(prose[-1] + 1, len(units)) if drops.get(i) in CLOSING), len(units))
    _drop(drops, range(closing, len(units)), "page footer")
    opening = [i for i in range(prose[0]) if drops.get(i) in OPENING]
    for first, last in pairwise(opening):
        between = range(first + 1, last)
        if len(between) <= 3 and all(len(units[i].key.split()) <= 3 for i in between):
            _drop(drops, between, "navigation")


def _drop(drops: Drops, places: Sequence[int] | range, reason: str) -> None:
    for place in places:
        drops.setdefault(place, reason)
