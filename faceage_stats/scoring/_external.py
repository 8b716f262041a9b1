"""Data that an ONNX file keeps in other files: only beside it, and only with a known hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faceage_stats import _files
from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._extra import require

__all__ = ["check_external", "external_files"]


def _tensors(graph: Any) -> Iterator[Any]:
    """Every stored tensor of a graph and of the graphs inside its nodes."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        yield from _attribute_tensors(node)


def _attribute_tensors(node: Any) -> Iterator[Any]:
    for attribute in node.attribute:
        yield attribute.t
        yield from attribute.tensors
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)
        for inner in (attribute.g, *attribute.graphs):
            yield from _tensors(inner)


def external_files(data: bytes, path: Path) -> set[str]:
    """Locations of data that the model keeps in other files."""
    onnx = require("onnx")
    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # protobuf's error classes differ between releases
        raise ModelFileError(f"{path.name} is not an ONNX file: {error}.") from error
    tensors = list(_tensors(model.graph))
    for function in model.functions:
        tensors += [tensor for node in function.node for tensor in _attribute_tensors(node)]
    return {
        entry.value
        for tensor in tensors
        if tensor.data_location == onnx.TensorProto.EXTERNAL
        for entry in tensor.external_data
        if entry.key == "location"
    }


def check_external(locations: set[str], folder: Path, card: dict[str, Any]) -> None:
    """External data must lie in the model's folder and match a hash in the card."""
    hashes = card.get("external_data", {})
    for location in sorted(locations):
        target = (folder / location).resolve()
        if Path(location).is_absolute() or not target.is_relative_to(folder.resolve()):
            raise ModelFileError(
                "The model keeps data outside its folder, which is refused. Save it with its "
                "data inside, or beside it."
            )
        if not target.is_file() or hashes.get(location) != _files.sha256(target):
            raise ModelFileError(
                f"The model's data file {target.name} is missing, or its SHA-256 is not in the "
                "card under `external_data`."
            )
