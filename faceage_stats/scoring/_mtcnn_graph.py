"""The three MTCNN networks as ONNX graphs, in an order of steps that suits a processor.

onnxruntime's fast convolutions take channels by sixteens. Channels of zeros fill them up, which
changes no number; without them all that follows a convolution leaves the fast layout.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from faceage_stats.scoring._onnx_graph import OnnxGraph

__all__ = ["build_network"]

# Per network: (pool side, "same" padding) of each convolution block; a pool has stride 2, and
# Keras' "same" padding equals ceil mode here.
_BLOCKS: dict[str, list[tuple[int | None, bool]]] = {
    "pnet": [(2, True), (None, False), (None, False)],
    "rnet": [(3, True), (3, False), (None, False)],
    "onet": [(3, True), (3, False), (2, True), (None, False)],
}
_HEADS = {"rnet": ("regression", "probability"), "onet": ("regression", "landmarks", "probability")}
_SIDE = {"rnet": 24, "onet": 48}
_TOGETHER = 16  # channels


def build_network(name: str, arrays: list[np.ndarray]) -> bytes:
    """ONNX graph of one MTCNN network: float32 NCHW in, the heads as they are named out.

    P-Net answers for thousands of places, of which few are looked at: its one output `cells` has
    four regressions and the logits of no face and of a face, without the cost of a softmax.
    """
    graph, weights, x, n = OnnxGraph(), iter(arrays), "image", 3
    for pool, same in _BLOCKS[name]:
        x, n = _block(graph, x, n, weights, pool, same)
    if name == "pnet":
        heads = [(next(weights).transpose(3, 2, 0, 1), next(weights)) for _ in range(2)]
        kernel, bias = (np.concatenate(parts) for parts in zip(*heads, strict=True))
        graph.add("Conv", x, graph.constant(kernel), graph.constant(bias), out="cells")
        return graph.serialise(name, ["n", 3, "height", "width"], {"cells": None})
    x = _dense(graph, graph.add("Flatten", x), n, weights)
    for head in _HEADS[name]:
        softmax = head == "probability"
        tensors = graph.constant(next(weights)), graph.constant(next(weights))
        y = graph.add("Gemm", x, *tensors, out=None if softmax else head)
        if softmax:
            graph.add("Softmax", y, out=head, axis=1)
    return graph.serialise(name, ["n", 3, *[_SIDE[name]] * 2], dict.fromkeys(_HEADS[name]))


def _block(
    graph: OnnxGraph, x: str, n: int, weights: Iterator[np.ndarray], pool: int | None, same: bool
) -> tuple[str, int]:
    """Convolution, PReLU and pool; the maps and their number, a multiple of sixteen."""
    kernel, bias, alpha = next(weights), next(weights), next(weights).ravel()
    kernel = _filled(kernel.transpose(3, 2, 0, 1), n, axis=1)
    bent = np.flatnonzero(alpha < 0)  # a PReLU that falls and rises again
    n = -(-len(alpha) // _TOGETHER) * _TOGETHER
    early = pool is not None and len(alpha) + len(bent) <= n
    if early:  # what would be zeros tells the smallest number below the pool, negated
        kernel, bias = (np.concatenate([part, -part[bent]]) for part in (kernel, bias))
    tensors = graph.constant(_filled(kernel, n)), graph.constant(_filled(bias, n))
    x = graph.add("Conv", x, *tensors)
    if not early:
        x = _prelu(graph, x, _filled(alpha, n))
    if pool:
        x = graph.add("MaxPool", x, kernel_shape=[pool, pool], strides=[2, 2], ceil_mode=int(same))
    return _prelu_of_pooled(graph, x, alpha, bent, n) if early else x, n


def _filled(array: np.ndarray, n: int, axis: int = 0) -> np.ndarray:
    """Zeros behind, up to `n` along an axis."""
    more = [(0, 0)] * array.ndim
    more[axis] = 0, n - array.shape[axis]
    return np.pad(array, more)


def _prelu(graph: OnnxGraph, x: str, alpha: np.ndarray) -> str:
    """relu(x) - alpha * relu(-x): the bits of PRelu, which is slow for maps."""
    positive = graph.add("Relu", x)
    negative = graph.add("Relu", _scaled(graph, x, -np.ones_like(alpha)))
    return graph.add("Add", _scaled(graph, negative, -alpha), positive)


def _prelu_of_pooled(graph: OnnxGraph, x: str, alpha: np.ndarray, bent: np.ndarray, n: int) -> str:
    """The largest PReLU below each pool, from the largest number p and, where bent, -q, the least.

    A PReLU that only rises is largest at p. A bent one is largest at p or at -q: the larger of
    r = relu(p) and s = -alpha * q, which is r + relu(s - r).
    """
    pick, minus, scale = np.zeros((n, n, 1, 1)), np.zeros(n), np.zeros(n)
    rising = np.flatnonzero(alpha >= 0)
    pick[rising, rising], scale[rising] = -1, -alpha[rising]
    pick[bent, len(alpha) + np.arange(len(bent))] = -alpha[bent, None, None]
    minus[bent], scale[bent] = -1, 1
    r = graph.add("Relu", x)
    picked = graph.add("Conv", x, graph.constant(pick))
    rest = graph.add("Relu", graph.add("Add", picked, _scaled(graph, r, minus)))
    return graph.add("Add", _scaled(graph, rest, scale), r)


def _scaled(graph: OnnxGraph, x: str, factors: np.ndarray) -> str:
    """Each map by its factor, as a convolution of a pixel: Mul would leave the fast layout."""
    return graph.add("Conv", x, graph.constant(factors.reshape(-1, 1, 1, 1)), group=len(factors))


def _dense(graph: OnnxGraph, x: str, n: int, weights: Iterator[np.ndarray]) -> str:
    """The dense layer over `n` maps, whose rows were flattened as (width, height, channel)."""
    kernel, bias, alpha = next(weights), next(weights), next(weights)
    side = round(np.sqrt(len(kernel) / n))
    rows = kernel.reshape(side, side, n, -1).transpose(2, 1, 0, 3)  # ours: (channel, height, width)
    x = graph.add("Gemm", x, graph.constant(rows.reshape(kernel.shape)), graph.constant(bias))
    return graph.add("PRelu", x, graph.constant(alpha))
