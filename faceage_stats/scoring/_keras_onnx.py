"""Keras layers to ONNX nodes, folding batch normalisation and residual scales in float64."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._keras_file import KerasModel, Layer
from faceage_stats.scoring._onnx_graph import OnnxGraph

__all__ = ["Emitter"]


def _weight(layer: Layer, role: str) -> np.ndarray:
    if role not in layer.weights:
        raise ModelFileError(f"Layer {layer.name!r} ({layer.kind}) has no weight {role!r}.")
    return layer.weights[role]


def _pair(value: Any) -> list[int]:
    return [int(v) for v in value] if isinstance(value, (list, tuple)) else [int(value)] * 2


def _norm(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Batch normalisation as factor and shift per channel, float64."""
    axis = layer.config.get("axis", -1)
    if (axis[0] if isinstance(axis, list) else axis) not in (-1, 1, 3):
        raise ModelFileError(f"Layer {layer.name!r} normalises axis {axis}, not the channels.")
    factor = 1 / np.sqrt(_weight(layer, "moving_variance") + float(layer.config["epsilon"]))
    if layer.config.get("scale", True):
        factor = factor * _weight(layer, "gamma")
    shift = -_weight(layer, "moving_mean") * factor
    if layer.config.get("center", True):
        shift = shift + _weight(layer, "beta")
    return factor, shift


def _scale(layer: Layer) -> float:
    """The `scale` of a residual Lambda; its code is not looked at."""
    scale = (layer.config.get("arguments") or {}).get("scale")
    sums = len(layer.inputs) == 2
    if not isinstance(scale, (int, float)) or (sums and not layer.name.endswith("_ScaleSum")):
        raise ModelFileError(
            f"Lambda {layer.name!r} is not a residual: a number `scale` in its arguments is "
            "needed, and a name ending in _ScaleSum when it has two inputs."
        )
    return float(scale)


@dataclass
class _Affine:
    """A convolution or dense layer whose weights may still absorb what follows."""

    layer: Layer
    kernel: np.ndarray
    bias: np.ndarray

    def absorb(self, factor: Any, shift: Any) -> None:
        self.kernel = self.kernel * factor
        self.bias = self.bias * factor + shift


class Emitter:
    """Walks the layers once, folding where it can, and collects ONNX nodes.

    A convolution is held back until something other than a foldable layer reads it.
    """

    def __init__(self, model: KerasModel) -> None:
        self.model = model
        self.graph = OnnxGraph()
        self.tensors: dict[str, str] = {}
        self.pending: dict[str, _Affine] = {}
        self.readers = Counter(name for layer in model.layers for name in layer.inputs)
        self.last_dense = next(x for x in reversed(model.layers) if x.kind in {"Dense", "Conv2D"})
        self.embedding_width = 0

    @classmethod
    def kinds(cls) -> list[str]:
        """Layer classes that have a translation, in lower case."""
        return [name.removeprefix("_on_") for name in dir(cls) if name.startswith("_on_")]

    def tensor(self, name: str) -> str:
        """Output of a layer; a held-back convolution is emitted now."""
        if name in self.pending:
            self.tensors[name] = self._emit_affine(self.pending.pop(name))
        return self.tensors[name]

    def alone(self, name: str) -> _Affine | None:
        """The held-back convolution that only the current layer reads, if there is one."""
        return self.pending.get(name) if self.readers[name] == 1 else None

    def build(self, properties: dict[str, str]) -> bytes:
        for layer in self.model.layers:
            self._layer(layer)
        graph, outputs = self.graph, dict[str, list[Any] | None](score=["n"])
        column = graph.add("Flatten", self.tensor(self.model.output), axis=1)
        graph.add("Squeeze", column, graph.constant([1], np.int64), out="score")
        if self.embedding_width:
            outputs["embedding"] = ["n", self.embedding_width]
        return graph.serialise("score", ["n", *self.model.input_shape], outputs, properties)

    def _layer(self, layer: Layer) -> None:
        if not layer.inputs and layer.kind != "InputLayer":  # a Sequential without InputLayer
            self.tensors[""] = self.graph.add("Transpose", "image", perm=[0, 3, 1, 2])
            layer.inputs = [""]
        getattr(self, f"_on_{layer.kind.lower()}")(layer)

    def _on_inputlayer(self, layer: Layer) -> None:
        self.tensors[layer.name] = self.graph.add("Transpose", "image", perm=[0, 3, 1, 2])

    def _on_conv2d(self, layer: Layer) -> None:
        config = layer.config
        if config.get("data_format") == "channels_first" or _pair(config["dilation_rate"]) != [
            1,
            1,
        ]:
            raise ModelFileError(f"Layer {layer.name!r}: channels first or dilation not supported.")
        if config.get("groups", 1) != 1:
            raise ModelFileError(f"Layer {layer.name!r}: grouped convolution is not supported.")
        self._hold(layer)

    def _on_dense(self, layer: Layer) -> None:
        if layer is self.last_dense:
            self.graph.add("Identity", self.tensor(layer.inputs[0]), out="embedding")
            self.embedding_width = len(_weight(layer, "kernel"))
        self._hold(layer)

    def _hold(self, layer: Layer) -> None:
        """Keep a layer's weights back so that what follows can be folded in."""
        self.tensor(layer.inputs[0])
        kernel = _weight(layer, "kernel")
        bias = _weight(layer, "bias") if layer.config["use_bias"] else np.zeros(kernel.shape[-1])
        self.pending[layer.name] = _Affine(layer, kernel, bias)
        activation = layer.config.get("activation", "linear")
        if activation != "linear":
            self._activate(layer.name, activation, self.tensor(layer.name))

    def _emit_affine(self, affine: _Affine) -> str:
        source = self.tensor(affine.layer.inputs[0])
        bias = self.graph.constant(affine.bias)
        if affine.layer.kind == "Dense":
            return self.graph.add("Gemm", source, self.graph.constant(affine.kernel), bias)
        kernel = self.graph.constant(affine.kernel.transpose(3, 2, 0, 1))
        attributes = self._window(affine.layer, list(affine.kernel.shape[:2]))
        return self.graph.add("Conv", source, kernel, bias, **attributes)

    def _window(self, layer: Layer, size: list[int]) -> dict[str, Any]:
        """Kernel, strides and padding of a sliding window."""
        strides = _pair(layer.config["strides"] or size)
        window: dict[str, Any] = {"kernel_shape": size, "strides": strides}
        if layer.config["padding"] == "same":
            if strides == [1, 1] and all(side % 2 for side in size):
                window["pads"] = [side // 2 for side in size] * 2
            else:
                window["auto_pad"] = "SAME_UPPER"
        return window

    def _on_batchnormalization(self, layer: Layer) -> None:
        factor, shift = _norm(layer)
        (source,) = layer.inputs
        affine = self.alone(source)
        if affine is not None:
            affine.absorb(factor, shift)
            self.pending[layer.name] = self.pending.pop(source)
            return
        shape = (1, -1) if self._is_flat(source) else (1, -1, 1, 1)
        factors, shifts = (self.graph.constant(part.reshape(shape)) for part in (factor, shift))
        scaled = self.graph.add("Mul", self.tensor(source), factors)
        self.tensors[layer.name] = self.graph.add("Add", scaled, shifts)

    def _is_flat(self, name: str) -> bool:
        """Whether a layer's output has no spatial axes any more."""
        by_name = {layer.name: layer for layer in self.model.layers}
        while by_name[name].kind in {"Activation", "Dropout", "BatchNormalization"}:
            name = by_name[name].inputs[0]
        return by_name[name].kind in {"Dense", "GlobalAveragePooling2D"}

    def _on_activation(self, layer: Layer) -> None:
        self._activate(layer.name, layer.config["activation"], self.tensor(layer.inputs[0]))

    def _activate(self, name: str, activation: str, source: str) -> None:
        if activation == "linear":
            self.tensors[name] = source
        elif activation == "relu":
            self.tensors[name] = self.graph.add("Relu", source)
        else:
            raise ModelFileError(f"Layer {name!r} has activation {activation!r}; relu or linear.")

    def _on_maxpooling2d(self, layer: Layer) -> None:
        window = self._window(layer, _pair(layer.config["pool_size"]))
        source = self.tensor(layer.inputs[0])
        self.tensors[layer.name] = self.graph.add("MaxPool", source, **window)

    def _on_globalaveragepooling2d(self, layer: Layer) -> None:
        pooled = self.graph.add("GlobalAveragePool", self.tensor(layer.inputs[0]))
        self.tensors[layer.name] = self.graph.add("Flatten", pooled, axis=1)

    def _on_dropout(self, layer: Layer) -> None:
        self.tensors[layer.name] = self.tensor(layer.inputs[0])

    def _on_concatenate(self, layer: Layer) -> None:
        if layer.config.get("axis", -1) not in (-1, 3):
            raise ModelFileError(f"Layer {layer.name!r} joins axis {layer.config['axis']}.")
        parts = [self.tensor(name) for name in layer.inputs]
        self.tensors[layer.name] = self.graph.add("Concat", *parts, axis=1)

    def _on_add(self, layer: Layer) -> None:
        left, right = (self.tensor(name) for name in layer.inputs)
        self.tensors[layer.name] = self.graph.add("Add", left, right)

    def _on_lambda(self, layer: Layer) -> None:
        """A residual: inputs[0] + scale * inputs[1], or scale * inputs[0] before an Add."""
        scale = _scale(layer)
        scaled = layer.inputs[-1]
        affine = self.alone(scaled)
        if affine is not None:
            affine.absorb(scale, 0.0)
            value = self.tensor(scaled)
        else:
            value = self.graph.add("Mul", self.tensor(scaled), self.graph.constant(scale))
        if len(layer.inputs) == 2:
            value = self.graph.add("Add", self.tensor(layer.inputs[0]), value)
        self.tensors[layer.name] = value
