"""Layers and weights of a Keras 2 whole-model HDF5 file, read as data.

Nothing in the file is executed: a Lambda's body is marshalled bytecode and stays unread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._extra import require

__all__ = ["KerasModel", "Layer", "read_keras_file"]

_ROLES = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")


@dataclass
class Layer:
    """One layer: its class, configuration, the layers that feed it, and its weights (float64)."""

    name: str
    kind: str
    config: dict[str, Any]
    inputs: list[str]
    weights: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class KerasModel:
    """Layers in the order of computation; `output` names the last one."""

    layers: list[Layer]
    output: str
    input_shape: tuple[int, int, int]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def read_keras_file(path: Path) -> KerasModel:
    """Graph from `model_config`, weights by name."""
    h5py = require("h5py")
    try:
        with h5py.File(path, "r") as file:
            if "model_config" not in file.attrs or "model_weights" not in file:
                raise ModelFileError(
                    f"{path.name} holds weights without the graph (no model_config or no "
                    "model_weights). Save the whole model with model.save('name.h5')."
                )
            config = json.loads(_text(file.attrs["model_config"]))
            layers, output = _flatten(config)
            _attach(layers, file["model_weights"])
    except FileNotFoundError as error:
        raise ModelFileError(f"{path} does not exist.") from error
    except (OSError, json.JSONDecodeError) as error:
        # h5py's messages are several lines long and name addresses in memory
        raise ModelFileError(
            f"{path.name} is not a whole Keras HDF5 file that can be read. Get it again."
        ) from error
    layers = _sorted(layers)
    return KerasModel(layers, output, _input_shape(layers))


def _sub_layers(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Layer entries of a container; Keras before 2.2.3 wrote a Sequential's as a bare list."""
    inner = config["config"]
    return list(inner if isinstance(inner, list) else inner["layers"])


def _flatten(config: dict[str, Any]) -> tuple[list[Layer], str]:
    """Layers of a Model, or of a Sequential whose first member may be a Model."""
    kind = config["class_name"]
    if kind in {"Model", "Functional"}:
        layers = [
            Layer(entry["name"], entry["class_name"], entry["config"], _inbound(entry))
            for entry in _sub_layers(config)
        ]
        outputs = config["config"]["output_layers"]
        if isinstance(outputs[0], str):
            outputs = [outputs]
        if len(outputs) != 1:
            raise ModelFileError(f"The model has {len(outputs)} outputs; one score is expected.")
        return layers, outputs[0][0]
    if kind != "Sequential":
        raise ModelFileError(f"Top-level class {kind!r} is not a Model or a Sequential.")
    layers, last = [], ""
    for entry in _sub_layers(config):
        if entry["class_name"] in {"Model", "Functional", "Sequential"}:
            if any(layer.kind != "InputLayer" for layer in layers):
                raise ModelFileError("A model nested behind other layers is not supported.")
            layers, last = _flatten(entry)
            continue
        name = entry["config"]["name"]
        layers.append(Layer(name, entry["class_name"], entry["config"], [last] if last else []))
        last = name
    return layers, last


def _inbound(entry: dict[str, Any]) -> list[str]:
    """Names of the layers that feed one layer."""
    nodes = entry.get("inbound_nodes", [])
    if len(nodes) > 1:
        raise ModelFileError(f"Layer {entry['name']!r} is used {len(nodes)} times; shared layers "
                             "are not supported.")  # fmt: skip
    return [source[0] for source in nodes[0]] if nodes else []


def _sorted(layers: list[Layer]) -> list[Layer]:
    """The layers in an order in which each follows what feeds it."""
    by_name = {layer.name: layer for layer in layers}
    if len(by_name) != len(layers):
        raise ModelFileError("Two layers have the same name.")
    unknown = sorted({i for layer in layers for i in layer.inputs} - set(by_name))
    if unknown:
        raise ModelFileError(f"Layers named as inputs do not exist: {', '.join(unknown)}.")
    try:
        order = list(TopologicalSorter({x.name: x.inputs for x in layers}).static_order())
    except CycleError as error:
        raise ModelFileError("The layers feed each other in a circle.") from error
    return [by_name[name] for name in order]


def _input_shape(layers: list[Layer]) -> tuple[int, int, int]:
    """Height, width, channels of the one input."""
    heads = [layer for layer in layers if not layer.inputs]
    shapes = [layer.config.get("batch_input_shape") for layer in heads]
    if len(heads) != 1 or not shapes[0] or len(shapes[0]) != 4 or None in shapes[0][1:]:
        raise ModelFileError(f"One input of fixed height x width x 3 is expected, found {shapes}.")
    return tuple(int(side) for side in shapes[0][1:])  # type: ignore[return-value]


def _datasets(group: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Every array below a group with its path."""
    found: list[tuple[str, np.ndarray]] = []

    def visit(name: str, item: Any) -> None:
        if hasattr(item, "shape"):
            found.append((name, np.asarray(item, np.float64)))

    group.visititems(visit)
    yield from found


def _attach(layers: list[Layer], groups: Any) -> None:
    """Give each array to the layer and role that its path ends in."""
    by_name = {layer.name: layer for layer in layers}
    for group_name in groups:
        for path, array in _datasets(groups[group_name]):
            if path.startswith("optimizer") or group_name == "top_level_model_weights":
                continue
            parts = [group_name, *path.split("/")]
            role = parts[-1].partition(":")[0]
            owner = next((part for part in reversed(parts[:-1]) if part in by_name), None)
            if role not in _ROLES or owner is None:
                raise ModelFileError(f"Weight {'/'.join(parts)!r} belongs to no known layer.")
            if role in by_name[owner].weights:
                raise ModelFileError(f"Layer {owner!r} has two arrays for {role!r}.")
            by_name[owner].weights[role] = array
