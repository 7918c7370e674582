"""The packaged model as a folder that `SentenceTransformer(folder)` opens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed.packaged import PackedModel
from rag.embed.tokens import DOCUMENT_PROMPT, QUERY_PROMPT, build_tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}  # the packed name of each part and the one that transformers gives it


def write_folder(model: PackedModel, folder: Path) -> None:
    """Write the float32 weights, the tokenizer and the settings of each module into `folder`."""
    from safetensors.numpy import save_file

    for name, settings in _settings(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(settings, indent=2), encoding="utf-8")
    build_tokenizer(model).save(str(folder / "tokenizer.json"), pretty=False)
    save_file(_weights(model), folder / "model.safetensors", metadata={"format": "pt"})


def _weights(model: PackedModel) -> dict[str, NDArray[np.float32]]:
    import numpy as np

    hidden, intermediate = model.sizes.hidden, model.sizes.intermediate
    weights = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", hidden).dense(),
        "embeddings.position_embeddings.weight": model.vector("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": model.vector("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": model.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.vector("emb.ln.b"),
        # Not used for mean pooling and not packed, but BertModel looks for them.
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    for layer in range(model.sizes.layers):
        for part, name in LAYER.items():
            ours, theirs = f"l{layer}.{part}", f"encoder.layer.{layer}.{name}"
            columns = intermediate if part == "fo" else hidden
            weights[f"{theirs}.weight"] = (
                model.vector(f"{ours}.w")
                if part.endswith("ln")
                else model.matrix(f"{ours}.w", columns).dense()
            )
            weights[f"{theirs}.bias"] = model.vector(f"{ours}.b")
    return weights


def _settings(model: PackedModel) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    """The JSON files of the folder, by name."""
    sizes = model.sizes
    module = "sentence_transformers.models"
    modules = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    return {
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"{module}.{kind}"}
            for i, (path, kind) in enumerate(modules.items())
        ],
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PROMPT, "passage": DOCUMENT_PROMPT},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": sizes.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
        },
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": sizes.hidden,
            "intermediate_size": sizes.intermediate,
            "layer_norm_eps": sizes.epsilon,
            "max_position_embeddings": sizes.positions,
            "num_attention_heads": sizes.heads,
            "num_hidden_layers": sizes.layers,
            "pad_token_id": model.special["<pad>"],
            "type_vocab_size": sizes.types,
            "vocab_size": sizes.rows,
        },
    }
