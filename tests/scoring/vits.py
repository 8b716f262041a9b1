"""Random vision transformers: weights, PyTorch's file format, and their definition in NumPy."""

from __future__ import annotations

import math
import struct
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import erf, softmax

__all__ = ["SHAPES", "Shape", "as_release_4", "evaluate", "inputs", "make_weights", "write_torch"]


class Shape(NamedTuple):
    """Of one transformer; `hidden` is the width between the two dense layers."""

    width: int
    n_layers: int
    n_heads: int
    size: int
    patch: int
    hidden: int


SHAPES = {
    "small": Shape(64, 2, 1, 16, 8, 128),
    "narrow heads": Shape(96, 3, 6, 24, 8, 96),
    "112 pixels": Shape(128, 1, 2, 112, 16, 512),
}


def make_weights(shape: Shape, seed: int = 0) -> dict[str, np.ndarray]:
    """Seeded weights under the names of Hugging Face's release 5."""
    rng = np.random.default_rng(seed)
    w, h, p = shape.width, shape.hidden, shape.patch
    n = (shape.size // p) ** 2 + 1
    sizes = {
        "vit.embeddings.cls_token": (1, 1, w),
        "vit.embeddings.position_embeddings": (1, n, w),
        "vit.embeddings.patch_embeddings.projection.weight": (w, 3, p, p),
        "vit.embeddings.patch_embeddings.projection.bias": (w,),
    }
    for i in range(shape.n_layers):
        layer = f"vit.layers.{i}"
        for part in "qkvo":
            sizes[f"{layer}.attention.{part}_proj.weight"] = (w, w)
            sizes[f"{layer}.attention.{part}_proj.bias"] = (w,)
        for part in ("before", "after"):
            sizes[f"{layer}.layernorm_{part}.weight"] = (w,)
            sizes[f"{layer}.layernorm_{part}.bias"] = (w,)
        sizes |= {f"{layer}.mlp.fc1.weight": (h, w), f"{layer}.mlp.fc1.bias": (h,)}
        sizes |= {f"{layer}.mlp.fc2.weight": (w, h), f"{layer}.mlp.fc2.bias": (w,)}
    sizes |= {"vit.layernorm.weight": (w,), "vit.layernorm.bias": (w,)}
    sizes |= {"classifier.weight": (1, w), "classifier.bias": (1,)}
    return {
        name: (rng.standard_normal(size) * 0.1 + ("norm" in name and "weight" in name)).astype("f4")
        for name, size in sizes.items()
    }


def inputs(shape: Shape) -> np.ndarray:
    """Three seeded pictures."""
    rng = np.random.default_rng(7)
    return rng.standard_normal((3, 3, shape.size, shape.size)).astype("f4")


def as_release_4(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The names that Hugging Face's release 4 gave them."""
    old = {
        "vit.layers.": "vit.encoder.layer.",
        "attention.q_proj": "attention.attention.query",
        "attention.k_proj": "attention.attention.key",
        "attention.v_proj": "attention.attention.value",
        "attention.o_proj": "attention.output.dense",
        "mlp.fc1": "intermediate.dense",
        "mlp.fc2": "output.dense",
    }
    renamed = {}
    for name, array in weights.items():
        for new, earlier in old.items():
            name = name.replace(new, earlier)
        renamed[name] = array
    return renamed


def evaluate(weights: dict[str, np.ndarray], shape: Shape, images: np.ndarray) -> np.ndarray:
    """Scores by the definition (Dosovitskiy et al. 2021), in float64."""
    w = {name.removeprefix("vit."): array.astype(float) for name, array in weights.items()}

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    p, side, depth = shape.patch, shape.size // shape.patch, shape.width // shape.n_heads
    blocks = images.astype(float).reshape(len(images), 3, side, p, side, p)
    kernel = w["embeddings.patch_embeddings.projection.weight"]
    patches = np.einsum("ncipjq,dcpq->nijd", blocks, kernel).reshape(len(images), side**2, -1)
    patches += w["embeddings.patch_embeddings.projection.bias"]
    first = np.broadcast_to(w["embeddings.cls_token"], (len(images), 1, shape.width))
    x = np.concatenate([first, patches], axis=1) + w["embeddings.position_embeddings"]
    for i in range(shape.n_layers):
        layer = f"layers.{i}"
        y = norm(x, f"{layer}.layernorm_before")
        q, k, v = (
            dense(y, f"{layer}.attention.{part}_proj").reshape(*y.shape[:2], shape.n_heads, depth)
            for part in "qkv"
        )
        shares = softmax(np.einsum("nihd,njhd->nhij", q, k) / np.sqrt(depth), axis=-1)
        mixed = np.einsum("nhij,njhd->nihd", shares, v).reshape(y.shape)
        x = x + dense(mixed, f"{layer}.attention.o_proj")
        y = dense(norm(x, f"{layer}.layernorm_after"), f"{layer}.mlp.fc1")
        x = x + dense(y * (1 + erf(y / np.sqrt(2))) / 2, f"{layer}.mlp.fc2")
    return dense(norm(x, "layernorm")[:, 0], "classifier")[:, 0]


def _text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _tuple(*values: int) -> bytes:
    return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"


def pickled_tensor(key: str, shape: tuple[int, ...], kind: str = "FloatStorage") -> bytes:
    """The instructions with which torch.save describes a tensor."""
    n = math.prod(shape)
    stride = tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))
    storage = b"(" + _text("storage") + f"ctorch\n{kind}\n".encode() + _text(key) + _text("cpu")
    storage += b"J" + struct.pack("<i", n) + b"tQ"
    hooks = b"ccollections\nOrderedDict\n)R"
    body = storage + b"K\x00" + _tuple(*shape) + _tuple(*stride) + b"\x89" + hooks
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + body + b"tR"


def write_torch(
    path: Path,
    weights: dict[str, np.ndarray],
    *,
    wrapped: str | None = "model_state_dict",
    extra: bytes = b"",
    kind: str = "FloatStorage",
) -> Path:
    """Write weights as torch.save does, with `extra` instructions before the end."""
    items = b"".join(
        _text(name) + pickled_tensor(str(i), array.shape, kind)
        for i, (name, array) in enumerate(weights.items())
    )
    state = b"}(" + items + b"u"
    if wrapped:
        state = b"}(" + _text(wrapped) + state + _text("epoch") + b"K\x03" + b"u"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + state + extra + b".")
        archive.writestr("archive/byteorder", "little")
        for i, array in enumerate(weights.values()):
            archive.writestr(f"archive/data/{i}", array.tobytes())
    return path
