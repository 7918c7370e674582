"""The progress bar's figures."""

from __future__ import annotations

import pytest

from rag.progress import progress_bar, rate


@pytest.mark.parametrize(
    ("done", "seconds", "shown"),
    [(0, 5.0, ""), (3, 0.0, ""), (50, 4.0, "12.5/s"), (3, 3.0, "1.0/s"), (1, 15.0, "4.0/min")],
)
def test_the_rate_is_shown_in_the_unit_that_says_more(
    done: int, seconds: float, shown: str
) -> None:
    assert rate(done, seconds) == shown


def test_nothing_is_drawn_where_nobody_looks(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Indexing") as progress:
        progress(1, 2)
    assert capfd.readouterr() == ("", "")


def test_at_a_terminal_it_tells_the_rate_and_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with progress_bar("Indexing") as progress:
        progress(1, 4)
        progress(3, 4)
    drawn = capsys.readouterr().err
    assert "Indexing" in drawn
    assert "3/4" in drawn
    assert "/s" in drawn
