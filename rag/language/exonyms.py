"""Places and peoples that German and English name differently; written for this project, CC0.

    places("die Münchner Messe") == places("the Munich fair") == ["München"]

A row begins with the name that the place goes by here. `*` stands for any ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TABLE = """
Deutschland|Germany|German*|deutsche*|deutsch
Österreich|Austria*|österreich*
Schweiz*|Switzerland|Swiss
Frankreich*|France|French*|französisch*|Franzos*
Italien*|Italy|Italian*
Spanien*|Spain|Spanish|spanisch*|Spaniard*
Polen*|Poland|Polish|Poles|polnisch*
Tschechien*|Czechia|Czech Republic|Czech*|tschechisch*|Tschech*
Ungarn*|Hungar*|ungarisch*
Griechenland*|Greece|Greek*|griechisch*|Griech*
Türkei|Turkey|Turkish|Turks|türkisch*|Türk*
Russland*|Russia*|russisch*|Russe|Russen|Russin*
Ukraine*|Ukrain*
Großbritannien*|Britain|Great Britain|United Kingdom|UK|British|Vereinigte* Königreich|britisch*
England*|English|englisch*
Schottland*|Scotland|Scottish|schottisch*
Irland*|Ireland|Irish|irisch*
Niederlande*|Netherlands|Holland|Dutch|niederländisch*|holländisch*
Belgien*|Belgium|Belgian*|belgisch*
Luxemburg*|Luxembourg*
Dänemark*|Denmark|Danish|Danes|dänisch*|Dän*
Schweden*|Sweden|Swedish|Swedes|schwedisch*
Norwegen*|Norway|Norwegian*|norwegisch*
Finnland*|Finland|Finnish|Finns|finnisch*
Island|Iceland*|isländisch*
Portugal*|Portuguese|portugiesisch*
Rumänien*|Romania*|rumänisch*
Bulgarien*|Bulgaria*|bulgarisch*
Serbien*|Serbia*|serbisch*
Kroatien*|Croatia*|kroatisch*
Slowenien*|Slovenia*|slowenisch*
Slowakei|Slovakia*|slowakisch*
Litauen*|Lithuania*|litauisch*
Lettland*|Latvia*|lettisch*
Estland*|Estonia*|estnisch*
Weißrussland*|Belarus*
Europa*|Europe*|europäisch*
EU|Europäische Union|Europäischen Union|European Union
USA|US|U.S.|United States|Vereinigte* Staaten|America*|Amerika*|US-amerikanisch*
Kanada*|Canada|Canadian*|kanadisch*
Mexiko*|Mexico|Mexican*|mexikanisch*
Brasilien*|Brazil*|brasilianisch*
Argentinien*|Argentin*|argentinisch*
China*|Chinese|chinesisch*|Chines*
Japan*|Japanese|japanisch*
Indien*|India|Indian|Indians|indisch*
Südkorea*|South Korea*|südkoreanisch*
Nordkorea*|North Korea*|nordkoreanisch*
Taiwan*|Taiwanese|taiwanisch*
Thailand*|Thai*
Indonesien*|Indonesia*|indonesisch*
Australien*|Australia*|australisch*
Neuseeland*|New Zealand*
Ägypten*|Egypt*|ägyptisch*
Südafrika*|South Africa*|südafrikanisch*
Afrika*|Africa*|afrikanisch*
Asien*|Asia*|asiatisch*
Saudi-Arabien*|Saudi Arabia*|Saudi*|saudisch*
Israel*|Israeli*|israelisch*
Syrien*|Syria*|syrisch*
Irak*|Iraq*|irakisch*
Iran*|Iranian*|iranisch*
Marokko*|Morocco|Moroccan*|marokkanisch*
Bayern*|Bavaria*|bayerisch*|bayrisch*
Sachsen|Saxony|Saxon|sächsisch*
Niedersachsen*|Lower Saxony
Sachsen-Anhalt*|Saxony-Anhalt
Thüringen*|Thuringia*|thüringisch*
Hessen*|Hesse|hessisch*
Rheinland-Pfalz*|Rhineland-Palatinate
Nordrhein-Westfalen*|North Rhine-Westphalia|NRW
Mecklenburg-Vorpommern*|Mecklenburg-Western Pomerania
München*|Munich|Münchner*
Köln*|Cologne
Nürnberg*|Nuremberg
Hannover*|Hanover
Braunschweig*|Brunswick
Wien|Wiens|Wiener|Vienna|Viennese
Zürich*|Zurich*
Genf|Genfs|Genfer|Geneva
Basel*|Basle
Bern|Berns|Berner|Berne
Luzern*|Lucerne
Mailand*|Milan
Rom|Roms|Rome|römisch*
Venedig*|Venice
Florenz|Florence
Neapel*|Naples
Turin*|Torino
Genua*|Genoa
Prag|Prags|Prager|Prague
Warschau*|Warsaw
Krakau*|Krakow|Cracow
Danzig*|Gdansk
Breslau*|Wroclaw
Moskau*|Moscow
Kiew*|Kyiv|Kiev
Charkiw*|Kharkiv|Charkow
Odessa*|Odesa
Athen|Athens|Athener
Brüssel*|Brussels
Antwerpen*|Antwerp
Lüttich*|Liège
Den Haag|The Hague
Kopenhagen*|Copenhagen
Göteborg*|Gothenburg
Straßburg*|Strasbourg
Nizza|Nice
Lissabon*|Lisbon
Bukarest*|Bucharest
Belgrad*|Belgrade
Peking*|Beijing
Schanghai*|Shanghai
Hongkong*|Hong Kong
Tokio*|Tokyo
Neu-Delhi|New Delhi
Singapur*|Singapore*
Kairo*|Cairo
Jerusalem*
Bagdad*|Baghdad
Teheran*|Tehran
Rhein|Rheins|Rhine
Donau|Danube
Mosel|Moselle
Weichsel|Vistula
Bodensee*|Lake Constance
Nordsee*|North Sea
Ostsee*|Baltic Sea|Baltic
Mittelmeer*|Mediterranean*
Schwarzwald*|Black Forest
Alpen*|Alps|Alpine
Ruhrgebiet*|Ruhr
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place and the half-open range of code points that names it."""

    start: int
    end: int
    name: str


def find_places(text: str) -> Iterator[Place]:
    """The places of the table that a text names with a capital or in an adjective, in order."""
    for match in _PATTERN.finditer(text):
        name = _NAMES[int((match.lastgroup or "p0")[1:])]
        if match[0][0].isupper() or match[0].endswith(_ADJECTIVES):
            yield Place(match.start(), match.end(), name)


def places(text: str) -> list[str]:
    """The names of `find_places`, each once."""
    return list(dict.fromkeys(place.name for place in find_places(text)))


_ADJECTIVES = tuple(f"sch{ending}" for ending in ("", "e", "em", "en", "er", "es"))
_ROWS = [row.split("|") for row in _TABLE.strip().splitlines()]
_NAMES = [row[0].rstrip("*") for row in _ROWS]


def _form(form: str) -> str:
    whole = re.escape(form.rstrip("*")).replace(r"\ ", r"\s").replace(r"\*", r"\w{0,2}")
    for letter, spelt in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        whole = whole.replace(letter, f"(?:{letter}|{spelt})")
    return whole + (r"[^\W\d_]{0,6}" if form.endswith("*") else "(?:['’]s)?")


_PATTERN = re.compile(
    r"(?<!\w)(?:"
    + "|".join(f"(?P<p{n}>{'|'.join(map(_form, row))})" for n, row in enumerate(_ROWS))
    + r")(?!\w)",
    re.IGNORECASE,
)
