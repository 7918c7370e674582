"""The reader that lets a language model write: every sentence checked, every citation a quote."""

from rag.answer.llm.client import LlmClient, LlmError
from rag.answer.llm.reader import LlmReader

__all__ = ["LlmClient", "LlmError", "LlmReader"]
