"""Terms for lexical search: which spellings meet, what is dropped, laws on any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.analysis import ANALYSIS_VERSION, analyse


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("München", "Muenchen"),
        ("MÜNCHEN", "Mu\u0308nchen"),
        ("Straße", "Strasse"),
        ("STRASSEN", "Straße"),
        ("Häuser", "Haus"),
        ("Fußball", "Fussball"),
        ("Cafés", "Cafes"),
        ("E-Autos", "E-Auto"),
        ("eAuto", "E-Auto"),
        ("550.000", "550,000"),
        ("550.000", "550000"),
        ("1.234,5", "1,234.5"),
        ("8,6", "8.6"),
        ("SU7", "su7"),
        ("YU-7", "YU7"),
        ("Mas\u00adsen", "Massen"),
        ("\ufb01nal", "final"),
        ("Kurs", "Kurse"),
        ("Preis", "Preise"),
        ("Strompreis", "Preise"),
        ("Zinsen", "Zins"),
        ("Zeugnis", "Zeugnisse"),
        ("Autos", "Auto"),
        ("Auslieferungsziel", "Ziele"),
        ("Auslieferungsziel", "Auslieferung"),
        ("Elektroautos", "Auto"),
        ("Krankenversicherungskarte", "Versicherung"),
        ("Ladesäule", "Ladesaeulen"),
        ("Elektro-Auto", "Elektroauto"),
        ("E-SUVs", "SUV"),
        ("Lade- und Netzkabel", "Kabel"),
        ("Lkws", "Lkw"),
        ("Tipps", "Tipp"),
        ("Schüler:innen", "Schüler"),
        ("Ausländer*innen", "Ausländer"),
        ("Fahrer/-innen", "Fahrer"),
        ("80 %", "80 Prozent"),
        ("40 €", "40 Euro"),
    ],
)
def test_two_spellings_share_a_term_in_german(left: str, right: str) -> None:
    assert set(analyse(left, "de")) & set(analyse(right, "de"))


@pytest.mark.parametrize(
    ("left", "right"),
    [("550.000", "550"), ("8,6", "86"), ("SU7", "YU7"), ("8.600", "8.6"), ("Ministern", "Stern")],
)
def test_different_things_share_no_term(left: str, right: str) -> None:
    assert not set(analyse(left, "de")) & set(analyse(right, "de"))


def test_a_hyphenated_word_gives_the_whole_and_its_parts() -> None:
    assert analyse("SU7-Modell", "de") == ["su7modell", "su7", "modell"]


def test_a_compound_gives_the_whole_and_its_parts() -> None:
    assert analyse("Kundenauslieferungen", "de") == ["kundenausliefer", "kund", "ausliefer"]
    assert analyse("SU7-Auslieferungsziel", "de") == [
        *("su7auslieferungsziel", "su7", "auslieferungsziel", "ausliefer", "ziel"),
    ]


def test_compounds_are_split_in_german_only() -> None:
    assert analyse("Auslieferungsziel", "en") == ["auslieferungsziel"]


def test_a_name_is_one_term() -> None:
    for name in ("Xiaomi", "Northvolt", "BYD", "München", "Mercedes", "Schumacher"):
        assert len(analyse(name, "de")) == 1


def test_stop_words_go_unless_there_is_nothing_else() -> None:
    assert analyse("Wann ist der Start in Ulm?", "de") == ["start", "ulm"]
    assert analyse("über fuer", "de") == analyse("ueber für", "de") == ["uber", "fur"]
    assert analyse("What is the launch date?", "en") == ["launch", "date"]
    assert analyse("Wer ist das?", "de") == ["wer", "ist", "das"]
    assert analyse("to be or not to be", "en") == ["to", "be", "or", "not", "to", "be"]


def test_each_language_has_its_own_stemmer_and_others_none() -> None:
    assert analyse("productions", "en") == ["product"]
    assert analyse("Produktionen", "de") == ["produktion"]
    assert analyse("Élections présidentielles", "fr") == ["elections", "presidentielles"]


def test_a_time_is_one_number() -> None:
    assert analyse("um 12.42 Uhr", "de") == ["12.42", "uhr"]


def test_what_is_too_long_for_a_word_gives_no_term() -> None:
    assert analyse("a" * 101 + " Haus", "de") == ["haus"]
    assert analyse("1" * 101 + " Haus", "de") == ["haus"]
    assert analyse("9" * 90 + " Milliarden Haus", "de") == ["haus"]


@given(st.text(), st.sampled_from(["de", "en", "fr", "ru", "zh"]))
def test_terms_are_never_empty_nor_hold_white_space(text: str, language: str) -> None:
    terms = analyse(text, language)
    assert all(term and term.split() == [term] and len(term) <= 100 for term in terms)
    assert terms == analyse(text, language)


@given(st.text(alphabet="abcdefgäöüßéèñ", min_size=1, max_size=12), st.sampled_from(["de", "en"]))
def test_case_makes_no_difference(word: str, language: str) -> None:
    assert (
        analyse(word, language)
        == analyse(word.title(), language)
        == analyse(word.upper(), language)
    )


@given(st.lists(st.from_regex(r"[bdfgkmt][aeioäöü]{1}[lmnrtß]{1,2}", fullmatch=True), min_size=1))
def test_umlauts_spelt_out_make_no_difference(syllables: list[str]) -> None:
    word = "".join(syllables)
    spelt_out = word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    assert len(spelt_out) > 100 or analyse(word, "de") == analyse(spelt_out, "de")


@pytest.mark.parametrize(
    "unit",
    [
        "1 000 ",
        "2,5 mio ",
        "arbeitszeit",
        "ab*in",
        "1 000",
        "%",
        "mio ",
        "9" * 99 + " mrd ",
        "1.",
        "1",
        "a-",
        "a",
        "\u0301",
        "a b ",
        "1,",
        "'",
    ],
)
def test_time_grows_no_faster_than_hostile_text(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit)) + "x"
        start = time.process_time()
        analyse(text, "de")
        return time.process_time() - start

    seconds(1_000)
    assert seconds(400_000) < 10 * min(seconds(100_000) for _ in range(2)) + 0.1


def test_the_version_is_a_string_for_the_catalog() -> None:
    assert ANALYSIS_VERSION
    assert isinstance(ANALYSIS_VERSION, str)
