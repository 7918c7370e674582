"""What is said around an answer that a language model wrote, in the question's language."""

from __future__ import annotations

from rag.answer.frame import frame_language

_TEXT = {
    "failed": {
        "de": "Das Sprachmodell ist nicht erreichbar oder antwortet nicht brauchbar; das sind "
        "Zitate ohne sein Zutun.",
        "en": "The language model cannot be reached or gave no usable reply; these are quotes "
        "without its help.",
    },
    "unanswered": {
        "de": "Das Sprachmodell sieht darin keine Antwort.",
        "en": "The language model sees no answer in this.",
    },
    "replaced": {
        "de": "Was das Sprachmodell schrieb, hielt der Prüfung nicht überall stand: Sätze fehlen "
        "oder sind durch ihr Zitat ersetzt.",
        "en": "Not all that the language model wrote stood up to the checks: sentences are left "
        "out or replaced by their quotes.",
    },
    "withheld": {
        "de": "Ein Artikel enthält Anweisungen an Sprachmodelle; es bekam ihn nicht zu sehen.",
        "en": "An article holds instructions for language models; it was not shown to it.",
    },
}


def said(key: str, language: str) -> str:
    return _TEXT[key][frame_language(language)]
