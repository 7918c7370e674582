"""What all rooms need to know about a text: its language, its sentences, its terms."""

from rag.language.analysis import ANALYSIS_VERSION, analyse
from rag.language.detect import detect_language
from rag.language.sentences import split_sentences

__all__ = ["ANALYSIS_VERSION", "analyse", "detect_language", "split_sentences"]
