"""Cleaning drops what is no article, keeps what is one, and rewrites nothing."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.clean import Cleaned, clean

PAGES = sorted((Path(__file__).parent / "pages").glob("*.txt"))
SHARED = Path(os.environ.get("TEST_SHARED", Path(__file__).parents[2] / "../shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared data")


def marked_lines(page: Path) -> list[tuple[str, str]]:
    """Each line with its mark: `+` is the article, `-` is not, `?` may go either way."""
    return [(row[0], row[1:]) for row in page.read_text("utf-8").split("\n") if row]


def lines_of(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def removed_lines(cleaned: Cleaned) -> list[str]:
    return [line for block in cleaned.removed for line in lines_of(block.text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_keeps_its_article_and_nothing_else(page: Path) -> None:
    rows = marked_lines(page)
    kept = lines_of(clean("\n".join(line for _, line in rows)).text)
    doubtful = {line for mark, line in rows if mark == "?"}
    assert [line for line in kept if line not in doubtful] == [
        line for mark, line in rows if mark == "+" and line.strip()
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_cleaning_twice_drops_nothing_more(page: Path) -> None:
    once = clean("\n".join(line for _, line in marked_lines(page)))
    assert clean(once.text) == Cleaned(once.text, (), clean(once.text).published, frozenset())


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest: Iterator[str] = iter(whole)
    return all(line in rest for line in part)


POOL = sorted({line for page in PAGES for _, line in marked_lines(page)})
pages = st.lists(
    st.one_of(st.sampled_from(POOL), st.just(""), st.text(max_size=40)), max_size=30
).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(pages)
def test_kept_and_removed_lines_are_the_lines_of_the_page_in_order(page: str) -> None:
    cleaned = clean(page)
    kept, removed, lines = lines_of(cleaned.text), removed_lines(cleaned), lines_of(page)
    # A date marker in front of the first line is cut off; every other line stays in one piece.
    assert Counter("".join(kept + removed)) == Counter("".join(lines))
    assert is_subsequence(kept[1:], lines)
    assert not kept or any(line.endswith(kept[0]) for line in lines)
    assert is_subsequence([line for line in removed if line in lines], lines)
    assert all(block.reason for block in cleaned.removed)


@settings(max_examples=150, deadline=None)
@given(pages)
def test_a_cleaned_page_stays_as_it_is(page: str) -> None:
    once = clean(page).text
    again = clean(once)
    assert (again.text, again.removed) == (once, ())


@pytest.mark.parametrize(
    ("first", "published", "kept"),
    [
        (" date 2021-04 Die Firma baut Autos.", "2021-04", "Die Firma baut Autos."),
        ("Datum: 03.02.2024 – Die Firma baut Autos.", "2024-02-03", "Die Firma baut Autos."),
        ("Published: 2024-05-06T10:00:00Z The firm builds cars.", "2024-05-06", "The firm builds"),
    ],
)
def test_a_date_marker_before_the_text_is_cut_off(first: str, published: str, kept: str) -> None:
    cleaned = clean(first + "\n\nEin zweiter Absatz folgt darunter, und er ist länger.")
    assert str(cleaned.published) == published
    assert cleaned.text.startswith(kept)
    assert cleaned.removed[0].text + cleaned.text.split("\n")[0] == first


BODY = "Der Rat hat den Haushalt mit 19 zu 12 Stimmen beschlossen, teilte die Stadt mit."


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("01.02.2026, 12:42 Uhr", "2026-02-01"),
        ("3. Februar 2026", "2026-02-03"),
        ("Stand: 3. Februar 2026", "2026-02-03"),
        ("Februar 2026", "2026-02"),
        ("Veröffentlicht am 03.02.2026 von Eva Kern", "2026-02-03"),
        ("Von Eva Kern und Jan Holm, 3. Februar 2026", "2026-02-03"),
        ("Aktualisiert: 05.02.2026 | Veröffentlicht: 03.02.2026", "2026-02-03"),
        ("March 5, 2025", "2025-03-05"),
        ("By Eve Stone | Wednesday, March 5, 2025 at 3:41 p.m. EST | 4 min read", "2025-03-05"),
        ("5 March 2025 10:15 GMT+1", "2025-03-05"),
        ("2025-03-05T10:15", "2025-03-05"),
    ],
)
def test_a_date_line_gives_the_date_and_goes(line: str, published: str) -> None:
    cleaned = clean(f"Rat beschließt Haushalt\n{line}\n{BODY}")
    assert str(cleaned.published) == published
    assert cleaned.text == f"Rat beschließt Haushalt\n{BODY}"
    assert cleaned.removed[0].reason == "date line"


@pytest.mark.parametrize(
    "line",
    [
        "Konzert in der Elbphilharmonie am 3. Februar 2026",
        "Am 3. Februar 2026 tritt das Gesetz in Kraft.",
        "31.02.2024",
        "In 1998 the bridge was closed, and on March 5, 2001 it opened again.",
        "Im Februar 2026 beginnt der Bau.",
    ],
)
def test_a_date_in_the_text_is_no_publication_date(line: str) -> None:
    cleaned = clean(f"{line}\n{BODY}")
    assert cleaned.published is None
    assert cleaned.text == f"{line}\n{BODY}"


def test_a_press_release_is_dated_and_kept_whole() -> None:
    text = "Köln, 3. Februar 2026 – Der Verein hat eine neue Vorsitzende gewählt."
    assert (clean(text).text, str(clean(text).published)) == (text, "2026-02-03")


def test_a_count_of_comments_above_the_article_drops_no_article() -> None:
    lines = ["Titel", "Ein kurzer Vorspann steht hier.", "12 Kommentare", BODY, BODY + " Weiter."]
    assert lines_of(clean("\n".join(lines)).text) == [*lines[:2], *lines[3:]]


def test_somebody_whom_the_article_introduces_is_not_its_author() -> None:
    text = (
        f"{BODY}\n\nSabine Kohl ist Redakteurin bei einem Fachblatt und schreibt über Kommunen.\n\n"
        "„Der Haushalt ist auf Sand gebaut“, sagt Kohl.\n\nIm Herbst wird neu verhandelt."
    )
    assert clean(text).text == text


def test_a_last_paragraph_that_begins_with_im_is_no_introduction_in_the_first_person() -> None:
    last = "Im Bauamt war man verärgert, weil die Ausschreibung zweimal ohne Angebot geblieben war."
    page = "\n\n".join(["Der Rat hat den Neubau der Brücke beschlossen.", "Er kostet mehr."] * 3)
    assert clean(f"{page}\n\n{last}").text.endswith(last)


def test_a_control_for_the_size_of_type_goes_but_not_a_sentence_about_it() -> None:
    said = "- Schriftgröße in vier Stufen wählbar"
    text = f"Die Chefin zeigte das Spiel.\n\nSchriftgröße: A A A\n\n{said}\n\nEs kostet 40 Euro."
    kept = clean(text).text
    assert said in kept
    assert "A A A" not in kept
    assert "Schriftgröße ändern" not in clean(f"Schriftgröße ändern\n\n{text}").text


def test_a_captioned_photo_is_told_apart_from_the_headline() -> None:
    assert clean(f"Ein Traktor\n© Hof Petersen\n{BODY}").captions == {"Ein Traktor"}


LONG = f"{BODY} Die Grünen enthielten sich, und zwei Abgeordnete fehlten entschuldigt."


def test_a_footer_is_cut_off_where_a_page_shows_itself() -> None:
    footer = ["Vollbild", "Jetzt abstimmen", "Deine Anmeldung zum Newsletter wird geprüft."]
    assert clean("\n".join(["Rat beschließt Haushalt", "3. Februar 2026", LONG, *footer])).text == (
        f"Rat beschließt Haushalt\n{LONG}"
    )


def test_short_last_lines_of_a_text_that_shows_no_page_stay() -> None:
    text = f"{LONG}\nVollbild\nSo geht es weiter"
    assert clean(text).text == text


def test_a_list_at_the_end_of_an_article_stays() -> None:
    items = ["Zutaten", "1 kg Kartoffeln", "Majoran, Salz, Pfeffer, Kümmel", "1. Suppe pürieren"]
    lines = ["Omas Suppe für kalte Tage", "3. Februar 2026", LONG, *items]
    page = [*lines, "Artikel bewerten", "Seite 1 von 1", "Aboshop Leserreisen Trauer Rätsel"]
    assert clean("\n".join(page)).text == "\n".join([lines[0], *lines[2:]])


@pytest.mark.parametrize(
    "hint", ["Ein Konto haben Sie noch nicht?", "Das prüft der Rat am 8. Mai."]
)
def test_a_short_paragraph_between_two_boxes_stays(hint: str) -> None:
    box = ["Unser Newsletter", "Jetzt abonnieren"]
    page = ["Rat beschließt Haushalt", "3. Februar 2026", LONG, *box, hint, LONG, *box]
    assert hint in clean("\n".join(page)).text


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["1 " * 40 + "x", "!" * 300 + "a", "A | " * 60 + "b", LONG] * 2_000),
        "wort " * 2_000_000,
        "„" * 1_000_000,
        "[" * 100_000 + "\n" + "(" * 100_000,
        "\n".join(["link unser newsletter we earn you " * 15] * 300),
        "\n".join(["3 Kommentare", "Meistgelesen", ""] * 5_000),
        "\n".join(["01.02.2024", "Anna schreibt", "Foto: x"] * 3_000),
    ],
    ids=["rows", "long line", "quotes", "brackets", "key words", "headings", "dates"],
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    begin = time.process_time()
    clean(text)
    assert time.process_time() - begin < 20


@needs_shared
def test_no_line_of_a_clean_page_is_lost() -> None:
    rows = [
        json.loads(row)["context"]
        for name in ("train.de", "train.en", "dev.de", "dev.en")
        for row in (SHARED / f"data/omos-qa/{name}.jsonl").read_text("utf-8").splitlines()
    ]
    corpus = (SHARED / "data/xquad-r/corpus.jsonl").read_text("utf-8").splitlines()
    rows += [json.loads(row)["text"] for row in corpus]
    lost = [removed.text for text in dict.fromkeys(rows) for removed in clean(text).removed]
    assert lost == []


DIRT = {
    "002": (
        *("Partner-Links", "Gefällt dir", "Ich bin gelernter", "Neueste", "Absenden eines"),
        *("7 Komm", "Aliexpress", "Wahnsinn", "KnowHow", "sebst", "moderiert", "Für eine offene"),
        *("verpassen?", "Hauptfeed"),
    ),
    "003": ("12:42", "Pixabay", "Bn-Red"),
    "004": ("date 2021",),
}
DATES = {"003": "2026-02-01", "004": "2021-04"}


@needs_shared
def test_the_articles_keep_their_text_and_lose_the_rest() -> None:
    for path in sorted((SHARED / "articles").glob("*.txt")):
        page = path.read_text("utf-8")
        cleaned = clean(page)
        number = path.name[:3]
        assert all(word in page and word not in cleaned.text for word in DIRT.get(number, ()))
        dropped = removed_lines(cleaned)
        known = (*DIRT.get(number, ()), "Zudem förd", "Modellpolitik")
        assert all(any(word in line for word in known) for line in dropped), dropped
        assert str(cleaned.published) == DATES.get(number, "None")
