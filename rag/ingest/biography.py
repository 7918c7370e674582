"""The author's biography at the end of a page, or under the headline."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.rules import pattern
from rag.ingest.units import Drops, Unit, drop

MOST_PROSE = 3  # paragraphs that a biography may have
TAIL_UNITS = 40  # units from the end among which it begins
LONGEST_CONTINUATION = 400  # characters of a paragraph of it

_PERSON = r"[A-ZÄÖÜ][\w'’.-]+(?: (?:[A-ZÄÖÜ][\w'’.-]*|von|van|de|der)){0,3}"
_HEADING = pattern(
    r"""
    (?:über|about) (?:den|die|the|our|unsere[nr]?) (?:autor\w*|author\w*|writers?|reporters?
        |redakteur\w*)(?: ?[:,–-] .{2,50})?
    (?:zum|zur) autor(?:in)?|(?:(?:der|die) )?autor(?:in|en)?|(?:the )?authors?|über mich|about me
    (?:geschrieben|verfasst|written|posted) (?:von|by) .{2,60}|autor(?:in)?: .{2,60}|author: .{2,60}
    (?:<rank> )?(?:<trade>)(?: (?:für|im ressort|bei|at|for) .{2,40})?
    """
)
_DOES = (
    r"(?:ist|war|arbeitet|schreibt|berichtet|verantwortet|leitet|betreut|beschäftigt sich|bloggt"
    r"|testet|studierte|volontierte|absolvierte|kümmert sich|fotografiert|is|was|has been|writes"
    r"|covers|reports|joined|works|has (?:written|covered|worked)|hat (?:\w+ ){1,5}studiert)"
)
_TRADE = (
    r"(?:<trade>|redaktion|\w*redaktion|\w*ressorts?|schreibt|berichtet|writes|covers|covering|reports"
    r"|newsroom|staff|(?:chef)?redakteur\w*|magazine"
    r"|(?:this|our) (?:site|blog|website|magazine|team)"
    r"|diese[sr]? (?:portal|blog|magazin|seite)|unsere\w* (?:redaktion|team|magazin))"
)
_THIRD_PERSON = pattern(
    rf"(?P<name>(?-i:{_PERSON}))(?:, [^.]{{2,60}},)? {_DOES}(?= .{{0,220}}{_TRADE}\b).*"
)
_WRITES = pattern(
    rf"""
    (?P<name>(?-i:{_PERSON})) (?:covers|writes (?:about|on|for)|has been (?:writing|covering)
        |reports on|schreibt (?:über|für|seit|regelmäßig)|berichtet (?:über|für|seit)|bloggt) …
    """
)
_ABOUT = pattern(r"(?:über|about) (?P<name>(?-i:[A-ZÄÖÜ][\w.'’-]+(?: [A-ZÄÖÜ][\w.'’-]*){0,2}))")
_AUTHOR = pattern(
    rf"""
    (?:der|die|unsere?|the|our) (?:autor(?:in)?|author|writer|reporter)\b,? … {_DOES} …
    <rank> (?:<trade>)\b[^:]*
    (?:auch )?(?:zu finden|erreichbar) … (?:<social>|\S+@\S+) …
    (?:you can )?(?:find|follow|reach|contact) (?:him|her|me|them) … (?:<social>|\S+@\S+) …
    (?:er|sie) (?:twittert|bloggt) …
    """
)
_FIRST_PERSON = pattern(
    r"""
    (?:(?:hallo|hi|hey|moin|servus|hello)\b[,!. ]*)?(?:ich bin(?: der| die)?|mein name ist|ich heiße
        |i[’']m|i am|my name is) (?-i:[A-ZÄÖÜ])(?=.*(?:blog|redakt|schreib|autor|gründe|journalist
        |writ|editor|founder|freelance|vater|mutter|fan\b|baujahr|jahrgang)).*
    """
)
_CONTINUES = pattern(
    r"""
    (?:er|sie|he|she|they|his|her|their|seine?|ihre?|zuvor|davor|vorher|privat|nebenbei) …
    (?:before|previously|outside|wenn|when|nach|in (?:seiner|ihrer)|you can|zu (?:seinen|ihren)) …
    (?:follow|contact|kontakt|e-?mail|mail|reach|hallo|ich|i|<social>) …
    """
)
_STARTS_WITH_NAME = re.compile(_PERSON)


def drop_biography(units: Sequence[Unit], drops: Drops) -> None:
    """A biography with the name above it and the links below it.

    Whom the article itself speaks of is not its author.
    """
    kept = [i for i in range(len(units)) if i not in drops]
    prose = [i for i in kept if units[i].prose]
    if not prose:
        return
    _drop_under_headline(units, drops, prose)
    earliest = prose[-MOST_PROSE - 1] if len(prose) > MOST_PROSE else prose[0]
    article = [units[i] for i in prose if i <= earliest]
    for place in range(max(1, len(kept) - TAIL_UNITS), len(kept)):
        i, above, rest = kept[place], units[kept[place - 1]], kept[place + 1 :]
        if i <= earliest or i in drops:
            continue
        before = article + [units[j] for j in prose if earliest < j < i]
        if not (_begins(units[i], before) or _heads(units[i], [units[j] for j in rest[:1]])):
            continue
        names = {
            word
            for u in (above, units[i])
            if u.key
            for word in (u.key.split()[0], u.key.split()[-1])
        }
        closed = all(_goes_on(units[j], before, names) for j in rest if units[j].prose)
        named = above.short and _is_name(above, units[i : i + 2])
        if not closed and not named and _is_told(units[i]):
            continue  # the article goes on to speak of whom it has just introduced
        drop(
            drops,
            [*([kept[place - 1]] if named else []), i, *(rest if closed else [])],
            "biography",
        )
        return


def _drop_under_headline(units: Sequence[Unit], drops: Drops, prose: Sequence[int]) -> None:
    """One sentence about the author below the date or the by-line."""
    for i in prose[:2]:
        if drops.get(i - 1) not in ("date line", "by-line"):
            continue
        others = [units[j] for j in prose if j != i]
        if _THIRD_PERSON.fullmatch(units[i].key) and _begins(units[i], others):
            drop(drops, [i], "biography")


def _begins(unit: Unit, article: Sequence[Unit]) -> bool:
    key = unit.key
    if unit.short and _HEADING.fullmatch(key):
        return True
    if _FIRST_PERSON.fullmatch(key) or _AUTHOR.fullmatch(key):
        return True
    match = _THIRD_PERSON.fullmatch(key) or _WRITES.fullmatch(key)
    if match is None or (match.re is _WRITES and " " not in match.group("name")):
        return False
    return _is_stranger(match.group("name"), article)


def _is_told(unit: Unit) -> bool:
    """Whether a sentence about somebody is all there is to tell a biography from an article."""
    return bool(_THIRD_PERSON.fullmatch(unit.key) or _WRITES.fullmatch(unit.key))


def _heads(unit: Unit, below: Sequence[Unit]) -> bool:
    """`About Jane Doe`, with a paragraph below that begins with Jane."""
    match = _ABOUT.fullmatch(unit.key)
    if match is None or not below:
        return False
    return below[0].key.split()[:1] == match.group("name").split()[:1]


def _goes_on(unit: Unit, article: Sequence[Unit], names: set[str]) -> bool:
    if len(unit.text) > LONGEST_CONTINUATION:
        return False
    if _CONTINUES.fullmatch(unit.key) or unit.key.partition(" ")[0] in names:
        return True
    match = _STARTS_WITH_NAME.match(unit.key)
    return match is not None and " " in match.group() and _is_stranger(match.group(), article)


def _is_stranger(name: str, article: Sequence[Unit]) -> bool:
    surname = name.rsplit(maxsplit=1)[-1]
    return not any(surname in unit.text for unit in article if unit.prose)


def _is_name(above: Unit, biography: Sequence[Unit]) -> bool:
    words = above.key.split()
    return 0 < len(words) <= 4 and any(words[0] in u.key[:80].split() for u in biography)
