"""Files become documents, or are reported with a reason."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import UnreadableFile
from rag.ingest import SUFFIXES, Reading, read_file
from rag.types import Document

LIMIT = 20_000_000
BODY = "Die Stadt hat den Bau der Brücke über die Weser genehmigt, sagte der Landrat. "


def read(folder: Path, name: str, content: str | bytes, limit: int = LIMIT) -> Reading:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read_file(path, f"root/{name}", limit)


def document(folder: Path, name: str, content: str | bytes) -> Document:
    ((found, _),) = read(folder, name, content).documents
    return found


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"],
)
def test_text_is_read_in_every_common_encoding(tmp_path: Path, encoding: str) -> None:
    text = "Brücke genehmigt\n\n" + BODY
    assert document(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_line_ends_become_newlines_and_nothing_else_changes(tmp_path: Path) -> None:
    found = document(tmp_path, "a.txt", b"Titel\r\n\r\n" + BODY.encode() + b"\r  Ein  Satz. ")
    assert found.text == f"Titel\n\n{BODY}\n  Ein  Satz. "


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.txt", bytes(range(256)) * 20, "binary"),
        ("a.txt", b"%PDF-1.7 text", "binary"),
        ("a.md", b"abc\x01\x02\x03\x04", "binary"),
        ("a.txt", "Brücke über den Fluss".encode() + b" \xc3 offen", "broken encoding"),
        ("a.txt", b"Stra\x81e", "broken encoding"),
        ("a.pdf", b"Text", "not supported"),
        ("a", b"Text", "not supported"),
        ("a.txt", b"Foto: dpa\nTeilen\nFacebook", "no text left after cleaning"),
        ("a.html", b"<html><body></body></html>", "no article text found"),
        ("a.md", b"---\ntitle: [x\n---\nText", "front matter, line"),
        ("a.md", b"---\ntitle: x\ndate: gestern\n---\nText", "not a date"),
        ("a.md", b"---\ntitle: x\n---\n", "empty"),
    ],
)
def test_a_file_that_is_no_article_is_reported(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableFile, match=reason) as caught:
        read(tmp_path, name, content)
    assert caught.value.path == str(tmp_path / name)


def test_a_file_over_the_limit_is_reported_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"too large: 11 bytes, the limit is 10"):
        read(tmp_path, "a.txt", b"x" * 11, limit=10)


def test_missing_files_and_folders_are_reported(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        read_file(tmp_path / "a.txt", "a", LIMIT)
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(UnreadableFile, match="not a regular file"):
        read_file(tmp_path / "b.txt", "b", LIMIT)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Rat genehmigt Brücke\n\n{BODY}", "Rat genehmigt Brücke"),
        (f"Wird die Brücke gebaut?\n{BODY}", "Wird die Brücke gebaut?"),
        (
            "Ein Wort nach dem anderen, " * 5,
            "Ein Wort nach dem anderen, " * 3 + "Ein Wort nach dem …",
        ),
        (f"Eine Brücke\n© Stadt Hameln\n{BODY}", BODY.strip()),
        ("Kurz.", "Kurz."),
    ],
)
def test_the_title_of_plain_text_is_its_headline_or_its_first_words(
    tmp_path: Path, text: str, title: str
) -> None:
    assert document(tmp_path, "name.txt", text).title == title


def test_plain_text_has_language_and_date_but_no_source(tmp_path: Path) -> None:
    found = document(tmp_path, "A.TXT", f"Titel\n03.02.2024, 10:00 Uhr\n{BODY}")
    assert (found.doc_id, found.language) == ("root/A.TXT", "de")
    assert (str(found.published), found.source, found.url) == ("2024-02-03", None, None)


def test_front_matter_gives_the_metadata(tmp_path: Path) -> None:
    head = (
        "---\ntitle: Der Titel\npublisher: Elbland\ndate: 2024-05\nlang: en-GB\n"
        "url: https://example.org/a\nrating: 4\ntags: [a, b]\n---\n"
    )
    found = document(tmp_path, "a.md", head + BODY)
    assert (found.title, found.source, found.language) == ("Der Titel", "Elbland", "en")
    assert (str(found.published), found.url) == ("2024-05", "https://example.org/a")
    assert (found.extra, found.text) == ({"rating": "4"}, BODY)


@pytest.mark.parametrize("value", ["2024", "2024-05-06", "2024-05-06 10:00:00", "6. Mai 2024"])
def test_a_yaml_date_may_be_written_in_many_ways(tmp_path: Path, value: str) -> None:
    found = document(tmp_path, "a.md", f"---\ntitle: No\npublished: {value}\n---\n{BODY}")
    assert str(found.published) in ("2024", "2024-05-06")
    assert found.title == "No"


def test_rules_are_no_front_matter(tmp_path: Path) -> None:
    text = f"---\n{BODY}\n---\nMehr Text steht hier unten."
    assert document(tmp_path, "a.md", text).text == text
    assert document(tmp_path, "b.md", f"---\n\n{BODY}").text.endswith(BODY)


def test_the_first_heading_is_the_title_and_stays(tmp_path: Path) -> None:
    text = f"```\n# kein Titel\n```\n# **Der** [Titel](https://x.example) #\n\n{BODY}"
    found = document(tmp_path, "a.markdown", text)
    assert (found.title, found.text) == ("Der Titel", text)


PAGE = (
    '<!doctype html><html lang="de-DE"><head><title>T | Z</title><meta charset="{charset}">'
    '<meta property="og:title" content="Brücke &amp; Fluss"><meta property="og:site_name" '
    'content="Elbland"><link rel="canonical" href="https://www.elbland.example/a">'
    '<script type="application/ld+json">{{"datePublished": "2024-05-06T10:00:00Z"}}</script>'
    "</head><body><nav>Start</nav><article><h1>Brücke</h1><p>{body}</p><script>alert(1)</script>"
    "<p>Die Kosten &uuml;bernimmt das Land.</p></article><footer>© 2019</footer></body></html>"
)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-15"])
def test_html_gives_article_and_metadata(tmp_path: Path, charset: str) -> None:
    page = PAGE.format(charset=charset, body=BODY * 3).encode(charset)
    found = document(tmp_path, "a.HTML", page)
    assert (found.title, found.source, found.language) == ("Brücke & Fluss", "Elbland", "de")
    assert (str(found.published), found.url) == ("2024-05-06", "https://www.elbland.example/a")
    assert BODY.strip() in found.text
    assert "Die Kosten übernimmt das Land." in found.text
    assert "alert" not in found.text


def test_html_invents_no_date_and_takes_the_host_as_source(tmp_path: Path) -> None:
    page = (
        '<html><head><link rel="canonical" href="https://www.x.example/2019/03/a"></head><body>'
        f"<p>{BODY}</p><p>Schon am 3. Februar 2021 gab es einen Plan.</p><p>© 2019</p></body>"
    )
    found = document(tmp_path, "a.htm", page)
    assert (found.published, found.source) == (None, "x.example")


@pytest.mark.parametrize(
    "page",
    [
        "<p>" + BODY + "<b><i>offen <p>" + BODY + "</table></div>",
        "<html><body><div><p>" + BODY + "</p><![if x]><p attr=<>" + BODY,
        '<html lang="en"><link rel=canonical href="http://[x"><p>' + BODY * 3,
    ],
)
def test_broken_html_is_read(tmp_path: Path, page: str) -> None:
    found = document(tmp_path, "a.html", page)
    assert "Weser" in found.text
    assert found.language == "de"


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>" + "<div>" * 100_000 + BODY,
        "<html><body><p>" + "wort " * 2_000_000,
        "<html><body>" + "<br>" * 200_000 + BODY,
        "<html><body>" + "<" * 500_000,
    ],
    ids=["nested", "long line", "elements", "brackets"],
)
def test_hostile_html_takes_bounded_time(tmp_path: Path, page: str) -> None:
    begin = time.process_time()
    with contextlib.suppress(UnreadableFile):
        read(tmp_path, "a.html", page)
    assert time.process_time() - begin < 30


def test_jsonl_rows_are_documents_with_their_own_ids(tmp_path: Path) -> None:
    text = "Foto: dpa\r\n\u2028 Text bleibt. "
    row = {"id": "x/1", "text": text, "title": "T", "source": "S", "published": "2024-05"}
    extra = {"language": "EN", "url": "https://a.example", "n": 3, "ok": True, "no": None, "l": [1]}
    content = "\ufeff" + json.dumps(row | extra, ensure_ascii=False) + "\n\n"
    ((found, removed),) = read(tmp_path, "a.jsonl", content).documents
    assert (found.doc_id, found.text, removed) == ("x/1", text, ())
    assert (found.title, found.source, found.language) == ("T", "S", "en")
    assert (str(found.published), found.url) == ("2024-05", "https://a.example")
    assert found.extra == {"n": "3", "ok": "true"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a list"),
        ('{"text": "a"}', "no id"),
        ('{"id": "a"}', "no text"),
        ('{"id": "", "text": "a"}', "id is ''"),
        ('{"id": "a", "text": " "}', "text is empty"),
        ('{"id": 7, "text": "a"}', "id is a number"),
        ('{"id": "a", "text": ["a"]}', "text is a list"),
        ('{"id": "a", "text": "a", "title": {}}', "title is an object"),
        ('{"id": "a", "text": "a", "published": "bald"}', "not a date"),
        ('{"id": "a", "text": "a", "language": "German"}', "two letters"),
        ('{"id": "ok", "text": "a"}', "stands in this file already"),
        ('{"id": "a", "text": "\\ud83d"}', "surrogate"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 10_000, "digits"),
    ],
)
def test_a_bad_row_is_skipped_with_its_line_and_the_rest_goes_on(
    tmp_path: Path, row: str, reason: str
) -> None:
    good = '{"id": "ok", "text": "Ein Text."}'
    last = '{"id": "last", "text": "Noch ein Text."}'
    reading = read(tmp_path, "a.jsonl", f"{good}\n{row}\n{last}\n")
    assert [found.doc_id for found, _ in reading.documents] == ["ok", "last"]
    (skipped,) = reading.skipped
    assert skipped.path == f"{tmp_path / 'a.jsonl'}:2"
    assert reason in skipped.reason


def test_a_file_full_of_bad_rows_is_reported_in_bounded_space(tmp_path: Path) -> None:
    reading = read(tmp_path, "a.jsonl", "x\n" * 5_000)
    assert reading.documents == ()
    assert len(reading.skipped) == 1_001
    assert reading.skipped[-1].reason.startswith("4000 more")


HEADS = [b"", b"---\n", b"---\ntitle: ", b"<html>", b"<p>", b'{"id": "a", "text": "', b"\xff\xfe"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(head=st.sampled_from(HEADS), body=st.one_of(st.binary(), st.text().map(str.encode)))
def test_any_bytes_are_read_or_reported(
    tmp_path: Path, suffix: str, head: bytes, body: bytes
) -> None:
    reading = Reading(())
    with contextlib.suppress(UnreadableFile):
        reading = read(tmp_path, f"a{suffix}", head + body)
    for found, _ in reading.documents:
        assert found.text.strip()
        assert found.title
        assert len(found.language) == 2
        json.dumps(found.text + found.title, ensure_ascii=False).encode("utf-8")
