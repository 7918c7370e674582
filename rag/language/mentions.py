"""Names, model codes and places in a question, by how they are written. No model is asked.

German capitalises every noun, so there a name is a capitalised word that is no noun known to
rag.language.nouns; in English it is a capitalised word that does not begin the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.language.exonyms import is_country, is_people
from rag.language.nouns import is_german_noun

Kind = Literal["code", "name", "product", "place"]

_BEFORE = 40  # code points before a word that may hold its preposition and article

_WORDS = {
    "de": (
        "aber als also am an ans auch auf aus bei beim bin bis bist da dann dass das dem den denn "
        "der des die dies diese diesem diesen dieser dieses doch du durch ein eine einem einen "
        "einer eines er es etwa für fuer gegen genau habe haben hat hatte hatten hier ich ihm ihn "
        "ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jetzt kann kein keine keinen können "
        "man mehr mein meine mich mir mit muss müssen nach nein nicht noch nun nur ob oder ohne "
        "pro schon sein seine seinem seinen seiner sich sie sind so soll sollen sollte sonst "
        "sowie über um und uns unser unter vom von vor war waren was wäre wenn wer werden wem "
        "wen wessen wie wieder wir wird wo wurde wurden zu zum zur zwischen wann warum wieso "
        "weshalb wofür woher wohin womit worum woran welche welchem welchen welcher welches "
        "viel viele vielen will wollen wollte darf dürfen gibt gab es seit ab laut eigentlich "
        "denn bitte jahr jahre jahres davon dort dorthin dafür dagegen dazu daran darüber "
        "wobei wodurch wonach woraus worauf wovon wozu"
    ),
    "en": (
        "a about after also an and any are as at be been before being but by can could did do "
        "does during for from had has have he her hers him his how i if in into is it its just "
        "like many me might more most much must my near no not now of off on or our out over per "
        "please she should since so some still than that the their them then there these they "
        "this those through to too under until up us very was we were what when where whether "
        "which while who whom whose why will with within without would year you your"
    ),
}
_CAPITALISED = (  # but no names, in either language
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag "
    "freitag samstag sonnabend sonntag january february march april may june july august september "
    "october november december januar februar märz mai juni juli oktober dezember euro euros mrd "
    "mio agency association bank board chancellor chief company council court department dr "
    "government group institute mayor minister ministry mr mrs ms office parliament party "
    "president prof state street union university north south east west northern southern eastern "
    "western"
)
FUNCTION_WORDS = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_ORDINARY = {code: known.union(_CAPITALISED.split()) for code, known in FUNCTION_WORDS.items()}

_TOKEN = re.compile(r"[^\W_](?:[\w&-]*[^\W_])?(?:(?:['’]s)(?!\w))?")
_CODE = re.compile(r"(?=\w*[^\W\d_])(?=\w*\d)[\w-]{2,20}")
_MEASURE = re.compile(r"\d+(?:st|nd|rd|th|er|km|kwh|kw|kg|m|h|s|x|g|mio|mrd|k)", re.IGNORECASE)
_ACRONYM = re.compile(r"(?:[A-ZÄÖÜ]&?){2,6}")
_CAMEL = re.compile(r"[A-ZÄÖÜ]\w*[a-zäöüß][A-ZÄÖÜ](?!nnen)")
_NO_NAME = {"AI", "CEO", "CFO", "EV", "EVs", "IT", "KI", "KW", "LFP", "PS", "SUV", "SUVs", "TV"}
_TRIM = re.compile(
    r"ultra|max|pro|plus|mini|lite|air|gt|rs|sport|performance|touring|[a-z]|\d{1,2}", re.IGNORECASE
)
_TOWN = re.compile(
    r"(?:heim|burg|dorf|stadt|hausen|furt|bach|berg|feld|stedt|leben|werder|walde|kirchen|hafen"
    r"|m(?:ü|ue)nde|brück|brunn|au|ow|itz)$"
)
_QUANTITY = re.compile(
    r"(?:\b(?:viele?n?|mehr|weniger?|keine?[nr]?|welche[mnrs]?|alle|\d+\.?))\s$", re.I
)
_CAPITAL = re.compile(r"\s[A-ZÄÖÜ]")
_IN = re.compile(r"\b(?:in|nach|near)\s$", re.IGNORECASE)
_ARTICLE = re.compile(
    r"\b(?:de[rnms]|die|das|[dms]?eine?[mnrs]?|ihre?[mnrs]?|unsere?[mnrs]?|diese[mnrs]?|jede[mnrs]?"
    r"|im|am|vom|beim|zum|zur|ins|the|an?)\s(?:[^\W\d_]+e[nrsm]?\s)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A range of code points that names something.

    A `code` holds a digit or follows one (`Xiaomi SU7 Ultra`, of which `core` is where the code
    begins), a `product` is a name with an article (`der Taycan`), a `name` any other.
    """

    start: int
    end: int
    kind: Kind
    core: int


def find_mentions(text: str, language: str, *, fragment: bool = False) -> list[Mention]:
    """What `text` names, in order and without overlap; language `de`, or English for any other.

    The first word of a `fragment` is written as it would be within a sentence.
    """
    found: list[Mention] = []
    for mention in _single(text, language, fragment):
        last = found[-1] if found else None
        if last and _joins(text, last, mention):
            kind: Kind = "code" if "code" in (last.kind, mention.kind) else last.kind
            core = mention.core if last.kind != "code" and kind == "code" else last.core
            found[-1] = Mention(last.start, mention.end, kind, core)
        else:
            found.append(mention)
    return found


def words(text: str) -> Iterator[re.Match[str]]:
    """Words and numbers, a possessive `'s` with them."""
    return _TOKEN.finditer(text)


def _single(text: str, language: str, fragment: bool) -> Iterator[Mention]:
    tokens = list(words(text))
    for position, token in enumerate(tokens):
        word = _core(re.sub(r"['’]s$", "", token[0]), language)
        start, end = token.start(), token.start() + len(word)
        begins = position == 0 and not fragment
        if not word or (begins and not _may_begin(tokens, language) and not _marked(word)):
            continue
        kind = _kind(text, tokens, position, word, language)
        if kind is not None:
            yield Mention(start, end, kind, start)


def _core(word: str, language: str) -> str:
    """`Tesla` of `Tesla-Werk`; nothing of `U-Bahn`."""
    while language == "de" and "-" in word and not is_country(word):
        first, _, last = word.rpartition("-")
        if not is_german_noun(last, determined=True):
            break
        word = first if len(first) > 1 else ""
    return word


def _kind(
    text: str, tokens: list[re.Match[str]], position: int, word: str, language: str
) -> Kind | None:
    before = text[max(0, tokens[position].start() - _BEFORE) : tokens[position].start()]
    follows = position > 0 and text[tokens[position - 1].end() : tokens[position].start()]
    if is_country(word):
        return "place"
    if _CODE.fullmatch(word) and not _MEASURE.fullmatch(word):
        return "code"
    if follows == " " and _TRIM.fullmatch(word) and _is_code(tokens[position - 1][0], word):
        return "code"
    if follows == ". " and _ACRONYM.fullmatch(tokens[position - 1][0]):
        return "code"  # ID. Polo
    if word in _NO_NAME:
        return None
    if _ACRONYM.fullmatch(word) or _CAMEL.match(word):
        return "name"
    if not _is_capital(word, language):
        return None
    article = _ARTICLE.search(before) is not None
    alone = _CAPITAL.match(text, tokens[position].end()) is None  # not so `der Super Bowl`
    determined = alone and (article or _QUANTITY.search(before) is not None)
    common = language == "de" and is_german_noun(word, determined)
    if _IN.search(before) and (not common or _TOWN.search(word)):
        return "place"
    if common:
        return None
    return "product" if article else "name"


def _is_code(before: str, trim: str) -> bool:
    """`SU7` before `Ultra`; before a letter or number also `Model`."""
    if _CODE.fullmatch(before) and not _MEASURE.fullmatch(before):
        return len(trim) > 1 and not trim.isdigit()
    return before == "Model" and len(trim) == 1


def _is_capital(word: str, language: str) -> bool:
    known = _ORDINARY["de" if language == "de" else "en"]
    return word[0].isupper() and word.casefold() not in known and not is_people(word)


def _marked(word: str) -> bool:
    """Whether a word is a name or code wherever it stands."""
    return bool(_ACRONYM.fullmatch(word) or _CODE.fullmatch(word)) or is_country(word)


def _may_begin(tokens: list[re.Match[str]], language: str) -> bool:
    """A first word is a name when a verb or nothing follows: `Baut Tesla` begins with a verb."""
    if len(tokens) == 1:
        return True
    following = tokens[1][0]
    known = FUNCTION_WORDS["de" if language == "de" else "en"]
    return not following[0].isupper() and following.casefold() not in known


def _joins(text: str, last: Mention, mention: Mention) -> bool:
    """Whether two mentions are one: `Jim Farley`, `Xiaomi SU7`, `ID. Polo`, `in New York`."""
    if text[last.end : mention.start] not in (" ", ". ") or mention.kind == "place":
        return False
    if last.kind == "place":
        return mention.kind == "name" and not is_country(text[last.start : last.end])
    return last.kind != "code" or mention.kind == "code"
