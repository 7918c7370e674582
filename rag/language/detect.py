"""Which language a question or an article is written in.

Function words decide most texts at once. lingua (trigrams, its fast mode) is asked where they do
not: between German and English, by far the likeliest, unless another language shows.
"""

from __future__ import annotations

import functools
import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

DEFAULT = "de"  # of a text without letters: most documents are German
INSPECTED = 4_000  # characters; more change no verdict and cost time

# Words that are frequent in one language and rare in, or shared by few of, the others.
_FUNCTION_WORDS = {
    "de": "der die das den dem des und ist sind war waren wird werden wurde wurden nicht kein "
    "keine ein eine einen einem einer eines ich du er es wir ihr mich mir dir sich was wann "
    "wo wer wen wem wie warum wieso weshalb woher wohin wodurch womit wofür worum welche "
    "welcher welches welchen welchem viel viele für mit in von vom zu zum zur im am auf aus "
    "bei beim nach über unter vor durch gegen ohne um als auch noch nur oder aber wenn dass "
    "ob hat haben hatte kann können muss müssen darf soll gibt gab macht mein meine dein "
    "deine sein seine ihre ihren kostet heißt kommt bis seit",
    "en": "the of and is are was were be been being not no an a what when where who whom whose "
    "which why how many much do does did has have had can could should would will may must "
    "this that these those it its he she they we you your my his her their our for with "
    "from by on at as or if about into than there to in",
    "fr": "de le la les des du et est sont était dans pour pas que qui quoi quand où comment "
    "pourquoi combien quel quelle quels quelles avec sur une un au aux ce cette il elle ils "
    "nous vous se ne en",
    "es": "el la los las de del y es son fue era en por para con que qué quién cuándo dónde cómo "
    "cuánto cuesta cuántos cuál una un al se su no más pero hay está",
    "it": "il lo la gli le di del della dei e è sono era in per con che chi cosa quando dove come "
    "perché quanto quanti quale una un al alla si non più ma nel nella",
    "nl": "de het een en van is zijn was waren niet wat wanneer waar wie hoe waarom welke veel "
    "voor met op bij naar uit door aan ook maar als dat deze dit ik je hij zij wij kan moet "
    "heeft hebben",
    "pt": "o os as do da dos das e é são foi era em no na por para com que quem quando onde como "
    "quanto quantos qual uma um ao não mais mas seu sua se está",
    "pl": "i w na z do nie się jest są był była to co kto kiedy gdzie jak dlaczego ile który "
    "która które dla od po przez oraz ale czy za",
    "tr": "ve bir bu ne için ile mi mı mu mü değil kim nerede nasıl neden kaç hangi olan olarak "
    "çok daha var zaman kadar",
    "sv": "och är var inte vad kostar vem när hur varför vem vilken vilka det den ett en av för "
    "med på till som att har kan från om",
    "da": "og er var ikke hvad hvornår hvor hvordan hvorfor hvem hvilken hvilke det den et en af "
    "for med på til som at har kan fra om",
    "cs": "v na je jsou byl byla není co kdo kdy kde jak proč kolik který která které se pro od "
    "po že ale nebo za ve do",
}
_VOTES: dict[str, tuple[str, ...]] = {}
for _code, _words in _FUNCTION_WORDS.items():
    for _each in _words.split():
        if _code == "en" or not {"de", "en"} & set(_VOTES.get(_each, ())):
            _VOTES[_each] = (*_VOTES.get(_each, ()), _code)

_WORD = re.compile(r"\b[^\W\d_]+\b")
_FOREIGN = re.compile(r"[^\W\d_a-zäöüßéàA-ZÄÖÜÉÀ]")  # a letter that German and English hardly use


def detect_language(text: str) -> str:
    """ISO 639-1 code of `text`; German when it has no letters. Reads the first 4,000 characters."""
    words = _WORD.findall(text[:INSPECTED])
    if not words:
        return DEFAULT
    votes = dict.fromkeys(_FUNCTION_WORDS, 0)
    for word in words:
        for code in _VOTES.get(word.lower(), ()):
            votes[code] += 1
    german, english = votes["de"], votes["en"]
    rival = max(votes[code] for code in votes if code not in ("de", "en"))
    if max(german, english) > rival and german != english:
        return "de" if german > english else "en"
    alien = rival > max(german, english) or any(map(_FOREIGN.search, words))
    return _weigh(words, votes, alien)


def _weigh(words: list[str], votes: dict[str, int], alien: bool) -> str:
    """The verdict of lingua, with what is known besides."""
    sample = " ".join(words).lower()
    scores = {
        found.language.iso_code_639_1.name.lower(): found.value
        for found in _detector(alien).compute_language_confidence_values(sample)
    }
    for code in scores:
        scores[code] *= 1 + 2 * votes.get(code, 0)
    if not alien and any(word[0].isupper() for word in words):
        # German writes its nouns with a capital: `tariff in Canada` is not German.
        content = [word for word in words if len(word) > 3]
        scores["en"] *= math.exp(sum(word.islower() for word in content))
        scores["de"] *= math.exp(0.3 * sum(word[0].isupper() for word in content))
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] > 0 else DEFAULT


@functools.cache
def _detector(alien: bool) -> LanguageDetector:
    """lingua loads the models of a language on first use: 20 ms for two, 150 ms for all."""
    from lingua import IsoCode639_1, Language, LanguageDetectorBuilder

    codes = ["de", "en"]
    if alien:
        codes += ["fr", "es", "it", "nl", "pt", "pl", "tr", "sv", "da", "cs"]
        codes += ["ru", "uk", "el", "ar", "he", "zh", "ja", "ko"]
    languages = [
        Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper())) for code in codes
    ]
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()
