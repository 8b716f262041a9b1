"""A growing ONNX graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats.scoring._extra import require

__all__ = ["OnnxGraph"]


class OnnxGraph:
    """Each method appends one step and returns the name of its output."""

    def __init__(self) -> None:
        self.onnx = require("onnx")
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """Stored numbers."""
        name = f"constant{len(self.initializers)}"
        array = np.array(value, dtype, order="C")
        self.initializers.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, out: str | None = None, **attributes: Any) -> str:
        """One operator."""
        out = out or f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, list(inputs), [out], **attributes))
        return out

    def serialise(
        self,
        name: str,
        image: list[Any],
        outputs: dict[str, list[Any] | None],
        properties: dict[str, str] | None = None,
    ) -> bytes:
        """Bytes of the finished graph, which takes one `image`; shapes may be left open."""
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info("image", kind, image)],
            [helper.make_tensor_value_info(out, kind, shape) for out, shape in outputs.items()],
            self.initializers,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", 17)],
            ir_version=9,
            producer_name="faceage_stats",
        )
        if properties:
            helper.set_model_props(model, properties)
        return bytes(model.SerializeToString())
