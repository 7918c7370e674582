"""Places and peoples that German and English name differently; written for this project, CC0.

    places("die Münchner Messe") == places("the Munich fair") == ["München"]

A row begins with the name that the place goes by here; behind `;` is what its people are called,
or what is of it. `*` stands for any ending.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_COUNTRIES = """
Deutschland|Germany;German*|deutsche*|deutsch
Österreich|Austria;Austrian*|österreich*
Schweiz|Switzerland;Schweizer*|Swiss
Frankreich|France;French*|französisch*|Franzos*
Italien|Italy;Italien*|Italian*
Spanien|Spain;Spanish|spanisch*|Spani*
Polen|Poland;Polish|Poles|polnisch*
Tschechien|Czechia|Czech Republic;Czech*|tschech*
Ungarn|Hungary;Hungar*|ungar*
Griechenland|Greece;Greek*|griech*
Türkei|Turkey;Turkish|Turks|türk*
Russland|Russia;Russian*|russisch*|Russe|Russen|Russin*
Ukraine;Ukrain*
Großbritannien|Britain|Great Britain|United Kingdom|UK|Vereinigte* Königreich;Briti*|Briten
England;English*|Engländer*|englisch*
Schottland|Scotland;Scottish|schottisch*|Schotte|Schotten
Irland|Ireland;Irish|irisch*|Iren
Niederlande|Niederlanden|Netherlands|Holland;Dutch|niederländ*|holländ*
Belgien|Belgium;Belgian*|belgisch*|Belgier*
Luxemburg|Luxembourg;Luxemburg*
Dänemark|Denmark;Danish|Danes|dän*
Schweden|Sweden;Swedish|Swedes|schwed*
Norwegen|Norway;Norwegian*|norweg*
Finnland|Finland;Finnish|Finns|Finnen|finnisch*
Island|Iceland;Iceland*|isländ*
Portugal;Portugies*|Portuguese
Rumänien|Romania;Romanian*|rumän*
Bulgarien|Bulgaria;Bulgarian*|bulgar*
Serbien|Serbia;Serb*
Kroatien|Croatia;Croat*|kroat*
Slowenien|Slovenia;Sloven*|slowen*
Slowakei|Slovakia;Slovak*|slowak*
Litauen|Lithuania;Lithuanian*|litau*
Lettland|Latvia;Latvian*|lettisch*|Letten
Estland|Estonia;Estonian*|estnisch*|Esten
Weißrussland|Belarus;Belarus*|weißruss*
Vietnam;Vietnam*
Europa|Europe;Europ*|europäisch*
EU|Europäische Union|Europäischen Union|European Union
USA|US|U.S.|United States|Vereinigte* Staaten|America|Amerika;American*|Amerikan*|US-amerikanisch*
Nordamerika|North America;North American*|nordamerikan*
Südamerika|South America;South American*|südamerikan*
Kanada|Canada;Canadian*|kanad*
Mexiko|Mexico;Mexican*|mexikan*
Brasilien|Brazil;Brazil*|brasilian*
Argentinien|Argentina;Argentin*
China;Chinese*|chinesisch*
Japan;Japan*
Indien|India;Indian|Indians|indisch*|Inder*
Südkorea|South Korea;South Korea*|südkorean*
Nordkorea|North Korea;North Korea*|nordkorean*
Taiwan;Taiwan*
Thailand;Thai|Thais|thailänd*
Indonesien|Indonesia;Indones*
Australien|Australia;Austral*
Neuseeland|New Zealand;New Zealander*|neuseeländ*
Ägypten|Egypt;Egypt*|ägypt*
Südafrika|South Africa;South African*|südafrikan*
Afrika|Africa;African*|afrikan*
Asien|Asia;Asian*|asiatisch*|Asiat*
Saudi-Arabien|Saudi Arabia;Saudi*
Israel;Israel*
Syrien|Syria;Syrian*|syrisch*|Syrer*
Irak|Iraq;Iraqi*|irakisch*|Iraker*
Iran;Irani*|iranisch*|Iraner*
Marokko|Morocco;Moroccan*|marokkan*
Bayern|Bavaria;Bavarian*|bayerisch*|bayrisch*
Sachsen-Anhalt|Saxony-Anhalt
Sachsen|Saxony;Saxon*|sächsisch*
Niedersachsen|Lower Saxony;niedersächsisch*
Thüringen|Thuringia;Thuringian*|thüring*
Hessen|Hesse;hessisch*
Baden-Württemberg
Brandenburg;brandenburgisch*
Rheinland-Pfalz|Rhineland-Palatinate
Nordrhein-Westfalen|North Rhine-Westphalia|NRW
Mecklenburg-Vorpommern|Mecklenburg-Western Pomerania
Saarland
Schleswig-Holstein
"""
_OTHERS = """
München|Munich;Münchner*|Münchener*
Köln|Cologne;Kölner*
Nürnberg|Nuremberg;Nürnberger*
Hannover|Hanover;Hannoveraner*
Braunschweig|Brunswick;Braunschweiger*
Wien|Vienna;Wiener*|Viennese
Zürich|Zurich;Zürcher*|Züricher*
Genf|Geneva;Genfer*
Basel|Basle;Basler*
Bern|Berne;Berner*
Luzern|Lucerne;Luzerner*
Mailand|Milan;Mailänd*
Rom|Rome;römisch*
Venedig|Venice;Venezian*|Venetian*
Florenz|Florence
Neapel|Naples
Turin|Torino;Turiner*
Genua|Genoa
Prag|Prague;Prager*
Warschau|Warsaw;Warschauer*
Krakau|Krakow|Cracow;Krakauer*
Danzig|Gdansk;Danziger*
Breslau|Wroclaw;Breslauer*
Moskau|Moscow;Moskauer*
Kiew|Kyiv|Kiev;Kiewer*
Charkiw|Kharkiv|Charkow
Odessa|Odesa
Athen|Athens;Athener*
Brüssel|Brussels;Brüsseler*
Antwerpen|Antwerp
Lüttich|Liège
Den Haag|The Hague
Kopenhagen|Copenhagen;Kopenhagener*
Göteborg|Gothenburg
Straßburg|Strasbourg;Straßburger*
Nizza|Nice
Lissabon|Lisbon;Lissabonner*
Bukarest|Bucharest
Belgrad|Belgrade;Belgrader*
Peking|Beijing;Pekinger*
Schanghai|Shanghai
Hongkong|Hong Kong;Hongkonger*
Tokio|Tokyo;Tokioter*
Neu-Delhi|New Delhi
Singapur|Singapore;Singapur*|Singaporean*
Kairo|Cairo;Kairoer*
Jerusalem;Jerusalemer*
Bagdad|Baghdad
Teheran|Tehran;Teheraner*
Rhein|Rhine
Donau|Danube
Mosel|Moselle
Weichsel|Vistula
Bodensee|Lake Constance
Nordsee|North Sea
Ostsee|Baltic Sea|Baltic
Mittelmeer|Mediterranean;Mittelmeer*
Schwarzwald|Black Forest
Alpen|Alps|Alpine;Alpen*
Ruhrgebiet|Ruhr
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place and the half-open range of code points that names it."""

    start: int
    end: int
    name: str


def find_places(text: str) -> Iterator[Place]:
    """The places of the table that a text names with a capital or in an adjective, in order."""
    for match in _any_place().finditer(text):
        name = _NAMES[int((match.lastgroup or "p0")[1:])]
        written = match[0][0].isupper() or match[0].endswith(_ADJECTIVES)
        if written and match[0] not in _WORDS:
            yield Place(match.start(), match.end(), name)


def places(text: str) -> list[str]:
    """The names of `find_places`, each once."""
    return list(dict.fromkeys(place.name for place in find_places(text)))


def is_country(name: str) -> bool:
    """Whether this is a country, a continent or a German state; also in small letters."""
    return name not in _WORDS and _any_country().fullmatch(name) is not None


def is_people(word: str) -> bool:
    """Whether this is what people of a place are called, or what is theirs: `Dutch`."""
    return _any_people().fullmatch(word) is not None and not is_country(word)


_WORDS = frozenset(("eu", "island", "Islands", "turkey", "us"))  # of English
_ADJECTIVES = tuple(f"sch{ending}" for ending in ("", "e", "em", "en", "er", "es"))
_ROWS = [row.partition(";")[::2] for row in f"{_COUNTRIES}{_OTHERS}".splitlines() if row]
_NAMES = [names.partition("|")[0] for names, _ in _ROWS]


def _form(form: str) -> str:
    whole = re.escape(form.rstrip("*")).replace(r"\ ", r"\s").replace(r"\*", r"\w{0,2}")
    for letter, spelt in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        whole = whole.replace(letter, f"(?:{letter}|{spelt})")
    return whole + (r"[^\W\d_]{0,6}" if form.endswith("*") else "(?:['’]?s)?")


def _any(rows: Iterable[str]) -> re.Pattern[str]:
    """A group for each row of forms: `p0`, `p1` and so on."""
    forms = ("|".join(map(_form, row.split("|"))) for row in rows)
    groups = "|".join(f"(?P<p{n}>{row})" for n, row in enumerate(forms))
    return re.compile(rf"(?<!\w)(?:{groups})(?!\w)", re.IGNORECASE)


# Compiled when the first text is looked at: together they take 50 ms.
@functools.cache
def _any_place() -> re.Pattern[str]:
    return _any("|".join(filter(None, row)) for row in _ROWS)


@functools.cache
def _any_country() -> re.Pattern[str]:
    return _any(row.partition(";")[0] for row in _COUNTRIES.split("\n") if row)


@functools.cache
def _any_people() -> re.Pattern[str]:
    return _any(people for _, people in _ROWS if people)
