"""Candidate squares as R-Net and O-Net take them, byte for byte as the original cut them.

The original copied each square to float64 and had OpenCV shrink it (INTER_AREA). Here a square that
shrinks is summed straight from the photograph, in OpenCV's order and precision, so that a large one
costs no copy of itself. The small ones that grow, for which OpenCV interpolates, go to OpenCV.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats._compiled import compiled
from faceage_stats.scoring._extra import require

__all__ = ["cut_crops", "standardised"]

_EPSILON = float(np.finfo(np.float64).eps)


def cut_crops(image: np.ndarray, boxes: np.ndarray, side: int) -> np.ndarray:
    """Standardised crops, black outside the image.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    boxes : ndarray of int64, shape (n, 4)
        First column and row, counted from 0, width and height; none without area.
    side : int
        Of the crops, in pixels.

    Returns
    -------
    ndarray of float32, shape (n, 3, side, side)
    """
    image = np.ascontiguousarray(image).view()
    image.setflags(write=False)  # one type of array, so one compilation
    out = np.empty((len(boxes), 3, side, side), np.float32)
    shrinking = (boxes[:, 2] > side) & (boxes[:, 3] > side)
    _shrink_all(image, boxes, shrinking, out)
    for k in np.flatnonzero(~shrinking):
        out[k] = standardised(_resized(image, boxes[k], side))
    return out


def standardised(pixels: np.ndarray) -> np.ndarray:
    """Pixels mapped to about -1..1, float32, channels first."""
    planes = np.moveaxis(pixels, -1, -3)
    out = np.empty(planes.shape, np.float32)
    np.subtract(planes, np.float32(127.5), out=out, casting="same_kind")
    out *= np.float32(0.0078125)
    return out


def _resized(image: np.ndarray, box: np.ndarray, side: int) -> np.ndarray:
    """One square by OpenCV."""
    x, y, width, height = box
    crop = np.zeros((height, width, 3))
    left, top = max(x, 0), max(y, 0)
    patch = image[top : max(y + height, 0), left : max(x + width, 0)]
    crop[top - y :, left - x :][: patch.shape[0], : patch.shape[1]] = patch
    cv2 = require("cv2")
    return np.asarray(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA))


@compiled()
def _windows(source: int, windows: np.ndarray, edges: np.ndarray) -> float:
    """Per output position its first source position and their count, and float32 weights.

    The weights are those of the first, of the middle and of the last; one below a thousandth of a
    pixel at either end is dropped. The ratio is returned when it is a whole number, else 0.
    """
    side = windows.shape[0]
    scale = 1.0 / (side / source)
    for k in range(side):
        start = k * scale
        end = start + scale
        cell = min(scale, source - start)
        last = min(int(np.floor(end)), source - 1)
        first = min(int(np.ceil(start)), last)
        before, after = first - start > 1e-3, end - last > 1e-3
        windows[k, 0] = first - before
        windows[k, 1] = last - first + before + after
        edges[k, 0] = edges[k, 1] = edges[k, 2] = np.float32(1.0 / cell)
        if before:
            edges[k, 0] = np.float32((first - start) / cell)
        if after:
            edges[k, 2] = np.float32(min(min(end - last, 1.0), cell) / cell)
    return np.rint(scale) if abs(scale - np.rint(scale)) < _EPSILON else 0.0


@compiled()
def _add_row(
    pixels: np.ndarray, left: int, windows: np.ndarray, edges: np.ndarray, row: Any
) -> None:
    """Weighted sums along one row of the photograph, black outside of it.

    Products and sums are exact in float64, so that whole numbers may be summed first.
    """
    width = len(pixels)
    for dx in range(len(windows)):
        first, count = left + windows[dx, 0], windows[dx, 1]
        a, b, c = 0, 0, 0
        for x in range(max(0, first + 1), min(first + count - 1, width)):
            a += pixels[x, 0]
            b += pixels[x, 1]
            c += pixels[x, 2]
        weight = edges[dx, 1]
        row[dx, 0], row[dx, 1], row[dx, 2] = a * weight, b * weight, c * weight
        if 0 <= first < width:
            for channel in range(3):
                row[dx, channel] += pixels[first, channel] * edges[dx, 0]
        last = first + count - 1
        if 0 <= last < width and count > 1:
            for channel in range(3):
                row[dx, channel] += pixels[last, channel] * edges[dx, 2]


@compiled()
def _shrink(image: np.ndarray, box: np.ndarray, work: Any, out: np.ndarray) -> None:
    """One square, larger than the crop on both sides, to standardised planes."""
    tall, tall_edges, wide, wide_edges, row, total = work
    whole = _windows(box[3], tall, tall_edges) * _windows(box[2], wide, wide_edges)
    factor = 1.0
    if whole:  # both ratios are whole numbers: OpenCV sums first, and then takes the share
        factor = np.float64(np.float32(1.0 / whole))
        wide_edges[:] = 1.0
        tall_edges[:] = 1.0
    sums, parts = total.reshape(-1), row.reshape(-1)
    for dy in range(len(tall)):
        sums[:] = 0.0
        count = tall[dy, 1]
        for j in range(count):
            y = box[1] + tall[dy, 0] + j
            if 0 <= y < len(image):  # rows outside are black
                _add_row(image[y], box[0], wide, wide_edges, row)
                weight = tall_edges[dy, 0 if j == 0 else (2 if j == count - 1 else 1)]
                for k in range(len(sums)):
                    sums[k] += weight * parts[k]
        for dx in range(len(wide)):
            for channel in range(3):
                value = np.float32(total[dx, channel] * factor - 127.5)
                out[channel, dy, dx] = value * np.float32(0.0078125)


@compiled()
def _shrink_all(image: np.ndarray, boxes: np.ndarray, chosen: np.ndarray, out: np.ndarray) -> None:
    """The chosen squares, one after another, with one set of buffers."""
    side = out.shape[2]
    work = (
        np.empty((side, 2), np.int64),
        np.empty((side, 3)),
        np.empty((side, 2), np.int64),
        np.empty((side, 3)),
        np.empty((side, 3)),
        np.empty((side, 3)),
    )
    for k in range(len(boxes)):
        if chosen[k]:
            _shrink(image, boxes[k], work, out[k])
