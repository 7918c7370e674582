"""Whether a question points at something that it does not name: `Was kostet er?`, `its price`.

A pronoun refers outside its own clause: what is named in an earlier clause may be what it means,
what stands in the same clause can not (`Hat Ford ihn gebaut?`). A possessive may mean either.
"""

from __future__ import annotations

import re

from rag.language.mentions import FUNCTION_WORDS, find_mentions, words

_SEASON = (
    r"(?:jahr|monat|woche|quartal|halbjahr|sommer|winter|frühjahr|frühling|herbst|saison|tag|jahrzehnt"
    r"|year|month|week|quarter|summer|winter|spring|autumn|fall|season|time|morning|day|decade|century)"
)
_DASS = r"(?=,?\s(?:dass|ob|wenn|bis|sich)\b|,.*\szu\s\w)"
_EXPLETIVE = {
    "de": re.compile(
        r"\b(?:gibt|gab|gäbe|geht|ging|regnet|schneit|friert|spät\s(?:ist|war))\ses\b"
        r"|\bes\s(?:gibt|gab|gäbe|geht|ging|heißt|regnet|schneit|friert)\b"
        r"|\b(?:handelt|lohnt)\ses\ssich\b|\bes,|\bes\s(?:ge)?geben\b"
        r"|\b(?:kommt|kam)\ses\s(?:\w+\s){0,3}(?:zu|zum|zur|auf|darauf)\b"
        r"|\bsteht\ses\sum\b|\bheißt\ses\b"
        rf"|\b(?:stimmt|ist|war|wäre|wird)\s(?:es|das)(?:\s\w+){{0,3}}{_DASS}"
        rf"|\b(?:dauert|lohnt|kostet|bedeutet|braucht|klappt)\ses(?:\s\w+){{0,2}}{_DASS}",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\bit\s(?:\w+\s){0,2}\w+\s(?:that|whether)\b|\bit\s(?:\w+ly\s)?(?:possible|legal|allowed"
        r"|safe|worth|necessary|common|easy|hard|difficult|better|cheaper|normal|important|time)\s(?:to|for"
        r"|if|\w+ing)\b|\bit\s(?:takes?|took|costs?|makes?|matters?)\s(?:\w+\s){0,3}?(?:to|if)\b"
        r"|\bit\s(?:rains?|snows?|freezes?|gets)\b|\b(?:time|day|year)\s(?:is|was)\sit\b"
        r"|\b(?:is|are|was|were|will|would|can|could|has|have|be)\sthere\b"
        r"|\bthere\s(?:is|are|was|were|be|will|has|have)\b",
        re.IGNORECASE,
    ),
}
_PRONOUN = {
    "de": re.compile(
        r"\b(?:er|sie|es|ihn|ihm|ihnen)\b|^Er\b"
        r"|\b(?:dort|dorthin|davon|dafür|dagegen|dazu|daran|darüber|darin|daraus"
        r"|darauf|hinein|rein|drin|drauf)\b(?!(?:\s\w+){0,3},\s(?:dass|ob|w))"
        r"|(?<!,\s)\b(?:[dD]as|[dD]ies)\b(?!(?:\s[a-zäöüß]+e[nrs]?)*\s[A-ZÄÖÜ\d])"
        r"|(?<!,\s)\b(?:der|die|den|dem)(?=\s?[?.!]*$|\sge\w+(?:t|en)\b(?!\s[A-ZÄÖÜ])|\s(?:denn|eigentlich)\b)"
        rf"|\b[dD]iese[mnrs]?\b(?!\s(?:\w+\s)?(?i:{_SEASON}))",
    ),
    "en": re.compile(
        r"\b(?:(?-i:[Ii]t)|he|she|him|they|them)\b|\bthere\b|\b(?:this|these)\b"
        rf"(?!\s{_SEASON}\b)|\bthose\b(?!\s(?:who|that|of|with))"
        r"|\b(?:is|was|does|did|will|would|why|how)\sthat\b"
        r"(?!\s(?:the|an?|it|he|she|they|(?-i:[A-Z])))"
        r"|\b(?:do|of|for|about|like|by|with|after|before)\sthat\b(?=\s?(?:[,?.!]|$))",
        re.IGNORECASE,
    ),
}
_POSSESSIVE = {
    "de": re.compile(
        r"\b(?:seine|ihre)[mnrs]?\s(?=\w)|\b(?:sein|ihr)\s(?=(?:\w+e[rsn]?\s)?[A-ZÄÖÜ])"
        r"|^(?:Sein|Ihr)e?\b"
    ),
    "en": re.compile(r"\b(?:its|his|her|their)\b", re.IGNORECASE),
}
_CLAUSE = re.compile(
    r"[,;:–—]|[.!?]\s|\bthe(?:\s\w+){1,3}(?=\s(?:it|he|she|they)\s\w)"
    r"|\b(?:say|says|said|think|thinks|expects?|hopes?|claims?|announced?|dass|ob|wenn|falls|weil|bevor|nachdem|während|und|because|if|when|before|after"
    r"|while|although|that|than|since|as\slong\sas|and|which|who|whose|where)\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"(?:wenn|falls|als|sobald|nachdem|bevor|when|if|once|after|before|while)\b[^,]*,",
    re.IGNORECASE,
)
_PLURAL = r"\b(?:people|children|women|men|(?!this|does|was|has)\w{2,}s)\b"
_NOUN_PHRASE = {
    "de": re.compile(r"\b(?<!wie )[A-ZÄÖÜ]\w+"),
    "en": re.compile(rf"\b(?:the|an?|my|your|our)\s(?=\w)|{_PLURAL}", re.IGNORECASE),
}
_OWNER = {
    "de": re.compile(
        r"(?<![wW]ie\sviel)\s[A-ZÄÖÜ]\w|\b(?:de[rmns]|die|das|eine?[mnrs]?|welche[mnrs]?)\s\w"
        r"|\b(?:man|jemand|[jJ]eder|[wW]er)\b"
    ),
    "en": re.compile(
        rf"\b(?:the|an?|which|my|your|our)\s\w|\bwho\b|{_PLURAL}",
        re.IGNORECASE,
    ),
}
_LOWER_DAS = re.compile(
    r"\bdas\s(?!ge\w+(?:t|en)\b|(?:in|auch|alles|denn|so|bei|für|eigentlich)\b)\w"
)


def refers_back(question: str, language: str) -> bool:
    """Whether a pronoun of `question` means something that an earlier question must have named."""
    if language not in _PRONOUN:
        return False
    text = _EXPLETIVE[language].sub(lambda found: "_" * len(found[0]), question)
    if language == "de" and text[1:] == text[1:].lower():
        text = _LOWER_DAS.sub("_", text)  # without capitals, `das gesetz` is a noun
    named = [m.start for m in find_mentions(text, language) if m.kind != "place"]
    for found in _PRONOUN[language].finditer(text):
        if not _named_elsewhere(text, found, named, language):
            return True
    for found in _POSSESSIVE[language].finditer(text):
        if not named and _OWNER[language].search(text, 0, found.start()) is None:
            return True
    return False


def _named_elsewhere(text: str, found: re.Match[str], named: list[int], language: str) -> bool:
    """Whether an earlier clause names something, or the words right after a comma do."""
    ends = (each.end() for each in _CLAUSE.finditer(text) if each.start())
    start = max((end for end in ends if end <= found.start()), default=0)
    nouns = (n.start() for n in _NOUN_PHRASE[language].finditer(text) if n.start())
    places = [*named, *nouns]
    if any(place < start for place in places) or _tells(text[:start], language):
        return True
    if re.match(r",\s(?:de[rmn]|die|das|the|an?)\s", text[found.end() :]):
        return True
    opening = _SUBORDINATE.match(text)
    return opening is not None and any(opening.end() <= place for place in places)


def _tells(clause: str, language: str) -> bool:
    """Whether an English clause has words enough to name something: `What is child benefit and`."""
    small = FUNCTION_WORDS["en"]
    return language == "en" and sum(w[0].casefold() not in small for w in words(clause)) > 1
