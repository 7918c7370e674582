"""The page in a browser: from Enter to an answer that can be read, in one long conversation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from eval.collection import indexed
from eval.datasets import ARTICLES, QUESTIONS, DatasetError, read_questions
from eval.speed.parts import Figures, Part, Row, Settings, latency, most_ms, shown_ms
from eval.speed.starting import PATIENCE, served

FIRST = 3  # questions that load what the first ones load
MOST = 20  # questions, in one conversation
LIMIT = 1_000  # ms

# From the key to the frame in which the first sentence, or that there is none, has been painted.
# The field is empty again before the answer comes, as it is for a reader.
CLOCK = """(question) => { window.answered = new Promise((done) => {
  let begun = 0;
  addEventListener("keydown", () => (begun = performance.now()), {once: true, capture: true});
  const look = () => {
    const turn = document.querySelector("#now .turn:not(.pending)");
    const asked = turn?.querySelector(".asked").textContent;
    const first = turn?.querySelector(".said, .answer .label");
    if (!begun || asked !== question || !first?.offsetHeight) return requestAnimationFrame(look);
    requestAnimationFrame(() => done(performance.now() - begun));
  };
  look();
})}"""


def measure(settings: Settings) -> Figures:
    """Without Debian's chromium there is nothing to measure with: raises DatasetError."""
    program = which("chromium")
    if program is None:
        raise DatasetError("no browser to open the page with; run: apt-get install chromium")
    dev = (each.question for each in read_questions(QUESTIONS) if each.split == "dev")
    questions = list(dict.fromkeys(dev))[: FIRST + min(MOST, settings.questions)]
    with TemporaryDirectory(prefix="rag-eval-") as scratch:
        folder = Path(scratch) / "index"
        with indexed([ARTICLES], folder):
            pass
        taken = _conversation(folder, program, questions)[FIRST:]
    return {"questions": len(taken), **latency(taken), "most_ms": 1000 * max(taken)}


def _conversation(index: Path, program: str, questions: Sequence[str]) -> list[float]:
    """Seconds for each."""
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser,
        served(index) as (url, _, _),
    ):
        page = browser.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(url)
        page.wait_for_selector(".status", state="attached")  # the model is loaded
        return [_asked(page, question) for question in questions]


def _asked(page: Any, question: str) -> float:
    box = page.locator("#ask textarea")
    box.fill(question)
    page.evaluate(CLOCK, question)
    box.press("Enter")
    milliseconds: float = page.evaluate("window.answered")
    return milliseconds / 1000


def rows(figures: Figures) -> Sequence[Row]:
    return [
        Row(
            f"the page, Enter to answer, {figures['questions']} questions, p50 / p95",
            shown_ms(figures),
            f"slowest: {figures['most_ms']:.0f} ms",
            f"{LIMIT} ms",
            most_ms(figures, LIMIT, LIMIT),
        )
    ]


PART = Part("answering", measure, rows)
