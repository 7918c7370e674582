"""What the library says of a file or a failure, for readers of the page in German too.

Of files it is here, of an index, a model or a store that fails in `failures`.
"""

from __future__ import annotations

import functools
import re
from html import escape

from rag.page.failures import FAILURES
from rag.page.words import pair

REASONS = {  # why something was left out or cannot be done, as the library says it: German
    "empty file": "die Datei ist leer",
    "no text left after cleaning": "nach dem Bereinigen bleibt kein Text",
    "no article text found": "kein Artikeltext darin",
    "not a regular file": "keine gewöhnliche Datei",
    "{} is not supported; use {}": "{} wird nicht unterstützt; möglich sind {}",
    "not one of {}": "keine von {}",
    "larger than {} bytes": "größer als {} Bytes",
    "more than {} files at a time": "mehr als {} Dateien auf einmal",
    "too large: {} bytes, the limit is {}; split it or raise max_file_bytes": (
        "zu groß: {} Bytes, erlaubt sind {}; teilen Sie sie auf, oder erhöhen Sie max_file_bytes"
    ),
    "{} lines, more than {}; split it": "{} Zeilen, mehr als {}; teilen Sie sie auf",
    "{} HTML elements, more than {}; save the article alone": (
        "{} HTML-Elemente, mehr als {}; speichern Sie nur den Artikel"
    ),
    "binary file ({}); save it as text": "binäre Datei ({}); speichern Sie sie als Text",
    "binary file, not text": "binäre Datei, kein Text",
    "broken encoding: not {} at byte {}; save it as UTF-8": (
        "beschädigte Kodierung: kein {} bei Byte {}; speichern Sie sie als UTF-8"
    ),
    "unknown encoding {}; save it as UTF-8": (
        "unbekannte Kodierung {}; speichern Sie sie als UTF-8"
    ),
    "broken HTML ({})": "beschädigtes HTML ({})",
    "front matter: {}": "Kopf der Datei: {}",
    "front matter{}: {}; mend the YAML": "Kopf der Datei: das YAML ist fehlerhaft ({1})",
    "front matter is no YAML; mend it": "der Kopf der Datei ist kein YAML",
    "front matter is no list of keys and values; mend it": (
        "der Kopf der Datei ist keine Liste aus Namen und Werten"
    ),
    "language is {}; write its two letters, such as de": (
        "die Sprache ist {}; geben Sie zwei Buchstaben an, etwa de"
    ),
    "{} is not a date: write 2026-02-01, 2026-02 or 2026": (
        "{} ist kein Datum: schreiben Sie 2026-02-01, 2026-02 oder 2026"
    ),
    "{} is not a date; write it as 2026-02-01": (
        "{} ist kein Datum; schreiben Sie es als 2026-02-01"
    ),
    "not JSON: {} at column {}": "kein JSON, ab Spalte {1}",
    "not an article: nested too deeply": "kein Artikel: zu tief verschachtelt",
    "half a surrogate pair (\\ud800 to \\udfff); write the whole one": (
        "ein halbes Surrogatpaar (\\ud800 bis \\udfff)"
    ),
    "a row is a JSON object with id and text, not {}": (
        "eine Zeile ist ein JSON-Objekt mit id und text"
    ),
    "no {}; a row needs id and text": "{} fehlt; eine Zeile braucht id und text",
    "id is {}; it needs characters that can be read": "die id {} hat keine lesbaren Zeichen",
    "text is empty": "text ist leer",
    "{} is {}; write it as a string": "{0} ist kein Text in Anführungszeichen",
    "id {} stands in this file already": "die id {} steht schon in dieser Datei",
    "{} more rows are no articles either": "{} weitere Zeilen sind auch keine Artikel",
    "the name is not Unicode; rename it": "der Name ist kein Unicode; benennen Sie sie um",
    "the id {} is already used by {}": "die id {} wird schon von {} benutzt",
    "{} removed documents stay out (--restore brings them back)": (
        "{} entfernte Artikel bleiben draußen (rag index --restore holt sie zurück)"
    ),
    "{} is missing or empty; nothing was removed (--prune removes)": (
        "{} fehlt oder ist leer; es wurde nichts entfernt (rag index --prune entfernt)"
    ),
    "{}: no such document in the index; see: rag list": "{}: kein solcher Artikel im Index",
    "{}: no such document; see: rag list": "{}: kein solcher Artikel im Index",
}


def told(reason: str) -> str:
    """What the library says, in both languages, as HTML; in English alone where it is not here."""
    german = _german(reason)
    if german == reason:
        return f'<span lang="en">{escape(reason)}</span>'
    return pair(escape(german), escape(reason))


def _german(reason: str) -> str:
    """What stands in a reason may be another one."""
    for form, german in _forms():
        if found := form.fullmatch(reason):
            return german.format(*map(_german, found.groups()))
    return reason


def _stated(form: tuple[str, str]) -> int:
    """How many characters a form says itself: of two that fit, the one with more is meant."""
    return len(form[0].replace("{}", ""))


@functools.cache
def _forms() -> list[tuple[re.Pattern[str], str]]:
    """Each English form, the longest first; `{}` is any text, or none."""
    return [
        (re.compile(re.escape(english).replace(r"\{\}", "(.*?)"), re.DOTALL), german)
        for english, german in sorted((REASONS | FAILURES).items(), key=_stated, reverse=True)
    ]
