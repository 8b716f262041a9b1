"""A demonstration model: the architecture of FaceAge with random weights.

Its scores mean nothing. It lets tests, benchmarks and the book run the whole pipeline without the
released weights, and its card says `demo: true` so that every table built from it can say so too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats.scoring._extra import require

__all__ = ["Network", "Op", "facenet_ops", "write_demo_model", "write_keras_file"]


# per branch its convolutions: filters, kernel size, label
_Branches = list[list[tuple[int, Any, str]]]


@dataclass
class Op:
    """One Keras layer: class, configuration, inputs, weights."""

    name: str
    kind: str
    inputs: list[str]
    config: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, np.ndarray] = field(default_factory=dict)


class Network:
    """Layers in the making; `channels` follows each layer's width."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.ops: list[Op] = []
        self.channels: dict[str, int] = {}

    def add(self, op: Op, channels: int) -> str:
        """Append a layer and return its name."""
        self.ops.append(op)
        self.channels[op.name] = channels
        return op.name

    def normal(self, *shape: int, sd: float) -> np.ndarray:
        """Seeded float32 draws."""
        return (self.rng.standard_normal(shape) * sd).astype(np.float32)

    def norm(self, x: str, name: str) -> str:
        """Batch normalisation without a scale, as in FaceNet."""
        n = self.channels[x]
        weights = {
            "beta": self.normal(n, sd=0.1),
            "moving_mean": self.normal(n, sd=0.1),
            "moving_variance": self.rng.uniform(0.5, 1.5, n).astype(np.float32),
        }
        config = {"axis": 3, "epsilon": 0.001, "scale": False, "center": True}
        return self.add(Op(name, "BatchNormalization", [x], config, weights), n)

    def conv(
        self, x: str, filters: int, size: int | Sequence[int], name: str, **options: Any
    ) -> str:
        """Convolution, batch normalisation, relu; `plain` leaves only the convolution."""
        height, width = (size, size) if isinstance(size, int) else size
        plain = options.pop("plain", False)
        config = {
            "filters": filters,
            "kernel_size": [height, width],
            "strides": [options.get("strides", 1)] * 2,
            "padding": options.get("padding", "same"),
            "dilation_rate": [1, 1],
            "activation": "linear",
            "use_bias": plain,
        }
        fan_in = height * width * self.channels[x]
        kernel = self.normal(height, width, self.channels[x], filters, sd=np.sqrt(1.6 / fan_in))
        weights = {"kernel": kernel}
        if plain:
            weights["bias"] = self.normal(filters, sd=0.1)
        x = self.add(Op(name, "Conv2D", [x], config, weights), filters)
        return x if plain else self.relu(self.norm(x, f"{name}_BatchNorm"), f"{name}_Activation")

    def relu(self, x: str, name: str) -> str:
        """Rectifier as a separate layer."""
        return self.add(Op(name, "Activation", [x], {"activation": "relu"}), self.channels[x])

    def pool(self, x: str, name: str) -> str:
        """3 x 3 maximum, every second pixel."""
        config = {"pool_size": [3, 3], "strides": [2, 2], "padding": "valid"}
        return self.add(Op(name, "MaxPooling2D", [x], config), self.channels[x])

    def concat(self, parts: list[str], name: str) -> str:
        """Channels side by side."""
        width = sum(self.channels[part] for part in parts)
        return self.add(Op(name, "Concatenate", parts, {"axis": 3}), width)

    def dense(self, x: str, units: int, name: str, **options: Any) -> str:
        """Dense layer."""
        bias: float | None = options.get("bias")
        config = {
            "units": units,
            "activation": options.get("activation", "linear"),
            "use_bias": bias is not None,
        }
        spread: float = options.get("sd") or np.sqrt(1.6 / self.channels[x])
        weights = {"kernel": self.normal(self.channels[x], units, sd=spread)}
        if bias is not None:
            weights["bias"] = np.full(units, bias, np.float32)
        return self.add(Op(name, "Dense", [x], config, weights), units)

    def residual(
        self,
        x: str,
        kind: str,
        branches: _Branches,
        scale: float,
        **last: bool,
    ) -> str:
        """Residual block x + scale * conv(branches of x), rectified except in the last one."""
        ends = []
        for number, branch in enumerate(branches):
            y = x
            for filters, size, label in branch:
                y = self.conv(y, filters, size, f"{kind}_Branch_{number}_Conv2d_{label}")
            ends.append(y)
        joined = self.concat(ends, f"{kind}_Concatenate")
        up = self.conv(joined, self.channels[x], 1, f"{kind}_Conv2d_1x1", plain=True)
        config = {"arguments": {"scale": scale}, "function_type": "lambda"}
        x = self.add(Op(f"{kind}_ScaleSum", "Lambda", [x, up], config), self.channels[x])
        return x if last else self.relu(x, f"{kind}_Activation")


_B35: _Branches = [
    [(32, 1, "1x1")],
    [(32, 1, "0a_1x1"), (32, 3, "0b_3x3")],
    [(32, 1, "0a_1x1"), (32, 3, "0b_3x3"), (32, 3, "0c_3x3")],
]
_B17: _Branches = [
    [(128, 1, "1x1")],
    [(128, 1, "0a_1x1"), (128, (1, 7), "0b_1x7"), (128, (7, 1), "0c_7x1")],
]
_B8: _Branches = [
    [(192, 1, "1x1")],
    [(192, 1, "0a_1x1"), (192, (1, 3), "0b_1x3"), (192, (3, 1), "0c_3x1")],
]


def facenet_ops(net: Network) -> str:
    """Inception-ResNet-v1 as FaceNet uses it: 160 x 160 x 3 to 128 numbers, 426 layers."""
    config = {"batch_input_shape": [None, 160, 160, 3]}
    x = net.add(Op("input_1", "InputLayer", [], config), 3)
    valid: dict[str, Any] = {"padding": "valid"}
    down: dict[str, Any] = {"padding": "valid", "strides": 2}
    x = net.conv(x, 32, 3, "Conv2d_1a_3x3", **down)
    x = net.conv(x, 32, 3, "Conv2d_2a_3x3", **valid)
    x = net.conv(x, 64, 3, "Conv2d_2b_3x3")
    x = net.pool(x, "MaxPool_3a_3x3")
    x = net.conv(x, 80, 1, "Conv2d_3b_1x1", **valid)
    x = net.conv(x, 192, 3, "Conv2d_4a_3x3", **valid)
    x = net.conv(x, 256, 3, "Conv2d_4b_3x3", **down)
    for i in range(1, 6):
        x = net.residual(x, f"Block35_{i}", _B35, 0.17)
    a = net.conv(x, 384, 3, "Mixed_6a_Branch_0_Conv2d_1a_3x3", **down)
    b = net.conv(x, 192, 1, "Mixed_6a_Branch_1_Conv2d_0a_1x1")
    b = net.conv(b, 192, 3, "Mixed_6a_Branch_1_Conv2d_0b_3x3")
    b = net.conv(b, 256, 3, "Mixed_6a_Branch_1_Conv2d_1a_3x3", **down)
    x = net.concat([a, b, net.pool(x, "Mixed_6a_Branch_2_MaxPool_1a_3x3")], "Mixed_6a")
    for i in range(1, 11):
        x = net.residual(x, f"Block17_{i}", _B17, 0.1)
    a = net.conv(x, 256, 1, "Mixed_7a_Branch_0_Conv2d_0a_1x1")
    a = net.conv(a, 384, 3, "Mixed_7a_Branch_0_Conv2d_1a_3x3", **down)
    b = net.conv(x, 256, 1, "Mixed_7a_Branch_1_Conv2d_0a_1x1")
    b = net.conv(b, 256, 3, "Mixed_7a_Branch_1_Conv2d_1a_3x3", **down)
    c = net.conv(x, 256, 1, "Mixed_7a_Branch_2_Conv2d_0a_1x1")
    c = net.conv(c, 256, 3, "Mixed_7a_Branch_2_Conv2d_0b_3x3")
    c = net.conv(c, 256, 3, "Mixed_7a_Branch_2_Conv2d_1a_3x3", **down)
    x = net.concat([a, b, c, net.pool(x, "Mixed_7a_Branch_3_MaxPool_1a_3x3")], "Mixed_7a")
    for i in range(1, 6):
        x = net.residual(x, f"Block8_{i}", _B8, 0.2)
    x = net.residual(x, "Block8_6", _B8, 1.0, last=True)
    x = net.add(Op("AvgPool", "GlobalAveragePooling2D", [x]), net.channels[x])
    x = net.add(Op("Dropout", "Dropout", [x], {"rate": 0.2}), net.channels[x])
    x = net.dense(x, 128, "Bottleneck")
    return net.norm(x, "Bottleneck_BatchNorm")


def _entry(op: Op) -> dict[str, Any]:
    """A layer as Keras 2.2 writes it into model_config."""
    nodes = [[[name, 0, 0, {}] for name in op.inputs]] if op.inputs else []
    config = {"name": op.name, **op.config}
    return {"class_name": op.kind, "name": op.name, "config": config, "inbound_nodes": nodes}


def _write_weights(group: Any, ops: list[Op]) -> None:
    """Arrays under layer/role:0, with the list of names that Keras keeps."""
    names = []
    for op in ops:
        for role, array in op.weights.items():
            names.append(f"{op.name}/{role}:0")
            group[names[-1]] = array
    group.attrs["weight_names"] = [name.encode() for name in names]


def write_keras_file(path: str | Path, *, seed: int = 0) -> tuple[Network, list[str]]:
    """Write a Keras 2.2 whole-model HDF5 file of FaceAge's architecture with random weights.

    Parameters
    ----------
    path : path
        File to write.
    seed : int
        Same seed, same weights.

    Returns
    -------
    tuple of Network and list of str
        The layers with their weights, and the names of the three layers of the age head.
    """
    h5py = require("h5py")
    net = Network(seed)
    x = facenet_ops(net)
    base = list(net.ops)
    x = net.dense(x, 128, "dense_1", activation="relu", bias=0.0)
    x = net.norm(x, "classifier_1_BatchNorm")
    net.dense(x, 1, "dense_2", bias=60.0, sd=0.5)
    head = net.ops[len(base) :]
    model = {
        "class_name": "Model",
        "config": {
            "name": "inception_resnet_v1",
            "layers": [_entry(op) for op in base],
            "input_layers": [["input_1", 0, 0]],
            "output_layers": [[base[-1].name, 0, 0]],
        },
    }
    tail = [{"class_name": op.kind, "config": {"name": op.name, **op.config}} for op in head]
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [model, *tail]}}
    with h5py.File(path, "w", track_order=False) as file:
        file.attrs["keras_version"] = b"2.2.5"
        file.attrs["model_config"] = json.dumps(config).encode()
        groups = file.create_group("model_weights")
        _write_weights(groups.create_group("inception_resnet_v1"), base)
        for op in head:
            _write_weights(groups.create_group(op.name), [op])
    return net, [op.name for op in head]


def write_demo_model(folder: str | Path, *, seed: int = 0, force: bool = False) -> Path:
    """Build `demo.onnx` and its card in a folder.

    Parameters
    ----------
    folder : path
        Created when absent.
    seed : int
        Seed of the random weights.
    force : bool
        Replace a model that exists.

    Returns
    -------
    pathlib.Path
        The ONNX file; `demo.json` beside it is its card, with ``demo: true``.
    """
    from faceage_stats.scoring.convert import convert
    from faceage_stats.scoring.model import card_path, shipped_card

    folder = Path(folder)
    source, target = folder / ".demo.h5", folder / "demo.onnx"
    refuse_existing(target, card_path(target), force=force)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        write_keras_file(source, seed=seed)
        facts = convert(source, target)
    finally:
        source.unlink(missing_ok=True)
    card = {**shipped_card("demo"), "sha256": facts["sha256"]}
    _files.write_json(card_path(target), card)
    return target
