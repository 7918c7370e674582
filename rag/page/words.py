"""Every word of the page, in German and English.

`PAGE` follows the reader's choice: both languages are in the page, the style sheet shows one.
`AROUND` stands around an answer and follows the language of the question. What the library itself
says, in English, is in `rag.page.reasons`.
"""

from __future__ import annotations

from html import escape

from rag.answer.frame import frame_language
from rag.language.dates import spoken
from rag.types import Period

PAGE = {  # key: German, English
    "brand": ("Artikel-Assistent", "Article assistant"),
    "title": ("Fragen Sie Ihre Artikel", "Ask your articles"),
    "subtitle": (
        "Auf Deutsch oder Englisch. Jeder Satz der Antwort ist ein Zitat, mit Quelle und Datum.",
        "In German or English. Every sentence of the answer is a quote, with its source and date.",
    ),
    "tab ask": ("Fragen", "Ask"),
    "tab articles": ("Artikel", "Articles"),
    "sample": ("Beispieltexte, frei erfunden.", "Sample texts, all invented."),
    "own": (
        "Eigene Artikel: <code>rag index ORDNER</code>, dann <code>python ui.py</code>."
        " Zum Hochladen im Browser: <code>python ui.py --index index</code>",
        "Your own articles: <code>rag index FOLDER</code>, then <code>python ui.py</code>."
        " To upload in the browser: <code>python ui.py --index index</code>",
    ),
    "question": ("Ihre Frage …", "Your question …"),
    "ask": ("Fragen", "Ask"),
    "too long": (
        "Gekürzt: Eine Frage hat höchstens {} Zeichen.",
        "Cut off: a question has at most {} characters.",
    ),
    "no question": ("Bitte geben Sie eine Frage ein.", "Please type a question."),
    "model": ("Lädt das Sprachmodell …", "Loading the language model …"),
    "indexing": ("Liest die Beispieltexte: {} von {} …", "Reading the samples: {} of {} …"),
    "searching": ("Sucht in den Artikeln …", "Searching the articles …"),
    "failed": (
        "Da ist etwas schiefgegangen; mehr steht im Terminal.",
        "Something went wrong; the terminal says more.",
    ),
    "unreachable": (
        "Der Server antwortet nicht. Die Seite verbindet sich neu, sobald er wieder da ist.",
        "The server does not answer. The page reconnects as soon as it is back.",
    ),
    "empty": ("Noch keine Artikel.", "No articles yet."),
    "empty here": (
        "Noch keine Artikel. Ziehen Sie Dateien in das Feld, oder: <code>rag index ORDNER</code>",
        "No articles yet. Drop files into the field, or: <code>rag index FOLDER</code>",
    ),
    "status": ("{} Artikel · {} Textstellen", "{} articles · {} passages"),
    "new": ("Neues Gespräch", "New conversation"),
    "export": ("Gespräch speichern", "Save conversation"),
    "to answer": ("Zur Antwort", "To the answer"),
    "file": ("Gespräch", "Conversation"),
    "copy": ("Kopieren", "Copy"),
    "copied": ("Kopiert", "Copied"),
    "helpful": ("Hilfreich", "Helpful"),
    "wrong": ("Falsches Zitat", "Wrong citation"),
    "missed": ("Etwas fehlt", "Incomplete"),
    "thanks": ("Danke, ist vermerkt.", "Thanks, noted."),
    "filters": ("Filter", "Filters"),
    "since": ("Von", "From"),
    "until": ("Bis", "To"),
    "sources": ("Quellen", "Publishers"),
    "languages": ("Sprachen", "Languages"),
    "clear": ("Filter leeren", "Clear filters"),
    "range": ("„Von“ liegt nach „Bis“.", "“From” is later than “To”."),
    "close": ("Schließen", "Close"),
    "open": ("Artikel öffnen", "Open article"),
    "original": ("Original ↗", "Original ↗"),
    "gone": ("Diesen Artikel gibt es nicht mehr.", "This article is no longer there."),
    "changed": (
        "Der Artikel wurde seit der Antwort geändert; die Zitate sind darum nicht markiert.",
        "The article has changed since the answer, so the quotes are not marked.",
    ),
    "cut": ("Gezeigt ist der Teil um das Zitat.", "Shown is the part around the quote."),
    "search": ("Titel, Quelle oder Datum suchen", "Search title, publisher or date"),
    "date form": ("1.2.2026", "1 Feb 2026"),
    "date": ("Datum", "Date"),
    "article": ("Titel", "Title"),
    "source": ("Quelle", "Publisher"),
    "language": ("Sprache", "Language"),
    "chunks": ("Stellen", "Passages"),
    "actions": ("Aktionen", "Actions"),
    "none found": ("Kein Artikel passt dazu.", "No article matches."),
    "more": (
        "{} weitere; die Suche grenzt ein.",
        "{} more; search to narrow the list.",
    ),
    "correct": ("Ändern", "Edit"),
    "save": ("Sichern", "Save"),
    "cancel": ("Abbrechen", "Cancel"),
    "remove": ("Entfernen", "Remove"),
    "sure": (
        "Diesen Artikel aus dem Index nehmen? Auch künftige Abgleiche lassen ihn dann weg.",
        "Take this article out of the index? Later syncs will leave it out too.",
    ),
    "removed": ("Entfernt.", "Removed."),
    "saved": ("Gesichert.", "Saved."),
    "upload": ("Artikel hinzufügen", "Add articles"),
    "drop": (
        "Dateien hierher ziehen oder klicken, um sie auszuwählen",
        "Drop files here, or click to choose them",
    ),
    "upload hint": (
        "Bis zu {} Dateien auf einmal: {}, je höchstens {} MB.",
        "Up to {} files at a time: {}, at most {} MB each.",
    ),
    "sync": ("Ordner neu einlesen", "Re-sync folders"),
    "reading": ("Liest die Artikel … {}", "Reading the articles … {}"),
    "added count": ("{} neu", "{} added"),
    "updated count": ("{} aktualisiert", "{} updated"),
    "removed count": ("{} entfernt", "{} removed"),
    "unchanged count": ("{} unverändert", "{} unchanged"),
    "nothing": ("Nichts Neues.", "Nothing new."),
    "refused": ("Nicht hochgeladen:", "Not uploaded:"),
    "too large": ("größer als {} MB", "larger than {} MB"),
    "skipped": ("{} übersprungen:", "{} skipped:"),
    "documents": ("Artikel", "Articles"),
    "passages": ("Textstellen", "Passages"),
    "sentences": ("Sätze", "Sentences"),
    "undated": ("ohne Datum", "undated"),
    "months": ("Artikel je Monat", "Articles by month"),
    "years": ("Artikel je Jahr", "Articles by year"),
    "no feedback": ("Noch keine Rückmeldungen.", "No feedback yet."),
    "as questions": ("Rückmeldungen als Testfragen", "Feedback as test questions"),
}

AROUND = {  # key: German, English
    "sources": ("Quellen", "Sources"),
    "closest": ("Ähnliche Textstellen, keine Antwort", "Closest passages, not answers"),
    "others": ("Weitere Fundstellen: {}", "Further passages: {}"),
    "unknown": ("Quelle unbekannt", "Source unknown"),
    "undated": ("ohne Datum", "undated"),
    "quoted": ("„{}“", "“{}”"),
    "copies": ("Weitere Artikel: {}", "More articles: {}"),
    "relevant": ("Relevanz", "Relevance"),
    "relevance": (
        "Relevanz {} von 100: so oft steht in einer solchen Textstelle die Antwort",
        "Relevance {} of 100: how often a passage like this holds the answer",
    ),
    "timeline": ("Zeitlicher Verlauf der Fundstellen", "Timeline of the passages"),
    "cited": ("zitiert", "cited"),
    "found": ("gefunden", "found"),
    "conflict": ("abweichende Angabe", "differing figure"),
    "filtered": ("Gefiltert: {}", "Filtered: {}"),
    "why": ("Warum gefunden?", "Why found?"),
    "feature": ("Merkmal", "Feature"),
    "value": ("Wert", "Value"),
    "share": ("Anteil an der Bewertung", "Share of the score"),
    "score": ("Bewertung", "Score"),
}

FEATURES = {  # of the score: German, English
    "best sentence": ("Nächster Satz", "Nearest sentence"),
    "three best": ("Drei nächste Sätze", "Three nearest sentences"),
    "passage": ("Ganze Textstelle", "Whole passage"),
    "title": ("Titel", "Title"),
    "shared words": ("Gemeinsame Wörter", "Shared words"),
    "other language": ("Andere Sprache", "Other language"),
    "foreign words": ("Gleiche Namen und Zahlen", "Same names and numbers"),
    "drift": ("Ausgleich der Sprachen", "Language balance"),
    "length": ("Länge", "Length"),
    "time": ("Zeit", "Time"),
}


def both(key: str, *values: object) -> str:
    """A text of the page in both languages, as HTML; `values` must be safe."""
    return pair(*(text.format(*values) for text in PAGE[key]))


def pair(german: str, english: str) -> str:
    """What shows in the language of the page, as HTML; both must be safe."""
    return f'<span class="t" lang="de">{german}</span><span class="t" lang="en">{english}</span>'


def dated(published: str | None, language: str = "") -> str:
    """A date, kept as `2026-02-01`, as it is written in the language of an answer, as HTML.

    Without a language, as the reader of the page writes it.
    """
    if published is None:
        return around("undated", language) if language else both("undated")
    day = period(published)
    said = spoken(day, language) if language else pair(spoken(day, "de"), spoken(day, "en"))
    return f'<time datetime="{escape(published)}">{said}</time>'


def period(published: str) -> Period:
    """What `str` of a period gives, which may be a free range. Raises ValueError."""
    first, _, last = published.partition("/")
    return Period(Period.parse(first).first, Period.parse(last or first).last)


def around(key: str, language: str, *values: object) -> str:
    """A text around an answer to a question in this language."""
    german, english = AROUND[key]
    return (german if frame_language(language) == "de" else english).format(*values)


def grouped(number: int) -> str:
    """`12 345`, as both languages can read it."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def note(html: str, kind: str = "note") -> str:
    """A line that a screen reader says; `html` must be safe."""
    return f'<p class="{kind}" role="status">{html}</p>'
