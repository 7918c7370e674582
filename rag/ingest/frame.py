"""The frame of a page: what stands above its headline and below its last paragraph.

A line there is told by its shape: a button, a count, a row of links, a prompt that speaks to the
reader of a service. None of this holds for a text without a trace of a page, nor between the
paragraphs of an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.rules import pattern
from rag.ingest.units import Drops, Unit, drop

PROOF = 3  # dropped lines and framing ones, together, that prove a page
SOLID = 100  # characters of a paragraph that only an article or a long comment has
LONGEST_PROMPT = 320  # characters
LONGEST_NOTE = 160
LONGEST_ROW = 260
LONGEST_COUNT = 100
MOST_PLAIN = 2  # lines in a row that are no prose and no frame, within a footer
MOST_BUTTON_WORDS = 8
LONGEST_SITE_NAME = 25
HEADLINE_WORDS = 4  # of which a headline has at least so many, and the name of a site has not

# What a short paragraph, one with an exclamation mark and a line of the footer add to the sum below
# which the footer is cut off.
_WEAK, _LOUD, _CLOSING, _PROMPT = 2, 1, -1, -2
# Reasons for which lines are dropped between the paragraphs of an article as often as below it.
_INSIDE = (
    *("advertisement", "related link", "related links", "photo credit", "embed notice"),
    *(
        "media control",
        "date line",
        "reading aid",
        "newsletter prompt",
        "by-line",
        "affiliate note",
    ),
)

_SERVICE = re.compile(
    r"\b(?P<stem>newsletter|küchenbrief|abo(?=s?\b|nn|shop)|e-?paper|podcast|whats ?app|instagram"
    r"|facebook|telegram|push|komment|lesermeinung|leserbrief|log-?in|einlogg|anmeld|registr|register"
    r"|live-?ticker|javascript|adblock|cookie|datenschutz|netiquette|premium|gutschein|rabatt"
    r"|permalink|postfach|inbox|e-?mail|formular|subscri|membership|account|konto\b|comment"
    r"|sign(?:ed|ing)? (?:up|in)|logged in|notification|unsubscribe|privacy|terms of|voucher|coupon"
    r"|crowdfund|paywall|free trial|spende\b|donat|tracking|personalis|einwillig|zustimmung|consent"
    r"|einstellung|meinung|kündbar|cancel any|journalism|subscriber|supporter)",
    re.IGNORECASE,
)
_CORNER = re.compile(  # what a page has corners for; an article may well speak of it
    r"\b(?:leserreisen|stellen(?:markt|anzeigen)?\b|mediathek|live-?stream|feedback|rückmeldung"
    r"|umfrage|browser|startseite|bildergalerie|fotoshow|vollbild|members?\b|poll\b|quiz|crossword"
    r"|puzzles|obituaries|classifieds|advertis|discount|deals\b|app\b|anzeigen|bewertung|spotify"
    r"|google|feed\b|jobs|immobilien|trauer|rätsel|horoskop|shop|mediadaten|redaktion|homepage"
    r"|recherche|news\b|mwst|preisalarm|events\b|download|sponsored|promoted|reuse|follow|shared?\b"
    r"|trending|recommended|popular|related|top stories|editors?[’']|our picks|empfehl|gelesen"
    r"|themen\b|topics|quellen|loading|gift\b|puzzle|video\b|newsroom|corrections|masthead|careers)",
    re.IGNORECASE,
)
_ITSELF = pattern(
    r"""
    … (?:diese[rmsn]?|this|our) (?:artikel|beitrags?|text|element|inhalt|seite|article|content|page
        |site|website|story|post|video) …
    """
)
_READER = re.compile(
    r"\b(?:Sie|Ihre?[nmrs]?|Ihnen|(?i:du|dich|dir|deine?[nmrs]?|euch|eure?[nmrs]?|unser\w*|uns"
    r"|you|your|us|our|bitte|please|thank you|thanks|vielen dank))\b"
)
_OWN = re.compile(r"\b(?:unser\w*|uns|our|us|my|mein\w*|this|diese\w?)\b", re.IGNORECASE)
_BUTTON = pattern(
    r"""
    … (?:anzeigen|ansehen|anmelden|einloggen|registrieren|abonnieren|bestellen|melden|bewerten
        |abstimmen|kommentieren|teilen|verschicken|versenden|speichern|merken|folgen|aktivieren
        |deaktivieren|abspielen|vergleichen|kaufen|testen|lesen|hören|weiterlesen|mitdiskutieren
        |nachlesen|herunterladen|laden|öffnen|schließen|verwalten|ablehnen|akzeptieren|zustimmen
        |finden|entdecken|kopieren|empfehlen|vorlesen|kündigen|aufgeben|schreiben|posten|setzen
        |spenden|unterstützen|freischalten|anpassen|suchen|drucken|abschließen|buchen|abschicken
        |absenden|einblenden|ausblenden|lassen)
    weiterlesen (?:mit|bei) .*
    (?:hören|mehr|weiter|vollbild|posten|kommentare?|inhalte?|quellen|zustimmen .*|permalink .*)
    (?:direkt )?(?:zu[mr]?|zurück|back) [\w+-]{3,25}(?: [\w+-]{3,25}){0,2}
    (?:view|see|show|load|read|sign|log|get|download|subscribe|join|share|print|listen|watch
        |follow|report|contact|manage|accept|reject|enable|allow|skip|jump|click|tap|buy|shop
        |compare|browse|explore|discover|rate|copy|e-?mail|submit|continue|upgrade|donate|support
        |learn|visit|vote|play|pause|comment|reply|unlock|claim|become|gift|save|sponsored
        |send|tell|advertise|request|republish|purchase|license|expand|toggle|more|most|sort|hide
        |loading|listen)(?: .*)?
    """
)
_COUNT = re.compile(
    r"\W*(?:(?:seite|page) \d+ (?:von|of) \d+"
    r"|\(?id:? ?\d+\)?"
    r"|\d{1,2}:\d\d ?/ ?\d{1,2}:\d\d"
    r"|\d[\d.,]*k? (?:x |mal )?(?:kommentare?|postings?|beiträge|bilder|fotos|stimmen|abgestimmt"
    r"|lesermeinungen|aufrufe|reaktionen|comments?|replies|responses?|shares?|likes?|views?|votes?"
    r"|photos|images|pictures|claps|followers|reads)\b.{0,20}"
    r"|\S*https?://\S+"
    r"|(?:\w+ ){0,4}\(\d+(?: \w+)?\)"
    r"|(?:\d\W{0,3}){2,12}"
    r"|\W{2,5}[^.„“”\"«»]{2,40}\W{2,5})\W*",
    re.IGNORECASE,
)
_ROW = re.compile(r"(?:[^|•·∙›»>]{1,40}[|•·∙›»>]){2,30}[^|•·∙›»>]{0,60}")
_NAMES = re.compile(r"(?:[A-ZÄÖÜ][\w&'’+-]+[ /]{1,3}){3,20}(?:[A-ZÄÖÜ][\w&'’+-]+)\W?")
_ITEM = re.compile(r"\s*(?:[-–—•*]\s|\d{1,2}[.)]\s|[„“\"«»]\D)")
_ENDS = (".", "“", "”", '"', "»", "«")
_QUOTE = re.compile('[„“”"«»]')
_ADDRESS = re.compile(r"@|www\.|https?:|\b\(?0\d{2,}|\b\d{5}\b")


def drop_frame(units: Sequence[Unit], drops: Drops) -> None:
    """Drop what frames the article, if the page has one and proves to be a page."""
    alive = [i for i in range(len(units)) if i not in drops]
    solid = [i for i in alive if len(units[i].text) >= SOLID]
    if not drops or not solid:
        return
    topics = {stem for i in solid if not _frames(units[i], set()) for stem in _stems(units[i])}
    framing = {i for i in alive if _frames(units[i], topics)}
    body = [i for i in alive if units[i].prose and i not in framing]
    if not body or len(drops) + len(framing) < PROOF:
        return
    _drop_boxes(units, drops, framing)
    _drop_footer(units, drops, framing)
    _drop_header(units, drops, framing, body[0])


def _stems(unit: Unit) -> list[str]:
    return [match.group("stem").lower() for match in _SERVICE.finditer(unit.text)]


def _frames(unit: Unit, topics: set[str]) -> bool:
    """Whether a line has the shape of a button, a count, a row of links or a prompt."""
    text, key = unit.text, unit.key
    if len(text) > LONGEST_PROMPT or _ITEM.match(text):
        return False
    serves = any(stem not in topics for stem in _stems(unit))
    if serves and _READER.search(text) and not _QUOTE.search(text):
        return True
    if len(text) <= LONGEST_NOTE and _ITSELF.fullmatch(key):
        return True
    if len(text) <= LONGEST_ROW and _ROW.fullmatch(text):
        return True
    words = key.split()
    if unit.prose or len(words) > MOST_BUTTON_WORDS or text.rstrip().endswith((":", "“", "”")):
        return False
    if (
        not words
        or (len(text) <= LONGEST_COUNT and _COUNT.fullmatch(text))
        or _NAMES.fullmatch(key)
    ):
        return True
    if text.rstrip().endswith("."):
        return False
    return serves or bool(_CORNER.search(text)) or _BUTTON.fullmatch(key) is not None


def _drop_boxes(units: Sequence[Unit], drops: Drops, framing: set[int]) -> None:
    """Prompts of a service between the paragraphs; a question may be one of an interview."""
    for i in framing:
        unit, end = units[i], units[i].text.rstrip()[-1]
        if i == 0 or unit.prose or end in "?:" or len(unit.text) > LONGEST_NOTE:
            continue
        if _SERVICE.search(unit.text) and _READER.search(unit.text):
            drop(drops, [i], "prompt")


def _drop_footer(units: Sequence[Unit], drops: Drops, framing: set[int]) -> None:
    """Everything below the cut that leaves most framing lines and least prose below it."""
    weight, least, cut, plain = 0, 0, len(units), 0
    for i in range(len(units) - 1, -1, -1):
        text = units[i].text
        if i in framing and units[i].prose and len(text) >= SOLID and not _OWN.search(text):
            continue  # may well be the article's own advice: it goes only with a line above it
        plain = plain + 1 if i not in framing and i not in drops and not units[i].prose else 0
        if plain > MOST_PLAIN:
            break  # a list of the article
        if i in framing or (i in drops and drops[i] not in _INSIDE):
            prompts = i in framing and _SERVICE.search(text) and _READER.search(text)
            weight += _PROMPT if prompts else _CLOSING
            if weight < least:
                least, cut = weight, i
        elif i not in drops and units[i].prose:
            if len(text) >= SOLID:
                break
            weight += _WEAK if text.endswith(_ENDS) else _LOUD
    kept = (i for i in range(cut, len(units)) if i in framing or not _is_address(units[i]))
    drop(drops, kept, "page footer")


def _is_address(unit: Unit) -> bool:
    return not unit.prose and _ADDRESS.search(unit.text) is not None


def _drop_header(units: Sequence[Unit], drops: Drops, framing: set[int], body: int) -> None:
    """Framing lines above the text, and lines of a word or three above a proper headline."""
    lines = [i for i in range(body) if i not in drops]
    titles = [i for i in lines if _may_be_headline(units[i])] or lines
    headline = next((i for i in titles if i not in framing), min(titles, default=body))
    contents = {_unnumbered(unit) for unit in units[body:] if unit.short}
    listed = [i for i in lines if i > headline and _unnumbered(units[i]) in contents]
    listed = listed if len(listed) > 1 else []  # a table of contents has several
    dropped = " ".join(units[i].text for i in drops if units[i].short).lower()
    for i in lines:
        if i == headline or i == titles[0] or (units[i].prose and i > headline):
            continue
        name = units[i].text.strip()
        named = len(name.split()) < HEADLINE_WORDS and (
            name.isupper() or name[0].islower() or name.lower() in dropped
        )
        if i in framing or i in listed or (i < headline and named):
            drop(drops, [i], "page header")


def _unnumbered(unit: Unit) -> str:
    return unit.key.lstrip("0123456789.) ")


def _may_be_headline(unit: Unit) -> bool:
    """Whether it is long enough for one, no row of links and speaks to nobody."""
    if len(unit.key.split()) < HEADLINE_WORDS or len(unit.text) < LONGEST_SITE_NAME:
        return False
    named = {m.group().lower() for m in _CORNER.finditer(unit.text)} | set(_stems(unit))
    return len(named) < 2 and not _READER.search(unit.text) and not _ROW.fullmatch(unit.text)
