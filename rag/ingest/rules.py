"""How a line of a saved web page is told from its article: rules and the words they share.

A rule matches a whole line, cut free of bullets and mark-up, up to a length that no paragraph of
an article has. A line that could also stand in an article is only dropped where no prose lies
between it and the beginning or the end of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Scope = Literal["anywhere", "edge", "head", "tail", "comments", "maybe comments", "links"]

LONGEST = 600  # characters of a line that any rule looks at

SOCIAL = (
    r"(?:facebook|twitter|x|instagram|whats ?app|telegram|linked ?in|xing|pinterest|reddit|tumblr"
    r"|mastodon|bluesky|threads|tik ?tok|you ?tube|e-?mail|flipboard|pocket|signal|messenger|rss"
    r"|google news|discord|snapchat|steady|patreon|paypal|social media|soziale[nr]? netzwerke[nr]?)"
)
AGENCY = (
    r"(?:dpa|afp|ap|reuters|epd|kna|apa|sid|ots|imago|getty|picture[ -]alliance|shutterstock"
    r"|pixabay|unsplash|pexels|adobe ?stock|i?stock ?photo|istock|fotolia|depositphotos|freepik"
    r"|wikimedia|wikipedia|flickr|alamy|ddp|bloomberg|xinhua|zuma|nurphoto|handout"
    r"|archiv|cc[ -]by|lizenz|license|hersteller)"
)
PICTURE = (
    r"(?:(?:titel|beitrags|symbol|archiv|vorschau|teaser|artikel|agentur|presse|produkt)-?)?"
    r"(?:fotos?|bilder|bild|grafik|illustration|infografik|screenshots?|photos?|photographs?"
    r"|images?|pictures?|pic|graphic|artwork|photography|cover|thumbnail|header)"
)
CREDIT = r"(?:-?\s?(?:nachweise?|quellen?|rechte|credits?|source|courtesy|copyright|hinweis))"
BUY = (
    r"(?:sparen|rabatte?|gutscheine?|sichern|testen|bestellen|kaufen|angebote?|deals?|aktion"
    r"|kostenlos|gratis|shop|discount|off|coupon|trial|promo|sale|vergleich|€|%|offer|free)"
)
OUR = r"(?:unser\w*|our|my|meine?[nmrs]?|diese[nmrs]?|this)"
LETTER = r"(?:[\w-]*newsletter\w*|[\w-]*briefing|posteingang|postfach|inbox|mailing list|rundbrief)"
PIECE = r"(?:artikel|beitrag|blogbeitrag|text|story|bericht|article|post|page|seite|piece|video)"
READER = r"(?:sie|du|dich|dir|ihr|euch|ihnen|you)"


_MARKUP = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)|\*\*|__|`|^[#>\s]+|^[-+*•●▪‣◦▶►→»›·|_–—~=]+\s*")
_LEADING = re.compile(r"^[^\w©(\[„“\"'‚«»@]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """`longest` counts characters; `spares_first`: never on the line that may be the headline."""

    reason: str
    scope: Scope
    longest: int
    pattern: re.Pattern[str]
    spares_first: bool = False


def rule(
    reason: str, scope: Scope, longest: int, *patterns: str, spares_first: bool = False
) -> Rule:
    compiled = re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)
    return Rule(reason, scope, longest, compiled, spares_first)


def key_of(line: str) -> str:
    """What the rules see of a line: one-spaced, without bullets, emoji and Markdown; or nothing.

    Nothing stands for a line that is too long for any rule.
    """
    if len(line) > 2 * LONGEST:
        return ""
    bare = _LEADING.sub("", " ".join(_MARKUP.sub(r"\1", line).split()))
    return bare if len(bare) <= LONGEST else ""


def first_match(rules: Iterable[Rule], key: str) -> Rule | None:
    """The first rule that holds for a line, if any does."""
    for one in rules:
        if 0 < len(key) <= one.longest and one.pattern.fullmatch(key):
            return one
    return None
