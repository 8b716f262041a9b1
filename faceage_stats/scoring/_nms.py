"""Greedy non-maximum suppression with pixel-inclusive boxes, compiled."""

from __future__ import annotations

import numpy as np

from faceage_stats._compiled import compiled

__all__ = ["suppress"]


@compiled()
def _greedy(boxes: np.ndarray, order: np.ndarray, threshold: float, by_smaller: bool) -> np.ndarray:
    """Positions kept, walking `order` from its end."""
    n = len(order)
    dropped = np.zeros(n, np.bool_)
    area = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    kept = np.empty(n, np.int64)
    count = 0
    for a in range(n - 1, -1, -1):
        if dropped[a]:
            continue
        i = order[a]
        kept[count] = i
        count += 1
        for b in range(a):
            if dropped[b]:
                continue
            j = order[b]
            w = min(boxes[i, 2], boxes[j, 2]) - max(boxes[i, 0], boxes[j, 0]) + 1
            h = min(boxes[i, 3], boxes[j, 3]) - max(boxes[i, 1], boxes[j, 1]) + 1
            inter = max(0.0, w) * max(0.0, h)
            if by_smaller:
                overlap = inter / min(area[i], area[j])
            else:
                overlap = inter / (area[i] + area[j] - inter)
            dropped[b] = not overlap <= threshold
    return kept[:count]


def suppress(boxes: np.ndarray, threshold: float, *, by_smaller: bool = False) -> np.ndarray:
    """Rows to keep, best score first: each drops the later ones that it overlaps too much.

    `boxes` holds x1 y1 x2 y2 score in its first five columns; the overlap is the intersection
    over the union, or over the smaller box.
    """
    corners = np.ascontiguousarray(boxes[:, 0:4], np.float64)
    order = np.argsort(boxes[:, 4], kind="stable")
    return np.asarray(_greedy(corners, order, threshold, by_smaller))
