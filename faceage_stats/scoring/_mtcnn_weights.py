"""The three MTCNN networks as ONNX graphs, built from the weights in the `mtcnn` wheel.

The wheel (1.0.0, MIT licence) is never imported: that would need TensorFlow. Its assets are LZ4
frames around a pickled list of NumPy arrays; they are checked against a pinned SHA-256 and the
arrays are cut out by their framing, so nothing is unpickled.

Against release 0.1.1, which the published pipeline used, the 1.0.0 assets hold the same numbers
with the two spatial axes of each kernel swapped (the old code fed transposed images) and with the
class head last.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats._cache_folder import writable_folder
from faceage_stats._files import write_bytes
from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._extra import require
from faceage_stats.scoring._onnx_graph import OnnxGraph
from faceage_stats.scoring._packaged import packaged_file

__all__ = ["NETWORKS", "asset_path", "build_network", "load_network", "read_arrays"]

_ASSET_SHA256 = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}
# Per network: (kernel side, max-pool side) of each convolution block; a pool has stride 2 and, as
# in Keras, "same" padding in the first and third block, which equals ceil mode here.
_BLOCKS: dict[str, list[tuple[int, int | None, bool]]] = {
    "pnet": [(3, 2, True), (3, None, False), (3, None, False)],
    "rnet": [(3, 3, True), (3, 3, False), (2, None, False)],
    "onet": [(3, 3, True), (3, 3, False), (3, 2, True), (2, None, False)],
}
# P-Net answers for thousands of places, of which few are looked at: their probabilities are made
# from its logits by whoever looks, which spares a tenth of its time.
_HEADS = {
    "pnet": ("regression", "logits"),
    "rnet": ("regression", "probability"),
    "onet": ("regression", "landmarks", "probability"),
}
_SIDE = {"pnet": None, "rnet": 24, "onet": 48}
NETWORKS = tuple(_BLOCKS)
_GRAPH_VERSION = b"4"  # part of the cache key: raise it when build_network changes


def asset_path(name: str) -> Path:
    """Where the installed wheel keeps one network's weights."""
    file = f"mtcnn/assets/weights/{name}.lz4"
    return packaged_file("mtcnn", "1.0.0", file, what="The weights of the face detector")


def read_arrays(data: bytes) -> list[np.ndarray]:
    """Float32 arrays of a pickled joblib list, read by their framing and never unpickled.

    joblib writes, after each array's pickled header, one byte that counts the padding, the
    padding, then the raw numbers. The header's opcodes are only looked at: the tuple of small
    integers that precedes the `C` order mark is the shape.
    """
    stream = io.BytesIO(data)
    arrays: list[np.ndarray] = []
    integers: list[int] = []
    shape: tuple[int, ...] | None = None
    previous = ""
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name.startswith("BININT") and isinstance(argument, int):
            integers.append(argument)
        elif opcode.name == "MARK":
            integers = []
        elif opcode.name.startswith("TUPLE") and integers and shape is None:
            size = int(opcode.name[5:] or len(integers))
            shape = tuple(integers[-size:])
        elif opcode.name == "BUILD" and previous == "SETITEMS":
            stream.seek(stream.read(1)[0], os.SEEK_CUR)
            if shape is None:
                raise ModelFileError("mtcnn weights: an array without a shape.")
            raw = stream.read(4 * int(np.prod(shape)))
            arrays.append(np.frombuffer(raw, "<f4").reshape(shape))
            shape, integers = None, []
        previous = opcode.name
    return arrays


def _checked_asset(name: str) -> bytes:
    """Compressed weights, after their hash matched."""
    path = asset_path(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"mtcnn weights cannot be read: {error}. Reinstall mtcnn.") from error
    found = hashlib.sha256(data).hexdigest()
    if found != _ASSET_SHA256[name]:
        raise ModelFileError(
            f"mtcnn weights '{name}': SHA-256 {found[:12]}… instead of "
            f"{_ASSET_SHA256[name][:12]}…. "
            "Reinstall with: python -m pip install --force-reinstall --no-deps mtcnn==1.0.0"
        )
    return data


def _prelu(graph: OnnxGraph, x: str, alpha: np.ndarray) -> str:
    """relu(x) - alpha * relu(-x): the bits of PRelu, without its slow CPU kernel.

    Of maps, scaling is a convolution of a pixel within each channel: onnxruntime then keeps them in
    the layout of its convolutions, where Mul and Sub would have them copied.
    """
    positive = graph.add("Relu", x)
    negative = graph.add("Relu", _scaled(graph, x, -np.ones_like(alpha)))
    return graph.add("Add", _scaled(graph, negative, -alpha), positive)


def _scaled(graph: OnnxGraph, x: str, factors: np.ndarray) -> str:
    """Each channel of maps, shape (1, n, 1, 1), or each number, shape (1, n), by its factor."""
    if factors.ndim == 2:
        return graph.add("Mul", x, graph.constant(factors))
    kernel = factors.reshape(-1, 1, 1, 1)
    return graph.add("Conv", x, graph.constant(kernel), group=len(kernel))


def build_network(name: str, arrays: list[np.ndarray]) -> bytes:
    """ONNX graph of one MTCNN network: float32 NCHW in, the heads as they are named out."""
    graph, weights, x = OnnxGraph(), iter(arrays), "image"
    for _, pool, same in _BLOCKS[name]:
        kernel, bias, alpha = next(weights), next(weights), next(weights)
        kernel = kernel.transpose(3, 2, 0, 1)
        x = graph.add("Conv", x, graph.constant(kernel), graph.constant(bias))
        x = _prelu(graph, x, alpha.reshape(1, -1, 1, 1))
        if pool:
            size: dict[str, Any] = {"kernel_shape": [pool, pool], "strides": [2, 2]}
            x = graph.add("MaxPool", x, ceil_mode=int(same), **size)
    if name != "pnet":
        dense, bias, alpha = next(weights), next(weights), next(weights)
        channels = kernel.shape[0]
        old = int(np.sqrt(dense.shape[0] // channels))
        # rows were flattened as (width, height, channel); ours are (channel, height, width)
        dense = dense.reshape(old, old, channels, -1).transpose(2, 1, 0, 3)
        dense = dense.reshape(-1, dense.shape[-1])
        x = graph.add("Flatten", x)
        x = graph.add("Gemm", x, graph.constant(dense), graph.constant(bias))
        x = _prelu(graph, x, alpha.reshape(1, -1))
    for head in _HEADS[name]:
        kernel, bias = next(weights), next(weights)
        softmax = head == "probability"
        if name == "pnet":
            tensors = graph.constant(kernel.transpose(3, 2, 0, 1)), graph.constant(bias)
            y = graph.add("Conv", x, *tensors, out=None if softmax else head)
        else:
            tensors = graph.constant(kernel), graph.constant(bias)
            y = graph.add("Gemm", x, *tensors, out=None if softmax else head)
        if softmax:
            graph.add("Softmax", y, out=head, axis=1)
    side = _SIDE[name]
    shape = ["n", 3, side or "height", side or "width"]
    return graph.serialise(name, shape, dict.fromkeys(_HEADS[name]))


def load_network(name: str, cache: Path | None = None) -> bytes:
    """ONNX bytes of one network, from the cache when an intact copy is there."""
    folder = writable_folder("mtcnn") if cache is None else cache
    key = hashlib.sha256(_ASSET_SHA256[name].encode() + _GRAPH_VERSION).hexdigest()[:16]
    for path in sorted(folder.glob(f"{name}-{key}-*.onnx")) if folder else []:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == path.stem.rpartition("-")[2]:
            return data
    arrays = read_arrays(require("lz4.frame").decompress(_checked_asset(name)))
    data = build_network(name, arrays)
    if folder:  # with nowhere to write, the graph is built at each start
        path = folder / f"{name}-{key}-{hashlib.sha256(data).hexdigest()}.onnx"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data)
    return data
