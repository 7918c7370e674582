"""Units, German and English: what they measure, and how they convert.

    unit("Mio.") is None and unit("kWh") == Unit("energy", 1000.0)

The currencies do not convert into each other, so each is a dimension of its own.
"""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """A dimension or a currency, and how many of its base unit this is."""

    dimension: str
    factor: float


_TABLE = """
euro 1 euro euros eur €
dollar 1 dollar dollars us-dollar us-dollars usd $
yuan 1 yuan renminbi rmb
pound 1 pfund pound pounds £
franc 1 franken chf
yen 1 yen
cent 1 cent cents
percent 1 % prozent percent prozentpunkte prozentpunkten
length 1000 km kilometer kilometern kilometers kilometre kilometres
length 1 m meter metern meters metre metres
length 0.01 cm zentimeter zentimetern centimetres centimeters
length 0.001 mm millimeter millimetern millimetres millimeters
length 0.000001 mikrometer mikrometern micrometres micrometers
length 1609.344 meile meilen mile miles
area 1 m² qm quadratmeter quadratmetern
area 10000 ha hektar hectare hectares
area 1000000 km² quadratkilometer quadratkilometern
volume 1 l liter litern litre litres liters
volume 1000 m³ kubikmeter kubikmetern
mass 1 kg kilo kilogramm kilogram kilograms
mass 0.001 g gramm gram grams
mass 1000 t tonne tonnen tonnes tons
energy 1 wh wattstunde wattstunden watt-hour watt-hours
energy 1000 kwh kilowattstunde kilowattstunden kilowatt-hour kilowatt-hours
energy 1000000 mwh megawattstunde megawattstunden megawatt-hour megawatt-hours
energy 1000000000 gwh gigawattstunde gigawattstunden gigawatt-hour gigawatt-hours
power 1 kw kilowatt kilowatts
power 1000 mw megawatt megawatts
power 1000000 gw gigawatt gigawatts
horsepower 1 ps hp horsepower
speed 1 km/h kph
speed 1.609344 mph
temperature 1 °c grad degrees
time 1 sekunde sekunden second seconds
time 60 minute minuten minutes
time 3600 stunde stunden hour hours
time 86400 tag tage tagen day days
time 604800 woche wochen week weeks
time 2629800 monat monate monaten month months
time 31557600 jahr jahre jahren year years
"""
UNITS = {
    word: Unit(dimension, float(factor))
    for dimension, factor, *words in map(str.split, _TABLE.strip().splitlines())
    for word in words
}
_RATES = {
    "tag": "täglich daily",
    "woche": "wöchentlich weekly",
    "monat": "monatlich monthly",
    "jahr": "jährlich annually yearly annual",
}
RATES = {word: UNITS[name] for name, words in _RATES.items() for word in words.split()}


def unit(word: str) -> Unit | None:
    """The unit that a word names, if any."""
    return UNITS.get(word.lower())
