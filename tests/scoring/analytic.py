"""Models whose answer is known in closed form: a weighted sum of the pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from faceage_stats import _files
from faceage_stats.scoring import model
from faceage_stats.scoring.detector import Face

__all__ = ["FACE", "FixedDetector", "write_linear"]

FACE = Face(
    (20, 20, 100, 120),
    0.99,
    np.array([[50, 60], [90, 60], [70, 85], [55, 110], [85, 110]], np.float32),
    (20.0, 20.0, 120.0, 140.0),
)


class FixedDetector:
    """Finds the same face in every picture, so that only the model and the change matter."""

    def __init__(self, **options: object) -> None:
        pass

    def detect(self, image: np.ndarray) -> list[Face]:
        return [FACE]


def write_linear(path: Path, weights: np.ndarray, **card: object) -> Path:
    """Write score = sum of weights x pixels, pixels from 0 to 1, as ONNX with its card."""
    size, kind = len(weights), onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("Mul", ["image", "w"], ["m"]),
        helper.make_node("ReduceSum", ["m", "axes"], ["score"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("image", kind, ["n", size, size, 3])],
        [helper.make_tensor_value_info("score", kind, ["n"])],
        [
            numpy_helper.from_array(np.asarray(weights, np.float32), "w"),
            numpy_helper.from_array(np.array([1, 2, 3]), "axes"),
        ],
    )
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(built.SerializeToString())
    entry = model.shipped_card("demo")
    rule = {"kind": "fixed", "mean": [0.0] * 3, "std": [1.0] * 3}
    entry["input"] |= {"size": size, "standardisation": rule}
    entry |= {"name": "analytic", "embedding": None, "sha256": _files.sha256(path), **card}
    _files.write_json(path.with_suffix(".json"), entry)
    return path
