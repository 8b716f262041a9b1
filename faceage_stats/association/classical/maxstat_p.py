"""P values of the largest of many standardised statistics along one marker."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from scipy import stats

from faceage_stats.association.classical.selected_cut import Cuts
from faceage_stats.errors import DesignError

__all__ = ["PMethod", "adjusted_p"]

PMethod = Literal["Lau94", "Lau92", "exactGauss"]
_MOST_NODES = 4000


def adjusted_p(method: PMethod, cuts: Cuts, n: int, minprop: float, maxprop: float) -> float:
    """Return p of the largest statistic, adjusted for the search."""
    b = float(cuts.statistic.max())
    if method == "Lau92":
        p = _lausen_1992(b, minprop, maxprop)
    elif method == "Lau94":
        p = _lausen_1994(b, n, cuts.size)
    else:
        p = _normal_integral(b, n, cuts.size)
    return min(max(p, 0.0), 1.0)


def _lausen_1992(b: float, minprop: float, maxprop: float) -> float:
    if b < 1:
        return 1.0
    density = float(stats.norm.pdf(b))
    ratio = maxprop * (1 - minprop) / ((1 - maxprop) * minprop)
    return 4 * density / b + density * (b - 1 / b) * math.log(ratio)


def _lausen_1994(b: float, n: int, size: np.ndarray) -> float:
    first, second = size[:-1], size[1:]
    t = np.sqrt(1 - first * (n - second) / ((n - first) * second))
    bound = float((math.exp(-(b**2) / 2) / math.pi * (t - (b**2 / 4 - 1) * t**3 / 6)).sum())
    return 2 * float(stats.norm.sf(b)) + bound


def _normal_integral(b: float, n: int, size: np.ndarray) -> float:
    """P that a Gaussian chain leaves (-b, b); each cut-point depends on the one before only.

    The probability of having left is carried along, so that a small p keeps its digits.
    """
    correlation = np.sqrt(size[:-1] * (n - size[1:]) / ((n - size[:-1]) * size[1:]))
    spread = np.sqrt(1 - correlation**2)
    n_node = max(200, math.ceil(8 * b / spread.min())) if len(spread) else 200
    if n_node > _MOST_NODES:
        raise DesignError(
            f"maxstat_test: {len(size)} cut-points lie too close for exactGauss; use Lau94."
        )
    node, weight = np.polynomial.legendre.leggauss(n_node)
    node, weight = b * node, b * weight
    density, left = stats.norm.pdf(node), 2 * float(stats.norm.sf(b))
    for r, s in zip(correlation, spread, strict=True):
        outside = stats.norm.sf((b - r * node) / s) + stats.norm.sf((b + r * node) / s)
        left += float((density * weight * outside).sum())
        step = stats.norm.pdf((node[:, None] - r * node[None, :]) / s) / s
        density = step @ (density * weight)
    return left
