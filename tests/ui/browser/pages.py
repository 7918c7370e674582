"""What the tests in a real browser ask, and of which articles."""

from __future__ import annotations

from typing import Any

SENTENCE = (
    'Der Leuchtturm von Quellenhagen misst <script>window.hit=1</script> <img src="/x" '
    'onerror="window.hit=2"> 47 Meter, ${window.hit=3} {{hit}} $$x^2$$ '
    "(siehe javascript:window.hit=4)."
)
HOSTILE = f"""---
title: 'Leuchtturm <img src="/x" onerror="window.hit=5">'
source: '"><script>window.hit=6</script>'
published: 2026-02-03
url: "javascript:window.hit=7"
---

{SENTENCE}

Er steht seit 1901 auf der Düne und wird im Mai neu gestrichen.
"""
COPY_TITLE = 'Küste <img src="/x" onerror="window.hit=8">'
COPY = (
    HOSTILE.replace("2026-02-03", "2026-02-09")
    .replace('Leuchtturm <img src="/x" onerror="window.hit=5">', COPY_TITLE)
    .replace("window.hit=6", "window.hit=9")
)
ARTICLES = ("xiaomi-ziel-2026", "su7-ultra-price", "used-evs", "ladepreise", "byd", "tesla")

XIAOMI = "Wie viele Autos will Xiaomi 2026 ausliefern?"
XIAOMI_QUOTE = "Xiaomi will 2026 nun 550.000 Elektroautos ausliefern."
CHARGING = "Was kostet eine Kilowattstunde am Schnelllader?"
RISOTTO = "Welche Zutaten gehören in ein Risotto mit Pilzen?"


def open_articles(page: Any) -> None:
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector(".listing tr[data-doc]")
