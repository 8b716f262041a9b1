"""All levels of an image pyramid in one pass, byte for byte as OpenCV's INTER_AREA makes them.

OpenCV reads the whole photograph once per level. Here each source row is added to the running
output row of every level while it is in the cache, columns last, which vectorises. The sums then
differ from OpenCV's in their last bits, so the few pixels that come close to a rounding boundary
are summed again in OpenCV's order, rows last.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from faceage_stats._compiled import compiled
from faceage_stats.scoring._extra import require

__all__ = ["area_pyramid"]

_EPSILON = float(np.finfo(np.float32).eps)
_BLOCK = 1 << 19  # bytes of the source, which stay in the cache while every level takes them


@functools.lru_cache(maxsize=64)  # a camera's photographs are of one size
def _windows(source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per output position: first source position, count, float32 weights (padded with 0).

    A weight below a thousandth of a pixel at either end is dropped, as in OpenCV.
    """
    scale = 1.0 / (target / source)
    start = np.arange(target) * scale
    end = start + scale
    cell = np.minimum(scale, source - start)
    last = np.minimum(np.floor(end).astype(np.int64), source - 1)
    first = np.minimum(np.ceil(start).astype(np.int64), last)
    before, after = first - start > 1e-3, end - last > 1e-3
    left = first - before
    count = last - left + after
    weights = np.zeros((target, int(count.max())), np.float32)
    weights[:] = (1.0 / cell)[:, None]
    weights[np.arange(weights.shape[1]) >= count[:, None]] = 0
    weights[before, 0] = ((first - start) / cell)[before]
    remainder = np.minimum(np.minimum(end - last, 1.0), cell) / cell
    weights[after, count[after] - 1] = remainder[after]
    return left, count, weights


@compiled()
def _in_order(image: np.ndarray, rows: Any, columns: Any, channel: int) -> Any:
    """One output value in OpenCV's order of summation, float32 throughout."""
    y, ny, wy = rows
    x, nx, wx = columns
    total = np.float32(0)
    for j in range(ny):
        row = np.float32(0)
        for i in range(nx):
            row += np.float32(image[y + j, x + i, channel]) * wx[i]
        total = np.float32(wy[j] * row) if j == 0 else np.float32(total + wy[j] * row)
    return total


@compiled()
def _emit(
    image: np.ndarray, out: np.ndarray, sums: np.ndarray, rows: Any, wide: Any, margin: Any
) -> None:
    """Round one finished output row; close calls are decided by `_in_order`."""
    left, counts, weights = wide
    for dx in range(out.shape[0]):
        a, b, c = np.float32(0), np.float32(0), np.float32(0)
        for i in range(counts[dx]):
            at, weight = 3 * (left[dx] + i), weights[dx, i]
            a += sums[at] * weight
            b += sums[at + 1] * weight
            c += sums[at + 2] * weight
        for channel in range(3):
            value = a if channel == 0 else (b if channel == 1 else c)
            nearest = np.floor(value + np.float32(0.5))
            if abs(abs(value - nearest) - np.float32(0.5)) < margin:
                columns = (left[dx], counts[dx], weights[dx])
                nearest = np.rint(_in_order(image, rows, columns, channel))
            out[dx, channel] = np.uint8(min(max(nearest, 0.0), 255.0))


@compiled()
def _add_row(image: np.ndarray, row: int, pixels: np.ndarray, level: Any, position: int) -> int:
    """Add one source row to a level, finishing the output rows that it ends.

    `position` is the output row under way; the new one is returned.
    """
    out, sums, tall, wide, margin = level
    top, counts, weights = tall
    while position < len(top) and top[position] <= row:
        j = row - top[position]
        weight = weights[position, j]
        if j == 0:
            for i in range(len(pixels)):
                sums[i] = np.float32(pixels[i]) * weight
        else:
            for i in range(len(pixels)):
                sums[i] += np.float32(pixels[i]) * weight
        if j < counts[position] - 1:
            break
        rows = (top[position], counts[position], weights[position])
        _emit(image, out[position], sums, rows, wide, margin)
        position += 1
    return position


@compiled()
def _add_rows(image: np.ndarray, low: int, high: int, level: Any, position: int) -> int:
    """Add the source rows from `low` to before `high` to a level."""
    pixels = image.reshape(len(image), -1)
    for row in range(low, high):
        position = _add_row(image, row, pixels[row], level, position)
    return position


def _made(image: np.ndarray, sizes: list[tuple[int, int]]) -> list[np.ndarray]:
    """Levels whose ratios are not whole numbers."""
    levels = []
    for height, width in sizes:
        tall, wide = _windows(image.shape[0], height), _windows(image.shape[1], width)
        margin = 4 * 255 * _EPSILON * (tall[2].shape[1] + wide[2].shape[1] + 2)
        out = np.empty((height, width, 3), np.uint8)
        sums = np.empty(3 * image.shape[1], np.float32)
        levels.append((out, sums, tall, wide, np.float32(margin)))
    positions, rows = [0] * len(levels), max(1, _BLOCK // (3 * image.shape[1]))
    for low in range(0, len(image), rows):
        high = min(low + rows, len(image))
        for k, level in enumerate(levels):
            positions[k] = _add_rows(image, low, high, level, positions[k])
    return [level[0] for level in levels]


def area_pyramid(image: np.ndarray, sizes: list[tuple[int, int]]) -> list[np.ndarray]:
    """The photograph at several smaller sizes.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    sizes : list of (height, width)
        None larger than the image.

    Returns
    -------
    list of ndarray of uint8
        What ``cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)`` returns.
    """
    cv2 = require("cv2")
    height, width = image.shape[:2]
    image = np.ascontiguousarray(image).view()
    image.setflags(write=False)  # one type of array, so one compilation
    # Whole-number ratios take another path in OpenCV, with whole-number sums.
    special = [height % h == 0 and width % w == 0 for h, w in sizes]
    ours = [size for size, other in zip(sizes, special, strict=True) if not other]
    made = iter(_made(image, ours) if ours else [])
    return [
        cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA) if other else next(made)
        for (h, w), other in zip(sizes, special, strict=True)
    ]
