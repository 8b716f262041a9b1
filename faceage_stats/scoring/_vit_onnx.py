"""A vision transformer with one number as output, as an ONNX graph built from its weights.

The weights say it all but two things: how many heads the attention has (64 numbers a head, as in
every published ViT, unless told otherwise) and the small number in the layer normalisation
(Hugging Face's 1e-12). Names are those of Hugging Face's ViT, in the spelling of its releases 4
and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._onnx_graph import OnnxGraph

__all__ = ["Vit", "build_vit", "vit_from_weights"]

_HEAD_WIDTH = 64
_EPSILON = 1e-12
# release 4 -> release 5; the first that fits
_RENAMED = (
    ("encoder.layer.", "layers."),
    ("attention.attention.query", "attention.q_proj"),
    ("attention.attention.key", "attention.k_proj"),
    ("attention.attention.value", "attention.v_proj"),
    ("attention.output.dense", "attention.o_proj"),
    ("intermediate.dense", "mlp.fc1"),
    ("output.dense", "mlp.fc2"),
)
_LAYER = (
    "layernorm_before", "attention.q_proj", "attention.k_proj", "attention.v_proj",
    "attention.o_proj", "layernorm_after", "mlp.fc1", "mlp.fc2",
)  # fmt: skip
_TOKEN = "embeddings.cls_token"
_POSITIONS = "embeddings.position_embeddings"
_PATCHES = "embeddings.patch_embeddings.projection"
# What the answer does not need: the head reads the [CLS] token itself, past the pooler.
_UNUSED = ("pooler.dense.weight", "pooler.dense.bias", "embeddings.mask_token")


@dataclass(frozen=True)
class Vit:
    """Weights under the names of release 5, the head as `head.*`, and what follows from them."""

    weights: dict[str, np.ndarray]
    unused: list[str]
    n_layers: int
    n_heads: int
    width: int
    patch: int
    size: int


def vit_from_weights(weights: dict[str, np.ndarray], n_heads: int | None = None) -> Vit:
    """Find the parts of a transformer among named weights; refuse what has no place in it."""
    prefixes = [name.removesuffix(_TOKEN) for name in weights if name.endswith(_TOKEN)]
    if len(prefixes) != 1:
        raise ModelFileError(f"No vision transformer: {len(prefixes)} weights are called {_TOKEN}.")
    found = {_plain(name.removeprefix(prefixes[0])): array for name, array in weights.items()}
    unused = [name for name in _UNUSED if found.pop(name, None) is not None]
    if any(name.startswith("decoder.") for name in found):
        raise ModelFileError(
            "This is the masked autoencoder (it has a decoder), which gives no age: convert the "
            "checkpoint that was fine-tuned for age."
        )
    n_layers = len({name.split(".")[1] for name in found if name.startswith("layers.")})
    modules = [f"layers.{i}.{part}" for i in range(n_layers) for part in _LAYER]
    modules += [_PATCHES, "layernorm"]
    needed = {f"{module}.{role}" for module in modules for role in ("weight", "bias")}
    missing = sorted((needed | {_TOKEN, _POSITIONS}) - set(found))
    if missing:
        raise ModelFileError(f"The transformer lacks {', '.join(missing[:5])}.")
    extra = {name: found[name] for name in found if name not in needed | {_TOKEN, _POSITIONS}}
    width = found[_TOKEN].shape[-1]
    if sorted(array.shape for array in extra.values()) != [(1,), (1, width)]:
        raise ModelFileError(
            f"A linear head from {width} numbers to one score is expected besides the "
            f"transformer; there is {', '.join(sorted(extra)[:5]) or 'nothing'}."
        )
    for name, array in extra.items():
        found["head.bias" if array.ndim == 1 else "head.weight"] = found.pop(name)
    patch = found[f"{_PATCHES}.weight"].shape[-1]
    side = round(np.sqrt(found[_POSITIONS].shape[1] - 1))
    vit = Vit(found, unused, n_layers, n_heads or width // _HEAD_WIDTH, width, patch, patch * side)
    _check_shapes(vit, side)
    return vit


def _plain(name: str) -> str:
    for old, new in _RENAMED:
        name = name.replace(old, new)
    return name


def _check_shapes(vit: Vit, side: int) -> None:
    """Every weight must have the shape that the others imply."""
    width, w = vit.width, vit.weights
    hidden = len(w["layers.0.mlp.fc1.bias"]) if vit.n_layers else 0
    outs = {"mlp.fc1": (hidden, width), "mlp.fc2": (width, hidden)}
    wrong = [
        f"{module}.weight"
        for i in range(vit.n_layers)
        for part in _LAYER
        for module in [f"layers.{i}.{part}"]
        if w[f"{module}.weight"].shape
        != ((width,) if "layernorm" in part else outs.get(part, (width, width)))
        or w[f"{module}.bias"].shape != w[f"{module}.weight"].shape[:1]
    ]
    if w[f"{_PATCHES}.weight"].shape != (width, 3, vit.patch, vit.patch):
        wrong.append(f"{_PATCHES}.weight")
    if w[_POSITIONS].shape != (1, side * side + 1, width):
        wrong.append(_POSITIONS)
    if wrong or not vit.n_layers:
        raise ModelFileError(f"Weights of unexpected shape: {', '.join(wrong[:5]) or 'no layers'}.")
    if vit.n_heads < 1 or width % vit.n_heads:
        raise ModelFileError(
            f"{width} numbers cannot be shared among {vit.n_heads} heads; state how many heads "
            "the attention has with --heads."
        )


def build_vit(vit: Vit, properties: dict[str, str]) -> bytes:
    """ONNX graph: `image` (n, 3, size, size) to `score` (n,) and `embedding` (n, width)."""
    graph, w = OnnxGraph(), vit.weights

    def normed(x: str, module: str) -> str:
        parts = (graph.constant(w[f"{module}.{role}"]) for role in ("weight", "bias"))
        return graph.add("LayerNormalization", x, *parts, axis=-1, epsilon=_EPSILON)

    def dense(x: str, module: str, factor: float = 1.0) -> str:
        kernel = w[f"{module}.weight"].astype(np.float64).T * factor
        x = graph.add("MatMul", x, graph.constant(kernel))
        return graph.add("Add", x, graph.constant(w[f"{module}.bias"] * factor))

    x = _tokens(graph, vit)
    for i in range(vit.n_layers):
        layer = f"layers.{i}"
        y = normed(x, f"{layer}.layernorm_before")
        scale = (vit.width / vit.n_heads) ** -0.5
        q = dense(y, f"{layer}.attention.q_proj", scale)
        k, v = (dense(y, f"{layer}.attention.{part}_proj") for part in "kv")
        x = graph.add("Add", x, dense(_attention(graph, vit, q, k, v), f"{layer}.attention.o_proj"))
        y = dense(normed(x, f"{layer}.layernorm_after"), f"{layer}.mlp.fc1")
        x = graph.add("Add", x, dense(_gelu(graph, y), f"{layer}.mlp.fc2"))
    first = graph.constant(0, np.int64)
    graph.add("Gather", normed(x, "layernorm"), first, axis=1, out="embedding")
    score = dense("embedding", "head")
    graph.add("Squeeze", score, graph.constant([1], np.int64), out="score")
    image = ["n", 3, vit.size, vit.size]
    outputs: dict[str, list[Any] | None] = {"score": ["n"], "embedding": ["n", vit.width]}
    return graph.serialise("score", image, outputs, properties)


def _tokens(graph: OnnxGraph, vit: Vit) -> str:
    """The [CLS] token, then a token for each patch, each with its position."""
    w = vit.weights
    kernel, bias = (graph.constant(w[f"{_PATCHES}.{role}"]) for role in ("weight", "bias"))
    patches = graph.add("Conv", "image", kernel, bias, strides=[vit.patch, vit.patch])
    flat = graph.add("Reshape", patches, graph.constant([0, vit.width, -1], np.int64))
    patches = graph.add("Transpose", flat, perm=[0, 2, 1])
    n = graph.add("Shape", "image", start=0, end=1)
    shape = graph.add("Concat", n, graph.constant([1, vit.width], np.int64), axis=0)
    token = graph.add("Expand", graph.constant(w[_TOKEN].reshape(1, 1, -1)), shape)
    tokens = graph.add("Concat", token, patches, axis=1)
    return graph.add("Add", tokens, graph.constant(w[_POSITIONS]))


def _attention(graph: OnnxGraph, vit: Vit, q: str, k: str, v: str) -> str:
    """Every token as a mean of all tokens' values, weighted by the softmax of query times key."""
    split = graph.constant([0, 0, vit.n_heads, vit.width // vit.n_heads], np.int64)
    orders = {q: [0, 2, 1, 3], k: [0, 2, 3, 1], v: [0, 2, 1, 3]}
    queries, keys, values = (
        graph.add("Transpose", graph.add("Reshape", x, split), perm=orders[x]) for x in (q, k, v)
    )
    weights = graph.add("Softmax", graph.add("MatMul", queries, keys), axis=-1)
    mixed = graph.add("Transpose", graph.add("MatMul", weights, values), perm=[0, 2, 1, 3])
    return graph.add("Reshape", mixed, graph.constant([0, 0, vit.width], np.int64))


def _gelu(graph: OnnxGraph, x: str) -> str:
    """X times the normal distribution function of x."""
    error = graph.add("Erf", graph.add("Mul", x, graph.constant(np.sqrt(0.5))))
    twice = graph.add("Add", error, graph.constant(1.0))
    return graph.add("Mul", graph.add("Mul", x, twice), graph.constant(0.5))
