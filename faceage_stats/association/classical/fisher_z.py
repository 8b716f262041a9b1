"""Fisher's z: the scale on which a correlation has its standard error and its limits."""

from __future__ import annotations

import math
from functools import partial
from typing import Literal

from faceage_stats._wald import limits
from faceage_stats.association.classical.htest import Alternative, IntervalAt, Limits, sided

__all__ = ["Method", "fisher_interval", "fisher_z_se"]

Method = Literal["pearson", "spearman", "kendall"]


def fisher_z_se(method: Method, r: float, n: int) -> float:
    """Compute the standard error of Fisher's z of a coefficient."""
    if method == "kendall":
        return math.sqrt(0.437 / (n - 4))  # Fieller, Hartley and Pearson 1957
    spread = 1 + r * r / 2 if method == "spearman" else 1.0  # Bonett and Wright 2000
    return math.sqrt(spread / (n - 3))


def fisher_interval(
    r: float, std_error: float, alternative: Alternative = "two.sided"
) -> IntervalAt:
    """Return the limits of a correlation as a function of the level; one-sided, up to -1 or 1."""
    return sided(partial(_fisher_limits, r, std_error), alternative, -1.0, 1.0)


def _fisher_limits(r: float, std_error: float, level: float) -> Limits:
    """Limits on Fisher's z scale; a perfect correlation has no width."""
    if abs(r) >= 1:
        return Limits(r, r)
    low, high = limits(math.atanh(r), std_error, level)
    return Limits(math.tanh(low), math.tanh(high))
