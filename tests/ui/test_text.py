from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.page.text import MOST_SIGNS, formatted, plain
from rag.types import Span
from tests.ui.answers import Parsed

SIGNS = re.compile(r"[*_`#|\[\]()!>\s/?-]")
PIECES = st.one_of(
    st.sampled_from(
        (
            "**",
            "*",
            "_",
            "`",
            "# ",
            "- ",
            "> ",
            "| ",
            "|",
            "[a](//?)",
            "\n",
            "\n\n",
            "---\n",
        )
    ),
    st.sampled_from(("<script>hit()</script>", '<img onerror="hit()">', "&amp;", "&", '"', "'")),
    st.text("abß 1.", max_size=5),
)
TAGS = {"p", "ul", "li", "strong", "em", "code", "span", "mark", "table", "tr", "td", "br"}


@st.composite
def quotes(draw: st.DrawFn) -> tuple[str, Span]:
    text = "".join(draw(st.lists(PIECES, max_size=12)))
    start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return text, Span(start, end)


def letters(text: str) -> str:
    """What Markdown's signs leave of a text."""
    return SIGNS.sub("", text)


@given(quotes())
def test_every_letter_is_shown_and_exactly_those_of_the_quote_are_marked(
    case: tuple[str, Span],
) -> None:
    text, quote = case
    parsed = Parsed(formatted(text, 0, [(quote, 1)]).replace("<br>", ""))
    assert letters(parsed.text) == letters(text)
    assert letters("".join(e.text for e in parsed.all("mark"))) == letters(quote.of(text))
    assert {e.tag for e in parsed.elements} <= TAGS


@given(st.lists(st.text("ab <&\"'ß.", min_size=1, max_size=9), max_size=4))
def test_plain_text_comes_out_as_it_is(lines: list[str]) -> None:
    shown = Parsed(formatted("\n".join(lines)))
    assert [p.text for p in shown.all("p")] == [line.rstrip() for line in lines if line.strip()]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## Vier **Neue**", '<p class="h">Vier <strong>Neue</strong></p>'),
        ("Ein **fettes *und* Wort**", "<p>Ein <strong>fettes </strong><em><strong>und"),
        ("- eins\n- zwei", "<ul><li>eins</li><li>zwei</li></ul>"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "<tr><td> 1 </td><td> 2 </td></tr></table>"),
        ("> Zitat\n> weiter", '<p class="q">Zitat<br>weiter</p>'),
        ("vor\n---\nnach", "<p>vor</p><p>nach</p>"),
        ("[Seite](https://a.example/x)", "<p><span>Seite</span></p>"),
        ("Rest ** und `x<y`", "<p>Rest  und <code>x&lt;y</code></p>"),
    ],
)
def test_markdown_is_formatting_or_dropped(text: str, html: str) -> None:
    assert html in formatted(text)


@pytest.mark.parametrize(
    "text",
    ["5 * 3 * 2 = 30", "Mitarbeiter*innen und Leser*innen", "ein snake_case_name", "#1 am 3.5."],
)
def test_what_only_looks_like_markdown_stays(text: str) -> None:
    assert formatted(text) == f"<p>{text}</p>"


def test_a_quote_across_paragraphs_and_tags_is_marked_piece_by_piece() -> None:
    text = "Eins **zwei** drei.\nVier fünf."
    html = formatted(text, 100, [(Span(105, 100 + len(text) - 5), 3)])
    assert html == (
        '<p>Eins <mark data-n="3"><strong>zwei</strong> drei.</mark></p>'
        '<p><mark data-n="3">Vier </mark>fünf.</p>'
    )


def test_a_line_of_nothing_but_signs_takes_no_time_and_is_shown() -> None:
    line = "**a** " * 40_000
    shown = formatted(line)
    assert shown.count("<strong>") == MOST_SIGNS
    assert shown.count("a") >= 40_000
    assert "*" in formatted("**" * 40_000 + "x" + "*x " * 20_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**700 Mio. Euro:** direkte Zuschüsse.", "700 Mio. Euro: direkte Zuschüsse."),
        ("| bis 40.000 Euro | **4.500** Euro | – |", "bis 40.000 Euro · 4.500 Euro · –"),
        ("## Zukauf", "Zukauf"),
        ("- 3 * 4 ist\n- [zwölf](https://example.org)", "3 * 4 ist zwölf"),
        ("a_b_c und 5 | 6", "a_b_c und 5 | 6"),
        ("", ""),
    ],
)
def test_a_sentence_is_said_without_markdown_s_signs(text: str, said: str) -> None:
    assert plain(text) == said


@given(st.lists(PIECES).map("".join))
def test_plain_text_is_what_the_formatted_one_shows(text: str) -> None:
    shown = Parsed(formatted(text).replace("<", " <")).text
    assert "".join(plain(text).replace("·", "").split()) == "".join(shown.replace("·", "").split())
