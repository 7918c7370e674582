"""Teaches the packaged model to read a question for the sentence that answers it.

The vectors of sentences stay what they are. Questions are read by the same network with low-rank
changes of its dense layers (LoRA: Hu and others 2021), which bring a question near the sentences
that answer it and away from the others found with them and from those that answer the questions
beside it: query-side fine-tuning (DensePhrases: Lee and others 2021).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eval.collection import Known, write_known
from eval.folds import deal
from eval.readings import Reading, all_readings
from rag import Config
from rag.embed.adapter import Adapter, Update, write_adapter
from rag.embed.convert import torch_folder
from rag.embed.export import LAYER
from rag.embed.reference import QUESTIONS, reference_sentences
from rag.embed.tokens import QUERY_PROMPT

if TYPE_CHECKING:
    import torch

    from rag.types import Vectors

FOLDS = 3
RANK, SCALE = 16, 2.0  # of each change
EPOCHS, BATCH, RATE, DECAY = 2, 32, 6e-4, 0.01
WARM, LAST = 30, 0.02  # steps until the full rate, and the share of it that is left at the end
TEMPERATURE = 0.03
POOL = 8  # batches whose questions are put together by length
LONGEST = 64  # tokens of a question that teach
TEACH = {  # how often a question of each set is asked in an epoch
    "news": 1.0,
    "advice": 1.0,
    "detail": 1.0,
    "XQuAD": 1.0,
    "OMoS open": 0.7,
    "OMoS page": 0.5,
    "advice page": 0.5,
}
DENSE = ("q", "k", "v", "ao", "fi", "fo")  # of a layer, by the packed names


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A question with the (n, dim) sentences that were found, and which of them answer: some do."""

    set: str
    asked: str
    told: str
    group: str
    text: str
    vectors: NDArray[np.float16]
    right: NDArray[np.bool_]


def report(data: Path, *, to_write: bool = False, vectors: Path | None = None) -> str:
    """How often the sentence nearest to the question answers it, without an adapter and with one.

    Each question by an adapter that saw nothing of its page or article. `vectors` gets these, for
    what is learned from them. With `to_write` the adapter from all replaces the one in force.
    """
    folder = torch_folder(Config.load())
    examples, texts = _examples(all_readings(data))
    known = _cross_fit(folder, examples, texts)
    plain = dict(zip(texts, _Net(folder).read(list(texts)), strict=True))
    if vectors is not None:
        write_known(known, vectors)
    if to_write:
        net = _learn(folder, examples)
        write_adapter(net.adapter())
        np.save(QUESTIONS, net.read(reference_sentences()).astype(np.float16))
    return _table(examples, plain, known)


def _examples(readings: Iterable[Reading]) -> tuple[list[Example], dict[str, str]]:
    """Those that teach, and of every question that is asked its group."""
    examples: list[Example] = []
    texts: dict[str, str] = {}
    for each in readings:
        texts.setdefault(each.query.text, each.group)  # OMoS-QA comes before its foreign use
        if each.set in TEACH and each.right.any():
            vectors = each.evidence.sentence_vectors[each.inputs.order].astype(np.float16)
            parts = (each.set, each.asked, each.told, each.group, each.query.text)
            examples.append(Example(*parts, vectors, each.right))
    return examples, texts


def _table(examples: Sequence[Example], plain: Known, known: Known) -> str:
    rows: dict[str, list[tuple[bool, ...]]] = defaultdict(list)
    for each in examples:
        nearest = [(each.vectors @ by[each.text]).argmax() for by in (plain, known)]
        rows[f"{each.set} {each.asked}→{each.told}"].append(tuple(each.right[nearest]))
    lines = [f"{'nearest sentence':22}{'n':>6}  plain  out of fold"]
    for name, hits in sorted(rows.items()):
        before, now = np.mean(hits, axis=0)
        lines.append(f"{name:22}{len(hits):6}{before:7.3f}{now:13.3f}")
    return "\n".join(lines)


def _cross_fit(folder: Path, examples: Sequence[Example], texts: Mapping[str, str]) -> Known:
    """Each text read by an adapter that has seen nothing of its group.

    `folder` has the packaged model, `texts` gives the group of each text.
    """
    fold = deal({*texts.values(), *(each.group for each in examples)}, FOLDS)
    known: dict[str, Vectors] = {}
    for number in range(FOLDS):
        net = _learn(folder, [each for each in examples if fold[each.group] != number])
        mine = [text for text, group in texts.items() if fold[group] == number]
        known |= zip(mine, net.read(mine), strict=True)
    return known


def _learn(folder: Path, examples: Sequence[Example]) -> _Net:
    import torch

    torch.manual_seed(0)
    chance = random.Random(0)
    net = _Net(folder)
    counts = Counter(each.set for each in examples)
    steps = int(EPOCHS * sum(TEACH[name] * counts[name] for name in counts) / BATCH)
    optimiser = torch.optim.AdamW(net.changes(), lr=RATE, weight_decay=DECAY)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / WARM) * max(LAST, 1 - step / steps)
    )
    step = 0
    while step < steps:
        asked = [each for each in examples if chance.random() < TEACH[each.set]]
        chance.shuffle(asked)
        for batch in _batches(asked, chance):
            optimiser.zero_grad()
            _loss(net, batch).backward()
            torch.nn.utils.clip_grad_norm_(net.changes(), 1.0)
            optimiser.step()
            rate.step()
            step += 1
            if step == steps:
                break
    return net


def _batches(asked: Sequence[Example], chance: random.Random) -> list[Sequence[Example]]:
    """Of questions of about one length, so that little is padding; what is left over is dropped."""
    batches: list[Sequence[Example]] = []
    for start in range(0, len(asked), POOL * BATCH):
        pool = sorted(asked[start : start + POOL * BATCH], key=lambda each: len(each.text))
        batches += [pool[at : at + BATCH] for at in range(0, len(pool) - BATCH + 1, BATCH)]
    chance.shuffle(batches)
    return batches


def _loss(net: _Net, batch: Sequence[Example]) -> torch.Tensor:
    """The right sentences of each question against its others and the right ones of the others."""
    import torch

    vectors = net([each.text for each in batch])
    rows = [torch.tensor(each.vectors.astype(np.float32)) for each in batch]
    rights = [torch.tensor(each.right) for each in batch]
    firsts = torch.stack([row[right][0] for row, right in zip(rows, rights, strict=True)])
    total = torch.zeros(())
    for each, vector, row, right in zip(batch, vectors, rows, rights, strict=True):
        own = row @ vector / TEMPERATURE
        foreign = torch.tensor([other.group != each.group for other in batch])
        others = (firsts @ vector / TEMPERATURE)[foreign]
        total = total + torch.logsumexp(torch.cat([own, others]), 0)
        total = total - torch.logsumexp(own[right], 0)
    return total / len(batch)


class _Net:
    """The model in torch with its changes; called with questions it gives (n, dim) unit rows."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModel, AutoTokenizer

        self._tokens = AutoTokenizer.from_pretrained(folder)
        self._model: Any = AutoModel.from_pretrained(folder)
        self._model.requires_grad_(False)
        self._changed: dict[str, Any] = {}
        for number, layer in enumerate(self._model.encoder.layer):
            for name in DENSE:
                dense = layer.get_submodule(LAYER[name])
                _change(dense)
                self._changed[f"l{number}.{name}"] = dense
        self._model.train()

    def changes(self) -> list[torch.Tensor]:
        return [value for value in self._model.parameters() if value.requires_grad]

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        import torch

        prompted = [QUERY_PROMPT + text for text in texts]
        batch = self._tokens(
            prompted, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        # Half the time, where the processor has such products; what is read is read exactly.
        with torch.autocast("cpu", torch.bfloat16, enabled=self._model.training):
            states = self._model(**batch).last_hidden_state.float()
        own = batch["attention_mask"].unsqueeze(-1).float()
        return torch.nn.functional.normalize((states * own).sum(1) / own.sum(1), dim=1)

    def read(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows, without what is only for learning."""
        import torch

        self._model.eval()
        with torch.no_grad():
            rows = [self(texts[at : at + BATCH]).numpy() for at in range(0, len(texts), BATCH)]
        self._model.train()
        return np.concatenate([np.empty((0, self._model.config.hidden_size), np.float32), *rows])

    def adapter(self) -> Adapter:
        return {
            name: Update(each.down.detach().numpy(), SCALE * each.up.detach().numpy())
            for name, each in self._changed.items()
        }


def _change(dense: Any) -> None:
    """Add a low-rank change to what a dense layer says; it begins as none."""
    import torch

    wide, narrow = dense.in_features, dense.out_features
    dense.register_parameter("down", torch.nn.Parameter(torch.randn(RANK, wide) / wide**0.5))
    dense.register_parameter("up", torch.nn.Parameter(torch.zeros(narrow, RANK)))
    dense.register_forward_hook(
        lambda layer, given, said: said + SCALE * ((given[0] @ layer.down.T) @ layer.up.T)
    )
