from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.config import Config
from rag.page import collection
from rag.page.collection import found, listing_html, statistics_html
from rag.page.edge import Choice
from rag.page.feedback import Feedback, keep
from rag.page.page import FEEDBACK, Page
from rag.page.shelf import MOST_FILES, Shelf
from rag.store import Counts
from rag.types import DocumentInfo, Period
from tests.trees import BAHN, BANK, ids, write
from tests.ui.answers import Parsed


def last(shown: Iterator[str]) -> str:
    """What came of an upload or of reading folders again; before it, that it goes on."""
    *waiting, report = shown
    assert waiting
    assert all('class="waiting"' in each for each in waiting)
    return report


def shelf_of(assistant: Assistant, sample: Path | None = None) -> Shelf:
    page = Page(assistant, sample)
    page.prepare()
    return Shelf(page, Config(max_file_bytes=1_000))


@pytest.fixture
def shelf(assistant: Assistant, news: Path) -> Shelf:
    assistant.sync([news])
    return shelf_of(assistant)


def info(doc_id: str, title: str = "Titel", day: str | None = None) -> DocumentInfo:
    published = Period.parse(day) if day else None
    return DocumentInfo(doc_id, title, "Bote", published, "de", None, 10, 1)


def test_the_table_lists_the_newest_first_and_escapes_what_it_lists() -> None:
    documents = found([info("a", "<b>A</b>", "2025"), info("b"), info("c", "C", "2026-01")], "")
    parsed = Parsed(listing_html(documents, editable=True))
    assert [tr.attributes["data-doc"] for tr in parsed.all("tr")[1:]] == ["c", "a", "b"]
    assert [b.text for b in parsed.all("button", "opens")] == ["C", "<b>A</b>", "Titel"]
    assert len(parsed.all("button", "remove")) == 3
    assert not Parsed(listing_html(documents, editable=False)).all("button", "remove")


def test_every_word_of_a_search_must_be_there() -> None:
    documents = [info("a", "Der Turm", "2025"), info("b", "Der Berg"), info("c", "Turm", "2026")]
    assert [d.doc_id for d in found(documents, "turm 2025")] == ["a"]
    assert [d.doc_id for d in found(documents, " BOTE ")] == ["c", "a", "b"]
    assert found(documents, "see") == []
    assert "No article matches" in listing_html([], editable=True)


def test_a_long_list_says_how_many_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "MOST_LISTED", 2)
    parsed = Parsed(listing_html([info(str(n)) for n in range(5)], editable=True))
    assert len(parsed.all("tr")) == 1 + 2
    assert "3 more" in parsed.text


def test_statistics_count_articles_by_month_or_over_a_long_time_by_year() -> None:
    counts = Counts(4, 5, 6)
    months = Parsed(
        statistics_html(
            counts,
            [
                info("a", day="2025-11-02"),
                info("b", day="2026-01"),
                info("c", day="2026-01-09"),
                info("d"),
            ],
        )
    )
    assert [dd.text for dd in months.all("dd")] == ["4", "5", "6", "1"]
    assert [title.text for title in months.all("title")] == [
        *("November 2025: 1", "Januar 2026: 2"),  # one of the two charts is shown
        *("November 2025: 1", "January 2026: 2"),
    ]
    years = Parsed(statistics_html(counts, [info("a", day="1990"), info("b", day="2026-01")]))
    assert [title.text for title in years.all("title")] == 2 * ["1990: 1", "2026: 1"]
    early = Parsed(statistics_html(counts, [info("a", day="0001-01"), info("b", day="0999")]))
    assert [title.text for title in early.all("title")] == 2 * ["0001: 1", "0999: 1"]
    assert "svg" not in statistics_html(counts, [info("a")])


def test_uploaded_files_become_articles_of_a_root_of_their_own(
    assistant: Assistant, tmp_path: Path
) -> None:
    shelf = shelf_of(assistant)
    shown = last(shelf.add([str(write(tmp_path / "sent" / "bahn.txt", BAHN))]))
    assert Parsed(shown).text == "1 neu1 added"
    assert ids(assistant) == ["uploads/bahn.txt"]
    assert (assistant.folder / "uploads" / "bahn.txt").read_text() == BAHN
    assert "uploads/bahn.txt" in shelf.listing()


def test_what_an_upload_leaves_out_is_named_with_the_reason(
    assistant: Assistant, tmp_path: Path
) -> None:
    sent = [
        write(tmp_path / "sent" / "good.txt", BAHN),
        write(tmp_path / "sent" / "<i>.exe", BAHN),
        write(tmp_path / "sent" / "rows.jsonl", "no json\n"),
        write(tmp_path / "sent" / "long.txt", "x" * 1_001),
    ]
    shown = Parsed(last(shelf_of(assistant).add(map(str, sent))).replace("<li>", "<li>\n"))
    assert "1 added" in shown.text
    problem = shown.all("div", "problem")[0].text
    assert "3 skipped" in problem
    for name in ("<i>.exe: ", "rows.jsonl:1: ", "long.txt: größer als 1000 Bytes"):
        assert f"\n{name}" in problem
    assert "larger than 1000 bytes" in problem
    assert str(tmp_path) not in problem


def test_too_many_files_at_a_time_are_refused_and_deleted(
    assistant: Assistant, tmp_path: Path
) -> None:
    sent = [write(tmp_path / "sent" / f"{n:03}.exe", "x") for n in range(MOST_FILES + 1)]
    shown = last(shelf_of(assistant).add(map(str, sent)))
    assert f"{MOST_FILES:03}.exe: " in shown
    assert f"more than {MOST_FILES} files at a time" in shown
    assert not list((tmp_path / "sent").iterdir())


def test_an_upload_does_not_bring_back_another_removed_article(
    assistant: Assistant, tmp_path: Path
) -> None:
    shelf = shelf_of(assistant)
    last(shelf.add([str(write(tmp_path / "sent" / "a.txt", BAHN))]))
    assert "Removed" in shelf.remove({"document": "uploads/a.txt"})["said"]
    last(shelf.add([str(write(tmp_path / "sent" / "b.txt", BAHN))]))
    assert ids(assistant) == ["uploads/b.txt"]
    last(shelf.add([str(write(tmp_path / "sent" / "a.txt", BAHN))]))
    assert ids(assistant) == ["uploads/a.txt", "uploads/b.txt"]


def test_a_removed_article_leaves_the_searched_table(shelf: Shelf) -> None:
    done = shelf.remove({"document": "news/bahn.txt", "search": "news"})
    assert "news/bank.txt" in done["listing"]
    assert "news/bahn.txt" not in done["listing"]
    assert "listing" not in shelf.remove({"document": "news/bahn.txt"})
    assert "unexpected" in shelf.remove(7)["said"]


def test_table_and_statistics_are_of_one_reading(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Assistant] = []
    documents = Assistant.documents

    def counted(self: Assistant) -> list[DocumentInfo]:
        read.append(self)
        return documents(self)

    monkeypatch.setattr(Assistant, "documents", counted)
    listing, statistics = shelf.shown("bahn")
    assert len(read) == 1
    assert len(Parsed(listing).all("tr")) == 1 + 1
    assert Parsed(statistics).all("dd")[0].text == "2"


def test_a_wrong_date_or_publisher_is_corrected_in_place(shelf: Shelf) -> None:
    right = {"document": "news/bahn.txt", "published": "2026-05 ", "source": " <b>Blatt</b>"}
    done = shelf.correct(right)
    assert "Saved" in done["said"]
    row = done["listing"].split('data-doc="news/bahn.txt"')[1].split("</tr>")[0]
    assert 'data-value="2026-05"' in row
    assert "&lt;b&gt;Blatt&lt;/b&gt;" in row
    for written, kept in (
        ("3.2.2026", "2026-02-03"),
        ("12. 2025", "2025-12"),
        ("19. September 2025", "2025-09-19"),
        ("19 Sept 2025", "2025-09-19"),
        ("Mai 2026", "2026-05"),
        ("2024", "2024"),
    ):
        assert f'data-value="{kept}"' in shelf.correct({**right, "published": written})["listing"]
    for wrong in ("gestern", "31.2.2026", "1.13.2026", "02/01/2026"):
        assert "is not a date" in shelf.correct({**right, "published": wrong})["said"]
    assert "no such document" in shelf.correct({**right, "document": "<i>"})["said"]
    assert "listing" not in shelf.correct({"document": "news/bahn.txt"})


def test_folders_are_read_again(shelf: Shelf, news: Path) -> None:
    write(news / "neu.txt", BANK.replace("bank", "Bank"))
    (news / "bahn.txt").unlink()
    shown = [span.text for span in Parsed(last(shelf.resync())).all("span", "t")]
    assert shown[1::2] == ["1 added", "1 removed", "1 unchanged"]


def test_reading_folders_again_tells_no_path_of_the_machine(shelf: Shelf, news: Path) -> None:
    write(news / "leer.txt", "")
    shown = last(shelf.resync())
    assert "news/leer.txt: " in shown
    assert str(news) not in shown


def test_a_refused_upload_leaves_no_file_and_keeps_what_was_there(
    assistant: Assistant, tmp_path: Path
) -> None:
    shelf = shelf_of(assistant)
    last(shelf.add([str(write(tmp_path / "sent" / "a.txt", BAHN))]))
    sent = [write(tmp_path / "sent" / name, "") for name in ("a.txt", "b.jsonl")]
    shown = Parsed(last(shelf.add(map(str, sent))))
    assert [li.text[:6] for li in shown.all("li")] == ["a.txt:", "b.json"]
    assert "neu" not in shown.text
    assert [path.name for path in (assistant.folder / "uploads").iterdir()] == ["a.txt"]
    assert "skipped" not in last(shelf.resync())
    assert ids(assistant) == ["uploads/a.txt"]


def test_feedback_comes_out_as_rows_of_questions(shelf: Shelf, assistant: Assistant) -> None:
    assert shelf.as_questions() == ""
    keep(Feedback("missed", "Ä?", "de", "abstention", "hand"), assistant.folder / FEEDBACK)
    assert json.loads(shelf.as_questions())["question"] == "Ä?"


def test_a_sample_can_only_be_looked_at(assistant: Assistant, news: Path) -> None:
    shelf = shelf_of(assistant, news)
    assert not shelf.editable
    assert not Parsed(shelf.listing()).all("button", "edit")


def test_a_new_article_can_be_asked_at_once(assistant: Assistant, tmp_path: Path) -> None:
    page = Page(assistant)
    page.prepare()
    last(Shelf(page, Config()).add([str(write(tmp_path / "sent" / "bahn.txt", BAHN))]))
    *_, shown = page.ask("Was kostet die neue Strecke der Bahn nach Kassel?", Choice(), [])
    assert BAHN.split(". ")[0] in Parsed(shown.now).text
