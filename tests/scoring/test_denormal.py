"""Weights that are too small for full precision cost time and change no score."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from faceage_stats.scoring._denormal import flushed
from faceage_stats.scoring.model import find_model, load_model

FLOAT = onnx.TensorProto.FLOAT


def _model(weights):
    """(image @ weights) + 1e-40, whose addend is no weight."""
    nodes = [
        helper.make_node("MatMul", ["image", "w"], ["m"]),
        helper.make_node("Add", ["m", "b"], ["score"]),
    ]
    stored = {"w": np.float32(weights).reshape(-1, 1), "b": np.float32([1e-40])}
    n = stored["w"].size
    graph = helper.make_graph(
        nodes,
        "product",
        [helper.make_tensor_value_info("image", FLOAT, ["n", n])],
        [helper.make_tensor_value_info("score", FLOAT, ["n", 1])],
        [numpy_helper.from_array(values, name) for name, values in stored.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _stored(data):
    tensors = onnx.load_model_from_string(data).graph.initializer
    return {tensor.name: numpy_helper.to_array(tensor).ravel() for tensor in tensors}


# Truth: IEEE 754; the smallest normal number of single precision is 2**-126.
def test_only_denormal_weights_become_zero():
    left = _stored(
        flushed(_model([1e-40, -1e-45, 2.0**-126, -(2.0**-126), 0, 3]).SerializeToString())
    )
    np.testing.assert_array_equal(left["w"], np.float32([0, 0, 2.0**-126, -(2.0**-126), 0, 3]))
    np.testing.assert_array_equal(left["b"], np.float32([1e-40]))


def test_a_model_without_any_is_not_touched():
    data = _model([1, 2, 0]).SerializeToString()
    assert flushed(data) is data


# Truth: the file as it came, run by onnxruntime itself.
def test_scores_stay_to_the_last_bit():
    path, _ = find_model("dlib-age")
    data = path.read_bytes()
    assert flushed(data) != data  # this file has thousands of them
    opened = load_model("dlib-age", device="cpu")
    crops = np.random.default_rng(5).integers(0, 256, (4, 64, 64, 3)).astype(np.uint8)
    batch = np.stack([opened.prepare(crop) for crop in [*crops, np.zeros_like(crops[0])]])
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    plain = session.run(None, {"images": batch})[0]
    ours = opened.session.run(None, {"images": batch})[0]
    np.testing.assert_array_equal(ours, plain)
